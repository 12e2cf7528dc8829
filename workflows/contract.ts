/**
 * The names by which others reach the workflows: ids, queues, signals, updates, queries, search attributes.
 * Invariant: the only file of this folder that `api/` and `worker/` import; every payload is ids, instants and status words.
 */
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BookingStatus } from '../domain/booking';
import type { BookingDecision } from '../domain/booking-decisions';
import type { ConnectionRole, ParkReason, WakeReason } from '../domain/connections';
import type { FactType } from '../domain/facts';
import { bookingWorkflowId, connectionWorkflowId, crmAppointmentWorkflowId, sourceOfBooking } from '../domain/ids';
import type { TaskStep } from '../domain/task-steps';
import type { TaskDecision, TaskKind } from '../domain/tasks';

export const BOOKINGS_TASK_QUEUE = 'bookings';
/** One queue per CRM connection, so that its rate limit holds over all workers. */
export const crmTaskQueue = (connection: string): string => `crm-${connection}`;

// ---------------------------------------------------------------- ids

export {
  bookingId,
  bookingWorkflowId,
  connectionTaskWorkflowId,
  connectionWorkflowId,
  taskWorkflowId,
} from '../domain/ids';

// ---------------------------------------------------------------- booking

export interface BookingInput {
  readonly bookingId: string;
  /** Carried over continue-as-new; absent on a first start. */
  readonly carried?: {
    readonly runs: number;
    /** CRM connections that were not waited for: one that just came back is still `parked` in the database until it is written. */
    readonly back: readonly string[];
    /** CRM connections whose records changed and were not read yet; absent: none. */
    readonly changed?: readonly string[];
  };
  /** Lower in tests only: how many history events a run may have before it continues as new. */
  readonly maxHistoryEvents?: number;
}

/** Signals say what kind of thing happened and which facts say so; the facts themselves are in the database. */
export interface FactsRecorded {
  readonly factIds: readonly string[];
}

export const scheduledSignal = defineSignal<[FactsRecorded]>('scheduled');
export const rescheduledSignal = defineSignal<[FactsRecorded]>('rescheduled');
export const canceledSignal = defineSignal<[FactsRecorded]>('canceled');
export const showedSignal = defineSignal<[FactsRecorded]>('showed');
export const noShowSignal = defineSignal<[FactsRecorded]>('noShow');
export const requestedSignal = defineSignal<[FactsRecorded]>('requested');
export const rejectedSignal = defineSignal<[FactsRecorded]>('rejected');
export const rescheduleRequestedSignal = defineSignal<[FactsRecorded]>('rescheduleRequested');
export const noShowRevertedSignal = defineSignal<[FactsRecorded]>('noShowReverted');
export const paymentSignal = defineSignal<[FactsRecorded]>('payment');
export const endedSignal = defineSignal<[FactsRecorded]>('ended');
export const attendanceEvidenceSignal = defineSignal<[FactsRecorded]>('attendanceEvidence');
/** A task or an operator decided something about this booking. */
export const decidedSignal = defineSignal<[FactsRecorded]>('decided');
/** Look again, without a fact that says why. */
export const wakeSignal = defineSignal<[{ readonly reason: WakeReason; readonly connection?: string }]>('wake');

/** Signal name for a fact type: what an operator reads in the Web UI. */
export const SIGNAL_OF_FACT: Readonly<Record<FactType, string>> = {
  requested: requestedSignal.name,
  payment_pending: paymentSignal.name,
  paid: paymentSignal.name,
  scheduled: scheduledSignal.name,
  rescheduled: rescheduledSignal.name,
  reschedule_requested: rescheduleRequestedSignal.name,
  canceled: canceledSignal.name,
  rejected: rejectedSignal.name,
  ended: endedSignal.name,
  showed: showedSignal.name,
  no_show: noShowSignal.name,
  no_show_reverted: noShowRevertedSignal.name,
  no_show_suspected: attendanceEvidenceSignal.name,
  host_no_show: attendanceEvidenceSignal.name,
  outcome_decided: decidedSignal.name,
  contact_decided: decidedSignal.name,
  crm_decided: decidedSignal.name,
  hold_decided: decidedSignal.name,
  source_decided: decidedSignal.name,
  conflict_decided: decidedSignal.name,
  crm_reported: decidedSignal.name,
  crm_overruled: decidedSignal.name,
  crm_deleted: decidedSignal.name,
};

/** What the workflow knows about its booking; the database has the rest. */
export interface BookingView {
  readonly status: BookingStatus | null;
  readonly version: number;
  readonly waitingFor: string;
  readonly crm: Readonly<Record<string, string>>;
  /** `telling`, `waiting`, `told` or `refused`; null: nothing that was decided here has to be told to the source. */
  readonly source: string | null;
  readonly openTasks: readonly string[];
}
export const bookingViewQuery = defineQuery<BookingView>('view');

