/**
 * The shape of HubSpot's webhook events: only what says which record is meant and what happened to it.
 * Invariant: values of properties are not read, they may be personal and the record is read anyway; complaints hold no value.
 */
import { z } from 'zod';

/** Numbers in every sample; taken as text too, because ids outgrow what a JSON number holds exactly. */
const recordId = z
  .unknown()
  .transform((value) => (Number.isSafeInteger(value) ? String(value) : value))
  .pipe(z.string('expected the id of a record').regex(/^[1-9]\d{0,18}$/, 'expected the id of a record'));

/** `contact.propertyChange`, `object.creation` …; shown and counted, so nothing else gets through. */
const subscriptionType = z
  .string('expected a subscription type')
  .regex(/^[A-Za-z]{1,40}\.[A-Za-z]{1,40}$/, 'expected a subscription type such as object.propertyChange');

const name = z
  .unknown()
  .transform((value) => (typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? value : null));
const instant = z
  .unknown()
  .transform((value) => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null));

export const webhookEvent = z.object(
  {
    subscriptionType,
    portalId: recordId,
    objectId: recordId.optional(),
    objectTypeId: name.optional(),
    propertyName: name.optional(),
    occurredAt: instant.optional(),
    /** Of a merge: who was asked to stay, who was merged in, and who lives on, which may be a new record. */
    primaryObjectId: recordId.optional(),
    mergedObjectIds: z.array(recordId, 'expected a list of ids').max(1_000, 'expected at most 1000 ids').optional(),
    newObjectId: recordId.optional(),
  },
  'expected an object',
);
export type HubspotEvent = z.output<typeof webhookEvent>;
