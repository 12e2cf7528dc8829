/**
 * Who came, who hosts, who was added: what happens to a booking without moving it.
 * Invariant: marks of guests leave the row's change time alone; hosts, added and removed attendees send no webhook.
 */
import { hostOf, touch } from './account';
import type { Account } from './account';
import type { Attendee, Booking } from './bookings';
import { refused } from './errors';
import { headCountPayload, noShowPayload } from './payloads';
import { attendeesOf } from './book';
import { hosts } from './seed';

export interface Mark {
  readonly email: string;
  readonly absent: boolean;
}

/** Marks attendees and, for `host`, the host, of whom nothing is sent. Throws 400 before the start. */
export function markAbsent(
  account: Account,
  uid: string,
  given: { readonly attendees: readonly Mark[]; readonly host?: boolean | undefined },
): Booking {
  const booking = account.bookings.get(uid);
  if (account.clock() < booking.startMs) {
    throw refused('Bookings can only be marked as absent after their start time');
  }
  const marked = given.attendees.map((mark) => ({ attendee: attendeeOf(booking, mark.email), absent: mark.absent }));
  for (const { attendee, absent } of marked) attendee.absent = absent;
  if (given.host !== undefined) {
    booking.absentHost = given.host;
    touch(account, booking);
  }
  if (marked.length > 0) {
    const payload = noShowPayload(
      booking,
      marked.map(({ attendee }) => attendee),
    );
    account.emit({ trigger: 'BOOKING_NO_SHOW_UPDATED', uid, shape: 'wrapped', payload });
  }
  return booking;
}

/** The video call saw nobody of one side. Only subscriptions that say after how many minutes are told. */
export function headCount(account: Account, uid: string, missing: 'guests' | 'host'): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status !== 'accepted') throw refused(`The booking is ${booking.status}: there is no call.`);
  if (account.clock() < booking.startMs) throw refused('The call has not begun yet.');
  const { generation, headCountMarks } = account.settings();
  account.emit({
    trigger: missing === 'guests' ? 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW' : 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW',
    uid,
    shape: 'wrapped',
    payload: (subscription) => headCountPayload(booking, subscription, { missing, generation }),
  });
  if (!headCountMarks) return booking;
  if (missing === 'guests') for (const attendee of booking.attendees) attendee.absent = true;
  else {
    booking.absentHost = true;
    touch(account, booking);
  }
  return booking;
}

/** Another host takes over. */
export function reassignHost(account: Account, uid: string, hostEmail?: string): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status === 'cancelled' || booking.status === 'rejected') {
    throw refused(`The booking is ${booking.status}: it needs no host.`);
  }
  const current = hostOf(booking);
  const next = hosts.find((host) => (hostEmail === undefined ? host !== current : host.email === hostEmail));
  if (next === undefined) throw refused('There is no such host in this account.');
  booking.hostId = next.id;
  touch(account, booking);
  return booking;
}

/** Somebody is brought along later. */
export function addAttendee(account: Account, uid: string, email: string): Booking {
  const booking = account.bookings.get(uid);
  const [guest] = attendeesOf({ guest: { name: '', email } });
  if (guest === undefined || booking.attendees.some((one) => isSame(one, email))) {
    throw refused('The attendee is there already.');
  }
  booking.attendees.push(account.bookings.attendee(guest));
  touch(account, booking);
  return booking;
}

/** Somebody who was brought along stays away; the one who booked can't be removed. */
export function removeAttendee(account: Account, uid: string, email: string): Booking {
  const booking = account.bookings.get(uid);
  const attendee = attendeeOf(booking, email);
  if (attendee === booking.attendees[0]) throw refused('The attendee who booked stays; cancel the booking instead.');
  booking.attendees = booking.attendees.filter((one) => one !== attendee);
  touch(account, booking);
  return booking;
}

function attendeeOf(booking: Booking, email: string): Attendee {
  const found = booking.attendees.find((one) => isSame(one, email));
  if (found === undefined) throw refused('The booking has no such attendee.');
  return found;
}

const isSame = (attendee: Attendee, email: string): boolean =>
  attendee.email.toLowerCase() === email.trim().toLowerCase();
