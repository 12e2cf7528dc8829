/**
 * Human tasks: their kinds and the decisions that each kind allows.
 * Invariant: a decision outside its kind's list never reaches a booking.
 */
import { appointmentSubjectOf } from './crm-appointment';

export const TASK_DECISIONS = {
  match_contact: ['use_contact', 'create_contact', 'no_contact'],
  no_show_review: ['showed', 'no_show', 'canceled', 'rescheduled'],
  crm_refused: ['retry', 'skip'],
  stale_reschedule: ['keep_waiting', 'canceled'],
  source_refused: ['retry', 'skip'],
  conflict: ['keep_booking', 'keep_crm'],
  message_unknown: ['was_sent', 'send_again', 'leave'],
  /** About a connection, not about a booking. */
  reauthorize: ['reconnected'],
} as const;

/** Of a conflict about an appointment that a person made in a CRM, and that no booking has. */
const NEW_APPOINTMENT_DECISIONS = ['try_again', 'keep_crm_only'] as const;

export type TaskKind = keyof typeof TASK_DECISIONS;
export const TASK_KINDS = Object.keys(TASK_DECISIONS) as readonly TaskKind[];

/** What may be decided about this task. */
export function decisionsOf({ kind, about }: { readonly kind: TaskKind; readonly about: string }): readonly string[] {
  return kind === 'conflict' && appointmentSubjectOf(about) !== null ? NEW_APPOINTMENT_DECISIONS : TASK_DECISIONS[kind];
}

export type TaskState = 'open' | 'decided' | 'withdrawn';

/** A decision as an operator sends it. `personId` is the CRM's contact id and only goes with `use_contact`. */
export interface TaskDecision {
  readonly decision: string;
  readonly personId?: string | undefined;
}

/** Returns null when the decision is allowed, else a sentence that says what is. */
export function whyDecisionIsRefused(kind: TaskKind, decision: TaskDecision, about = ''): string | null {
  const allowed = decisionsOf({ kind, about });
  if (!allowed.includes(decision.decision)) {
    return `"${decision.decision}" is not a decision of a ${kind} task; allowed are ${allowed.join(', ')}`;
  }
  if (decision.decision === 'use_contact' && !decision.personId) {
    return 'use_contact needs "personId", the CRM id of the contact to use';
  }
  // It becomes part of a workflow's history, so a name or an address typed in its place must not get through.
  if (decision.personId !== undefined && !/^[\w-]{1,64}$/.test(decision.personId)) {
    return '"personId" is the id that the CRM itself gave the contact: letters, digits, _ and - only';
  }
  if (decision.decision !== 'use_contact' && decision.personId !== undefined) {
    return `"personId" only goes with use_contact, not with ${decision.decision}`;
  }
  return null;
}
