/**
 * decideBooking: what a person decided about a booking becomes a fact.
 * Invariant: the fact and its audit entry are one commit, once for each id, however often the attempt is repeated.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { lockBooking, type BookingRow } from '../db/bookings';
import { withTransaction, type Db } from '../db/pool';
import { addAuditEntry } from '../db/tasks';
import type { Picture } from '../domain/booking';
import { decisionFactOf, whyBookingDecisionIsRefused, type BookingDecision } from '../domain/booking-decisions';
import { bookingWorkflowId } from '../domain/ids';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { addHumanFact } from './human-fact';

export interface DecideBookingInput {
  readonly bookingId: string;
  /** The id that the fact gets. */
  readonly factId: string;
  readonly decision: BookingDecision;
}

/** False: the booking says so already, nothing was stored. Refusals are the same as the workflow's (see `decideBookingUpdate`). */
export function createDecideBooking(deps: ActivityDeps) {
  return async function decideBooking(input: DecideBookingInput): Promise<boolean> {
    const nowMs = engineNow();
    return withTransaction(deps.pool, async (tx) => {
      const booking = await decidable(tx, input.bookingId);
      const { picture } = booking;
      const about = { status: picture.status, slotStartMs: picture.slot?.startMs ?? null };
      const refusal = whyBookingDecisionIsRefused(about, input.decision, nowMs);
      if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, 'DecisionRefused');
      return store(tx, { booking, input, nowMs });
    });
  };
}

async function decidable(tx: Db, bookingId: string): Promise<BookingRow & { readonly picture: Picture }> {
  const booking = await lockBooking(tx, bookingId);
  if (!booking) throw ApplicationFailure.nonRetryable(`Booking ${bookingId} does not exist`, 'DecisionRefused');
  if (booking.mergedInto !== null) {
    const sentence = `Booking ${bookingId} turned out to be ${booking.mergedInto}; decide about that one`;
    throw ApplicationFailure.nonRetryable(sentence, 'BookingMerged');
  }
  const { picture } = booking;
  if (picture === null) throw new Error(`Booking ${bookingId} is being recorded for the first time; it is tried again`);
  return { ...booking, picture };
}

async function store(
  tx: Db,
  from: { booking: BookingRow & { readonly picture: Picture }; input: DecideBookingInput; nowMs: number },
): Promise<boolean> {
  const { booking, input, nowMs } = from;
  const said = decisionFactOf(booking.picture, input.decision);
  if (said === null) return false;
  const added = await addHumanFact(tx, booking, { id: input.factId, ...said, by: 'operator', receivedAtMs: nowMs });
  if (!added.isNew) return true;
  const { decision, startMs, by } = input.decision;
  await addAuditEntry(tx, {
    nowMs,
    actor: by,
    action: `booking.decided.${decision}`,
    subject: bookingWorkflowId(booking.id),
    detail: startMs === null ? {} : { start: new Date(startMs).toISOString() },
  });
  return true;
}
