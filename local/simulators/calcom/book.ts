/**
 * Booking, paying, confirming, declining.
 * Invariant: an event type decides what a new booking waits for: the payment first, then the host.
 */
import { DateTime } from 'luxon';
import { eventTypeOf, touch } from './account';
import type { Account } from './account';
import type { Attendee, Booking, NewAttendee } from './bookings';
import { malformed, refused } from './errors';
import { scheduleMeeting } from './meetings';
import { createdPayload, paymentPayload, rejectedPayload, requestedPayload } from './payloads';
import { uuid } from './random';
import { joinSeat } from './seats';
import { eventTypes, hosts, owner } from './seed';
import type { EventType, EventTypeSlug } from './seed';

export interface Guest {
  readonly name: string;
  /** Absent: a phone-only booker, for whom Cal.com invents an address. */
  readonly email?: string | undefined;
  /** E.164. */
  readonly phone?: string | undefined;
  /** IANA zone; default America/Denver. */
  readonly zone?: string | undefined;
  readonly locale?: string | undefined;
}

export interface BookInput {
  /** Default `plain`. */
  readonly eventType?: EventTypeSlug | undefined;
  /** Epoch ms. */
  readonly startMs: number;
  /** Default: the event type's. */
  readonly minutes?: number | undefined;
  readonly guest: Guest;
  /** Addresses of those whom the guest brings along. */
  readonly guests?: readonly string[] | undefined;
  readonly notes?: string | undefined;
  /** Booking question → answer. */
  readonly answers?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Default: the owner of the event types. */
  readonly hostEmail?: string | undefined;
  /** Occurrences of a series; default 4. */
  readonly count?: number | undefined;
  /** Default WEBAPP. */
  readonly creationSource?: Booking['creationSource'] | undefined;
}

/** The rows, and the seat where the slot is shared. */
export interface Booked {
  readonly bookings: readonly Booking[];
  readonly seat: Attendee | null;
}

const MINUTE_MS = 60_000;
const DEFAULT_ZONE = 'America/Denver';

/** One row; for a series one per occurrence, by start. Throws for a guest without e-mail and phone, and for a full slot. */
export function book(account: Account, input: BookInput): Booked {
  const type = eventTypes.find(({ slug }) => slug === (input.eventType ?? 'plain')) ?? eventTypes[0];
  if (type === undefined) throw new Error('The account has no event types.');
  const endMs = input.startMs + (input.minutes ?? type.minutes) * MINUTE_MS;
  const attendees = attendeesOf(input);
  const common = {
    eventTypeId: type.id,
    hostId: hostIdOf(input.hostEmail),
    metadata: input.metadata ?? {},
    creationSource: input.creationSource ?? ('WEBAPP' as const),
    status: type.confirms || type.price > 0 ? ('pending' as const) : ('accepted' as const),
  };
  const [guest] = attendees;
  if (type.seats !== null && guest !== undefined) {
    const joined = joinSeat(account, { ...common, startMs: input.startMs, endMs, guest, capacity: type.seats });
    return { bookings: [joined.booking], seat: joined.seat };
  }
  const zone = input.guest.zone ?? DEFAULT_ZONE;
  const slots = slotsOf(type, { startMs: input.startMs, endMs, zone, count: input.count });
  const recurringUid = type.recurring === null ? null : uuid(`series ${account.bookings.nextId()}`);
  const rows = slots.map((slot) =>
    account.bookings.add({ ...common, ...slot, attendees, recurringUid }, account.clock()),
  );
  rows.forEach((row) => announce(account, row));
  return { bookings: rows, seat: null };
}

/** The guest pays what was booked; then it stands, or the host is asked. */
export function pay(account: Account, uid: string): Booking {
  const booking = account.bookings.get(uid);
  if (eventTypeOf(booking).price === 0) throw refused('The booking costs nothing.');
  if (booking.paid || booking.status !== 'pending') throw refused('No payment is open for the booking.');
  booking.paid = true;
  touch(account, booking);
  account.emit({ trigger: 'BOOKING_PAID', uid, shape: 'wrapped', payload: paymentPayload(booking, true) });
  if (eventTypeOf(booking).confirms) announce(account, booking);
  else accept(account, [booking], booking);
  return booking;
}

/** The host says yes. Of a series, every occurrence that waits is confirmed, and one event says so. */
export function confirm(account: Account, uid: string): Booking {
  const booking = waitingForHost(account, uid);
  accept(account, occurrencesWaiting(account, booking), booking);
  return booking;
}

