/**
 * What the API asks of Temporal: is it there, and does a task's or a booking's workflow take this decision.
 * Invariant: the same decision about the same thing is one update, however often it is sent; every question has a time limit.
 */
import { createHash } from 'node:crypto';
import {
  ApplicationFailure,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WithStartWorkflowOperation,
  type Client,
} from '@temporalio/client';
import type { BookingDecision } from '../domain/booking-decisions';
import type { ConnectionRole } from '../domain/connections';
import type { TaskDecision } from '../domain/tasks';
import {
  bookingStart,
  bookingViewQuery,
  bookingWorkflowId,
  connectionStart,
  decideBookingUpdate,
  decideUpdate,
  probeNowSignal,
  reassignUpdate,
  snoozeUpdate,
  undoStart,
  wakeSignal,
  type BookingView,
} from '../workflows/contract';
import { within } from './within';

export type DecisionSent =
  | { readonly kind: 'accepted' }
  /** Another decision is being carried out, or has been. */
  | { readonly kind: 'settled' }
  /** The workflow said no, in its own words. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may or may not have been taken. */
  | { readonly kind: 'unconfirmed'; readonly reason: string };

/** About a booking there is always a next decision, but not about one that turned out to be another. */
export type BookingDecisionSent =
  Exclude<DecisionSent, { kind: 'settled' }> | { readonly kind: 'merged'; readonly reason: string };

export interface Engine {
  /** Rejects when Temporal does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** Waits until the task's workflow has taken the decision, 10 s at most. */
  decide(
    task: { readonly id: string; readonly workflowId: string },
    decision: TaskDecision,
    by: string,
  ): Promise<DecisionSent>;
  /** Waits until the task belongs to somebody else, 10 s at most. */
  reassign(
    task: { readonly workflowId: string },
    to: { readonly owner: string; readonly by: string },
  ): Promise<DecisionSent>;
  /** Waits until the task rests until then, or is awake (null), 10 s at most. */
  snooze(
    task: { readonly workflowId: string },
    rest: { readonly untilMs: number | null; readonly by: string },
  ): Promise<DecisionSent>;
  /**
   * Waits until the booking's workflow has stored the decision, 10 s at most; starts it where it has closed. `version`: what the
   * caller saw, so that the same decision is another one once the booking has changed.
   */
  decideBooking(
    booking: { readonly id: string; readonly version: number },
    decision: BookingDecision,
  ): Promise<BookingDecisionSent>;
  /** Has bookings look again. False: Temporal can not be reached, and some may not have been told. */
  wakeBookings(ids: readonly string[]): Promise<boolean>;
  /** Starts an undo whose plan is stored. False: Temporal can not be reached. */
  startUndo(undoId: string): Promise<boolean>;
  /** What the booking's workflow knows right now. Rejects when there is none, or no answer within `timeoutMs`. */
  bookingView(bookingId: string, timeoutMs: number): Promise<BookingView>;
  /** Has the connection's workflow look at once whether the vendor answers. False: Temporal does not answer. */
  probeNow(connection: string, role?: ConnectionRole): Promise<boolean>;
  close(): Promise<void>;
}

const DECISION_TIMEOUT_MS = 10_000;

/**
 * Connects when it is first asked something, and again after a failure: the API starts, and takes webhooks, while Temporal is away.
 * `decisionTimeoutMs` is shorter in tests only.
 */
export function createEngine(
  connect: () => Promise<Client>,
  options: { readonly decisionTimeoutMs?: number } = {},
): Engine {
  let connecting: Promise<Client> | null = null;
  const connected = (): Promise<Client> => {
    connecting ??= connect().catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  };

  /** Whatever kept us from connecting, nothing was sent. */
  const asking = async <T>(send: (client: Client) => Promise<T>): Promise<T | Unconfirmed> => {
    const timeoutMs = options.decisionTimeoutMs ?? DECISION_TIMEOUT_MS;
    const deadlineMs = Date.now() + timeoutMs;
    const client = await within(timeoutMs, connected()).catch(() => null);
    return client === null ? UNREACHABLE : client.withDeadline(deadlineMs, () => send(client));
  };

  return {
    ping: (timeoutMs) =>
      within(
        timeoutMs,
        connected().then((client) => answers(client, timeoutMs)),
      ),
    decide: (task, decision, by) => asking((client) => sendDecision(client, task, { ...decision, by })),
    reassign: (task, to) =>
      asking((client) => sendCare(() => handleOf(client, task).executeUpdate(reassignUpdate, { args: [to] }))),
    snooze: (task, rest) =>
      asking((client) => sendCare(() => handleOf(client, task).executeUpdate(snoozeUpdate, { args: [rest] }))),
    decideBooking: (booking, decision) => asking((client) => sendBookingDecision(client, booking, decision)),
    wakeBookings: async (ids) => {
      const sent = await asking((client) => reached(() => wakeAll(client, ids)));
      return sent === true;
    },
    startUndo: async (undoId) => {
      const sent = await asking((client) => reached(() => client.workflow.start('undo', undoStart(undoId))));
      return sent === true;
    },
    bookingView: (bookingId, timeoutMs) =>
      within(
        timeoutMs,
        connected().then((client) => viewOf(client, bookingId, timeoutMs)),
      ),
    probeNow: async (connection, role = 'crm') => {
      const sent = await asking((client) => sendProbe(client, connection, role));
      return sent === true;
    },
    async close() {
      const client = await connecting?.catch(() => null);
      await client?.connection.close();
    },
  };
}

