/**
 * `/calendars`: calendars, free slots, appointments, events, blocked slots.
 * Invariant: everything here is strong; lists leave deleted events out.
 */
import { DateTime, IANAZone } from 'luxon';
import type { SimAnswer } from '../exchange';
import { checkLocation, existing, notFound, operation, param, queryText } from './account';
import type { Call, Operation } from './account';
import {
  appointmentOf,
  calendarOf,
  calendarsOf,
  changeAppointment,
  createAppointment,
  deleteAppointment,
  isFree,
  isOpen,
  userOn,
} from './appointments';
import { queryNumber, readJsonBody, readWireBody } from './bodies';
import { appointmentCreateBody, appointmentUpdateBody, blockBody, emptyBody } from './calendar-bodies';
import { badRequest, malformed } from './errors';
import type { CalendarEvent } from './records';
import { eventRow, offsetText, writtenAppointmentRow } from './rows';
import type { Row } from './rows';
import { location, openHours } from './seed';
import type { Calendar } from './seed';

const READ = 'calendars/events.readonly';
const WRITE = 'calendars/events.write';
const CALENDARS = 'calendars.readonly';
const MINUTE_MS = 60_000;
const LONGEST_RANGE_MS = 31 * 24 * 60 * MINUTE_MS;
const RANGE = { required: ['locationId', 'startTime', 'endTime'], optional: ['userId', 'calendarId', 'groupId'] };

const of = (parts: Parameters<typeof operation>[0]): Operation =>
  operation({ versions: ['v3', '2021-04-15'], malformed: 400, ...parts });

export const calendarOperations: readonly Operation[] = [
  of({
    method: 'GET',
    template: '/calendars',
    scope: CALENDARS,
    run: list,
    query: { required: ['locationId'], optional: ['groupId', 'showDrafted'] },
  }),
  of({ method: 'GET', template: '/calendars/events', scope: READ, query: RANGE, run: events('appointment') }),
  of({ method: 'POST', template: '/calendars/events/appointments', scope: WRITE, run: create }),
  of({ method: 'GET', template: '/calendars/events/appointments/{eventId}', scope: READ, run: getAppointment }),
  of({ method: 'PUT', template: '/calendars/events/appointments/{eventId}', scope: WRITE, run: update }),
  of({ method: 'DELETE', template: '/calendars/events/{eventId}', scope: WRITE, run: remove }),
  of({ method: 'GET', template: '/calendars/blocked-slots', scope: READ, query: RANGE, run: events('block') }),
  of({ method: 'POST', template: '/calendars/events/block-slots', scope: WRITE, run: block }),
  of({ method: 'PUT', template: '/calendars/events/block-slots/{eventId}', scope: WRITE, run: changeBlock }),
  of({ method: 'GET', template: '/calendars/{calendarId}', scope: CALENDARS, run: getCalendar }),
  of({
    method: 'GET',
    template: '/calendars/{calendarId}/free-slots',
    scope: CALENDARS,
    run: freeSlots,
    query: { required: ['startDate', 'endDate'], optional: ['timezone', 'userId', 'userIds'] },
  }),
];

function calendarRow({ id, name, slug, minutes, userIds }: Calendar): Row {
  const hours = [{ openHour: openHours.fromHour, openMinute: 0, closeHour: openHours.toHour, closeMinute: 0 }];
  return {
    id,
    locationId: location.id,
    name,
    slug,
    isActive: true,
    calendarType: 'round_robin',
    slotDuration: minutes,
    slotDurationUnit: 'mins',
    autoConfirm: true,
    teamMembers: userIds.map((userId, index) => ({ userId, priority: 0.5, isPrimary: index === 0 })),
    openHours: openHours.days.map((day) => ({ daysOfTheWeek: [day], hours })),
  };
}

function list(call: Call): SimAnswer {
  checkLocation(queryText(call, 'locationId') ?? '');
  return { status: 200, body: { calendars: calendarsOf(call.account).map(calendarRow) } };
}

function getCalendar(call: Call): SimAnswer {
  return { status: 200, body: { calendar: calendarRow(calendarOf(call.account, param(call, 'calendarId'))) } };
}

function create(call: Call): SimAnswer {
  const { locationId, ...fields } = readWireBody(call, appointmentCreateBody, 400);
  checkLocation(locationId);
  const event = createAppointment(call.account, fields, 'third_party');
  return { status: 200, body: writtenAppointmentRow(event, call.wire) };
}

function update(call: Call): SimAnswer {
  const fields = readWireBody(call, appointmentUpdateBody, 400);
  const before = appointmentOf(call.account, param(call, 'eventId'));
  return { status: 200, body: writtenAppointmentRow(changeAppointment(call.account, before, fields), call.wire) };
}

