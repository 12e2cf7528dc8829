/**
 * closeBooking: marks a settled booking as closed, so that the sweep leaves it alone. A later event opens it again.
 */
import { closeBooking as close } from '../db/bookings';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';

/** False: the booking changed since `version`; the workflow records once more instead of ending. */
export function createCloseBooking(deps: ActivityDeps) {
  return async function closeBooking(input: { bookingId: string; version: number }): Promise<boolean> {
    return close(deps.pool, { id: input.bookingId, version: input.version, nowMs: engineNow() });
  };
}
