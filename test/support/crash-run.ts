/**
 * Crashes: bookings are sent, a process is killed at a named point and started again, and the oracle counts.
 * Invariant: a crash counts as recovered from only when every booking of it stands as it should.
 */
import { tally, unsettled, type Tally } from './crash-oracle';
import type { CrashStack } from './crash-stack';
import { aStory, close, introduce, send, type Story } from './crash-stories';
import { setTrap, type CrashPlan } from './crash-traps';
import { eventually } from './eventually';

export interface CrashRow extends Tally {
  readonly plan: CrashPlan;
  /** From the kill until everything that had been sent by then stood as it should. */
  readonly recoverySeconds: number;
  readonly stories: readonly Story[];
}

const SETTLE_WITHIN_MS = 300_000;

/** A crash that has happened; what was killed is still down. */
interface Crashed {
  readonly plan: CrashPlan;
  /** Resolves when everything stands as it should, with the counts. */
  recovered(): Promise<CrashRow>;
}

async function crashAt(crash: CrashStack, plan: CrashPlan): Promise<Crashed> {
  const before = (plan.before ?? []).map(aStory);
  const stories = plan.stories.map(aStory);
  await introduce(crash, [...before, ...stories]);
  await tellOpening(crash, before);
  await tellClosing(crash, before);
  if (plan.during === 'closing') await tellOpening(crash, stories);

  const trap = await setTrap(crash, plan, stories);
  const settledAtMs: number[] = [];
  const settled = (): void => void settledAtMs.push(Date.now());
  const telling = (plan.during === 'closing' ? Promise.resolve() : tellOpening(crash, stories).then(settled))
    .then(() => tellClosing(crash, stories))
    .then(settled);
  telling.catch(() => undefined);
  await trap.whenReached();
  const killedAtMs = Date.now();
  await trap.kill();
  return {
    plan,
    recovered: async () => {
      await telling;
      const recoveredAtMs = settledAtMs.find((atMs) => atMs > killedAtMs) ?? Date.now();
      const all = [...before, ...stories];
      return { plan, recoverySeconds: (recoveredAtMs - killedAtMs) / 1000, stories: all, ...(await tally(crash, all)) };
    },
  };
}

/** Sends the first half and waits until it stands as it should. */
async function tellOpening(crash: CrashStack, stories: readonly Story[]): Promise<void> {
  await Promise.all(stories.map((story) => send(crash.stack, story, story.opening)));
  await whenSettled(crash, stories, 'between');
}

async function tellClosing(crash: CrashStack, stories: readonly Story[]): Promise<void> {
  await Promise.all(stories.map((story) => close(crash.stack, story)));
  await whenSettled(crash, stories, 'final');
}

async function whenSettled(crash: CrashStack, stories: readonly Story[], phase: 'between' | 'final'): Promise<void> {
  const check = async (): Promise<void> => {
    const missing = await unsettled(crash, stories, phase);
    if (missing.length > 0) throw new Error(missing.join('; '));
  };
  await eventually(check, { timeoutMs: SETTLE_WITHIN_MS, everyMs: 200, what: 'everything to be settled' });
}

// ---------------------------------------------------------------- many crashes

/** Runs the plans one after the other on one stack; a plan that fails does not keep the others from running. */
export function crashInTurn(
  starting: Promise<CrashStack>,
  plans: readonly CrashPlan[],
): Map<CrashPlan, Promise<CrashRow>> {
  const rows = new Map<CrashPlan, Promise<CrashRow>>();
  let last: Promise<unknown> = Promise.resolve();
  for (const plan of plans) {
    const row = last
      .catch(() => undefined)
      .then(() => starting)
      .then(async (crash) => {
        await bringBack(crash);
        const crashed = await crashAt(crash, plan);
        await bringBack(crash);
        return crashed.recovered();
      });
    row.catch(() => undefined);
    rows.set(plan, row);
    last = row;
  }
  return rows;
}

/** Each crash comes before the one ahead of it has been recovered from: what was killed starts again with the next point armed. */
export function crashOnTop(
  starting: Promise<CrashStack>,
  plans: readonly CrashPlan[],
): Map<CrashPlan, Promise<CrashRow>> {
  const all = starting.then(async (crash) => {
    const crashed: Crashed[] = [];
    for (const plan of plans) crashed.push(await crashAt(crash, plan));
    await bringBack(crash);
    const rows = await Promise.all(crashed.map((one) => one.recovered()));
    return new Map(rows.map((row) => [row.plan, row]));
  });
  all.catch(() => undefined);
  return new Map(plans.map((plan) => [plan, all.then((rows) => rows.get(plan)!)]));
}

async function bringBack(crash: CrashStack): Promise<void> {
  for (const part of ['postgres', 'temporal', 'api', 'worker'] as const) {
    if (crash.stack.pid(part) === null) await crash.startWith(part, {});
  }
}

/** The table of a report: one line a crash. */
export function crashTable(rows: readonly CrashRow[]): string {
  const cells = [
    ['point', 'killed', 'recovery s', 'lost', 'doubled', 'unknown'],
    ...rows.map(({ plan, recoverySeconds, lost, doubled, unknown }) => [
      ...[plan.at, plan.kills, recoverySeconds.toFixed(1)],
      ...[lost.length, doubled.length, unknown].map(String),
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