function getAppointment(call: Call): SimAnswer {
  const { account, wire } = call;
  const isShown = account.settings().deletedEvents === 'shown' && wire === 'v3';
  const event = account.events.findAny(param(call, 'eventId'));
  if (event === null || event.kind !== 'appointment' || (event.isDeleted && !isShown)) {
    throw notFound(account, 'Appointment');
  }
  return { status: 200, body: { event: eventRow(account, event, { wire, isList: false }) } };
}

function remove(call: Call): SimAnswer {
  readJsonBody(call, emptyBody, 400);
  deleteAppointment(call.account, existing(call.account, call.account.events, param(call, 'eventId'), 'Event'));
  return { status: 201, body: { succeeded: true } };
}

/** Times in the query are epoch milliseconds; one of user, calendar and group has to be given. */
function events(kind: CalendarEvent['kind']) {
  return (call: Call): SimAnswer => {
    checkLocation(queryText(call, 'locationId') ?? '');
    const [userId, calendarId, groupId] = ['userId', 'calendarId', 'groupId'].map((name) => queryText(call, name));
    if (!userId && !calendarId && !groupId) throw malformed(['one of userId, calendarId, groupId is required'], 400);
    const fromMs = timeQuery(call, 'startTime');
    const toMs = timeQuery(call, 'endTime');
    const found = call.account.events
      .live()
      .filter((event) => event.kind === kind && event.startMs < toMs && event.endMs > fromMs)
      .filter((event) => !userId || event.assignedUserId === userId)
      .filter((event) => !calendarId || event.calendarId === calendarId)
      .filter(() => !groupId);
    const rows = found.map((event) => eventRow(call.account, event, { wire: call.wire, isList: true }));
    return { status: 200, body: { events: rows } };
  };
}

function timeQuery(call: Call, name: string): number {
  return queryNumber(call, name, { fallback: Number.NaN, min: 1, max: 8.64e15 }, 400);
}

function block(call: Call): SimAnswer {
  const slot = blockFields(call);
  return { status: 201, body: blockRow(call.account.events.add(slot)) };
}

function changeBlock(call: Call): SimAnswer {
  const before = existing(call.account, call.account.events, param(call, 'eventId'), 'Event');
  if (before.kind !== 'block') throw notFound(call.account, 'Event');
  return { status: 201, body: blockRow(call.account.events.change(before.id, blockFields(call))) };
}

function blockFields(call: Call) {
  const given = readJsonBody(call, blockBody, 400);
  checkLocation(given.locationId);
  const calendar = calendarOf(call.account, given.calendarId);
  const [startMs, endMs] = [Date.parse(given.startTime), Date.parse(given.endTime)];
  if (endMs <= startMs) throw badRequest('The end time must be after the start time.');
  return {
    ...({ kind: 'block', calendarId: calendar.id, assignedUserId: userOn(calendar, given.assignedUserId) } as const),
    ...({ startMs, endMs, title: given.title ?? 'Blocked', contactId: null, status: 'confirmed' } as const),
    ...({ address: null, description: null, meetingLocationType: null, source: 'third_party' } as const),
  };
}

function blockRow(event: CalendarEvent): Row {
  const { id, title, startMs, endMs, calendarId, assignedUserId } = event;
  const times = { startTime: offsetText(startMs), endTime: offsetText(endMs) };
  return { id, locationId: location.id, title, ...times, calendarId, assignedUserId };
}

/** Slots by day, in the zone that is asked for; the range is at most 31 days. */
function freeSlots(call: Call): SimAnswer {
  const calendar = calendarOf(call.account, param(call, 'calendarId'));
  const fromMs = timeQuery(call, 'startDate');
  const toMs = timeQuery(call, 'endDate');
  if (toMs - fromMs > LONGEST_RANGE_MS) throw malformed(['the date range is longer than 31 days'], 400);
  const zone = queryText(call, 'timezone') ?? location.zone;
  if (!IANAZone.isValidZone(zone)) throw malformed(['timezone is not a known time zone'], 400);
  const userIds = call.request.query.getAll('userIds');
  const userId = queryText(call, 'userId');
  const wanted = userId === null ? userIds : [...userIds, userId];
  const team = calendar.userIds.filter((id) => wanted.length === 0 || wanted.includes(id));
  const lengthMs = calendar.minutes * MINUTE_MS;
  const days: Record<string, { slots: string[] }> = {};
  const firstMs = Math.ceil(Math.max(fromMs, call.account.clock() + 1) / (30 * MINUTE_MS)) * 30 * MINUTE_MS;
  for (let startMs = firstMs; startMs < toMs; startMs += 30 * MINUTE_MS) {
    const slot = { startMs, endMs: startMs + lengthMs, calendarId: calendar.id };
    if (!isOpen(slot) || !team.some((assignedUserId) => isFree(call.account, { ...slot, assignedUserId }))) continue;
    const day = DateTime.fromMillis(startMs, { zone }).toISODate() ?? '';
    days[day] ??= { slots: [] };
    days[day].slots.push(offsetText(startMs, zone));
  }
  return { status: 200, body: days };
}
