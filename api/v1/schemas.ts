/**
 * Every request and answer of the operator API.
 * Invariant: the OpenAPI document is made of these and the tests hold the answers against them; instants are ISO 8601 in UTC.
 */
import { DELIVERY_STATES } from '../../db/deliveries';
import { BOOKING_STATUSES } from '../../domain/booking';
import { BOOKING_DECISIONS } from '../../domain/booking-decisions';
import { TASK_KINDS, type TaskKind } from '../../domain/tasks';
import { z } from './zod';

export const instant = z.iso.datetime().openapi({ example: '2026-11-24T17:00:00.000Z' });
/** An instant with any offset, or a date, which means its midnight in UTC. */
const instantOrDate = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).openapi({ example: '2026-11-24' });
const cursor = z.string().max(500).openapi({ description: '`nextCursor` of the page before.' });
const limit = z.coerce.number().int().min(1).max(200).default(50);
const taskKind = z.enum(TASK_KINDS as readonly [TaskKind, ...TaskKind[]]);
const taskState = z.enum(['open', 'decided', 'withdrawn']);
const nextCursor = z.string().nullable().openapi({ description: 'Where the next page starts; null on the last page.' });
/** Sources choose their uids; what PostgreSQL can't hold (NUL) can't be one. */
const uid = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0]*$/, 'must not contain NUL');

// ---------------------------------------------------------------- errors

export const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) }).openapi('Error');

// ---------------------------------------------------------------- bookings

export const listBookingsQuery = z.strictObject({
  status: z.enum(BOOKING_STATUSES).optional(),
  source: z.string().max(200).optional().openapi({ description: 'Connection id of the source.' }),
  from: instantOrDate.optional().openapi({ description: 'Slots that start at or after.' }),
  to: instantOrDate.optional().openapi({ description: 'Slots that start before.' }),
  cursor: cursor.optional(),
  limit,
});

export const bookingParams = z.object({ connection: z.string().max(200), uid });
export const participationParams = bookingParams.extend({
  participation: z.string().regex(/^[0-9a-f]{1,64}$/, 'must be the last part of a participation’s id'),
});

export const bookingSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    status: z.enum(BOOKING_STATUSES),
    slot: z.object({ start: instant, end: instant, zone: z.string() }).nullable(),
    chain: z.array(z.string()).openapi({ description: 'The source’s ids of this booking, oldest first.' }),
    version: z.number().int(),
    contactMatch: z.string(),
    leadScore: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Points for the guest’s answers; null without rules.' }),
    crm: z.array(
      z.object({
        connection: z.string(),
        state: z.enum(['pending', 'synced', 'parked', 'needs_contact', 'refused', 'skipped']),
        personId: z.string().nullable(),
        appointmentId: z.string().nullable(),
        opportunityId: z.string().nullable(),
        stage: z.string().nullable(),
        outcome: z.string().nullable(),
        reason: z.string().nullable().openapi({ description: 'Why the CRM shows less than the booking, or waits.' }),
      }),
    ),
    messages: z.array(
      z.object({
        kind: z.string(),
        channel: z.string(),
        dueAt: instant,
        state: z.enum(['planned', 'held', 'skipped', 'sending', 'sent', 'delivered', 'failed', 'unknown']),
        reason: z.string().nullable(),
      }),
    ),
    tasks: z.array(z.object({ id: z.guid(), kind: taskKind, state: taskState, owner: z.string(), dueAt: instant })),
    timeline: z.array(
      z.object({
        at: instant,
        type: z.string(),
        source: z.string(),
        outcome: z.enum(['applied', 'duplicate', 'superseded', 'pending']),
        why: z.string().nullable(),
      }),
    ),
  })
  .openapi('Booking');

export const sharedBookingsSchema = z
  .object({ bookings: z.array(bookingSchema) })
  .openapi('SharedBookings', { description: 'The bookings of all guests who share the uid.' });

export const bookingListSchema = z.object({ bookings: z.array(bookingSchema), nextCursor }).openapi('BookingList');

/** `by` becomes part of a workflow's history: an opaque id, never a name or an address. */
export const bookingDecisionBody = z
  .strictObject({
    decision: z.enum(BOOKING_DECISIONS),
    start: z.iso.datetime({ offset: true }).optional().openapi({
      description:
        'The new start that was agreed on, with its offset; only with `rescheduled`. Without it the guest chooses.',
      example: '2026-11-26T10:00:00-07:00',
    }),
    by: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'must be an opaque operator id: letters, digits, _ and -')
      .default('operator')
      .openapi({
        description:
          'Who decided, as an opaque id. It is kept with the decision. An operator’s own token says it by itself.',
      }),
    booking: z.string().min(1).max(1_000).optional().openapi({
      description: 'The `id` of the booking; needed where several guests share the uid.',
    }),
  })
  .openapi('BookingDecision');