/** How a booking's workflow is started: by whom does not show, so that it does not matter who was first. */
export const bookingStart = (id: string) => ({
  workflowId: bookingWorkflowId(id),
  taskQueue: BOOKINGS_TASK_QUEUE,
  args: [{ bookingId: id }] as [BookingInput],
  staticSummary: `Booking heard from ${sourceOfBooking(id)}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.Source, value: sourceOfBooking(id) }]),
});

/**
 * A person decides about a booking without being asked. Fails with an `ApplicationFailure` of type `DecisionRefused` (it makes
 * no sense now) or `BookingMerged` (another booking lives on), with the sentence that says so.
 */
export const decideBookingUpdate = defineUpdate<{ readonly accepted: true }, [BookingDecision]>('decide');

// ---------------------------------------------------------------- task

export interface TaskInput {
  readonly taskId: string;
  readonly kind: TaskKind;
  /** Null: it is about the connection that `about` names. */
  readonly bookingId: string | null;
  /** Connection, or the field in question. */
  readonly about: string;
  readonly owner: string;
  readonly dueAtMs: number;
  readonly remindAtMs: number;
  readonly escalateTo: readonly string[];
  /** What happens while nobody decides, earliest first; absent: one reminder, then `escalateTo` in even turns. */
  readonly steps?: readonly TaskStep[];
  /** Its owners are told; absent: they are not. */
  readonly tells?: boolean;
}

export const decideUpdate = defineUpdate<{ readonly accepted: true }, [TaskDecision & { readonly by: string }]>(
  'decide',
);
export const reassignUpdate = defineUpdate<
  { readonly owner: string },
  [{ readonly owner: string; readonly by: string }]
>('reassign');
/** Puts the task to rest until then, its due time with it; null wakes it. It wakes by itself. */
export const snoozeUpdate = defineUpdate<
  { readonly dueAtMs: number },
  [{ readonly untilMs: number | null; readonly by: string }]
>('snooze');
/** The booking no longer needs this task. */
export const withdrawSignal = defineSignal<[{ readonly reason: string }]>('withdraw');

export interface TaskView {
  readonly state: 'open' | 'decided' | 'withdrawn';
  readonly owner: string;
  readonly dueAtMs: number;
  /** Null: it does not rest. */
  readonly snoozedUntilMs: number | null;
}
export const taskViewQuery = defineQuery<TaskView>('view');

// ---------------------------------------------------------------- connection

export interface ConnectionInput {
  readonly connection: string;
  /** Absent: a CRM, which bookings wait for. */
  readonly role?: 'source';
}
/** How a connection's workflow is started: by whom does not show, so that it does not matter who was first. */
export const connectionStart = (connection: string, role: ConnectionRole) => ({
  workflowId: connectionWorkflowId(connection),
  taskQueue: BOOKINGS_TASK_QUEUE,
  args: [{ connection, ...(role === 'source' && { role }) }] as [ConnectionInput],
  staticSummary: `Connection ${connection}`,
});

/** Somebody met a connection that does not answer, or refuses our credentials; a booking was parked for it. */
export const parkedSignal = defineSignal<[{ readonly reason: ParkReason }]>('parked');
/** Operators and `doctor`: probe now instead of waiting for the next turn. */
export const probeNowSignal = defineSignal('probeNow');

export interface ConnectionView {
  readonly state: 'up' | 'down';
  readonly sinceMs: number | null;
  readonly probes: number;
}
export const connectionViewQuery = defineQuery<ConnectionView>('view');

// ---------------------------------------------------------------- appointments that are made in a CRM

export interface CrmAppointmentInput {
  readonly connection: string;
  /** The CRM's id of the record. */
  readonly crmId: string;
}
/** The record was made, changed, or a person decided about it: look at it again. */
export const lookAgainSignal = defineSignal('lookAgain');

/** How such an appointment's workflow is started: by whom does not show, so that it does not matter who was first. */
export const crmAppointmentStart = (of: CrmAppointmentInput) => ({
  workflowId: crmAppointmentWorkflowId(of),
  taskQueue: BOOKINGS_TASK_QUEUE,
  args: [{ connection: of.connection, crmId: of.crmId }] as [CrmAppointmentInput],
  staticSummary: `Appointment made in ${of.connection}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.Source, value: of.connection }]),
});

// ---------------------------------------------------------------- undo

export interface UndoInput {
  readonly undoId: string;
}

/** How an undo is started, once its plan is written down; with `ordinal`, again for one record, as a person decided. */
export const undoStart = (undoId: string, ordinal?: number) => ({
  workflowId: ordinal === undefined ? `undo/${undoId}` : `undo/${undoId}/${ordinal}`,
  taskQueue: BOOKINGS_TASK_QUEUE,
  args: [{ undoId }] as [UndoInput],
  staticSummary: 'Takes CRM writes back',
});

// ---------------------------------------------------------------- schedules

/** Workflow types and, with the connection (of the report: `weekly`), ids of the schedules that start them. */
export const SCHEDULED_WORKFLOWS = {
  poll: 'poll',
  checkSubscription: 'subscription',
  checkMapping: 'mapping',
  pollLeads: 'leads',
  readBack: 'read-back',
  weeklyReport: 'report',
} as const;
export type ScheduledWorkflow = keyof typeof SCHEDULED_WORKFLOWS;
/** Id of a schedule; its workflows have the same id with the instant of their start behind it. */
export const scheduleId = (workflow: ScheduledWorkflow, connection: string): string =>
  `${SCHEDULED_WORKFLOWS[workflow]}/${connection}`;

// ---------------------------------------------------------------- search attributes

export const searchAttributes = {
  BookingStatus: defineSearchAttributeKey('BookingStatus', 'KEYWORD'),
  SlotStart: defineSearchAttributeKey('SlotStart', 'DATETIME'),
  NextDeadline: defineSearchAttributeKey('NextDeadline', 'DATETIME'),
  ContactMatch: defineSearchAttributeKey('ContactMatch', 'KEYWORD'),
  CrmState: defineSearchAttributeKey('CrmState', 'KEYWORD_LIST'),
  NeedsHuman: defineSearchAttributeKey('NeedsHuman', 'BOOL'),
  Source: defineSearchAttributeKey('Source', 'KEYWORD'),
  ProviderUids: defineSearchAttributeKey('ProviderUids', 'KEYWORD_LIST'),
} as const;
