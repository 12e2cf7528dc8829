/**
 * kill -9 of API, worker, Temporal and PostgreSQL at every named point of a booking's way: nothing acknowledged is lost,
 * nothing is written or sent twice, and only a kill inside the sending of a message leaves it unknown, with a task.
 */
import { tally } from '../support/crash-oracle';
import { crashInTurn, crashTable, type CrashRow } from '../support/crash-run';
import { crashStack, type CrashStack } from '../support/crash-stack';
import type { StoryName } from '../support/crash-stories';
import type { CrashPlan, CrashPoint } from '../support/crash-traps';

const HANDFUL: readonly StoryName[] = ['matched', 'moved', 'canceled', 'unmatched'];
const WITH_MERGE: readonly StoryName[] = [...HANDFUL, 'merged'];

const plan = (at: CrashPoint, kills: CrashPlan['kills'], given: Partial<CrashPlan> = {}): CrashPlan => ({
  at,
  kills,
  stories: HANDFUL,
  unknown: [0],
  ...given,
});
/** Only one message is under way when the worker dies. */
const ONE_MESSAGE = { before: ['moved', 'canceled', 'unmatched'], stories: ['matched'], unknown: [1] } as const;

/** Each lane has a stack of its own: most of the time goes by waiting for leases and timeouts of what was killed. */
const LANES: readonly (readonly CrashPlan[])[] = [
  [
    plan('delivery-committed', 'api'),
    plan('dispatch-begins', 'worker'),
    plan('facts-before-signal', 'worker'),
    plan('facts-before-signal', 'worker', { stories: ['merged'], during: 'closing' }),
    plan('signal-before-done', 'worker'),
    plan('record', 'worker'),
    plan('task-decided-before-signal', 'worker'),
    plan('merge', 'worker', { stories: WITH_MERGE }),
  ],
  [
    plan('crm-answer-held', 'worker'),
    plan('crm-applied-before-ledger', 'worker'),
    plan('message-sending-before-smtp', 'worker', ONE_MESSAGE),
    plan('message-sent-before-ledger', 'worker', ONE_MESSAGE),
    plan('continue-as-new', 'worker'),
  ],
  [
    plan('facts-before-signal', 'temporal'),
    plan('signal-before-done', 'temporal'),
    plan('crm-applied-before-ledger', 'temporal'),
    plan('message-sent-before-ledger', 'temporal'),
    plan('task-decided-before-signal', 'temporal', { during: 'closing' }),
    plan('delivery-committed', 'postgres'),
    plan('record', 'postgres'),
    plan('crm-applied-before-ledger', 'postgres'),
    plan('message-sending-before-smtp', 'postgres', { unknown: [0, 1] }),
    plan('merge', 'postgres', { stories: WITH_MERGE }),
  ],
];
const MINUTES = 60_000;

const rows = new Map<CrashPlan, Promise<CrashRow>>();
const stacks: { readonly stack: Promise<CrashStack>; readonly plans: readonly CrashPlan[] }[] = [];

beforeAll(() => {
  for (const plans of LANES) {
    const durable = plans.some(({ kills }) => kills === 'temporal' || kills === 'postgres');
    const stack = crashStack({ durable });
    stacks.push({ stack, plans });
    for (const [one, row] of crashInTurn(stack, plans)) rows.set(one, row);
  }
});

afterAll(async () => {
  const done = await Promise.allSettled(rows.values());
  const table = crashTable(done.flatMap((row) => (row.status === 'fulfilled' ? [row.value] : [])));
  process.stdout.write(`\n${table}\n\n`);
}, 12 * MINUTES);

test.each(LANES.flat().map((one) => [one.at, one.kills, one] as const))(
  'a kill at %s of %s loses nothing, doubles nothing, and leaves in doubt only what was being sent',
  async (_at, _kills, one) => {
    const { lost, doubled, unknown, wrong } = (await rows.get(one)) ?? fail(one);
    expect({ lost, doubled, wrong }).toEqual({ lost: [], doubled: [], wrong: [] });
    expect(one.unknown).toContain(unknown);
  },
  12 * MINUTES,
);

test(
  'what the crashes left behind stays as it is until the end',
  async () => {
    for (const { stack, plans } of stacks) {
      const crash = await stack;
      const told = await Promise.all(plans.map(async (one) => (await rows.get(one))?.stories ?? []));
      const { lost, doubled } = await tally(crash, told.flat());
      expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    }
  },
  12 * MINUTES,
);

function fail(one: CrashPlan): never {
  throw new Error(`${one.at} was never run`);
}
