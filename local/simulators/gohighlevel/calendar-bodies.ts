/**
 * What bodies about appointments, blocked slots and their notes may look like, per wire.
 * Invariant: times carry an offset; the statuses `completed` and `active` exist in the newest version only.
 */
import { z } from 'zod';
import { appointmentStatuses, newerStatuses } from './records';

const text = z.string().min(1);
const time = z.iso.datetime({ offset: true, error: 'must be ISO 8601 with an offset' });
const flag = z.boolean().optional();

const shared = {
  title: z.string().optional(),
  meetingLocationType: z.enum(['custom', 'zoom', 'gmeet', 'phone', 'address', 'ms_teams', 'google']).optional(),
  meetingLocationId: z.string().optional(),
  overrideLocationConfig: flag,
  assignedUserId: text.optional(),
  description: z.string().optional(),
  address: z.string().optional(),
  ignoreDateRange: flag,
  toNotify: flag,
  ignoreFreeSlotValidation: flag,
  rrule: z.never({ error: 'recurring appointments are not simulated' }).optional(),
  endTime: time.optional(),
};
const create = { ...shared, calendarId: text, locationId: text, contactId: text, startTime: time };
const update = { ...shared, calendarId: text.optional(), startTime: time.optional() };
const newer = { appointmentStatus: z.enum(newerStatuses).optional() };
const older = { appointmentStatus: z.enum(appointmentStatuses).optional() };

export const appointmentCreateBody = {
  v3: z.strictObject({ ...create, ...newer }),
  dated: z.strictObject({ ...create, ...older }),
};
export const appointmentUpdateBody = {
  v3: z.strictObject({ ...update, ...newer }),
  dated: z.strictObject({ ...update, ...older }),
};

export type AppointmentFields = z.output<typeof appointmentUpdateBody.v3>;

export const blockBody = z.strictObject({
  title: z.string().optional(),
  calendarId: text,
  assignedUserId: text.optional(),
  locationId: text,
  startTime: time,
  endTime: time,
});

export const appointmentNoteBody = z.strictObject({ body: text, userId: text.optional() });

export const emptyBody = z.strictObject({});
