/**
 * The operations on one booking: read, create, reschedule, cancel, confirm, decline, mark absent, reassign.
 * Invariant: what the API does is what a person does on the page, by the same actions and with the same webhooks.
 */
import type { SimAnswer } from '../exchange';
import { eventTypeOf, hostOf, param, success } from './account';
import type { Account, Call, Operation } from './account';
import {
  cancelBody,
  createBody,
  declineBody,
  emptyBody,
  markAbsentBody,
  readBody,
  readOptionalBody,
  reassignBody,
  rescheduleBody,
} from './api-bodies';
import { markAbsent, reassignHost } from './attendance';
import { book, confirm, reject } from './book';
import type { Booking } from './bookings';
import { cancel } from './cancel';
import { malformed, notFound, refused } from './errors';
import { hasTime } from './free';
import { move } from './reschedule';
import { rowOf } from './rows';
import { cancelSeat, moveSeat, moveSlot } from './seats';
import { eventTypes, hosts, owner } from './seed';
import type { EventType } from './seed';

const BOOKINGS_VERSION = '2024-08-13';
const common = { version: BOOKINGS_VERSION, query: [] } as const;
const read = { ...common, method: 'GET', scope: 'BOOKING_READ' } as const;
const write = { ...common, method: 'POST', scope: 'BOOKING_WRITE' } as const;

export const bookingOperations: readonly Operation[] = [
  { ...write, template: '/v2/bookings', run: create },
  { ...read, template: '/v2/bookings/by-seat/{seatUid}', run: getBySeat },
  { ...read, template: '/v2/bookings/{bookingUid}', run: get },
  { ...write, template: '/v2/bookings/{bookingUid}/reschedule', run: reschedule },
  { ...write, template: '/v2/bookings/{bookingUid}/cancel', run: cancelOne },
  { ...write, template: '/v2/bookings/{bookingUid}/confirm', run: confirmOne },
  { ...write, template: '/v2/bookings/{bookingUid}/decline', run: decline },
  { ...write, template: '/v2/bookings/{bookingUid}/mark-absent', run: mark },
  { ...write, template: '/v2/bookings/{bookingUid}/reassign', run: reassign },
  { ...write, template: '/v2/bookings/{bookingUid}/reassign/{userId}', run: reassign },
];

const shown = (account: Account, booking: Booking): SimAnswer => success(rowOf(account, booking));

/** The uid of a series stands for all its occurrences. */
function get(call: Call): SimAnswer {
  const { account } = call;
  const uid = param(call, 'bookingUid');
  const series = account.bookings.series(uid);
  if (series.length > 0) return success(series.map((row) => rowOf(account, row)));
  return shown(account, account.bookings.get(uid));
}

function getBySeat(call: Call): SimAnswer {
  const booking = call.account.bookings.findBySeat(param(call, 'seatUid'));
  if (booking === null) throw notFound('The seat');
  return shown(call.account, booking);
}

function create({ account, request }: Call): SimAnswer {
  const body = readBody(createBody, request);
  const type = eventTypeFor(body);
  if (body.start <= account.clock()) throw refused('Attempting to book a meeting in the past.');
  const endMs = body.start + (body.lengthInMinutes ?? type.minutes) * 60_000;
  if (type.seats === null && !hasTime(account, owner.id, { startMs: body.start, endMs })) {
    throw refused('User either already has booking at this time or is not available');
  }
  const { name, timeZone, email, phoneNumber, language } = body.attendee;
  const { notes, ...answers } = body.bookingFieldsResponses ?? {};
  const booked = book(account, {
    eventType: type.slug,
    startMs: body.start,
    minutes: body.lengthInMinutes,
    guest: { name, email, phone: phoneNumber, zone: timeZone, locale: language },
    guests: body.guests,
    notes,
    answers,
    metadata: body.metadata,
    count: body.recurrenceCount,
    creationSource: 'API_V2',
  });
  const rows = booked.bookings.map((row) => rowOf(account, row, booked.seat?.seatUid ?? undefined));
  return success(type.recurring === null ? rows[0] : rows, { status: 201 });
}

