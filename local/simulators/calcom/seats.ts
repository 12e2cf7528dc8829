/**
 * Slots that guests share: one uid, one seat each.
 * Invariant: who leaves or moves alone changes nothing for the others, and does not touch the row's change time.
 */
import { eventTypeOf, hostOf, touch } from './account';
import type { Account } from './account';
import type { Attendee, Booking, NewAttendee, NewBooking } from './bookings';
import { cancel } from './cancel';
import { notFound, refused } from './errors';
import { dropMeeting, scheduleMeeting } from './meetings';
import { cancelledPayload, createdPayload, previousTimes, rescheduledPayload } from './payloads';

type SlotInput = Pick<
  NewBooking,
  'eventTypeId' | 'hostId' | 'startMs' | 'endMs' | 'metadata' | 'creationSource' | 'status'
> & { readonly guest: NewAttendee; readonly capacity: number };

export interface Seated {
  readonly booking: Booking;
  readonly seat: Attendee;
}

/** A seat of the slot at this start, or the first seat of a new one. Throws 400 when it is full. */
export function joinSeat(account: Account, input: SlotInput): Seated {
  const { guest, ...slot } = input;
  const seated = takeSeat(account, slot, { ...guest, seat: 'new' });
  const payload = createdPayload(seated.booking, seated.seat);
  account.emit({ trigger: 'BOOKING_CREATED', uid: seated.booking.uid, shape: 'wrapped', payload });
  return seated;
}

/** One guest leaves; the last one takes the booking along. */
export function cancelSeat(
  account: Account,
  uid: string,
  given: { readonly seatUid: string; readonly reason: string },
): Booking {
  const { booking, seat } = find(account, uid, given.seatUid);
  if (booking.status === 'cancelled') throw refused('The booking is cancelled already.');
  if (booking.attendees.length === 1) return cancel(account, uid, { by: 'guest', reason: given.reason });
  booking.attendees = booking.attendees.filter((one) => one !== seat);
  // The row itself is not written: only this webhook has the reason and the sequence.
  const said = { ...booking, cancelledBy: seat.email, cancellationReason: given.reason };
  const shown = { ...said, iCalSequence: booking.iCalSequence + 1 };
  const payload = cancelledPayload(shown, { requestReschedule: false, isSeries: false, about: seat });
  account.emit({ trigger: 'BOOKING_CANCELLED', uid, shape: 'wrapped', payload });
  return booking;
}

/** One guest moves to another slot, which others may share; the seat's id goes along. */
export function moveSeat(
  account: Account,
  uid: string,
  given: { readonly seatUid: string; readonly startMs: number; readonly byEmail?: string | undefined },
): Seated {
  const { booking, seat } = find(account, uid, given.seatUid);
  if (booking.status !== 'accepted') throw refused(`The booking is ${booking.status}: nobody can move in it.`);
  if (given.startMs === booking.startMs) throw refused('The seat is in this slot already.');
  const { eventTypeId, hostId, metadata, creationSource, status } = booking;
  const { id: _id, absent: _absent, seatUid, ...person } = seat;
  const guest = { ...person, seat: { uid: seatUid ?? given.seatUid } };
  const endMs = given.startMs + booking.endMs - booking.startMs;
  const slot = { eventTypeId, hostId, metadata, creationSource, status, startMs: given.startMs, endMs };
  const moved = takeSeat(account, { ...slot, capacity: eventTypeOf(booking).seats ?? 0, fromUid: uid }, guest);
  booking.attendees = booking.attendees.filter((one) => one !== seat);
  if (booking.attendees.length === 0) {
    booking.status = 'cancelled';
    dropMeeting(booking);
    touch(account, booking);
  }
  const by = given.byEmail ?? seat.email;
  const payload = rescheduledPayload(moved.booking, { rescheduleUid: uid }, { about: moved.seat, by });
  account.emit({ trigger: 'BOOKING_RESCHEDULED', uid: moved.booking.uid, shape: 'wrapped', payload });
  return moved;
}

/** The host moves everybody: the uid stays, and names itself as what was replaced. */
export function moveSlot(
  account: Account,
  uid: string,
  given: { readonly startMs: number; readonly byEmail?: string | undefined },
): Booking {
  const booking = account.bookings.get(uid);
  if (eventTypeOf(booking).seats === null) throw refused('Nobody shares this slot; move the booking instead.');
  if (booking.status !== 'accepted') throw refused(`The booking is ${booking.status}: it can't be moved.`);
  const previous = previousTimes(booking);
  const lengthMs = booking.endMs - booking.startMs;
  booking.startMs = given.startMs;
  booking.endMs = given.startMs + lengthMs;
  touch(account, booking);
  scheduleMeeting(booking);
  const by = given.byEmail ?? hostOf(booking).email;
  const payload = rescheduledPayload(booking, { rescheduleUid: uid, ...previous }, { about: null, by });
  account.emit({ trigger: 'BOOKING_RESCHEDULED', uid, shape: 'wrapped', payload });
  return booking;
}

type Slot = Omit<SlotInput, 'guest'> & { readonly fromUid?: string };

function takeSeat(account: Account, slot: Slot, guest: NewAttendee): Seated {
  const { capacity, ...row } = slot;
  const open = account.bookings
    .all()
    .find(
      ({ eventTypeId, startMs, status }) =>
        eventTypeId === slot.eventTypeId && startMs === slot.startMs && status === 'accepted',
    );
  if (open === undefined) {
    const booking = account.bookings.add({ ...row, attendees: [guest] }, account.clock());
    scheduleMeeting(booking);
    return { booking, seat: seatOf(booking.attendees.at(-1)) };
  }
  if (open.attendees.length >= capacity) throw refused('There are not enough seats left in this slot.');
  open.attendees.push(account.bookings.attendee(guest));
  touch(account, open);
  return { booking: open, seat: seatOf(open.attendees.at(-1)) };
}

function seatOf(attendee: Attendee | undefined): Attendee {
  if (attendee === undefined) throw new Error('A taken seat has an attendee.');
  return attendee;
}

function find(account: Account, uid: string, seatUid: string): Seated {
  const booking = account.bookings.get(uid);
  const seat = booking.attendees.find((one) => one.seatUid === seatUid);
  if (seat === undefined) throw notFound('The seat');
  return { booking, seat };
}
