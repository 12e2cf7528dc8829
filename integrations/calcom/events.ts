/**
 * From a Cal.com delivery to our own events: what each trigger means for one booking.
 * Invariant: pure and never throws. What can't be read says where and what was expected, and never quotes a value.
 */
import type { z } from 'zod';
import { assertNever } from '../../domain/assert-never';
import type { SourceFactType } from '../../domain/facts';
import { firstComplaint } from '../complaints';
import { isObject } from '../json-body';
import { READ_HEADERS, type ReadDelivery, type SourceEvent } from '../ports';
import { readBody, READ_TRIGGER } from './api-row';
import { bareEvent } from './bare-event';
import { parseBody } from './body';
import { BOOKING_TRIGGERS, bookingEvents, type BookingTrigger } from './booking-events';
import { fingerprint, meaningOf } from './meaning';
import { bookingBody, headCountBody, meetingBody, noShowBody, otherBodies } from './payload';
import { markedPerson } from './person';
import { readEvents } from './read-events';

/** The only payload version that Cal.com has published; another one may mean other things and waits as a dead letter. */
export const KNOWN_VERSION = '2021-10-20';
export const VERSION_HEADER = 'x-cal-webhook-version';

const HEAD_COUNT_TRIGGERS = {
  AFTER_GUESTS_CAL_VIDEO_NO_SHOW: 'no_show_suspected',
  AFTER_HOSTS_CAL_VIDEO_NO_SHOW: 'host_no_show',
} as const satisfies Readonly<Record<string, SourceFactType>>;

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

/** Those that become events: what a subscription has to send. */
export const TRIGGERS_READ: readonly CalTrigger[] = CAL_TRIGGERS.filter(
  (trigger) => trigger !== 'MEETING_STARTED' && !Object.hasOwn(otherBodies, trigger),
);

type Body = Readonly<Record<string, unknown>>;

/** Reads one delivery. `headers` are the kept ones, lower case; with `READ_HEADERS` it is one that was made here from a read. */
export function readDelivery(rawBody: Buffer, headers: Readonly<Record<string, string>>): ReadDelivery {
  const parsed = parseBody(rawBody, headers['content-type']);
  if (!parsed.ok) return { kind: 'unreadable', trigger: null, reason: parsed.reason };

  const trigger = parsed.body['triggerEvent'];
  // The name is shown, logged and counted: a body from a custom template could put anything there.
  if (typeof trigger !== 'string' || !/^[A-Za-z0-9_.:-]{1,64}$/.test(trigger)) {
    return { kind: 'unreadable', trigger: null, reason: 'triggerEvent: expected the name of a trigger' };
  }
  if (isRead(headers)) return interpretRead(trigger, parsed.body);
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

/** Only this service stores deliveries with these headers: they are not among those that are kept of a webhook. */
function isRead(headers: Readonly<Record<string, string>>): boolean {
  return Object.entries(READ_HEADERS).every(([name, value]) => headers[name] === value);
}

function interpretRead(trigger: string, body: Body): ReadDelivery {
  if (trigger !== READ_TRIGGER) {
    return { kind: 'unreadable', trigger, reason: `triggerEvent: expected ${READ_TRIGGER} in a read of the API` };
  }
  return events(trigger, readBody.safeParse(body), ({ payload, readAt }) => readEvents(payload, readAt));
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
      return events(trigger, bookingBody.safeParse(body), ({ payload }) => bookingEvents(trigger, payload));
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

function events<T>(trigger: string, parsed: z.ZodSafeParseResult<T>, read: (body: T) => SourceEvent[]): ReadDelivery {
  return parsed.success
    ? { kind: 'events', trigger, events: read(parsed.data) }
    : { kind: 'unreadable', trigger, reason: firstComplaint(parsed.error) };
}

function ignored(trigger: CalTrigger, parsed: z.ZodSafeParseResult<unknown>, reason: string): ReadDelivery {
  return parsed.success
    ? { kind: 'ignored', trigger, reason }
    : { kind: 'unreadable', trigger, reason: firstComplaint(parsed.error) };
}

/**
 * One event per attendee who is marked. No guest: an attendee who was brought along must not become the booking's person.
 * Taken-back marks come first, so that of a mixed delivery the no-show is what a person gets to review. Marks have no meaning
 * of their own: on, off and on again is a life, and its first and third event are equal.
 */
function noShowEvents(update: {
  readonly bookingUid: string;
  readonly attendees: readonly { readonly noShow: boolean; readonly email: string | null }[];
}): SourceEvent[] {
  const marks = (type: 'no_show' | 'no_show_reverted', noShow: boolean): SourceEvent[] => {
    const marked = update.attendees.filter((attendee) => attendee.noShow === noShow);
    const distinct = new Map(marked.map(({ email }) => [email?.trim().toLowerCase() ?? null, email]));
    return [...distinct.values()].map((email) => ({
      ...bareEvent(type, update.bookingUid),
      about: markedPerson(email),
    }));
  };
  return [...marks('no_show_reverted', false), ...marks('no_show', true)];
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
