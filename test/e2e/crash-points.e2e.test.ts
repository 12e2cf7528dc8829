/**
 * Six of the crash points on every run of the tests: the fastest, and those that tell most. `npm run test:crash` has them all.
 */
import { crashInTurn, crashOnTop, crashTable, type CrashRow } from '../support/crash-run';
import { crashStack } from '../support/crash-stack';
import type { StoryName } from '../support/crash-stories';
import type { CrashPlan } from '../support/crash-traps';

const HANDFUL: readonly StoryName[] = ['matched', 'moved', 'canceled', 'unmatched'];

/** Killed workers take long to be missed, so the second is killed while the first is still being recovered from. */
const WORKER: readonly CrashPlan[] = [
  { at: 'crm-applied-before-ledger', kills: 'worker', stories: HANDFUL, unknown: [0] },
  { at: 'signal-before-done', kills: 'worker', stories: HANDFUL, unknown: [0] },
];
const OTHERS: readonly CrashPlan[] = [
  { at: 'delivery-committed', kills: 'api', stories: HANDFUL, unknown: [0] },
  { at: 'facts-before-signal', kills: 'temporal', stories: HANDFUL, unknown: [0] },
  { at: 'record', kills: 'postgres', stories: HANDFUL, unknown: [0] },
  { at: 'message-sending-before-smtp', kills: 'postgres', stories: HANDFUL, unknown: [0, 1] },
];
const WITHIN_MS = 400_000;

let rows: ReadonlyMap<CrashPlan, Promise<CrashRow>>;

beforeAll(() => {
  rows = new Map([
    ...crashOnTop(crashStack({ durable: false }), WORKER),
    ...crashInTurn(crashStack({ durable: true }), OTHERS),
  ]);
});

afterAll(async () => {
  const done = await Promise.allSettled(rows.values());
  process.stdout.write(`\n${crashTable(done.flatMap((row) => (row.status === 'fulfilled' ? [row.value] : [])))}\n\n`);
}, WITHIN_MS);

test.each([...WORKER, ...OTHERS].map((plan) => [plan.at, plan.kills, plan] as const))(
  'a kill at %s of %s loses nothing, doubles nothing, and leaves in doubt only what was being sent',
  async (_at, _kills, plan) => {
    const { lost, doubled, unknown, wrong } = (await rows.get(plan))!;
    expect({ lost, doubled, wrong }).toEqual({ lost: [], doubled: [], wrong: [] });
    expect(plan.unknown).toContain(unknown);
  },
  WITHIN_MS,
);
