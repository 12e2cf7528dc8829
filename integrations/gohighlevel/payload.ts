/**
 * The shape of HighLevel's webhooks: only what says which record is meant, where, and when it changed.
 * Invariant: names, addresses and notes are not read, the record is read anyway; complaints hold no value.
 */
import { z } from 'zod';

const id = z.string('expected an id').regex(/^[\w-]{1,64}$/, 'expected an id of letters, digits, _ and -');

/** Epoch ms; null where it is absent or no instant with an offset. */
const instant = z.unknown().transform((value) => {
  if (typeof value !== 'string' || !/(?:Z|[+-]\d{2}:?\d{2})$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
});

/** `type` is shown and counted, so nothing else gets through. `locationId` is missing in what is about a whole company. */
export const envelope = z.object(
  {
    type: z.string('expected the type of a webhook').regex(/^[A-Za-z_]{1,64}$/, 'expected the type of a webhook'),
    locationId: id.nullish(),
    timestamp: instant.optional(),
    webhookId: z.unknown().optional(),
  },
  'expected an object',
);

export const appointmentBody = z.object({
  appointment: z.object({ id, dateUpdated: instant.optional() }, 'expected an object'),
});
export const recordBody = z.object({ id });
