/** What the operator API says and takes about connections, mappings and undo. Invariant: as in schemas.ts. */
import { BOOKING_STATUSES } from '../../domain/booking';
import { UNDO_KINDS } from '../../domain/undo';
import { bookingParams, instant } from './schemas';
import { z } from './zod';

export const connectionSchema = z
  .object({
    connection: z.string(),
    state: z.enum(['up', 'down']),
    reason: z.string().nullable().openapi({ description: 'Class of the error that brought it down.' }),
    since: instant.nullable(),
    lastDeliveryAt: instant.nullable().openapi({ description: 'When a source was last heard from.' }),
    lastPollAt: instant.nullable(),
    lastWriteAt: instant.nullable().openapi({ description: 'When a CRM was last written.' }),
    parked: z.number().int().openapi({ description: 'Bookings that wait for it to answer.' }),
    findings: z.array(z.string()).openapi({ description: 'What was wrong when it was last checked.' }),
  })
  .openapi('Connection');

export const connectionListSchema = z.object({ connections: z.array(connectionSchema) }).openapi('ConnectionList');

export const connectionParams = z.object({ connection: bookingParams.shape.connection });

export const mappingSchema = z
  .object({
    connection: z.string(),
    version: z.string(),
    since: instant,
    rules: z.array(
      z.object({
        eventType: z.string().nullable().openapi({ description: 'The source’s event type; null: in general.' }),
        status: z.enum(BOOKING_STATUSES),
        pipeline: z.string().nullable(),
        stage: z.string().nullable().openapi({ description: 'Null leaves the deal alone.' }),
        onlyFrom: z.array(z.string()).nullable(),
        value: z.string().nullable().openapi({ description: 'What the person’s field says; null leaves it.' }),
        tags: z.array(z.string()),
      }),
    ),
  })
  .openapi('Mapping');

export const mappingListSchema = z.object({ mappings: z.array(mappingSchema) }).openapi('MappingList');

export const mappingPreviewSchema = z
  .object({
    version: z.string(),
    older: z.number().int().openapi({ description: 'Open bookings that were synced under another mapping.' }),
    changed: z.number().int().openapi({ description: 'Those of them that this one would change.' }),
    applied: z.boolean(),
    bookings: z
      .array(
        z.object({
          booking: z.string(),
          stage: z.object({ from: z.string().nullable(), to: z.string() }).nullable(),
          fields: z.record(z.string(), z.string()),
          addTags: z.array(z.string()),
          removeTags: z.array(z.string()),
        }),
      )
      .openapi({ description: 'The first hundred.' }),
  })
  .openapi('MappingPreview');

const at = z.iso.datetime({ offset: true });

export const undoBody = z
  .strictObject({
    booking: z.string().max(300).optional().openapi({ description: 'The booking’s id.' }),
    mappingVersion: z.string().max(64).optional(),
    from: at.optional(),
    to: at.optional(),
    connection: z.string().max(200).optional(),
    kinds: z.array(z.enum(UNDO_KINDS)).min(1).optional().openapi({
      description: 'Of which kinds of records; else all of a booking, and of a mapping those that it decides.',
    }),
    run: z.boolean().default(false).openapi({ description: 'False only shows what would be taken back.' }),
  })
  .refine(({ booking, mappingVersion }) => (booking === undefined) !== (mappingVersion === undefined), {
    error: 'expected either booking, or mappingVersion with from and to',
  })
  .refine(({ mappingVersion, from, to }) => mappingVersion === undefined || (from !== undefined && to !== undefined), {
    error: 'mappingVersion needs from and to',
  })
  .openapi('Undo');

export const undoSchema = z
  .object({
    undo: z.guid().nullable().openapi({ description: 'Id of the run; null: it was only shown.' }),
    records: z.array(
      z.object({
        booking: z.string(),
        connection: z.string(),
        type: z.string(),
        crmId: z.string(),
        state: z.enum(['planned', 'reverted', 'conflict', 'left']),
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('UndoReport');
