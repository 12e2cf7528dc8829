/**
 * What bodies about opportunities may look like, per wire.
 * Invariant: exactly the contract's fields, except where it is known to be wrong: an upsert takes `contactId`, a number as
 * value, and does without the followers that the contract requires. `all` is a status of searches only.
 */
import { z } from 'zod';
import { customFieldsBody } from './bodies';
import { opportunityStatuses } from './records';

const text = z.string().min(1);
const status = z.enum(opportunityStatuses);
const forecast = { forecastExpectedCloseDate: z.string().optional(), forecastProbability: z.number().optional() };
const where = { pipelineId: text, locationId: text };
const optional = { pipelineStageId: text.optional(), assignedTo: text.optional() };

const createFields = {
  ...where,
  ...optional,
  name: text,
  status,
  contactId: text,
  monetaryValue: z.number().optional(),
};
const updateFields = {
  ...optional,
  pipelineId: text.optional(),
  name: text.optional(),
  status: status.optional(),
  monetaryValue: z.number().optional(),
};
const upsertFields = {
  ...where,
  ...optional,
  id: text.optional(),
  contactId: text.optional(),
  name: text.optional(),
  status: status.optional(),
  monetaryValue: z.number().optional(),
  lostReasonId: text.optional(),
  followers: z.array(z.string()).optional(),
  isRemoveAllFollowers: z.boolean().optional(),
  followersActionType: z.enum(['add', 'remove']).optional(),
};
const custom = {
  v3: { customFields: customFieldsBody.v3.optional() },
  dated: { customFields: customFieldsBody.dated.optional() },
};

export const opportunityCreateBody = {
  v3: z.strictObject({ ...createFields, ...forecast, ...custom.v3 }),
  dated: z.strictObject({ ...createFields, ...custom.dated }),
};
export const opportunityUpdateBody = {
  v3: z.strictObject({ ...updateFields, ...forecast, ...custom.v3 }),
  dated: z.strictObject({ ...updateFields, ...custom.dated }),
};
export const opportunityUpsertBody = {
  v3: z.strictObject({ ...upsertFields, ...forecast }),
  dated: z.strictObject(upsertFields),
};
export const statusBody = z.strictObject({ status, lostReasonId: text.optional() });

export const opportunitySearchBody = z.strictObject({
  locationId: text,
  query: z.string(),
  limit: z.int().min(1).max(100),
  page: z.int().min(1),
  searchAfter: z.array(z.string()),
  additionalDetails: z.strictObject({
    notes: z.boolean(),
    tasks: z.boolean(),
    calendarEvents: z.boolean(),
    unReadConversations: z.boolean(),
  }),
});
