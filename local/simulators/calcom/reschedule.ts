/**
 * New times: a guest or a host moves, a host asks for another time, a guest comes back after a cancellation.
 * Invariant: every move of a slot that nobody shares makes a new row, and cancels the old one without a webhook.
 */
import { eventTypeOf, hostOf, touch } from './account';
import type { Account } from './account';
import type { Attendee, Booking, NewAttendee } from './bookings';
import { refused } from './errors';
import { dropMeeting, scheduleMeeting } from './meetings';
import { cancelledPayload, previousFields, requestedPayload, rescheduledPayload } from './payloads';

export interface MoveInput {
  readonly startMs: number;
  /** Default `guest`. A move by the host needs no confirmation. */
  readonly by?: 'guest' | 'host' | undefined;
  readonly reason?: string | undefined;
  /** Who the row says it was; default: the address of `by`. */
  readonly byEmail?: string | undefined;
  readonly creationSource?: Booking['creationSource'] | undefined;
}

/** Resolves to the new row. Throws 400 for a row that was moved already (and names its successor) or ended. */
export function move(account: Account, uid: string, input: MoveInput): Booking {
  const booking = account.bookings.get(uid);
  assertMovable(account, booking);
  return replace(account, booking, input);
}

/** The host wants another time and leaves the choice to the guest: canceled, with no successor yet. */
export function askToMove(account: Account, uid: string, reason: string): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status !== 'accepted' && booking.status !== 'pending') {
    throw refused(`The booking is ${booking.status}: its guest can't be asked for another time.`);
  }
  booking.cancelledBy = hostOf(booking).email;
  booking.cancellationReason = reason === '' ? 'Please reschedule.' : `Please reschedule. ${reason}`;
  booking.iCalSequence += 1;
  end(account, booking);
  const requestReschedule = account.settings().namesRescheduleRequest ? true : null;
  const payload = cancelledPayload(booking, { requestReschedule, isSeries: false, about: null });
  account.emit({ trigger: 'BOOKING_CANCELLED', uid, shape: 'wrapped', payload });
  return booking;
}

/** The guest of a canceled booking books again from it: canceled was not the end. */
export function rebook(account: Account, uid: string, input: MoveInput): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status !== 'cancelled') throw refused(`The booking is ${booking.status}: move it instead.`);
  const successor = account.bookings.successorOf(uid);
  if (successor !== null) throw refused(`The booking was replaced already: by ${successor.uid}.`);
  if (eventTypeOf(booking).seats !== null) throw refused('A seat is booked anew, not again.');
  return replace(account, booking, input);
}

function assertMovable(account: Account, booking: Booking): void {
  const { uid, status } = booking;
  if (status === 'cancelled' && booking.rescheduled) {
    const successor = account.bookings.successorOf(uid)?.uid ?? 'undefined';
    throw refused(
      `Can't reschedule booking with uid=${uid} because it was cancelled and rescheduled already to booking with uid=${successor}`,
    );
  }
  if (status === 'cancelled' || status === 'rejected') {
    throw refused(`Can't reschedule booking with uid=${uid} because it has been ${status}`);
  }
  if (eventTypeOf(booking).price > 0 && !booking.paid) throw refused('The booking waits for its payment first.');
}

function replace(account: Account, old: Booking, input: MoveInput): Booking {
  const byHost = input.by === 'host';
  const isRequest = eventTypeOf(old).confirms && !byHost;
  const by = input.byEmail ?? (byHost ? hostOf(old).email : (old.attendees[0]?.email ?? null));
  const { calendar } = account.settings();
  const booking = account.bookings.add(
    {
      eventTypeId: old.eventTypeId,
      hostId: old.hostId,
      metadata: old.metadata,
      paid: old.paid,
      creationSource: input.creationSource ?? 'WEBAPP',
      startMs: input.startMs,
      endMs: input.startMs + old.endMs - old.startMs,
      status: isRequest ? 'pending' : 'accepted',
      attendees: old.attendees.map(again),
      fromUid: old.uid,
      recurringUid: old.recurringUid,
      rescheduledBy: by,
      reschedulingReason: input.reason ?? null,
      iCalSequence: old.iCalSequence + 1,
      ...(calendar === 'kept' ? { iCalUid: old.iCalUid } : calendar === 'absent' ? { iCalUid: null } : {}),
    },
    account.clock(),
  );
  if (calendar === 'replaced') booking.iCalUid = `${booking.uid}@calendar.example.com`;
  end(account, old);
  announce(account, booking, { old, isRequest, by });
  return booking;
}

function announce(
  account: Account,
  booking: Booking,
  given: { readonly old: Booking; readonly isRequest: boolean; readonly by: string | null },
): void {
  const { old, isRequest, by } = given;
  const { uid } = booking;
  if (isRequest) {
    const named = account.settings().generation === 'older' ? old : null;
    account.emit({ trigger: 'BOOKING_REQUESTED', uid, shape: 'wrapped', payload: requestedPayload(booking, named) });
    return;
  }
  scheduleMeeting(booking);
  const payload = rescheduledPayload(booking, previousFields(old), { about: null, by });
  account.emit({ trigger: 'BOOKING_RESCHEDULED', uid, shape: 'wrapped', payload });
}

function end(account: Account, booking: Booking): void {
  booking.status = 'cancelled';
  booking.rescheduled = true;
  booking.lie = null;
  dropMeeting(booking);
  touch(account, booking);
}

function again({ name, email, phone, zone, locale, answers }: Attendee): NewAttendee {
  return { name, email, phone, zone, locale, answers, seat: 'none' };
}
