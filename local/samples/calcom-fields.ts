/**
 * The groups of fields that Cal.com's webhook bodies are made of; `calcom-body.ts` puts them together per trigger.
 * Invariant: equal options give equal fields, in equal order; nothing is read from a clock.
 */
import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DEFAULT_LENGTH_MS = 30 * MINUTE_MS;
const DEFAULT_ZONE = 'America/Denver';
const DEFAULT_HOST: BodyPerson = { name: 'Hanna Host', email: 'hanna.host@example.com' };

export interface BodyPerson {
  readonly name: string;
  /** Absent: Cal.com invents `<digits>@sms.cal.com` from the phone. */
  readonly email?: string | undefined;
  /** E.164. */
  readonly phone?: string | undefined;
}

/** What a story mentions; the rest is filled in as Cal.com fills it. Instants are epoch ms. */
export interface BookingOptions {
  readonly uid: string;
  readonly startMs: number;
  /** Default: 30 minutes after the start. */
  readonly endMs?: number;
  /** The guest's IANA zone; default America/Denver. */
  readonly zone?: string;
  readonly guest: BodyPerson;
  /** People whom the guest brought along; attendees after the first. */
  readonly broughtAlong?: readonly BodyPerson[];
  readonly host?: BodyPerson;
  readonly title?: string;
  readonly notes?: string;
  /** Extra booking questions: key → answer. */
  readonly answers?: Readonly<Record<string, string>>;
  /** When Cal.com says that it sent this; default: a day before the start. */
  readonly createdAtMs?: number;
  /** Default 0. */
  readonly sequence?: number;
  /** Null: no calendar answered and the field is absent. Default `<uid>@Cal.com`. */
  readonly iCalUid?: string | null;
  /** Set for a seat of a shared slot. */
  readonly seatId?: string;
}

export interface PreviousSlot {
  readonly uid: string;
  readonly startMs: number;
  readonly endMs?: number;
}

/** The address that Cal.com uses for a person: their own, or the one that it invents for a phone-only booker. */
export function addressOf(person: BodyPerson): string {
  return person.email ?? `${(person.phone ?? '').replace(/\D/g, '')}@sms.cal.com`;
}

export function calendarEvent(options: BookingOptions): Record<string, unknown> {
  const title = options.title ?? 'Strategy call';
  const iCalUid = options.iCalUid === undefined ? `${options.uid}@Cal.com` : options.iCalUid;
  return {
    bookerUrl: 'https://cal.example.com',
    title: `${title} between ${hostOf(options).name} and ${options.guest.name}`,
    startTime: plainInstant(options.startMs),
    endTime: plainInstant(endOf(options)),
    additionalNotes: options.notes ?? '',
    type: 'strategy-call',
    description: '',
    eventTypeId: 4711,
    hideOrganizerEmail: false,
    schedulingType: null,
    seatsPerTimeSlot: options.seatId === undefined ? null : 10,
    seatsShowAttendees: true,
    customReplyToEmail: null,
    disableRescheduling: false,
    disableCancelling: false,
    organizer: organizerFields(options),
    attendees: [options.guest, ...(options.broughtAlong ?? [])].map((person) => attendeeFields(person, options)),
    customInputs: {},
    responses: responsesOf(options),
    userFieldsResponses: {},
    location: 'integrations:daily',
    destinationCalendar: null,
    ...(iCalUid === null ? {} : { iCalUID: iCalUid }),
    iCalSequence: options.sequence ?? 0,
    requiresConfirmation: false,
    oneTimePassword: null,
    organizationId: null,
    uid: options.uid,
    eventTitle: title,
    eventDescription: '',
    price: 0,
    currency: 'usd',
    length: (endOf(options) - options.startMs) / MINUTE_MS,
    bookingId: numberFrom(options.uid),
    ...(options.seatId === undefined ? {} : { attendeeSeatId: options.seatId }),
  };
}

function attendeeFields(person: BodyPerson, options: BookingOptions): Record<string, unknown> {
  const [firstName = '', ...rest] = person.name.split(' ');
  return {
    email: addressOf(person),
    name: person.name,
    firstName,
    lastName: rest.join(' '),
    timeZone: zoneOf(options),
    language: { locale: 'en' },
    ...(person.phone === undefined ? {} : { phoneNumber: person.phone }),
    utcOffset: DateTime.fromMillis(options.startMs, { zone: zoneOf(options) }).offset,
  };
}

