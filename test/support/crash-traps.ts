/**
 * Where and how a crash test kills: at a named fail point of the product, or while the CRM's simulator holds an answer back.
 * Invariant: no message is being sent at the moment of a kill, except at the two points that are about exactly that.
 */
import type { FailPoint } from '../../config/fail-points';
import type { PartName } from '../../local/stack';
import { wakeSignal } from '../../workflows/contract';
import type { CrashStack, JournalView } from './crash-stack';
import type { Story, StoryName } from './crash-stories';
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
  /**
   * How many messages may be in state `unknown` afterwards. Two answers where the process that sends outlives the kill:
   * what it cannot write down at once is unknown, unless the database is back before it gives up.
   */
  readonly unknown: readonly number[];
}

const HOLD_MS = 9_000;
/** A run continues as new after so many events: more than it has when it waits for the CRM, and soon more when it is woken. */
const FEW_EVENTS = '25';

export interface Trap {
  /** Resolves when the point is reached: the process that owns it is dead, or waits there. */
  whenReached(): Promise<void>;
  /** Kills what is to be killed, unless that has done so itself, and lets go what waits. Resolves when it is dead. */
  kill(): Promise<void>;
}

/** Arms the process that owns the plan's point; whoever is to be killed is up when it is reached. */
export async function setTrap(crash: CrashStack, plan: CrashPlan, stories: readonly Story[]): Promise<Trap> {
  if (plan.at === 'crm-answer-held' || plan.at === 'continue-as-new') return holdAnswer(crash, plan, stories);
  const owner = plan.at === 'delivery-committed' ? 'api' : 'worker';
  // The first answers of the CRM come late, so that no confirmation is under way when one of them is met.
  if (plan.at === 'crm-applied-before-ledger') {
    await crash.crmFaults([{ method: 'GET', path: '/contacts/', delayMs: 1_500, times: stories.length }]);
  }
  if (plan.kills === owner) {
    const armed = await crash.arm(owner, plan.at, 'kill');
    return { whenReached: () => armed.reached(), kill: async () => undefined };
  }
  const armed = await crash.arm(owner, plan.at, 'pause');
  return {
    whenReached: async () => {
      await armed.reached();
      await whenMessagesRest(crash, plan.at.startsWith('message-') ? 1 : 0);
      // A CRM write that loses the database keeps its person's lease until that runs out, which is another story.
      if (plan.at !== 'crm-applied-before-ledger') await whenCrmRests(crash);
    },
    kill: async () => {
      await crash.stack.kill9(plan.kills);
      armed.release();
    },
  };
}

/** The CRM writes on arrival and keeps its answer for itself for a while. */
async function holdAnswer(crash: CrashStack, plan: CrashPlan, stories: readonly Story[]): Promise<Trap> {
  const goesOn = plan.at === 'continue-as-new';
  if (goesOn) await crash.startWith('worker', { BOOKSYNC_MAX_HISTORY_EVENTS: FEW_EVENTS });
  await crash.crmFaults([{ method: 'POST', path: '/meetings$', delayMs: HOLD_MS }]);
  const isHeld = async (): Promise<boolean> =>
    (await crash.crmJournal()).some((entry) => isCreatedMeeting(entry) && entry.status === null);
  return {
    whenReached: async () => {
      await eventually(isHeld, { what: 'the CRM to hold an answer back' });
      if (goesOn)
        await eventually(() => isContinuing(crash, stories), { everyMs: 200, what: 'a run to continue as new' });
      await whenMessagesRest(crash, 0);
      if (!(await isHeld())) throw new Error('The held answer was given before the kill: hold it longer');
    },
    kill: () => crash.stack.kill9(plan.kills),
  };
}

const isCreatedMeeting = ({ method, path, applied }: JournalView): boolean =>
  method === 'POST' && path.endsWith('/meetings') && applied;

/** A run has asked its CRM write to end, and waits for that before it continues as new. Otherwise wakes them all once more. */
async function isContinuing(crash: CrashStack, stories: readonly Story[]): Promise<boolean> {
  for (const { final } of stories) {
    const [row] = await crash.rows<{ booking_id: string }>('SELECT booking_id FROM booking_alias WHERE uid = $1', [
      final.uid,
    ]);
    if (row === undefined) continue;
    const handle = crash.booking(row.booking_id);
    const kinds = ((await handle.fetchHistory()).events ?? []).flatMap((event) => Object.keys(event));
    const isOver = kinds.includes('workflowExecutionContinuedAsNewEventAttributes');
    if (kinds.includes('activityTaskCancelRequestedEventAttributes') && !isOver) return true;
    await handle.signal(wakeSignal, { reason: 'sweep' });
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
  await eventually(count, { what: 'messages to rest' });
}

/** No CRM write is under way: each holds the lease of its person. */
async function whenCrmRests(crash: CrashStack): Promise<void> {
  const isAtRest = async (): Promise<boolean> => {
    const [row] = await crash.rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM lease WHERE name LIKE 'crm/%' AND expires_at > clock_timestamp()`,
    );
    return row?.n === 0;
  };
  await eventually(isAtRest, { what: 'CRM writes to rest' });
}