// ---------------------------------------------------------------- tasks

export const listTasksQuery = z.strictObject({
  state: taskState.optional(),
  kind: taskKind.optional(),
  cursor: cursor.optional(),
  limit,
});

export const idParams = z.object({ id: z.guid() });

/** CRM ids are short and printable; anything else would only fail later, in the CRM or in the database. */
export const decisionBody = z
  .strictObject({
    decision: z.string().min(1).max(50),
    personId: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, 'must be a CRM id: 1 to 200 printable characters without spaces')
      .optional()
      .openapi({ description: 'The CRM id of the contact to use; only with `use_contact`.' }),
  })
  .openapi('Decision');

export const taskSchema = z
  .object({
    id: z.guid(),
    kind: taskKind,
    state: taskState,
    owner: z.string(),
    bookingId: z.string().nullable().openapi({
      description:
        '`{connection}/{uid}`, for one of several who share the uid `{connection}/{uid}/{participation}`: appended to /api/v1/bookings/ it is the booking. Null: the task is about a connection.',
    }),
    connection: z.string().nullable().openapi({
      description: 'The connection that the task is about as a whole; null: it is about a booking.',
    }),
    about: z.string().openapi({ description: 'The connection, or the field in question.' }),
    openedAt: instant,
    dueAt: instant,
    snoozedUntil: instant.nullable().openapi({ description: 'Until then the task rests; null: it never did.' }),
    evidence: z.record(z.string(), z.unknown()),
    decisions: z.array(z.string()).openapi({ description: 'What may be decided about a task of this kind.' }),
    decision: z.object({ decision: z.string(), personId: z.string().optional() }).nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
  })
  .openapi('Task');

export const taskListSchema = z.object({ tasks: z.array(taskSchema), nextCursor }).openapi('TaskList');
export const decidedTaskSchema = z.object({ task: taskSchema }).openapi('DecidedTask');

// ---------------------------------------------------------------- deliveries

export const listDeliveriesQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  cursor: cursor.optional(),
  limit,
});

export const deliverySchema = z
  .object({
    id: z.guid(),
    source: z.string(),
    state: z.enum(DELIVERY_STATES),
    receivedAt: instant,
    settledAt: instant.nullable(),
    trigger: z.string().nullable().openapi({ description: 'What the source calls this kind of event.' }),
    reason: z.string().nullable().openapi({ description: 'Why it was ignored, is dead, or has to wait.' }),
    attempts: z.number().int(),
    repeats: z.number().int().openapi({ description: 'How often the same delivery came again.' }),
    factIds: z.array(z.guid()),
  })
  .openapi('Delivery');

const bodyShapeSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('json'), bytes: z.number().int(), shape: z.unknown() }),
    z.object({ kind: z.literal('unreadable'), bytes: z.number().int() }),
    z.object({ kind: z.literal('gone') }),
  ])
  .openapi('BodyShape');

export const deliveryDetailSchema = deliverySchema
  .extend({ headers: z.record(z.string(), z.string()), body: bodyShapeSchema })
  .openapi('DeliveryDetail');

export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema), nextCursor }).openapi('DeliveryList');

export const replayedDeliverySchema = z
  .object({
    delivery: deliverySchema,
    replayed: z.boolean().openapi({ description: 'False when it was waiting for the dispatcher already.' }),
  })
  .openapi('ReplayedDelivery');

// ---------------------------------------------------------------- match rules

export const listMatchRulesQuery = z.strictObject({
  connection: z.string().max(200).optional().openapi({ description: 'Connection id of the CRM.' }),
  cursor: cursor.optional(),
  limit,
});

export const matchRuleSchema = z
  .object({
    id: z.guid(),
    connection: z.string(),
    choice: z.enum(['use_contact', 'create_contact', 'no_contact']),
    personId: z.string().nullable().openapi({ description: 'The CRM’s id of the contact; only with `use_contact`.' }),
    booking: z.string().openapi({ description: 'The booking whose task was decided.' }),
    bookings: z.number().int().openapi({ description: 'How many bookings of the guest it holds for.' }),
    decidedBy: z.string(),
    decidedAt: instant,
    why: z.string(),
  })
  .openapi('MatchRule');

export const matchRuleListSchema = z.object({ rules: z.array(matchRuleSchema), nextCursor }).openapi('MatchRuleList');

export const removedMatchRuleSchema = z.object({ removed: z.guid() }).openapi('RemovedMatchRule');
