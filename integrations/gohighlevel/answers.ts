/**
 * What HighLevel's answers must hold for us: only the parts that we read, everything else is let through.
 * Invariant: looser than the vendor's contract, so that an addition on their side never stops a booking.
 */
import { z } from 'zod';

const id = z.string().min(1);
const text = z.string().nullish();

export const contactSchema = z.object({
  id,
  locationId: text,
  email: text,
  phone: text,
  firstName: text,
  lastName: text,
  /** Searches may leave the names as typed out. */
  firstNameLowerCase: text,
  lastNameLowerCase: text,
  companyName: text,
  /** ISO 8601. */
  dateAdded: text,
  deleted: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  /** Values may be text, numbers, lists or records. */
  customFields: z.array(z.object({ id, value: z.unknown() })).nullish(),
});
export type GohighlevelContact = z.infer<typeof contactSchema>;

export const contactAnswer = z.object({ contact: contactSchema });
/** Nobody: null, or nothing at all. The contract has no schema for it. */
export const duplicateAnswer = z.object({ contact: contactSchema.nullish() });
export const contactSearchAnswer = z.object({ contacts: z.array(contactSchema) });
export const upsertAnswer = z.object({ new: z.boolean().nullish(), contact: contactSchema });
/** Answer of a create: only the id matters, and demanding more would turn a success into an unknown outcome. */
export const createdContactAnswer = z.object({ contact: z.object({ id }) });
export const changedContactAnswer = z.object({ contact: contactSchema.nullish() });

export const contactAppointmentsAnswer = z.object({ events: z.array(z.object({ id })) });
/** ISO 8601 with an offset; the contract types it as an object. */
const instant = z.union([z.string(), z.number()]).nullish().catch(null);
const appointmentSchema = z.object({
  id,
  startTime: instant,
  endTime: instant,
  dateAdded: instant,
  appointmentStatus: text,
  title: text,
  description: text,
  contactId: text,
  calendarId: text,
  assignedUserId: text,
  deleted: z.boolean().nullish(),
});
export type GohighlevelAppointment = z.infer<typeof appointmentSchema>;
export const appointmentAnswer = z.object({ event: appointmentSchema });
export const calendarEventsAnswer = z.object({ events: z.array(appointmentSchema) });
export const createdAppointmentAnswer = z.object({ id });

export const createdNoteAnswer = z.object({ note: z.object({ id }) });
export const notesAnswer = z.object({ notes: z.array(z.object({ id, body: text, dateAdded: text })) });

const opportunitySchema = z.object({
  id,
  contactId: text,
  pipelineId: text,
  pipelineStageId: text,
  status: text,
  createdAt: text,
});
export type GohighlevelOpportunity = z.infer<typeof opportunitySchema>;
export const opportunityAnswer = z.object({ opportunity: opportunitySchema });
export const createdOpportunityAnswer = z.object({ opportunity: z.object({ id }) });
export const opportunitySearchAnswer = z.object({ opportunities: z.array(opportunitySchema) });

/** The contract types stages as lists of lists; they are records. */
const stage = z.object({ id, name: z.string(), position: z.number().nullish() });
export const pipelinesAnswer = z.object({
  pipelines: z.array(z.object({ id, name: z.string(), stages: z.array(stage) })),
});

export const customFieldsAnswer = z.object({
  customFields: z.array(z.object({ id, name: z.string(), dataType: text })),
});
export const calendarAnswer = z.object({ calendar: z.object({ locationId: text, isActive: z.boolean().nullish() }) });
export const locationAnswer = z.object({
  location: z.object({
    companyId: text,
    settings: z
      .object({ allowDuplicateContact: z.boolean().nullish(), allowDuplicateOpportunity: z.boolean().nullish() })
      .nullish(),
  }),
});
export const usersAnswer = z.object({
  users: z.array(z.object({ id, email: text, deleted: z.boolean().nullish() })),
});

/** v3 answers in camelCase, the dated versions in snake_case. */
export const tokenAnswer = z.union([
  z.object({ accessToken: id, refreshToken: id, expiresIn: z.number().positive(), locationId: id.nullish() }),
  z
    .object({ access_token: id, refresh_token: id, expires_in: z.number().positive(), locationId: id.nullish() })
    .transform(({ access_token, refresh_token, expires_in, locationId }) => ({
      locationId,
      accessToken: access_token,
      refreshToken: refresh_token,
      expiresIn: expires_in,
    })),
]);

/** Answers whose content we don't use, as long as they are JSON objects. */
export const anyAnswer = z.object({});
