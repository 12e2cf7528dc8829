/**
 * A person decides about a booking without being asked: what the JSON API and the console do with it.
 * Invariant: the booking's workflow decides what makes sense; the answer is the booking as it is afterwards.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { findBookingById, type BookingDetail } from '../../db/booking-view';
import type { BookingDecision } from '../../domain/booking-decisions';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';

/** How long an answer waits for the booking to take in what was decided; later it only shows it as pending. */
const RECORDED_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 50;

/** Throws `HttpError`: 422 it makes no sense now, 409 another booking lives on, 503 it may or may not have been taken. */
export async function decideBooking(
  deps: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>,
  booking: BookingDetail,
  decision: BookingDecision,
): Promise<BookingDetail> {
  const result = await deps.engine.decideBooking(booking, decision);
  switch (result.kind) {
    case 'accepted':
      return recorded(deps, booking);
    case 'refused':
      throw new HttpError({ status: 422, code: 'decision_refused', message: `${result.reason}.` });
    case 'merged':
      throw new HttpError({ status: 409, code: 'booking_merged', message: `${result.reason}.` });
    case 'unconfirmed':
      throw new HttpError({
        status: 503,
        code: 'decision_not_confirmed',
        message: `The decision could not be confirmed: ${result.reason}. It is safe to send the same decision again.`,
        headers: { 'retry-after': '5' },
      });
  }
}

/** The decision is stored; the workflow takes it in a moment later. */
async function recorded(deps: Pick<ApiDeps, 'db' | 'nowMs'>, booking: BookingDetail): Promise<BookingDetail> {
  const untilMs = performance.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const now = (await findBookingById(deps.db, { id: booking.id, nowMs: deps.nowMs() })) ?? booking;
    const isTakenIn = now.timeline.every((entry) => entry.outcome !== 'pending');
    if (isTakenIn || performance.now() >= untilMs) return now;
    await delay(LOOK_EVERY_MS);
  }
}
