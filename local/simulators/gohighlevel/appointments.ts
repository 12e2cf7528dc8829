/**
 * The rules of appointments: calendars and their teams, free slots, what tells the guest.
 * Invariant: without `ignoreFreeSlotValidation` a slot must be in the future, inside the open hours and free; whatever is
 * written without `toNotify: false` sends the guest a message.
 */
import { DateTime } from 'luxon';
import type { Account } from './account';
import { existing, notFound } from './account';
import type { AppointmentFields } from './calendar-bodies';
import { badRequest, slotTaken, unprocessable } from './errors';
import type { CalendarEvent } from './records';
import { nameOf } from './records';
import { calendars, location, openHours } from './seed';
import type { Calendar } from './seed';

const MINUTE_MS = 60_000;

export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  readonly calendarId: string;
  readonly assignedUserId: string;
}

export function calendarsOf(account: Account): readonly Calendar[] {
  return calendars.filter(({ id }) => !account.settings().removedCalendars.includes(id));
}

/** Throws when the calendar does not exist (any more). */
export function calendarOf(account: Account, id: string): Calendar {
  const calendar = calendarsOf(account).find((one) => one.id === id);
  if (calendar === undefined) throw notFound(account, 'Calendar');
  return calendar;
}

/** A live appointment; throws for everything else, blocked slots included. */
export function appointmentOf(account: Account, id: string): CalendarEvent {
  const event = existing(account, account.events, id, 'Appointment');
  if (event.kind !== 'appointment') throw notFound(account, 'Appointment');
  return event;
}

export function userOn(calendar: Calendar, userId: string | undefined): string {
  const chosen = userId ?? calendar.userIds[0] ?? '';
  // Text and status as seen in the wild.
  if (!calendar.userIds.includes(chosen)) throw unprocessable('The user id not part of calendar team.');
  return chosen;
}

/** True when the user has nothing else then; canceled appointments take no time. */
export function isFree(account: Account, slot: Slot, ownId: string | null = null): boolean {
  return account.events
    .live()
    .filter(({ id, status }) => id !== ownId && status !== 'cancelled' && status !== 'invalid')
    .filter(({ assignedUserId }) => assignedUserId === slot.assignedUserId)
    .every(({ startMs, endMs }) => endMs <= slot.startMs || startMs >= slot.endMs);
}

export function isOpen({ startMs, endMs }: Pick<Slot, 'startMs' | 'endMs'>): boolean {
  const start = DateTime.fromMillis(startMs, { zone: location.zone });
  const end = DateTime.fromMillis(endMs, { zone: location.zone });
  const opens = start.startOf('day').set({ hour: openHours.fromHour });
  const closes = start.startOf('day').set({ hour: openHours.toHour });
  return openHours.days.some((day) => day === start.weekday) && start >= opens && end <= closes;
}

function checkSlot(account: Account, slot: Slot, fields: AppointmentFields, ownId: string | null): void {
  if (slot.endMs <= slot.startMs) throw badRequest('The end time must be after the start time.');
  if (fields.ignoreFreeSlotValidation === true) return;
  const isFuture = slot.startMs > account.clock();
  if (!isFuture || !isOpen(slot) || !isFree(account, slot, ownId)) throw slotTaken();
}

const instant = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));

/** Creates an appointment of a contact that exists, on a calendar that exists. */
export function createAppointment(
  account: Account,
  fields: AppointmentFields & { readonly calendarId: string; readonly contactId: string; readonly startTime: string },
  source: CalendarEvent['source'],
): CalendarEvent {
  const calendar = calendarOf(account, fields.calendarId);
  const contact = existing(account, account.contacts, fields.contactId, 'Contact');
  const startMs = Date.parse(fields.startTime);
  const endMs = instant(fields.endTime) ?? startMs + calendar.minutes * MINUTE_MS;
  const slot = { startMs, endMs, calendarId: calendar.id, assignedUserId: userOn(calendar, fields.assignedUserId) };
  checkSlot(account, slot, fields, null);
  const event = account.events.add({
    ...slot,
    kind: 'appointment',
    contactId: contact.id,
    title: fields.title ?? (nameOf(contact) || 'Appointment'),
    status: fields.appointmentStatus ?? 'confirmed',
    address: fields.address ?? null,
    description: fields.description ?? null,
    meetingLocationType: fields.meetingLocationType ?? (fields.address === undefined ? null : 'custom'),
    source,
  });
  told(account, event, fields);
  account.emit({ type: 'AppointmentCreate', event });
  return event;
}

/** A start without an end keeps the length. Slots are checked when time, calendar or user change. */
export function changeAppointment(account: Account, before: CalendarEvent, fields: AppointmentFields): CalendarEvent {
  const calendar = calendarOf(account, fields.calendarId ?? before.calendarId);
  const startMs = instant(fields.startTime) ?? before.startMs;
  const endMs = instant(fields.endTime) ?? startMs + (before.endMs - before.startMs);
  const wantedUser = fields.assignedUserId ?? (fields.calendarId === undefined ? before.assignedUserId : undefined);
  const slot = { startMs, endMs, calendarId: calendar.id, assignedUserId: userOn(calendar, wantedUser) };
  const isSame = (Object.keys(slot) as (keyof Slot)[]).every((key) => slot[key] === before[key]);
  if (!isSame) checkSlot(account, slot, fields, before.id);
  const event = account.events.change(before.id, {
    ...slot,
    title: fields.title ?? before.title,
    status: fields.appointmentStatus ?? before.status,
    address: fields.address ?? before.address,
    description: fields.description ?? before.description,
    meetingLocationType: fields.meetingLocationType ?? before.meetingLocationType,
  });
  told(account, event, fields);
  account.emit({ type: 'AppointmentUpdate', event });
  return event;
}

function told(account: Account, event: CalendarEvent, { toNotify }: AppointmentFields): void {
  if (toNotify !== false) account.effects.note('guest_notified', event.id);
}

export function deleteAppointment(account: Account, event: CalendarEvent): void {
  const deleted = account.events.remove(event.id);
  if (deleted.kind === 'appointment') account.emit({ type: 'AppointmentDelete', event: deleted });
}
