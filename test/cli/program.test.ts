import { createProgram, type Commands } from '../../cli/program';

function aProgram(): { calls: unknown[]; run: (...words: string[]) => Promise<unknown>; said: () => string } {
  const calls: unknown[] = [];
  let text = '';
  const called = (name: string) => (options?: unknown) => {
    calls.push([name, options]);
    return Promise.resolve();
  };
  const commands = Object.fromEntries(
    ['api', 'worker', 'migrate', 'doctor', 'undo', 'mapping'].map((name) => [name, called(name)]),
  ) as unknown as Commands;
  const program = createProgram(commands);
  const output = {
    writeOut: (words: string) => void (text += words),
    writeErr: (words: string) => void (text += words),
  };
  for (const one of [program, ...program.commands]) one.exitOverride().configureOutput(output);
  return { calls, run: (...words) => program.parseAsync(words, { from: 'user' }), said: () => text };
}

test.each(['api', 'worker', 'migrate'])('booksync %s runs that program and nothing else', async (name) => {
  const { calls, run } = aProgram();
  await run(name);
  expect(calls).toEqual([[name, undefined]]);
});

test('the doctor only looks unless it is asked to mend', async () => {
  const { calls, run } = aProgram();
  await run('doctor');
  await run('doctor', '--fix');
  expect(calls).toEqual([
    ['doctor', { fix: false }],
    ['doctor', { fix: true }],
  ]);
});

test('undo and mapping only show what they would do unless they are told to', async () => {
  const { calls, run } = aProgram();
  await run('undo', '--booking', 'calcom-sales/a');
  await run('undo', '--mapping-version', 'abc', '--between', '2026-11-21', '2026-11-22', '--yes');
  await run('mapping', 'preview');
  await run('mapping', 'apply', '--connection', 'hub', '--yes');
  expect(calls).toEqual([
    ['undo', { booking: 'calcom-sales/a', yes: false }],
    ['undo', { mappingVersion: 'abc', between: ['2026-11-21', '2026-11-22'], yes: true }],
    ['mapping', { apply: false }],
    ['mapping', { apply: true, connection: 'hub', yes: true }],
  ]);
});

test('a word that is no command is refused, with the list of those that are', async () => {
  const { calls, run, said } = aProgram();
  await expect(run('docter')).rejects.toMatchObject({ exitCode: 1 });
  expect(said()).toMatch(/unknown command 'docter'[^]*doctor[^]*BOOKSYNC_CONFIG/);
  expect(calls).toEqual([]);
});
