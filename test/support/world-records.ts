/**
 * What a test looks at in a world besides the booking itself: message rows with their times, tasks, workflows, CRM writes.
 * Invariant: times are the engine's, never the wall clock's.
 */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { insertFact } from '../../db/facts';
import { findTask, type TaskDetail } from '../../db/task-view';
import type { Fact, FactType } from '../../domain/facts';
import { bookingWorkflowId } from '../../domain/ids';
import { eventually } from './eventually';
import { MINUTE, SOURCE, type World } from './world';

export interface MessageRecord {
  readonly kind: string;
  /** For reminders: how long before the slot. */
  readonly beforeMs: number | null;
  readonly slotStartMs: number;
  readonly state: string;
  readonly reason: string | null;
  readonly dueAtMs: number;
  /** When it was sent or given up on, by the engine's clock. */
  readonly settledAtMs: number | null;
  readonly attempts: number;
}

/** Every message row of a booking, by due time. */
export async function messagesOf(world: World, uid: string): Promise<MessageRecord[]> {
  const { rows } = await world.database.pool.query<{
    key: string;
    kind: string;
    slot_key: string;
    state: string;
    reason: string | null;
    due_at: Date;
    settled_at: Date | null;
    attempts: number;
  }>(
    `SELECT key, kind, slot_key, state, reason, due_at, settled_at, attempts FROM message WHERE booking_id = $1 ORDER BY due_at, key`,
    [(await world.booking(uid)).id],
  );
  return rows.map((row) => ({
    kind: row.kind,
    beforeMs: row.kind === 'reminder' ? Number(row.key.split('/')[1]) : null,
    slotStartMs: Number(row.slot_key.split('-')[0]),
    state: row.state,
    reason: row.reason,
    dueAtMs: row.due_at.getTime(),
    settledAtMs: row.settled_at?.getTime() ?? null,
    attempts: row.attempts,
  }));
}

export async function remindersOf(world: World, uid: string): Promise<MessageRecord[]> {
  return (await messagesOf(world, uid)).filter((message) => message.kind === 'reminder');
}

/** Waits for a reminder to be sent, and expects it neither early nor more than a minute late. */
export async function reminderSent(
  world: World,
  uid: string,
  reminder: { startMs: number; beforeMs: number },
): Promise<void> {
  await messageSent(world, uid, { kind: 'reminder', dueAtMs: reminder.startMs - reminder.beforeMs });
}

/** Waits for a message to be sent, and expects it neither early nor more than a minute late. */
export async function messageSent(
  world: World,
  uid: string,
  message: { kind: string; dueAtMs: number },
): Promise<void> {
  const { kind, dueAtMs } = message;
  await world.until(uid, `${kind} sent`, (booking) =>
    booking.messages.some((m) => m.kind === kind && m.dueAtMs === dueAtMs && m.state === 'sent'),
  );
  const row = (await messagesOf(world, uid)).find((m) => m.kind === kind && m.dueAtMs === dueAtMs)!;
  expect(row.attempts).toBe(1);
  expect(row.settledAtMs).toBeGreaterThanOrEqual(dueAtMs);
  expect(row.settledAtMs! - dueAtMs).toBeLessThan(MINUTE);
}

/** A fact that Cal.com has no event for (`showed`), or that an operator said: stored, then signalled, as everything else. */
export async function tell(world: World, uid: string, type: FactType, given: Partial<Fact> = {}): Promise<void> {
  const { id: bookingId, chain } = await world.booking(uid);
  const fact: Fact = {
    id: randomUUID(),
    type,
    uid: chain.at(-1) ?? uid,
    predecessorUid: null,
    slot: null,
    sequence: null,
    ancestry: [],
    aboutPersonId: null,
    readAtMs: null,
    eventType: null,
    receivedAtMs: await world.now(),
    personId: null,
    hostId: null,
    by: given.decision ? 'operator' : 'source',
    decision: null,
    ...given,
  };
  const { id } = await insertFact(world.database.pool, {
    fact,
    bookingId,
    connection: SOURCE,
    sealed: null,
    meaning: null,
    deliveryId: null,
    ordinal: 0,
  });
  await world.signals.factsArrived({ bookingId, factType: type, factIds: [id] });
}