/** The host says no; of a series to all that wait, with one event. */
export function reject(account: Account, uid: string, reason: string): Booking {
  const booking = waitingForHost(account, uid);
  for (const row of occurrencesWaiting(account, booking)) {
    row.status = 'rejected';
    row.rejectionReason = reason;
    touch(account, row);
  }
  account.emit({ trigger: 'BOOKING_REJECTED', uid, shape: 'wrapped', payload: rejectedPayload(booking) });
  return booking;
}

export function attendeesOf(input: Pick<BookInput, 'guest' | 'guests' | 'notes' | 'answers'>): NewAttendee[] {
  const { guest } = input;
  const zone = guest.zone ?? DEFAULT_ZONE;
  if (!DateTime.local({ zone }).isValid) throw malformed('attendee.timeZone is not an IANA zone');
  const email = guest.email ?? inventedAddress(guest.phone);
  const shared = { zone, locale: guest.locale ?? 'en', seat: 'none' as const };
  const notes = input.notes === undefined || input.notes === '' ? {} : { notes: input.notes };
  return [
    { ...shared, name: guest.name, email, phone: guest.phone ?? null, answers: { ...input.answers, ...notes } },
    ...(input.guests ?? []).map((address) => ({ ...shared, name: '', email: address, phone: null, answers: {} })),
  ];
}

function inventedAddress(phone: string | undefined): string {
  const digits = (phone ?? '').replace(/\D/g, '');
  if (digits === '') throw malformed('attendee needs an email or a phoneNumber');
  return `${digits}@sms.cal.com`;
}

function hostIdOf(email: string | undefined): number {
  if (email === undefined) return owner.id;
  const host = hosts.find((one) => one.email === email);
  if (host === undefined)
    throw refused(`There is no such host; there are: ${hosts.map((one) => one.email).join(', ')}.`);
  return host.id;
}

/** Occurrences are at the same time of day in the guest's zone. */
function slotsOf(
  { recurring }: EventType,
  first: {
    readonly startMs: number;
    readonly endMs: number;
    readonly zone: string;
    readonly count: number | undefined;
  },
): readonly { readonly startMs: number; readonly endMs: number }[] {
  if (recurring === null) return [{ startMs: first.startMs, endMs: first.endMs }];
  const start = DateTime.fromMillis(first.startMs, { zone: first.zone });
  return Array.from({ length: first.count ?? recurring.count }, (_, week) => {
    const startMs = start.plus({ weeks: week }).toMillis();
    return { startMs, endMs: startMs + first.endMs - first.startMs };
  });
}

/** Says what a new or just paid row waits for. */
function announce(account: Account, booking: Booking): void {
  const { uid } = booking;
  const { price, confirms } = eventTypeOf(booking);
  if (price > 0 && !booking.paid) {
    const payload = paymentPayload(booking, false);
    account.emit({ trigger: 'BOOKING_PAYMENT_INITIATED', uid, shape: 'wrapped', payload });
  } else if (confirms) {
    account.emit({ trigger: 'BOOKING_REQUESTED', uid, shape: 'wrapped', payload: requestedPayload(booking, null) });
  } else {
    scheduleMeeting(booking);
    account.emit({ trigger: 'BOOKING_CREATED', uid, shape: 'wrapped', payload: createdPayload(booking) });
  }
}

/** A confirmed reschedule looks like any other confirmation: without the fields of a reschedule. */
function accept(account: Account, rows: readonly Booking[], named: Booking): void {
  for (const row of rows) {
    row.status = 'accepted';
    touch(account, row);
    scheduleMeeting(row);
  }
  const payload = createdPayload(named);
  account.emit({ trigger: 'BOOKING_CREATED', uid: named.uid, shape: 'wrapped', payload });
}

function waitingForHost(account: Account, uid: string): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status !== 'pending') throw refused(`The booking is ${booking.status}: it does not wait for the host.`);
  if (eventTypeOf(booking).price > 0 && !booking.paid) throw refused('The booking waits for its payment first.');
  return booking;
}

function occurrencesWaiting(account: Account, booking: Booking): readonly Booking[] {
  if (booking.recurringUid === null) return [booking];
  return account.bookings.series(booking.recurringUid).filter(({ status }) => status === 'pending');
}
