/**
 * What the simulated location keeps: contacts, opportunities, calendar events, notes, tasks, custom fields, tags.
 * Invariant: instants are epoch milliseconds; what is not set is null; a deleted record stays, marked.
 */
import { z } from 'zod';

const base = { id: z.string(), createdAtMs: z.number(), updatedAtMs: z.number(), isDeleted: z.boolean() };
const text = z.string().nullable();

/** The contact's fields that are one text each, by their names on the wire. */
export const contactTexts = [
  ...(['firstName', 'lastName', 'name', 'email', 'phone', 'companyName', 'address1', 'city', 'state'] as const),
  ...(['postalCode', 'country', 'website', 'timezone', 'source', 'assignedTo', 'gender', 'dateOfBirth'] as const),
] as const;
export type ContactText = (typeof contactTexts)[number];

const fieldValue = z.object({ id: z.string(), value: z.unknown() });

export const contactRecord = z.object({
  ...base,
  texts: z.record(z.enum(contactTexts), text),
  tags: z.array(z.string()),
  customFields: z.array(fieldValue),
  dnd: z.boolean(),
  dndSettings: z.record(z.string(), z.unknown()).nullable(),
});

export const opportunityStatuses = ['open', 'won', 'lost', 'abandoned'] as const;

export const opportunityRecord = z.object({
  ...base,
  contactId: z.string(),
  pipelineId: z.string(),
  pipelineStageId: z.string(),
  name: z.string(),
  status: z.enum(opportunityStatuses),
  monetaryValue: z.number(),
  assignedTo: text,
  lostReasonId: text,
  customFields: z.array(fieldValue),
  followers: z.array(z.string()),
  stageChangedAtMs: z.number(),
  statusChangedAtMs: z.number(),
});

export const appointmentStatuses = ['new', 'confirmed', 'cancelled', 'showed', 'noshow', 'invalid'] as const;
/** What the newest version adds. */
export const newerStatuses = [...appointmentStatuses, 'completed', 'active'] as const;

export const eventRecord = z.object({
  ...base,
  kind: z.enum(['appointment', 'block']),
  calendarId: z.string(),
  contactId: text,
  title: z.string(),
  status: z.enum(newerStatuses),
  assignedUserId: z.string(),
  address: text,
  description: text,
  meetingLocationType: text,
  startMs: z.number(),
  endMs: z.number(),
  /** Who made it: the API, or a rep in the application. */
  source: z.enum(['third_party', 'calendar_page']),
});

export const noteRecord = z.object({
  ...base,
  /** A contact's or an appointment's id. */
  ownerId: z.string(),
  contactId: text,
  userId: text,
  body: z.string(),
  title: text,
  color: text,
  pinned: z.boolean(),
});

export const taskRecord = z.object({
  ...base,
  contactId: z.string(),
  title: z.string(),
  body: text,
  dueDate: z.string(),
  completed: z.boolean(),
  assignedTo: text,
});

export const fieldRecord = z.object({
  ...base,
  name: z.string(),
  fieldKey: z.string(),
  dataType: z.string(),
  placeholder: text,
  position: z.number(),
  model: z.enum(['contact', 'opportunity']),
});

export const tagRecord = z.object({ ...base, name: z.string() });

export type Contact = z.output<typeof contactRecord>;
export type Opportunity = z.output<typeof opportunityRecord>;
export type CalendarEvent = z.output<typeof eventRecord>;
export type Note = z.output<typeof noteRecord>;
export type Task = z.output<typeof taskRecord>;
export type CustomField = z.output<typeof fieldRecord>;
export type Tag = z.output<typeof tagRecord>;

/** "Dana Sample", from what there is; empty when there is nothing. */
export function nameOf({ texts }: Contact): string {
  const joined = [texts.firstName, texts.lastName].filter((part) => part !== null).join(' ');
  return joined === '' ? (texts.name ?? '') : joined;
}