/** The booking's newest task of a kind with its evidence. Throws when there is none. */
export async function taskOf(world: World, uid: string, kind: string): Promise<TaskDetail> {
  const task = (await world.booking(uid)).tasks.filter((found) => found.kind === kind).at(-1);
  const detail = task && (await findTask(world.database.pool, task.id));
  if (!detail) throw new Error(`${uid} has no ${kind} task`);
  return detail;
}

/** Waits until the guest has the confirmation and nothing of the booking is being carried out. */
export async function confirmed(world: World, uid: string): Promise<void> {
  await world.until(uid, 'confirmed', (b) => b.messages.some((m) => m.kind === 'confirmation' && m.state === 'sent'));
  await world.settled(uid);
  await world.activitiesEnded();
}

/** `RUNNING`, `COMPLETED`, `CONTINUED_AS_NEW`, …, and how many events the newest run has. */
export async function workflowOf(
  world: World,
  workflowId: string,
): Promise<{ status: string; runId: string; events: number }> {
  const { status, runId, historyLength } = await world.env.client.workflow.getHandle(workflowId).describe();
  return { status: status.name, runId, events: historyLength };
}

/** Waits until the newest run is through. A failure says what it waits for. */
export async function workflowEnded(world: World, workflowId: string): Promise<void> {
  const isEnded = async (): Promise<void> => {
    const { status } = await workflowOf(world, workflowId);
    if (status !== 'COMPLETED') throw new Error(`it is ${status}`);
  };
  await eventually(isEnded, { what: `${workflowId} to end` }).catch(async (error: unknown) => {
    throw new Error(`${(error as Error).message}\n${await whereaboutsOf(world, workflowId)}`, { cause: error });
  });
}

async function whereaboutsOf(world: World, workflowId: string): Promise<string> {
  const handle = world.env.client.workflow.getHandle(workflowId);
  const [{ raw }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  const pending = (raw.pendingActivities ?? []).map(
    ({ activityType, state, attempt, lastFailure }) =>
      `${activityType?.name} (state ${state}, attempt ${attempt}, ${lastFailure?.message ?? 'never failed'})`,
  );
  const last = (events ?? []).slice(-12).map((event) => Object.keys(event).find((key) => /Attributes$/.test(key)));
  return `Pending: ${pending.join(', ') || 'no activity'}. Its last events: ${last.join(', ')}`;
}

/** The booking's workflow, by any uid of the booking. */
export async function bookingWorkflowOf(world: World, uid: string): ReturnType<typeof workflowOf> {
  return workflowOf(world, bookingWorkflowId((await world.booking(uid)).id));
}

/** Ends what a test leaves running, so that its timers do not go off in the next test's time. */
export async function endWorkflows(world: World): Promise<void> {
  // A terminated workflow's activity that is still running would hold up the skipping of time for good.
  await world.activitiesEnded();
  const { rows } = await world.database.pool.query<{ id: string }>(
    `SELECT 'booking/' || id AS id FROM booking UNION ALL SELECT workflow_id FROM task`,
  );
  for (const { id } of rows) {
    await world.env.client.workflow
      .getHandle(id)
      .terminate('the test is over')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
}

type CrmRequest = ReturnType<ReturnType<World['countCrmRequests']>>[number];

/** Among CRM requests, those that make (`POST`) or change (`PATCH`) a record of a type. */
export function writesOf(requests: readonly CrmRequest[], method: 'POST' | 'PATCH', type: string): CrmRequest[] {
  // A search is a POST as well.
  const path = new RegExp(`^/crm/objects/[^/]+/${type}(/(?!search$)[^/]+)?$`);
  return requests.filter((request) => request.method === method && path.test(request.path));
}
