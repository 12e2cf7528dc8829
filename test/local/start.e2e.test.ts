import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../local/ports';
import { processIdentity, type RecordedProcess } from '../../local/processes';
import { projectRoot } from '../../local/programs';
import { eventually } from '../support/eventually';
import { startProcess, testDirectory, type TestProcess } from '../support/processes';

const VARIABLES = ['PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'SIMULATORS_PORT', 'SMTP_PORT'] as const;

async function freePorts(): Promise<Record<(typeof VARIABLES)[number], string>> {
  const entries = await Promise.all(VARIABLES.map(async (name) => [name, String(await freePort())] as const));
  return Object.fromEntries(entries) as Record<(typeof VARIABLES)[number], string>;
}

/** What `npm start` runs. */
function start(env: Readonly<Record<string, string>>): TestProcess {
  return startProcess({ entry: path.join(projectRoot, 'local/main.ts'), env });
}

const recordedIn = (dataDir: string): readonly RecordedProcess[] =>
  Object.values(
    JSON.parse(readFileSync(path.join(dataDir, 'processes.json'), 'utf8')) as Record<string, RecordedProcess>,
  );

const alive = (recorded: readonly RecordedProcess[]): readonly RecordedProcess[] =>
  recorded.filter((one) => processIdentity(one.pid) === one.identity);

describe('npm start', () => {
  test('plays the samples as promised, survives its own kill -9, goes on where it was, and Ctrl-C leaves no process', async () => {
    const dataDir = testDirectory();
    const env = { BOOKSYNC_DATA_DIR: dataDir, ...(await freePorts()) };
    const first = start(env);
    await first.line(/^Ctrl-C stops everything/, 120_000);
    expect(first.output()).toContain('10 bookings, 21 signed webhooks (21 stored, 0 known from before, 0 refused)');
    expect(first.output()).toContain('10 of 10 bookings came out as expected');
    expect((await fetch(`http://127.0.0.1:${env.TEMPORAL_UI_PORT}`)).status).toBe(200);

    const refused = start({ ...env, ...(await freePorts()) });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.output().trim().split('\n').at(-1)).toMatch(/^Another start \(process \d+\) is using/);

    const survivors = recordedIn(dataDir);
    expect(alive(survivors)).toHaveLength(5);
    await first.kill9();
    // Our own programs notice; PostgreSQL and Temporal do not.
    await eventually(() => expect(alive(survivors)).toHaveLength(2), { what: 'API, worker and simulators to end' });

    const second = start(env);
    await second.line(/^Ctrl-C stops everything/, 120_000);
    expect(second.output()).toMatch(/an earlier start was killed; ended what it had left running: postgres, temporal/);
    expect(second.output()).toContain('(0 stored, 21 known from before, 0 refused)');
    expect(second.output()).toContain('10 of 10 bookings came out as expected');

    const running = recordedIn(dataDir);
    expect(await second.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(alive([...survivors, ...running])).toEqual([]);
    expect(recordedIn(dataDir)).toEqual([]);
  }, 300_000);

  test('names the port that is taken, who has it, and the variable to change', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    const env = { BOOKSYNC_DATA_DIR: testDirectory(), ...(await freePorts()), SIMULATORS_PORT: String(port) };
    const refused = start(env);
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    const holder = process.platform === 'linux' ? ` by \\S+ \\(process ${process.pid}\\)` : '.*';
    expect(refused.output()).toMatch(
      new RegExp(`Port ${port} is taken${holder}: free it, or set SIMULATORS_PORT to another port`),
    );
    await new Promise((resolve) => taken.close(resolve));
  });

  test('lists every variable that it cannot use', async () => {
    const refused = start({ PORT: 'http', BOOKSYNC_SAMPLES: 'perhaps', BOOKSYNC_DATA_DIR: testDirectory() });
    expect(await refused.ended).toEqual({ code: 1, signal: null });
    expect(refused.output()).toMatch(/PORT[^]*BOOKSYNC_SAMPLES/);
  });
});