function organizerFields(options: BookingOptions): Record<string, unknown> {
  const host = hostOf(options);
  return {
    id: 7,
    name: host.name,
    email: addressOf(host),
    username: host.name.toLowerCase().replaceAll(' ', '-'),
    timeZone: DEFAULT_ZONE,
    language: { locale: 'en' },
    timeFormat: 'h:mma',
    utcOffset: DateTime.fromMillis(options.startMs, { zone: DEFAULT_ZONE }).offset,
  };
}

function responsesOf(options: BookingOptions): Record<string, unknown> {
  const answered = (label: string, value: unknown, isHidden = false) =>
    value === undefined ? { label, isHidden } : { label, value, isHidden };
  const extra = Object.entries(options.answers ?? {}).map(([key, value]) => [key, answered(key, value)] as const);
  return {
    name: answered('your_name', options.guest.name),
    email: answered('email_address', addressOf(options.guest)),
    attendeePhoneNumber: answered('phone_number', options.guest.phone, options.guest.phone === undefined),
    location: answered('location', { optionValue: '', value: 'integrations:daily' }),
    title: answered('what_is_this_meeting_about', undefined, true),
    notes: answered('additional_notes', options.notes),
    guests: answered('additional_guests', (options.broughtAlong ?? []).map(addressOf)),
    rescheduleReason: answered('reason_for_reschedule', undefined),
    ...Object.fromEntries(extra),
  };
}

export function paymentFields(options: BookingOptions & { readonly price?: number }): Record<string, unknown> {
  return {
    ...calendarEvent(options),
    startTime: new Date(options.startMs).toISOString(),
    endTime: new Date(endOf(options)).toISOString(),
    price: options.price ?? 5000,
    paymentId: numberFrom(`payment ${options.uid}`),
    status: 'ACCEPTED',
  };
}

export function bookingRow(options: BookingOptions): Record<string, unknown> {
  return {
    id: numberFrom(options.uid),
    uid: options.uid,
    idempotencyKey: hex(`${options.uid} ${options.startMs}`).slice(0, 36),
    userId: 7,
    userPrimaryEmail: addressOf(hostOf(options)),
    eventTypeId: 4711,
    title: options.title ?? 'Strategy call',
    responses: responsesOf(options),
    startTime: new Date(options.startMs).toISOString(),
    endTime: new Date(endOf(options)).toISOString(),
    location: 'integrations:daily',
    createdAt: createdAtOf(options),
    status: 'ACCEPTED',
    paid: false,
    recurringEventId: null,
    iCalUID: options.iCalUid ?? `${options.uid}@Cal.com`,
    iCalSequence: options.sequence ?? 0,
    creationSource: 'WEBAPP',
    user: { email: addressOf(hostOf(options)), name: hostOf(options).name, timeZone: DEFAULT_ZONE },
    attendees: [
      { id: 1, email: addressOf(options.guest), name: options.guest.name, timeZone: zoneOf(options), noShow: false },
    ],
  };
}

export function previousFields(previous: PreviousSlot): Record<string, unknown> {
  return {
    rescheduleId: numberFrom(previous.uid),
    rescheduleUid: previous.uid,
    rescheduleStartTime: plainInstant(previous.startMs),
    rescheduleEndTime: plainInstant(previous.endMs ?? previous.startMs + DEFAULT_LENGTH_MS),
  };
}

export function meetingLink(options: BookingOptions): Record<string, unknown> {
  const url = `https://meet.example.com/${encodeURIComponent(options.uid)}`;
  return {
    videoCallData: { type: 'daily_video', id: options.uid, password: '', url },
    metadata: { videoCallUrl: url },
  };
}

export const endOf = (options: BookingOptions): number => options.endMs ?? options.startMs + DEFAULT_LENGTH_MS;
export const hostOf = (options: BookingOptions): BodyPerson => options.host ?? DEFAULT_HOST;
const zoneOf = (options: BookingOptions): string => options.zone ?? DEFAULT_ZONE;
export const createdAtOf = (options: BookingOptions): string =>
  new Date(options.createdAtMs ?? options.startMs - DAY_MS).toISOString();

/** Most triggers write instants without milliseconds. */
export function plainInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

export const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
export const numberFrom = (text: string): number => Number.parseInt(hex(text).slice(0, 6), 16);
