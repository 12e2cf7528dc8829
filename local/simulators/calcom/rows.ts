/**
 * Bookings as API v2 shows them (`cal-api-version` 2024-08-13): plain, recurring, seated.
 * Invariant: what is not set is absent, as in the contract; a cancellation that lies is shown as what was before.
 */
import { eventTypeOf, hostOf } from './account';
import type { Account } from './account';
import { shownRow } from './bookings';
import type { Attendee, Booking } from './bookings';
import { guestsOf, minutesOf, titleOf, videoUrl } from './payload-fields';

export type Row = Readonly<Record<string, unknown>>;

/** `seatUid`: of the seat that the call was about; only its answer names it. */
export function rowOf(account: Account, booking: Booking, seatUid?: string): Row {
  const shown = shownRow(booking, account.clock());
  const isSeated = eventTypeOf(booking).seats !== null;
  return {
    ...commonRow(account, shown),
    ...(isSeated ? seatedPart(shown) : ownPart(shown)),
    ...(seatUid === undefined ? {} : { seatUid }),
    ...(shown.recurringUid === null ? {} : { recurringBookingUid: shown.recurringUid }),
  };
}

function commonRow(account: Account, booking: Booking): Row {
  const { id, slug } = eventTypeOf(booking);
  const host = hostOf(booking);
  const isCancelled = booking.status === 'cancelled';
  const successor = booking.rescheduled && isCancelled ? account.bookings.successorOf(booking.uid) : null;
  const location = videoUrl(booking);
  return set({
    id: booking.id,
    uid: booking.uid,
    title: titleOf(booking),
    description: '',
    hosts: [
      {
        id: host.id,
        name: host.name,
        email: host.email,
        displayEmail: host.email,
        username: host.username,
        timeZone: host.zone,
      },
    ],
    status: booking.status,
    cancellationReason: isCancelled ? booking.cancellationReason : null,
    cancelledByEmail: isCancelled ? booking.cancelledBy : null,
    reschedulingReason: booking.reschedulingReason,
    rescheduledByEmail: successor === null ? booking.rescheduledBy : successor.rescheduledBy,
    rescheduledFromUid: booking.fromUid,
    rescheduledToUid: successor?.uid,
    start: isoOf(booking.startMs),
    end: isoOf(booking.endMs),
    duration: minutesOf(booking),
    eventTypeId: id,
    eventType: { id, slug },
    meetingUrl: location,
    location,
    absentHost: booking.absentHost,
    createdAt: isoOf(booking.createdAtMs),
    updatedAt: isoOf(booking.updatedAtMs),
    metadata: booking.metadata,
    icsUid: booking.iCalUid,
  });
}

function ownPart(booking: Booking): Row {
  const [booker] = booking.attendees;
  const guests = guestsOf(booking);
  return {
    attendees: booking.attendees.map(attendeeRow),
    guests,
    bookingFieldsResponses: booker === undefined ? {} : { email: booker.email, ...answersOf(booker), guests },
  };
}

/** As of now Cal.com leaves the address out of a seat's answers, for privacy. */
function seatedPart(booking: Booking): Row {
  const attendees = booking.attendees.map((attendee) => ({
    ...attendeeRow(attendee),
    seatUid: attendee.seatUid,
    bookingFieldsResponses: answersOf(attendee),
    metadata: {},
  }));
  return { attendees };
}

function answersOf({ name, phone, answers }: Attendee): Row {
  return { name, ...(phone === null ? {} : { attendeePhoneNumber: phone }), ...answers };
}

function attendeeRow({ name, email, zone, locale, absent, phone }: Attendee): Row {
  const displayEmail = displayed(email);
  return set({ name, email, displayEmail, timeZone: zone, language: locale, absent, phoneNumber: phone });
}

/** Without the client id (25 letters and digits) that platforms put into their users' addresses. */
function displayed(email: string): string {
  return email.replace(/\+[a-zA-Z0-9]{25}(?=@)/, '');
}

export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Without what is null or undefined. */
function set(fields: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