async function wakeAll(client: Client, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const signal = { signal: wakeSignal.name, signalArgs: [{ reason: 'sweep' }] };
    await client.workflow.signalWithStart('booking', { ...bookingStart(id), ...signal });
  }
}

/** Unconfirmed when Temporal does not answer. */
async function reached(send: () => Promise<unknown>): Promise<true | Unconfirmed> {
  try {
    await send();
    return true;
  } catch (error) {
    return unconfirmed(error, 'the workflow is not running right now');
  }
}

async function answers({ connection }: Client, timeoutMs: number): Promise<void> {
  await connection.withDeadline(Date.now() + timeoutMs, () => connection.workflowService.getSystemInfo({}));
}

async function sendDecision(
  client: Client,
  task: { readonly id: string; readonly workflowId: string },
  decision: TaskDecision & { readonly by: string },
): Promise<DecisionSent> {
  try {
    await client.workflow.getHandle(task.workflowId).executeUpdate(decideUpdate, {
      args: [decision],
      updateId: updateIdOf([task.id, decision.decision, decision.personId ?? null]),
    });
    return { kind: 'accepted' };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) return unconfirmed(error, "the task's workflow is not running right now");
    return refusal.type === 'TaskSettled' ? { kind: 'settled' } : { kind: 'refused', reason: refusal.reason };
  }
}

const handleOf = (client: Client, task: { readonly workflowId: string }) => client.workflow.getHandle(task.workflowId);

/** Whose a task is, and when: nothing of it settles the task. */
async function sendCare(send: () => Promise<unknown>): Promise<DecisionSent> {
  try {
    await send();
    return { kind: 'accepted' };
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal === null
      ? unconfirmed(error, "the task's workflow is not running right now")
      : { kind: 'refused', reason: refusal.reason };
  }
}

function viewOf(client: Client, bookingId: string, timeoutMs: number): Promise<BookingView> {
  const handle = client.workflow.getHandle(bookingWorkflowId(bookingId));
  return client.withDeadline(Date.now() + timeoutMs, () => handle.query(bookingViewQuery));
}

/** Starts the connection's workflow where it was never needed before. */
async function sendProbe(client: Client, connection: string, role: ConnectionRole): Promise<boolean> {
  const start = connectionStart(connection, role);
  await client.workflow.signalWithStart('connection', { ...start, signal: probeNowSignal, signalArgs: [] });
  return true;
}

async function sendBookingDecision(
  client: Client,
  booking: { readonly id: string; readonly version: number },
  decision: BookingDecision,
): Promise<BookingDecisionSent> {
  const startWorkflowOperation = new WithStartWorkflowOperation('booking', {
    ...bookingStart(booking.id),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  try {
    await client.workflow.executeUpdateWithStart(decideBookingUpdate, {
      args: [decision],
      updateId: updateIdOf([booking.id, booking.version, decision.decision, decision.startMs, decision.by]),
      startWorkflowOperation,
    });
    return { kind: 'accepted' };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) return unconfirmed(error, "the booking's workflow ended meanwhile");
    return { kind: refusal.type === 'BookingMerged' ? 'merged' : 'refused', reason: refusal.reason };
  }
}

type Unconfirmed = Extract<DecisionSent, { kind: 'unconfirmed' }>;
const UNREACHABLE: Unconfirmed = { kind: 'unconfirmed', reason: 'the workflow engine can not be reached' };

/** The same for the same words, so that whoever repeats a decision joins it. */
function updateIdOf(words: readonly (string | number | null)[]): string {
  return `decide-${createHash('sha256').update(JSON.stringify(words)).digest('hex')}`;
}

/** What a workflow said no with: the type that its code gave it, and its sentence. Null: it was something else. */
function refusalOf(error: unknown): { readonly type: string | null; readonly reason: string } | null {
  if (!(error instanceof WorkflowUpdateFailedError)) return null;
  // A validator's refusal is the cause itself, an activity's is the cause of the cause.
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return { type: cause.type ?? null, reason: cause.message };
  }
  return { type: null, reason: 'the workflow could not take this decision' };
}

function unconfirmed(error: unknown, notRunning: string): Unconfirmed {
  if (error instanceof WorkflowNotFoundError) return { kind: 'unconfirmed', reason: notRunning };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return { kind: 'unconfirmed', reason: 'the workflow engine did not answer in time' };
  }
  if (error instanceof ServiceError || isGrpcServiceError(error)) return UNREACHABLE;
  throw error;
}
