/**
 * The workflows as they are now go through every recorded history as they did when it was recorded, without any server.
 * A change of commands that running bookings would stumble over fails here; see `lives.replay.test.ts` for recording again.
 */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { projectRoot } from '../../../local/programs';
import { readHistory, recordedNames, textsOf } from '../../support/histories';
import { testDirectory } from '../../support/processes';
import { quietTemporal, workflowBundle } from '../../support/temporal';

beforeAll(() => quietTemporal('ERROR'));

test.each(recordedNames())('%s is replayed', async (name) => {
  await replay(name, workflowBundle());
});

test.each(recordedNames())('%s holds no personal data and nothing of the machine that recorded it', (name) => {
  const texts = textsOf(readHistory(name));
  expect(texts.length).toBeGreaterThan(50);
  const ours = new RegExp(`@|\\bGuest\\b|Example|${hostname()}|(^|[\\s("'])/(home|root|tmp|Users|usr|var|work)/`);
  expect(texts.filter((text) => ours.test(text))).toEqual([]);
});

/** Changes of the sources that change the order of commands, each with a history that has to notice. */
const REORDERED = [
  {
    what: 'a booking that arms its timer before it shows what it knows',
    file: 'booking.ts',
    from: /( *this\.show\(\);\n)([^]*?)( *this\.timer\.arm\(.*\);\n)/,
    to: '$2$3$1',
    history: 'booking-rescheduled-reminded-closed',
  },
  {
    what: 'a task that waits for its due time before it reminds',
    file: 'task.ts',
    from: /await (storage\.assignTask\.executeWithOptions\(\{ summary: `Remind)/,
    to: 'await condition(() => !this.isOpen(), this.dueAtMs - Date.now());\n$&',
    history: 'task-escalated',
  },
  {
    what: 'a connection that wakes bookings before it probes',
    file: 'connection.ts',
    from: /( *)const result = await probeConnection/,
    to: '$1await wakeParked(input);\n$&',
    history: 'connection-down-and-back',
  },
] as const;

describe('with reordered commands', () => {
  test.each(REORDERED)('$what is caught', async ({ file, from, to, history }) => {
    await expect(replay(history, await bundleOf(file, from, to))).rejects.toThrow(DeterminismViolationError);
  });

  test('it is not the copying that is caught', async () => {
    const bundle = await bundleOf('booking.ts', /^/, '// The same in other words.\n');
    for (const { history } of REORDERED) await replay(history, bundle);
  });
});

async function replay(name: string, bundle: WorkflowBundleOption): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: bundle }, readHistory(name));
}

/** The workflows, bundled from a copy in which one file was changed. */
async function bundleOf(file: string, from: RegExp, to: string): Promise<WorkflowBundleOption> {
  const copy = testDirectory();
  for (const folder of ['workflows', 'domain']) {
    cpSync(path.join(projectRoot, folder), path.join(copy, folder), { recursive: true });
  }
  symlinkSync(path.join(projectRoot, 'node_modules'), path.join(copy, 'node_modules'));
  const changed = path.join(copy, 'workflows', file);
  const source = readFileSync(changed, 'utf8');
  if (!from.test(source)) throw new Error(`${file} no longer contains ${from}: choose another change for this control`);
  writeFileSync(changed, source.replace(from, to));
  return bundleWorkflowCode({
    workflowsPath: path.join(copy, 'workflows/index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
}
