/**
 * decideTask, withdrawTask, escalateTask: what happens to a human task outside its workflow.
 * Invariant: the decision, the fact that it is, and its audit entry are one commit; the booking is told after it, as often as it takes.
 */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { lockBooking, type BookingRow } from '../db/bookings';
import { addMatchRule } from '../db/match-rules';
import { setMessageState } from '../db/messages';
import { withTransaction, type Db } from '../db/pool';
import { addAuditEntry, lockTask, reassignTask, settleTask, type TaskRow } from '../db/tasks';
import { settleAppointment } from '../db/crm-appointments';
import { assertNever } from '../domain/assert-never';
import { appointmentSubjectOf } from '../domain/crm-appointment';
import { askedUndo } from '../domain/undo';
import type { ContactChoice, DecidedOutcome, Decision } from '../domain/facts';
import type { TaskDecision, TaskKind } from '../domain/tasks';
import { roleOf } from './connection-trouble';
import { decideConflict, type Decided } from './decide-conflict';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { addHumanFact } from './human-fact';

export interface DecideTaskInput {
  readonly taskId: string;
  readonly decision: TaskDecision;
  readonly by: string;
}

export function createDecideTask(deps: ActivityDeps) {
  return async function decideTask(input: DecideTaskInput): Promise<void> {
    const nowMs = engineNow();
    const { bookingId, about, factId, undone } = await withTransaction(deps.pool, async (tx) => {
      const task = await lockTask(tx, input.taskId);
      if (!task) throw ApplicationFailure.nonRetryable(`Task ${input.taskId} does not exist`, 'TaskUnknown');
      const already = JSON.stringify(task.decision) === JSON.stringify(input.decision);
      if (task.state !== 'open' && !already) {
        throw ApplicationFailure.nonRetryable(`Task ${input.taskId} is ${task.state} already`, 'TaskSettled');
      }
      const id = task.state === 'open' ? await carryOut(tx, { task, input, nowMs }) : null;
      return { bookingId: task.bookingId, about: task.about, factId: id, undone: askedUndo(task) };
    });
    await deps.failPoint('task-decided-before-signal');
    const appointment = bookingId === null ? appointmentSubjectOf(about) : null;
    if (appointment !== null) return deps.signals.crmAppointment(appointment);
    if (bookingId === null) {
      await deps.signals.probeNow({ connection: about, role: roleOf(deps.settings, about) });
      return;
    }
    if (undone !== null && input.decision.decision === 'keep_booking') await deps.signals.undo(undone);
    await deps.signals.factsRecorded({ bookingId, factType: 'decided', factIds: factId ? [factId] : [] });
  };
}

async function carryOut(
  tx: Db,
  from: { task: TaskRow; input: DecideTaskInput; nowMs: number },
): Promise<string | null> {
  const { task, input, nowMs } = from;
  await settleTask(tx, { id: task.id, state: 'decided', decision: input.decision, by: input.by, nowMs });
  await addAuditEntry(tx, {
    nowMs,
    actor: input.by,
    action: `task.decided.${input.decision.decision}`,
    subject: task.workflowId,
    detail: { personId: input.decision.personId ?? null },
  });
  if (task.kind === 'message_unknown') {
    await decideMessage(tx, { messageId: task.about, decision: input.decision.decision, nowMs });
    return null;
  }
  const appointment = task.bookingId === null ? appointmentSubjectOf(task.about) : null;
  if (appointment !== null) {
    const isTriedAgain = input.decision.decision === 'try_again';
    await settleAppointment(
      tx,
      appointment,
      isTriedAgain ? { state: 'heard' } : { state: 'left', reason: 'kept_in_crm' },
    );
    return null;
  }
  // Whether the connection is back is for its probe to say.
  if (task.kind === 'reauthorize' || task.bookingId === null) return null;
  const booking = await lockBooking(tx, task.bookingId);
  if (!booking) throw ApplicationFailure.nonRetryable(`Booking ${task.bookingId} does not exist`, 'BookingUnknown');
  const { type, decision } = await decidedOf(tx, { task, booking, decision: input.decision });
  const factId = randomUUID();
  await addHumanFact(tx, booking, { id: factId, type, by: 'operator', decision, receivedAtMs: nowMs });
  const guestId = booking.picture?.personId ?? null;
  if (decision.kind === 'contact' && guestId !== null) {
    const { connection: crm, contact: choice } = decision;
    await addMatchRule(tx, { connection: crm, personId: guestId, choice, bookingId: booking.id, by: input.by, nowMs });
  }
  return factId;
}

async function decidedOf(
  tx: Db,
  { task, booking, decision: given }: { task: TaskRow; booking: BookingRow; decision: TaskDecision },
): Promise<Decided> {
  const { kind, about } = task;
  if (kind === 'conflict') {
    return decideConflict(tx, { task, booking, keep: given.decision === 'keep_crm' ? 'crm' : 'booking' });
  }
  const decision = decisionOf({ about, kind: kind as DecidedHere }, given);
  return { type: `${decision.kind}_decided`, decision };
}

/** Kinds whose decision is a fact, and nothing else. */
type DecidedHere = Exclude<TaskKind, 'message_unknown' | 'reauthorize' | 'conflict'>;

function decisionOf(
  task: { readonly kind: DecidedHere; readonly about: string },
  { decision, personId }: TaskDecision,
): Exclude<Decision, { kind: 'reported' | 'crm_record' }> {
  switch (task.kind) {
    case 'no_show_review':
      return { kind: 'outcome', outcome: decision as DecidedOutcome };
    case 'stale_reschedule':
      return decision === 'keep_waiting'
        ? { kind: 'hold', action: decision }
        : { kind: 'outcome', outcome: decision as DecidedOutcome };
    case 'crm_refused':
      return { kind: 'crm', connection: task.about, action: decision as 'retry' | 'skip' };
    case 'source_refused':
      return { kind: 'source', action: decision as 'retry' | 'skip' };
    case 'match_contact':
      return { kind: 'contact', connection: task.about, contact: choiceOf(decision, personId) };
    default:
      return assertNever(task.kind);
  }
}

function choiceOf(decision: string, personId: string | undefined): ContactChoice {
  if (decision === 'use_contact') return { choice: decision, crmPersonId: personId ?? '' };
  return { choice: decision as 'create_contact' | 'no_contact' };
}

async function decideMessage(tx: Db, from: { messageId: string; decision: string; nowMs: number }): Promise<void> {
  const set = (state: 'sent' | 'planned' | 'unknown', reason: string | null) =>
    setMessageState(tx, { id: from.messageId, state, reason, nowMs: from.nowMs });
  if (from.decision === 'was_sent') return set('sent', 'a person confirmed that it was sent');
  if (from.decision === 'send_again') return set('planned', null);
  return set('unknown', 'a person decided to leave it');
}

/** Hands an overdue task to the next person of the escalation chain, or by hand to somebody else. */
export function createReassignTask(deps: ActivityDeps) {
  return async function assignTask(input: { taskId: string; owner: string; by: string; why: string }): Promise<void> {
    await withTransaction(deps.pool, async (tx) => {
      await reassignTask(tx, input.taskId, input.owner);
      await addAuditEntry(tx, {
        nowMs: engineNow(),
        actor: input.by,
        action: `task.${input.why}`,
        subject: input.taskId,
        detail: { owner: input.owner },
      });
    });
  };
}
