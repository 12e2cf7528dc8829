/**
 * What a person may decide about a booking without being asked, and when it makes no sense.
 * Invariant: the same rule answers the caller, the workflow's validator and the transaction that stores the decision.
 */
import type { BookingStatus, Picture } from './booking';
import type { Decision, FactType, Slot } from './facts';

export const BOOKING_DECISIONS = ['showed', 'no_show', 'canceled', 'rescheduled', 'keep_waiting'] as const;

export interface BookingDecision {
  readonly decision: (typeof BOOKING_DECISIONS)[number];
  /** The new start that was agreed on, epoch ms; only with `rescheduled`. Null: the guest chooses. */
  readonly startMs: number | null;
  /** An opaque operator id: never a name or an address. */
  readonly by: string;
}

/** What the rules look at. */
export interface Decidable {
  readonly status: BookingStatus;
  readonly slotStartMs: number | null;
}

/** Returns null when the decision makes sense for the booking now, else a sentence that says why not and what would. */
export function whyBookingDecisionIsRefused(
  booking: Decidable,
  { decision, startMs, by }: BookingDecision,
  nowMs: number,
): string | null {
  if (!(BOOKING_DECISIONS as readonly string[]).includes(decision)) {
    return `This is no decision about a booking; allowed are ${BOOKING_DECISIONS.join(', ')}`;
  }
  // It becomes part of a workflow's history, so a name or an address typed in its place must not get through.
  if (!/^[\w-]{1,64}$/.test(by)) return '"by" is an opaque id of the operator: letters, digits, _ and - only';
  if (startMs !== null && decision !== 'rescheduled') return `"start" only goes with rescheduled, not with ${decision}`;
  if (decision === 'showed' || decision === 'no_show') return whyTooEarly(booking.slotStartMs, nowMs);
  if (decision === 'keep_waiting' && booking.status !== 'reschedule_requested') {
    return `keep_waiting is for a booking that waits for a new time; this one is ${booking.status}`;
  }
  return startMs === null ? null : whyMoveIsRefused(booking, startMs, nowMs);
}

function whyTooEarly(slotStartMs: number | null, nowMs: number): string | null {
  if (slotStartMs === null) return 'The time of the appointment is not known, so nobody can have come or stayed away';
  if (nowMs >= slotStartMs) return null;
  return `The appointment begins at ${iso(slotStartMs)}; who came can be decided from then on. Before, decide canceled or rescheduled`;
}

function whyMoveIsRefused(booking: Decidable, startMs: number, nowMs: number): string | null {
  if (!Number.isSafeInteger(startMs)) return '"start" is no instant';
  if (startMs <= nowMs) return `The new start ${iso(startMs)} lies in the past; name one that is still to come`;
  if (booking.slotStartMs === null) return 'The time of the appointment is not known, so it can not be moved';
  if (booking.status === 'canceled' || booking.status === 'rejected') {
    return `The booking is ${booking.status}, and a source moves only what takes place: leave "start" out and let the guest book again`;
  }
  return null;
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** The decision as a fact says it. Null: the booking says the same already, and nothing is to be stored. */
export function decisionFactOf(
  picture: Picture,
  { decision, startMs }: BookingDecision,
): { readonly type: FactType; readonly decision: Decision } | null {
  if (decision === 'keep_waiting') return { type: 'hold_decided', decision: { kind: 'hold', action: 'keep_waiting' } };
  if (isSaidAlready(picture, { decision, startMs })) return null;
  const slot = startMs === null || picture.slot === null ? null : movedTo(picture.slot, startMs);
  return { type: 'outcome_decided', decision: { kind: 'outcome', outcome: decision, ...(slot && { slot }) } };
}

function isSaidAlready(picture: Picture, { decision, startMs }: Omit<BookingDecision, 'by'>): boolean {
  if (decision === 'rescheduled') {
    if (startMs !== null && picture.status === 'scheduled' && picture.slot?.startMs === startMs) return true;
    return picture.status === 'reschedule_requested' && (picture.agreedSlot?.startMs ?? null) === startMs;
  }
  if (decision === 'canceled') return picture.status === 'canceled';
  return picture.outcome?.sureness === 'decided' && picture.outcome.value === decision;
}

/** As long as before, in the guest's zone as before. */
function movedTo(slot: Slot, startMs: number): Slot {
  return { startMs, endMs: startMs + (slot.endMs - slot.startMs), zone: slot.zone };
}
