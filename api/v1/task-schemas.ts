/** Requests and answers about tasks besides a single decision: several at once, a new owner, a rest. */
import { idParams } from './schemas';
import { z } from './zod';

const MOST_AT_ONCE = 50;

/** A decision that names a contact is about one guest, so it is not for several. */
export const decisionsBody = z
  .strictObject({
    ids: z.array(idParams.shape.id).min(1).max(MOST_AT_ONCE),
    decision: z.string().min(1).max(50),
  })
  .openapi('Decisions');

export const decisionsSchema = z
  .object({
    results: z.array(
      z.object({
        id: z.guid(),
        refusal: z.object({ code: z.string(), message: z.string() }).nullable().openapi({
          description: 'Why this one was not decided; null: it is.',
        }),
      }),
    ),
  })
  .openapi('DecisionResults');

export const reassignBody = z
  .strictObject({
    owner: z.string().regex(/^[\w-]{1,64}$/, 'must be the opaque id of an owner: letters, digits, _ and -'),
  })
  .openapi('Reassignment');

export const snoozeBody = z
  .strictObject({
    until: z.iso
      .datetime({ offset: true })
      .nullable()
      .openapi({ description: 'The task rests until then, its due time with it; null wakes it.' }),
  })
  .openapi('Snooze');
