/**
 * The groups of fields that webhook payloads are made of (payload version 2021-10-20).
 * Invariant: every field is one that Cal.com's samples or code have; which trigger has which is `payloads.ts`.
 */
import { DateTime } from 'luxon';
import { eventTypeOf, hostOf } from './account';
import type { Attendee, Booking } from './bookings';

export type Fields = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
export const APP_URL = 'https://app.example.com';

/** Most triggers write instants without milliseconds. */
export const plainInstant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
/** Cancellations write them with an offset. */
export const offsetInstant = (ms: number): string => plainInstant(ms).replace('Z', '+00:00');
export const fullInstant = (ms: number): string => new Date(ms).toISOString();

export const videoUrl = (booking: Booking): string => `${APP_URL}/video/${booking.uid}`;
export const minutesOf = (booking: Booking): number => (booking.endMs - booking.startMs) / MINUTE_MS;

/** The one who booked. */
export const bookerOf = (booking: Booking): Attendee | undefined => booking.attendees[0];

export function titleOf(booking: Booking): string {
  const booker = bookerOf(booking)?.name ?? 'Nobody';
  return `${eventTypeOf(booking).title} between ${hostOf(booking).name} and ${booker}`;
}

const offsetOf = (zone: string, atMs: number): number => DateTime.fromMillis(atMs, { zone }).offset;

export function organizerFields(booking: Booking): Fields {
  const host = hostOf(booking);
  return {
    id: host.id,
    name: host.name,
    email: host.email,
    username: host.username,
    usernameInOrg: host.username,
    timeZone: host.zone,
    language: { locale: 'en' },
    timeFormat: 'h:mma',
    utcOffset: offsetOf(host.zone, booking.startMs),
  };
}

/** As in BOOKING_CREATED, BOOKING_REQUESTED and BOOKING_RESCHEDULED. */
export function attendeeFields(attendee: Attendee, booking: Booking): Fields {
  const [firstName = '', ...rest] = attendee.name.split(' ');
  return {
    email: attendee.email,
    name: attendee.name,
    firstName,
    lastName: rest.join(' '),
    timeZone: attendee.zone,
    language: { locale: attendee.locale },
    ...(attendee.phone === null ? {} : { phoneNumber: attendee.phone }),
    utcOffset: offsetOf(attendee.zone, booking.startMs),
  };
}

/** As in endings and payments: without the parts of the name. */
export function leanAttendee(attendee: Attendee, booking: Booking): Fields {
  const { name, email, zone, phone, locale } = attendee;
  const utcOffset = offsetOf(zone, booking.startMs);
  return { name, email, timeZone: zone, phoneNumber: phone, language: { locale }, utcOffset };
}

/** As the database has them; in MEETING_* and head counts. */
export function attendeeRow(attendee: Attendee, booking: Booking): Fields {
  const { id, email, name, zone, phone, locale, absent } = attendee;
  return { id, email, name, timeZone: zone, phoneNumber: phone, locale, bookingId: booking.id, noShow: absent };
}

const withoutValue = (label: string, isHidden = false): Fields => ({ label, isHidden });
const answered = (label: string, value: unknown, isHidden = false): Fields => ({ label, value, isHidden });
const orUnanswered = (label: string, value: string | null | undefined): Fields =>
  value == null || value === '' ? withoutValue(label) : answered(label, value);

/** What the one who booked filled in, `attendee` where a seat is meant. */
export function responseFields(booking: Booking, attendee: Attendee | undefined = bookerOf(booking)): Fields {
  const { notes, ...answers } = attendee?.answers ?? {};
  const phone = attendee?.phone ?? null;
  const extra = Object.entries(answers).map(([key, value]) => [key, answered(key, value)] as const);
  return {
    name: answered('your_name', attendee?.name ?? ''),
    email: answered('email_address', attendee?.email ?? ''),
    attendeePhoneNumber: phone === null ? withoutValue('phone_number', true) : answered('phone_number', phone),
    location: answered('location', { optionValue: '', value: 'integrations:daily' }),
    title: withoutValue('what_is_this_meeting_about', true),
    notes: orUnanswered('additional_notes', notes),
    guests: answered('additional_guests', guestsOf(booking)),
    rescheduleReason: orUnanswered('reason_for_reschedule', booking.reschedulingReason),
    ...Object.fromEntries(extra),
  };
}

/** Addresses of those whom the booker brought along; seats bring nobody. */
export function guestsOf(booking: Booking): readonly string[] {
  return booking.attendees
    .filter(({ seatUid }) => seatUid === null)
    .slice(1)
    .map(({ email }) => email);
}

/** In almost every payload. */
export function commonFields(booking: Booking): Fields {
  const type = eventTypeOf(booking);
  return {
    title: titleOf(booking),
    type: type.slug,
    description: '',
    additionalNotes: bookerOf(booking)?.answers['notes'] ?? '',
    customInputs: {},
    eventTypeId: type.id,
    organizer: organizerFields(booking),
    location: videoUrl(booking),
    requiresConfirmation: type.confirms,
    uid: booking.uid,
    bookingId: booking.id,
    eventTitle: type.title,
    eventDescription: '',
    price: type.price,
    currency: 'usd',
    length: minutesOf(booking),
  };
}

export function calendarFields(booking: Booking): Fields {
  const { iCalUid, iCalSequence } = booking;
  return iCalUid === null ? { iCalSequence } : { iCalUID: iCalUid, iCalSequence };
}
