/**
 * One crash: bookings are sent, a process is killed at a named point and started again, and the oracle counts.
 * Invariant: no message is being sent at the moment of a kill, except at the two points that are about exactly that.
 */
import type { FailPoint } from '../../config/fail-points';
import type { PartName } from '../../local/stack';
import { bookingId } from '../../workflows/contract';
import { tally, unsettled, type Tally } from './crash-oracle';
import type { CrashStack } from './crash-stack';
import { aStory, close, introduce, send, SOURCE, type Story, type StoryName } from './crash-stories';
import { eventually } from './eventually';

/** Points that need no code in the product: the CRM's simulator holds an answer back, which it has already acted upon. */
export type CrashPoint = FailPoint | 'crm-answer-held' | 'continue-as-new';

export interface CrashPlan {
  readonly at: CrashPoint;
  /** Killed with -9. The process that owns the point kills itself there; for the others it waits there meanwhile. */
  readonly kills: Exclude<PartName, 'simulators'>;
  readonly stories: readonly StoryName[];
  /** Told to their end before anything is armed. */
  readonly before?: readonly StoryName[];
  /** The half of the stories in which the kill is to happen; the opening, unless said otherwise. */
  readonly during?: 'closing';
  /** Messages that must be in state `unknown` afterwards. */
  readonly unknown: number;
}

export interface CrashRow extends Tally {
  readonly plan: CrashPlan;
  /** From the kill until everything that had been sent by then stood as it should. */
  readonly recoverySeconds: number;
  readonly stories: readonly Story[];
}

const SETTLE_WITHIN_MS = 180_000;
const HOLD_MS = 9_000;
/** With so few events a run continues as new as soon as its confirmation is sent, while the CRM still owes its answer. */
const FEW_EVENTS = '14';

export async function crashAt(crash: CrashStack, plan: CrashPlan): Promise<CrashRow> {
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
  await trap.killAndStartAgain();
  await telling;
  const recoveredAtMs = settledAtMs.find((atMs) => atMs > killedAtMs) ?? Date.now();
  const all = [...before, ...stories];
  return { plan, recoverySeconds: (recoveredAtMs - killedAtMs) / 1000, stories: all, ...(await tally(crash, all)) };
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

export async function whenSettled(crash: CrashStack, stories: readonly Story[], phase: 'between' | 'final'): Promise<void> {
  const check = async (): Promise<void> => {
    const missing = await unsettled(crash, stories, phase);
    if (missing.length > 0) throw new Error(missing.join('; '));
  };
  await eventually(check, { timeoutMs: SETTLE_WITHIN_MS, everyMs: 200, what: 'everything to be settled' });
}

// ---------------------------------------------------------------- traps

interface Trap {
  /** Resolves at the moment of the kill, or right before it. */
  whenReached(): Promise<void>;
  killAndStartAgain(): Promise<void>;
}

async function setTrap(crash: CrashStack, plan: CrashPlan, stories: readonly Story[]): Promise<Trap> {
  if (plan.at === 'crm-answer-held' || plan.at === 'continue-as-new') return holdAnswer(crash, plan, stories);
  const owner = plan.at === 'delivery-committed' ? 'api' : 'worker';
  // The first answers of the CRM come late, so that no confirmation is under way when one of them is met.
  if (plan.at === 'crm-applied-before-ledger') {
    await crash.crmFaults([{ method: 'GET', path: '/contacts/', delayMs: 1_500, times: stories.length }]);
  }
  if (plan.kills === owner) {
    const armed = await crash.arm(owner, plan.at, 'kill');
    return { whenReached: () => armed.reached(), killAndStartAgain: () => crash.startWith(owner, {}) };
  }
  const armed = await crash.arm(owner, plan.at, 'pause');
  return {
    whenReached: async () => {
      await armed.reached();
      await whenMessagesRest(crash, plan.at.startsWith('message-') ? 1 : 0);
    },
    killAndStartAgain: async () => {
      await crash.stack.kill9(plan.kills);
      armed.release();
      await crash.startWith(plan.kills, {});
    },
  };
}

/** The CRM writes on arrival and keeps its answer for itself for a while. */
async function holdAnswer(crash: CrashStack, plan: CrashPlan, stories: readonly Story[]): Promise<Trap> {
  if (plan.at === 'continue-as-new') await crash.startWith('worker', { BOOKSYNC_MAX_HISTORY_EVENTS: FEW_EVENTS });
  await crash.crmFaults([{ method: 'POST', path: '/meetings$', delayMs: HOLD_MS }]);
  const isHeld = async (): Promise<boolean> =>
    (await crash.crmJournal()).some(({ method, path, status, applied }) => method === 'POST' && path.endsWith('/meetings') && applied && status === null);
  return {
    whenReached: async () => {
      const what = 'the CRM to hold an answer back';
      await eventually(plan.at === 'continue-as-new' ? () => isContinuing(crash, stories) : isHeld, { timeoutMs: 60_000, what });
      await whenMessagesRest(crash, 0);
      if (!(await isHeld())) throw new Error('The held answer was given before the kill: hold it longer');
    },
    killAndStartAgain: async () => {
      await crash.stack.kill9(plan.kills);
      await crash.startWith(plan.kills, {});
    },
  };
}

/** A run has asked its CRM write to end, and waits for that before it continues as new. */
async function isContinuing(crash: CrashStack, stories: readonly Story[]): Promise<boolean> {
  for (const { opening } of stories) {
    const { uid } = opening[0]?.payload as { uid: string };
    const history = await crash.booking(bookingId(SOURCE, uid)).fetchHistory().catch(() => null);
    const kinds = (history?.events ?? []).flatMap((event) => Object.keys(event));
    if (kinds.includes('activityTaskCancelRequestedEventAttributes')) return true;
  }
  return false;
}

/** Nothing is due or being sent, except what waits at an armed point. */
async function whenMessagesRest(crash: CrashStack, except: number): Promise<void> {
  const count = async (): Promise<boolean> => {
    const [row] = await crash.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM message WHERE state = 'sending' OR state = 'planned' AND due_at <= clock_timestamp()`,
    );
    return row?.n === except;
  };
  await eventually(count, { timeoutMs: 60_000, what: 'messages to rest' });
}

// ---------------------------------------------------------------- many crashes

/** Runs the plans one after the other on one stack; a plan that fails does not keep the others from running. */
export function crashInTurn(starting: Promise<CrashStack>, plans: readonly CrashPlan[]): Map<CrashPlan, Promise<CrashRow>> {
  const rows = new Map<CrashPlan, Promise<CrashRow>>();
  let last: Promise<unknown> = starting;
  for (const plan of plans) {
    const row = last
      .catch(() => undefined)
      .then(() => starting)
      .then(async (crash) => {
        await bringBack(crash);
        return crashAt(crash, plan);
      });
    row.catch(() => undefined);
    rows.set(plan, row);
    last = row;
  }
  return rows;
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
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}
