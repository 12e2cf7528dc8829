/**
 * Records as the API shows them.
 * Invariant: what is not set is absent; instants of appointments carry the location's offset, lists of a contact's have none.
 */
import { DateTime } from 'luxon';
import type { Account, Wire } from './account';
import { nameOf } from './records';
import type { CalendarEvent, Contact, Note, Opportunity, Task } from './records';
import { location } from './seed';
import { isoOf, set } from './values';

export type Row = Readonly<Record<string, unknown>>;

export function contactRow(contact: Contact): Row {
  const { texts } = contact;
  const name = nameOf(contact);
  return set({
    ...texts,
    id: contact.id,
    locationId: location.id,
    name: name === '' ? null : name,
    gender: null,
    emailLowerCase: texts.email,
    firstNameLowerCase: texts.firstName?.toLowerCase(),
    lastNameLowerCase: texts.lastName?.toLowerCase(),
    fullNameLowerCase: name === '' ? null : name.toLowerCase(),
    type: 'lead',
    dnd: contact.dnd,
    dndSettings: contact.dndSettings,
    tags: contact.tags,
    customFields: contact.customFields,
    dateAdded: isoOf(contact.createdAtMs),
    dateUpdated: isoOf(contact.updatedAtMs),
  });
}

/** The answer to a creation. Dated versions leave out the whole name. */
export function createdContactRow(contact: Contact, wire: Wire): Row {
  const row = contactRow(contact);
  return wire === 'v3' ? row : Object.fromEntries(Object.entries(row).filter(([field]) => field !== 'name'));
}

export function opportunityRow(account: Account, opportunity: Opportunity): Row {
  const contact = account.contacts.find(opportunity.contactId);
  return set({
    id: opportunity.id,
    name: opportunity.name,
    monetaryValue: opportunity.monetaryValue,
    pipelineId: opportunity.pipelineId,
    pipelineStageId: opportunity.pipelineStageId,
    assignedTo: opportunity.assignedTo,
    status: opportunity.status,
    lostReasonId: opportunity.lostReasonId,
    lastStatusChangeAt: isoOf(opportunity.statusChangedAtMs),
    lastStageChangeAt: isoOf(opportunity.stageChangedAtMs),
    createdAt: isoOf(opportunity.createdAtMs),
    updatedAt: isoOf(opportunity.updatedAtMs),
    contactId: opportunity.contactId,
    locationId: location.id,
    contact: contact === null ? null : contactOf(contact),
    customFields: opportunity.customFields.map(({ id, value }) => ({ id, fieldValue: value })),
  });
}

function contactOf(contact: Contact): Row {
  const { email, phone, companyName } = contact.texts;
  return set({ id: contact.id, name: nameOf(contact), companyName, email, phone, tags: contact.tags });
}

/** ISO 8601 with the location's offset: `2026-11-24T10:00:00-07:00`. */
export function offsetText(ms: number, zone: string = location.zone): string {
  return DateTime.fromMillis(ms, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ssZZ");
}

/** The answer to a write of an appointment. Dated versions leave out when. */
export function writtenAppointmentRow(event: CalendarEvent, wire: Wire): Row {
  return set({
    id: event.id,
    calendarId: event.calendarId,
    locationId: location.id,
    contactId: event.contactId ?? '',
    startTime: offsetText(event.startMs),
    endTime: offsetText(event.endMs),
    title: event.title,
    meetingLocationType: event.meetingLocationType,
    appointmentStatus: event.status,
    assignedUserId: event.assignedUserId,
    address: event.address,
    isRecurring: false,
    ...(wire === 'v3' ? { dateAdded: isoOf(event.createdAtMs), dateUpdated: isoOf(event.updatedAtMs) } : {}),
  });
}

/** An event as reads and lists of the calendar show it. */
export function eventRow(account: Account, event: CalendarEvent, options: { wire: Wire; isList: boolean }): Row {
  const description = options.isList && !account.settings().listsShowNotes ? null : event.description;
  return set({
    id: event.id,
    address: event.address,
    title: event.title,
    calendarId: event.calendarId,
    locationId: location.id,
    contactId: event.contactId ?? '',
    groupId: '',
    appointmentStatus: event.status,
    assignedUserId: event.assignedUserId,
    users: [],
    notes: description,
    description,
    isRecurring: false,
    ...(options.wire === 'v3' ? { deleted: event.isDeleted } : {}),
    startTime: offsetText(event.startMs),
    endTime: offsetText(event.endMs),
    dateAdded: isoOf(event.createdAtMs),
    dateUpdated: isoOf(event.updatedAtMs),
    createdBy: { source: event.source },
  });
}

/** A contact's appointment; its times have no zone, they are the location's wall clock. */
export function contactEventRow(account: Account, event: CalendarEvent): Row {
  const wall = (ms: number): string => DateTime.fromMillis(ms, { zone: location.zone }).toFormat('yyyy-MM-dd HH:mm:ss');
  return set({
    id: event.id,
    calendarId: event.calendarId,
    status: 'booked',
    title: event.title,
    assignedUserId: event.assignedUserId,
    notes: account.settings().listsShowNotes ? event.description : null,
    startTime: wall(event.startMs),
    endTime: wall(event.endMs),
    address: event.address,
    locationId: location.id,
    contactId: event.contactId,
    groupId: '',
    appointmentStatus: event.status,
    users: [],
    dateAdded: wall(event.createdAtMs),
    dateUpdated: wall(event.updatedAtMs),
  });
}

export function contactNoteRow(note: Note): Row {
  const { id, body, userId, contactId, title, color, pinned, createdAtMs } = note;
  return set({ id, body, userId, dateAdded: isoOf(createdAtMs), contactId, title, color, pinned });
}

export function appointmentNoteRow({ id, body, userId, contactId, createdAtMs }: Note): Row {
  return set({ id, body, userId, dateAdded: isoOf(createdAtMs), contactId });
}

export function taskRow({ id, title, body, assignedTo, dueDate, completed, contactId }: Task): Row {
  return set({ id, title, body, assignedTo, dueDate, completed, contactId });
}