function eventTypeFor(body: {
  readonly eventTypeId?: number | undefined;
  readonly eventTypeSlug?: string | undefined;
  readonly username?: string | undefined;
}): EventType {
  const { eventTypeId, eventTypeSlug, username } = body;
  if (eventTypeId === undefined && (eventTypeSlug === undefined || username === undefined)) {
    throw malformed('Either eventTypeId or eventTypeSlug + username is needed');
  }
  const found = eventTypes.find(({ id, slug }) =>
    eventTypeId === undefined ? slug === eventTypeSlug && username === owner.username : id === eventTypeId,
  );
  if (found === undefined) throw notFound('Event type');
  return found;
}

/** Only the host's own address spares an event type that needs it the confirmation. */
function reschedule(call: Call): SimAnswer {
  const { account, request } = call;
  const body = readBody(rescheduleBody, request);
  const uid = param(call, 'bookingUid');
  const booking = account.bookings.get(uid);
  const byEmail = body.rescheduledBy;
  if (body.start <= account.clock()) throw refused('Attempting to book a meeting in the past.');
  if ('seatUid' in body) {
    const seated = moveSeat(account, uid, { seatUid: body.seatUid, startMs: body.start, byEmail });
    return success(rowOf(account, seated.booking, body.seatUid), { status: 201 });
  }
  if (eventTypeOf(booking).seats !== null) {
    return success(rowOf(account, moveSlot(account, uid, { startMs: body.start, byEmail })), { status: 201 });
  }
  const by = byEmail === hostOf(booking).email ? 'host' : 'guest';
  const reason = body.reschedulingReason;
  const moved = move(account, uid, { startMs: body.start, by, byEmail, reason, creationSource: 'API_V2' });
  return success(rowOf(account, moved), { status: 201 });
}

function cancelOne(call: Call): SimAnswer {
  const { account, request } = call;
  const body = readOptionalBody(cancelBody, request);
  const uid = param(call, 'bookingUid');
  const reason = body.cancellationReason ?? '';
  if ('seatUid' in body) {
    cancelSeat(account, uid, { seatUid: body.seatUid, reason });
    return shown(account, account.bookings.get(uid));
  }
  const series = account.bookings.series(uid);
  if (series.length === 0) {
    const scope = body.cancelSubsequentBookings === true ? 'following' : 'one';
    return shown(account, cancel(account, uid, { by: 'host', reason, scope }));
  }
  const next = series.find((row) => row.status !== 'cancelled' && row.startMs >= account.clock());
  if (next === undefined) throw refused("Can't cancel the series because nothing of it is still to come");
  cancel(account, next.uid, { by: 'host', reason, scope: 'all' });
  return success(series.map((row) => rowOf(account, row)));
}

function confirmOne(call: Call): SimAnswer {
  readOptionalBody(emptyBody, call.request);
  return shown(call.account, confirm(call.account, param(call, 'bookingUid')));
}

function decline(call: Call): SimAnswer {
  const { reason } = readBody(declineBody, call.request);
  return shown(call.account, reject(call.account, param(call, 'bookingUid'), reason ?? ''));
}

function mark(call: Call): SimAnswer {
  const { host, attendees } = readBody(markAbsentBody, call.request);
  const uid = param(call, 'bookingUid');
  return shown(call.account, markAbsent(call.account, uid, { host, attendees: attendees ?? [] }));
}

function reassign(call: Call): SimAnswer {
  readOptionalBody(reassignBody, call.request);
  const { userId } = call.params;
  const asked = hosts.find(({ id }) => String(id) === userId);
  if (userId !== undefined && asked === undefined) throw notFound('User');
  const booking = reassignHost(call.account, param(call, 'bookingUid'), asked?.email);
  const { id, name, email } = hostOf(booking);
  return success({ bookingUid: booking.uid, reassignedTo: { id, name, email, displayEmail: email } });
}
