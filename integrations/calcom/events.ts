/**
 * From a Cal.com delivery to our own events: what each trigger means for one booking.
 * Invariant: pure and never throws. What can't be read says where and what was expected, and never quotes a value.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { assertNever } from '../../domain/assert-never';
import type { SourceFactType } from '../../domain/facts';
import type { ReadDelivery, SourceEvent } from '../ports';
import { isObject, parseBody } from './body';
import { detailsOf } from './details';
import { bookingBody, firstComplaint, headCountBody, meetingBody, noShowBody, otherBodies } from './payload';
import type { CalBooking } from './payload';
import { guestOf, hostOf } from './person';

/** The only payload version that Cal.com has published; another one may mean other things and waits as a dead letter. */
const KNOWN_VERSION = '2021-10-20';
export const VERSION_HEADER = 'x-cal-webhook-version';

const BOOKING_TRIGGERS = {
  BOOKING_CREATED: 'scheduled',
  BOOKING_REQUESTED: 'requested',
  BOOKING_PAYMENT_INITIATED: 'payment_pending',
  BOOKING_PAID: 'paid',
  BOOKING_RESCHEDULED: 'rescheduled',
  BOOKING_CANCELLED: 'canceled',
  BOOKING_REJECTED: 'rejected',
} as const satisfies Readonly<Record<string, SourceFactType>>;

const HEAD_COUNT_TRIGGERS = {
  AFTER_GUESTS_CAL_VIDEO_NO_SHOW: 'no_show_suspected',
  AFTER_HOSTS_CAL_VIDEO_NO_SHOW: 'host_no_show',
} as const satisfies Readonly<Record<string, SourceFactType>>;

type BookingTrigger = keyof typeof BOOKING_TRIGGERS;
type HeadCountTrigger = keyof typeof HEAD_COUNT_TRIGGERS;
type OtherTrigger = keyof typeof otherBodies;
export type CalTrigger =
  BookingTrigger | HeadCountTrigger | OtherTrigger | 'BOOKING_NO_SHOW_UPDATED' | 'MEETING_STARTED' | 'MEETING_ENDED';

/** Every trigger of payload version 2021-10-20. */
export const CAL_TRIGGERS: readonly CalTrigger[] = [
  ...(Object.keys(BOOKING_TRIGGERS) as BookingTrigger[]),
  ...(Object.keys(HEAD_COUNT_TRIGGERS) as HeadCountTrigger[]),
  ...(Object.keys(otherBodies) as OtherTrigger[]),
  'BOOKING_NO_SHOW_UPDATED',
  'MEETING_STARTED',
  'MEETING_ENDED',
];

type Body = Readonly<Record<string, unknown>>;

/** Reads one delivery. `headers` are the kept ones, lower case. */
export function readDelivery(rawBody: Buffer, headers: Readonly<Record<string, string>>): ReadDelivery {
  const parsed = parseBody(rawBody, headers['content-type']);
  if (!parsed.ok) return { kind: 'unreadable', trigger: null, reason: parsed.reason };

  const trigger = parsed.body['triggerEvent'];
  // The name is shown, logged and counted: a body from a custom template could put anything there.
  if (typeof trigger !== 'string' || !/^[A-Za-z0-9_.:-]{1,64}$/.test(trigger)) {
    return { kind: 'unreadable', trigger: null, reason: 'triggerEvent: expected the name of a trigger' };
  }
  const version = headers[VERSION_HEADER];
  if (version !== undefined && version.trim() !== KNOWN_VERSION) {
    return {
      kind: 'unreadable',
      trigger,
      reason: `unknown payload version: expected ${KNOWN_VERSION} in X-Cal-Webhook-Version`,
    };
  }
  return isKnownTrigger(trigger)
    ? interpret(trigger, parsed.body)
    : { kind: 'ignored', trigger, reason: 'unknown trigger' };
}

function isKnownTrigger(trigger: string): trigger is CalTrigger {
  return (CAL_TRIGGERS as readonly string[]).includes(trigger);
}

function interpret(trigger: CalTrigger, body: Body): ReadDelivery {
  switch (trigger) {
    case 'BOOKING_CREATED':
    case 'BOOKING_REQUESTED':
    case 'BOOKING_PAYMENT_INITIATED':
    case 'BOOKING_PAID':
    case 'BOOKING_RESCHEDULED':
    case 'BOOKING_CANCELLED':
    case 'BOOKING_REJECTED':
      return events(trigger, bookingBody.safeParse(body), ({ payload }) => [bookingEvent(trigger, payload)]);
    case 'BOOKING_NO_SHOW_UPDATED':
      return events(trigger, noShowBody.safeParse(body), ({ payload }) => noShowEvents(payload));
    case 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW':
    case 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW':
      return events(trigger, headCountBody.safeParse(body), ({ payload }) => [headCountEvent(trigger, payload)]);
    case 'MEETING_ENDED':
      return events(trigger, parseMeeting(body), ({ payload }) => [endedEvent(payload)]);
    case 'MEETING_STARTED':
      return ignored(trigger, parseMeeting(body), 'the clock says that the meeting began; nobody says who came');
    case 'FORM_SUBMITTED':
    case 'FORM_SUBMITTED_NO_EVENT':
    case 'RECORDING_READY':
    case 'RECORDING_TRANSCRIPTION_GENERATED':
    case 'INSTANT_MEETING':
    case 'OOO_CREATED':
    case 'DELEGATION_CREDENTIAL_ERROR':
    case 'WRONG_ASSIGNMENT_REPORT':
    case 'ROUTING_FORM_FALLBACK_HIT':
      return ignored(trigger, otherBodies[trigger].safeParse(body), 'this trigger does not change a booking');
    default:
      return assertNever(trigger);
  }
}

