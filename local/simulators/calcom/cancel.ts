/**
 * Cancellations: of one booking, of a series, of its rest.
 * Invariant: one webhook, for the row that was acted on, however many rows end; it leaves before the database knows.
 */
import { hostOf, touch } from './account';
import type { Account } from './account';
import type { Booking } from './bookings';
import { refused } from './errors';
import { dropMeeting } from './meetings';
import { cancelledPayload } from './payloads';

export interface CancelInput {
  /** Default `guest`. */
  readonly by?: 'guest' | 'host' | undefined;
  readonly reason?: string | undefined;
  /** Of a series: this occurrence (default), it and those that follow, or all that are still to come. */
  readonly scope?: 'one' | 'following' | 'all' | undefined;
}

/** The row that was acted on. Throws 400 for a row that ended already. */
export function cancel(account: Account, uid: string, input: CancelInput): Booking {
  const booking = account.bookings.get(uid);
  const { status } = booking;
  if (status === 'cancelled' || status === 'rejected') {
    throw refused(`Can't cancel booking with uid=${uid} because it has been ${status} already`);
  }
  const by = input.by === 'host' ? hostOf(booking).email : (booking.attendees[0]?.email ?? null);
  for (const row of affected(account, booking, input.scope ?? 'one')) end(account, row, { by, reason: input.reason });
  // Only a series that is canceled as a whole is marked as one.
  const isSeries = input.scope === 'all';
  const payload = cancelledPayload(booking, { requestReschedule: false, isSeries, about: null });
  account.emit({ trigger: 'BOOKING_CANCELLED', uid, shape: 'wrapped', payload });
  return booking;
}

function affected(account: Account, booking: Booking, scope: 'one' | 'following' | 'all'): readonly Booking[] {
  if (booking.recurringUid === null || scope === 'one') return [booking];
  const fromMs = scope === 'all' ? account.clock() : booking.startMs;
  return account.bookings
    .series(booking.recurringUid)
    .filter((row) => row === booking || (row.startMs >= fromMs && isOpen(row)));
}

const isOpen = ({ status }: Booking): boolean => status === 'accepted' || status === 'pending';

function end(
  account: Account,
  row: Booking,
  given: { readonly by: string | null; readonly reason: string | undefined },
): void {
  const { lieAfterCancelMs } = account.settings();
  const { status, updatedAtMs } = row;
  row.status = 'cancelled';
  row.cancelledBy = given.by;
  row.cancellationReason = given.reason ?? '';
  row.iCalSequence += 1;
  dropMeeting(row);
  touch(account, row);
  if (lieAfterCancelMs === 0) return;
  row.lie = { untilMs: account.clock() + lieAfterCancelMs, status, updatedAtMs };
  // The database is written when the lie ends, and that is what its change time says.
  row.updatedAtMs = row.lie.untilMs;
}
