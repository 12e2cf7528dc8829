/**
 * Free slots, and the reservations that keep others from one (`cal-api-version` 2024-09-04).
 * Invariant: as in Cal.com's slots service: a slot that is booked or reserved is refused with 422, and a length that the event type
 * does not have with 400. Facts: cal.com/docs/api-reference/v2/slots.
 */
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod';
import type { SimAnswer } from '../exchange';
import { param, success } from './account';
import type { Account, Call, Operation } from './account';
import { readBody } from './api-bodies';
import { CalcomRefusal, malformed, notFound } from './errors';
import { freeSlots, hasTime, isReserved, type Span } from './free';
import type { Reservation } from './reservations';
import { isoOf } from './rows';
import { eventTypes, owner } from './seed';
import type { EventType } from './seed';

const VERSION = '2024-09-04';
const RESERVED = '/v2/slots/reservations';
const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 5;
const LONGEST_WINDOW_MS = 62 * 24 * 60 * MINUTE_MS;

const queryShape = z.strictObject({
  eventTypeId: z.string().regex(/^\d+$/).transform(Number).optional(),
  eventTypeSlug: z.string().optional(),
  username: z.string().optional(),
  start: z.union([z.iso.date(), z.iso.datetime({ offset: true })]),
  end: z.union([z.iso.date(), z.iso.datetime({ offset: true })]),
  timeZone: z.string().default('UTC'),
  duration: z.string().regex(/^\d+$/).transform(Number).optional(),
  format: z.enum(['range', 'time']).default('time'),
});

const reserveBody = z.strictObject({
  eventTypeId: z.int(),
  slotStart: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  slotDuration: z.int().positive().optional(),
  reservationDuration: z.int().positive().optional(),
});

const of = (parts: Pick<Operation, 'method' | 'template' | 'scope' | 'run'> & Partial<Operation>): Operation => ({
  version: VERSION,
  query: [],
  ...parts,
});

export const slotOperations: readonly Operation[] = [
  // Anybody may ask when a host has time.
  of({ method: 'GET', template: '/v2/slots', scope: null, query: Object.keys(queryShape.shape), run: list }),
  of({ method: 'POST', template: RESERVED, scope: null, run: reserve }),
  of({ method: 'GET', template: `${RESERVED}/{uid}`, scope: null, run: get }),
  of({ method: 'DELETE', template: `${RESERVED}/{uid}`, scope: null, run: release }),
];

function list({ account, request }: Call): SimAnswer {
  const parsed = queryShape.safeParse(Object.fromEntries(request.query));
  if (!parsed.success) throw malformed(parsed.error.issues.map(({ path }) => path.join('.')).join(', '));
  const { eventTypeId, eventTypeSlug, username, start, end, timeZone, duration, format } = parsed.data;
  if (!IANAZone.isValidZone(timeZone)) throw malformed('timeZone is not an IANA zone');
  const type = typeOf(eventTypeId ?? (username === owner.username ? eventTypeSlug : undefined));
  checkLength(type, duration);
  const window = windowOf(start, end);
  const days: Record<string, { start: string; end?: string }[]> = {};
  for (const slot of freeSlots(account, { type, hostId: owner.id, window })) {
    const [startsAt, endsAt] = [slot.startMs, slot.endMs].map((ms) => DateTime.fromMillis(ms, { zone: timeZone }));
    const day = startsAt?.toISODate() ?? '';
    days[day] ??= [];
    days[day].push({ start: startsAt?.toISO() ?? '', ...(format === 'range' && { end: endsAt?.toISO() ?? '' }) });
  }
  return success(days);
}

/** A date alone begins with its first instant, or ends with its last, in UTC. */
function windowOf(start: string, end: string): Span {
  const endMs = /T/.test(end) ? Date.parse(end) : Date.parse(end) + 24 * 60 * MINUTE_MS;
  const startMs = Date.parse(start);
  if (endMs < startMs || endMs - startMs > LONGEST_WINDOW_MS) throw malformed('end is not within reach of start');
  return { startMs, endMs };
}

function typeOf(key: number | string | undefined): EventType {
  const found = eventTypes.find(({ id, slug }) => id === key || slug === key);
  if (found === undefined) throw notFound('Event type');
  return found;
}

function checkLength({ minutes }: EventType, given: number | undefined): void {
  if (given === undefined || given === minutes) return;
  throw malformed('The event type has one length only');
}

function reserve({ account, request }: Call): SimAnswer {
  const body = readBody(reserveBody, request);
  if (body.reservationDuration !== undefined && request.headers.authorization === undefined) {
    throw new CalcomRefusal(401, 'reservationDuration can only be used with credentials', 'no bearer token');
  }
  const type = typeOf(body.eventTypeId);
  if (body.slotDuration !== undefined) throw malformed('slotDuration: the event type has one length only');
  const slot = { startMs: body.slotStart, endMs: body.slotStart + type.minutes * MINUTE_MS };
  if (!hasTime(account, owner.id, slot)) throw unprocessable("Can't reserve a slot if the event is already booked.");
  if (isReserved(account, type.id, slot)) throw unprocessable('This time slot is already reserved.');
  const minutes = body.reservationDuration ?? DEFAULT_MINUTES;
  const untilMs = account.clock() + minutes * MINUTE_MS;
  const reservation = account.reservations.add({ eventTypeId: type.id, ...slot, untilMs });
  return success({ ...shown(reservation), reservationDuration: minutes }, { status: 201 });
}

function get(call: Call): SimAnswer {
  return success(shown(reservationOf(call.account, param(call, 'uid'))));
}

/** Of one that is over already, nothing is left to release. */
function release(call: Call): SimAnswer {
  call.account.reservations.remove(param(call, 'uid'));
  return { status: 200, body: { status: 'success' } };
}

function reservationOf(account: Account, uid: string): Reservation {
  const found = account.reservations.find(uid);
  if (found === null) throw notFound('The reservation');
  return found;
}

function shown({ uid, eventTypeId, startMs, endMs, untilMs }: Reservation): object {
  return {
    reservationUid: uid,
    eventTypeId,
    slotStart: isoOf(startMs),
    slotEnd: isoOf(endMs),
    slotDuration: (endMs - startMs) / MINUTE_MS,
    reservationUntil: isoOf(untilMs),
  };
}

function unprocessable(message: string): CalcomRefusal {
  return new CalcomRefusal(422, message);
}