function parseMeeting(body: Body) {
  return isObject(body['payload']) ? meetingBody.wrapped.safeParse(body) : meetingBody.flat.safeParse(body);
}

function events<T>(
  trigger: CalTrigger,
  parsed: z.ZodSafeParseResult<T>,
  read: (body: T) => SourceEvent[],
): ReadDelivery {
  return parsed.success
    ? { kind: 'events', trigger, events: read(parsed.data) }
    : { kind: 'unreadable', trigger, reason: firstComplaint(parsed.error) };
}

function ignored(trigger: CalTrigger, parsed: z.ZodSafeParseResult<unknown>, reason: string): ReadDelivery {
  return parsed.success
    ? { kind: 'ignored', trigger, reason }
    : { kind: 'unreadable', trigger, reason: firstComplaint(parsed.error) };
}

function bookingEvent(trigger: BookingTrigger, booking: CalBooking): SourceEvent {
  const asksForNewTime = trigger === 'BOOKING_CANCELLED' && booking.requestReschedule === true;
  const type = asksForNewTime ? 'reschedule_requested' : BOOKING_TRIGGERS[trigger];
  const guest = guestOf(booking);
  const host = hostOf(booking);
  return {
    type,
    uid: booking.uid,
    // A host who moves a whole slot with seats keeps its uid: no self-loop.
    ancestry: [],
    seat: null,
    about: null,
    series: false,
    readAtMs: null,
    predecessorUid: booking.rescheduleUid && booking.rescheduleUid !== booking.uid ? booking.rescheduleUid : null,
    iCalUid: booking.iCalUID,
    slot: { startMs: booking.startTime, endMs: booking.endTime, zone: guest?.zone ?? host?.zone ?? 'UTC' },
    sequence: booking.iCalSequence,
    guest,
    host,
    details: detailsOf(booking),
    meaning: meaningOf(trigger, booking.uid, [
      type,
      participantOf(booking),
      statusWord(booking.status),
      String(booking.startTime),
      String(booking.iCalSequence ?? ''),
    ]),
  };
}

/**
 * One event per kind of mark: marks name attendees by e-mail only, and several attendees of one booking are one booking.
 * No guest: an attendee who was brought along must not become the booking's person. Taken-back marks come first, so that
 * of a mixed delivery the no-show is what a person gets to review.
 */
function noShowEvents(update: {
  readonly bookingUid: string;
  readonly attendees: readonly { readonly noShow: boolean }[];
}): SourceEvent[] {
  const marks = new Set(update.attendees.map((attendee) => attendee.noShow));
  const types: readonly SourceFactType[] = [
    ...(marks.has(false) ? (['no_show_reverted'] as const) : []),
    ...(marks.has(true) ? (['no_show'] as const) : []),
  ];
  return types.map((type) => bareEvent(type, update.bookingUid));
}

function headCountEvent(
  trigger: HeadCountTrigger,
  count: { readonly bookingUid: string; readonly startTime: number; readonly hostEmail: string | null },
): SourceEvent {
  const missingHost = trigger === 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW' ? fingerprint(count.hostEmail) : '';
  return {
    ...bareEvent(HEAD_COUNT_TRIGGERS[trigger], count.bookingUid),
    meaning: meaningOf(trigger, count.bookingUid, [missingHost, String(count.startTime)]),
  };
}

/** Its other facts are a snapshot from when it was booked: they must not overwrite what was heard since. */
function endedEvent(row: {
  readonly uid: string;
  readonly startTime: number;
  readonly iCalUID: string | null;
}): SourceEvent {
  return {
    ...bareEvent('ended', row.uid),
    iCalUid: row.iCalUID,
    meaning: meaningOf('MEETING_ENDED', row.uid, [String(row.startTime)]),
  };
}

/** An event that only says that something happened to this uid. */
function bareEvent(type: SourceFactType, uid: string): SourceEvent {
  return {
    type,
    uid,
    predecessorUid: null,
    ancestry: [],
    iCalUid: null,
    seat: null,
    about: null,
    series: false,
    readAtMs: null,
    slot: null,
    sequence: null,
    guest: null,
    host: null,
    details: null,
    meaning: null,
  };
}

/** `createdAt` is no part of it: two subscriptions to one address send bodies that differ in nothing else. */
function meaningOf(trigger: CalTrigger, uid: string, parts: readonly string[]): string {
  return [trigger, encodeURIComponent(uid), ...parts].join('|');
}

/** One uid may be shared by many: the seat tells them apart, else the address, which is not stored in clear. */
function participantOf(booking: CalBooking): string {
  if (booking.attendeeSeatId !== null) return `seat:${encodeURIComponent(booking.attendeeSeatId)}`;
  return `guest:${fingerprint(booking.attendees[0]?.email ?? null)}`;
}

function fingerprint(address: string | null): string {
  if (address === null) return '';
  return createHash('sha256').update(address.trim().toLowerCase()).digest('hex').slice(0, 16);
}

/** A custom template could put anything in `status`; only a status word is fit to be kept in clear. */
function statusWord(status: string | null): string {
  return status !== null && /^[A-Za-z_]{1,32}$/.test(status) ? status.toUpperCase() : '';
}
