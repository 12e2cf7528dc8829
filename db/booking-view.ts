/**
 * Bookings as the operator API shows them: one statement each, so that all parts of an answer are of one instant.
 * Invariant: reads only, and shows no personal data: ids, instants, status words and our own sentences.
 */
import type { BookingStatus } from '../domain/booking';
import type { Slot } from '../domain/facts';
import type { MessageState } from '../domain/messages';
import type { TaskKind, TaskState } from '../domain/tasks';
import { TIMELINE, type TimelineEntry } from './booking-timeline';
import type { SyncState } from './crm-ledger';
import type { Db } from './pool';

export interface BookingCrmView {
  readonly connection: string;
  readonly state: SyncState;
  readonly personId: string | null;
  readonly appointmentId: string | null;
  readonly opportunityId: string | null;
  /** Stage and outcome as we wrote them last, in the CRM's own words. */
  readonly stage: string | null;
  readonly outcome: string | null;
  /** Why it shows less than the booking: "a person moved the deal"; null: it shows all of it. */
  readonly reason: string | null;
}

export interface BookingMessageView {
  readonly kind: string;
  readonly channel: string;
  readonly recipient: 'guest' | 'host';
  readonly dueAtMs: number;
  /** When its state was settled; null: not yet. */
  readonly settledAtMs: number | null;
  readonly state: MessageState;
  readonly reason: string | null;
}

export interface BookingTaskView {
  readonly id: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  /** CRM connection, or the field in question. */
  readonly about: string;
  readonly owner: string;
  readonly dueAtMs: number;
}

export type { TimelineEntry } from './booking-timeline';

export interface BookingDetail {
  readonly id: string;
  readonly connection: string;
  readonly status: BookingStatus;
  readonly slot: Slot | null;
  readonly chain: readonly string[];
  readonly version: number;
  readonly contactMatch: string;
  /** Points for the guest's answers; null where no rules are set. */
  readonly leadScore: number | null;
  /** Why the status is what it is, where the word alone does not say. */
  readonly statusReason: string | null;
  /** Guest and host, as ids of sealed people. */
  readonly personId: string | null;
  readonly hostId: string | null;
  readonly crm: readonly BookingCrmView[];
  readonly messages: readonly BookingMessageView[];
  readonly tasks: readonly BookingTaskView[];
  readonly timeline: readonly TimelineEntry[];
}

/** Where a page of bookings ends: the last one's slot start and id. */
export interface BookingPosition {
  readonly slotStartMs: number | null;
  readonly id: string;
}

export interface BookingFilter {
  readonly status?: BookingStatus | undefined;
  readonly connection?: string | undefined;
  /** Slots that start at or after. */
  readonly fromMs?: number | undefined;
  /** Slots that start before. */
  readonly toMs?: number | undefined;
}

const epochMs = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)`;

/**
 * The status that holds at `$1`: a slot that has passed awaits its outcome even while nobody has recorded that yet.
 * Before the first record there is no picture, and only a confirmation among the facts makes a booking scheduled.
 */
export const STATUS_NOW = `CASE
    WHEN b.status = 'scheduled' AND b.slot_end <= $1 THEN 'awaiting_outcome'
    WHEN b.status IS NOT NULL THEN b.status
    WHEN EXISTS (SELECT 1 FROM booking_event e WHERE e.booking_id = b.id AND e.type IN ('scheduled', 'rescheduled'))
      THEN 'scheduled'
    ELSE 'requested'
  END`;

const CRM = `(SELECT coalesce(jsonb_agg(jsonb_build_object(
      'connection', s.connection, 'state', s.state, 'personId', p.crm_id, 'appointmentId', a.crm_id,
      'opportunityId', o.crm_id, 'stage', o.last_written->>'stageId', 'outcome', a.last_written->>'status',
      'reason', s.reason
    ) ORDER BY s.connection), '[]')
    FROM crm_sync s
    LEFT JOIN crm_link p ON p.connection = s.connection AND p.type = 'person' AND p.external_key = 'p:' || b.person_id::text
    LEFT JOIN crm_link a ON a.connection = s.connection AND a.type = 'appointment' AND a.external_key = 'a:' || b.id
    LEFT JOIN crm_link o ON o.connection = s.connection AND o.type = 'opportunity' AND o.external_key = 'o:' || b.id
    WHERE s.booking_id = b.id)`;

const MESSAGES = `(SELECT coalesce(jsonb_agg(jsonb_build_object(
      'kind', m.kind, 'channel', m.channel, 'recipient', m.recipient, 'dueAtMs', ${epochMs('m.due_at')},
      'settledAtMs', ${epochMs('m.settled_at')}, 'state', m.state, 'reason', m.reason
    ) ORDER BY m.due_at, m.key), '[]') FROM message m WHERE m.booking_id = b.id)`;

const TASKS = `(SELECT coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'kind', t.kind, 'state', t.state, 'about', t.about, 'owner', t.owner, 'dueAtMs', ${epochMs('t.due_at')}
    ) ORDER BY t.opened_at, t.id), '[]') FROM task t WHERE t.booking_id = b.id)`;

const DETAIL = `b.id, b.connection, ${STATUS_NOW} AS status, b.picture->'slot' AS slot,
  coalesce(b.picture->'chain', jsonb_build_array(b.root_uid)) AS chain, b.version, b.contact_match AS "contactMatch", b.lead_score AS "leadScore",
  b.picture->>'statusReason' AS "statusReason", b.picture->>'personId' AS "personId", b.picture->>'hostId' AS "hostId",
  ${CRM} AS crm, ${MESSAGES} AS messages, ${TASKS} AS tasks, ${TIMELINE} AS timeline`;

/** Latest slot first; bookings without a slot come last. At most `limit` of them, after the given position. */
export async function listBookings(
  db: Db,
  page: { filter: BookingFilter; after: BookingPosition | null; limit: number; nowMs: number },
): Promise<BookingDetail[]> {
  const { filter, after } = page;
  const { rows } = await db.query<BookingDetail>(
    `SELECT ${DETAIL} FROM booking b
     WHERE b.merged_into IS NULL
       AND ($2::text IS NULL OR ${STATUS_NOW} = $2)
       AND ($3::text IS NULL OR b.connection = $3)
       AND ($4::timestamptz IS NULL OR b.slot_start >= $4)
       AND ($5::timestamptz IS NULL OR b.slot_start < $5)
       AND ($7::text IS NULL
         OR b.slot_start < $6 OR (b.slot_start = $6 AND b.id > $7)
         OR (b.slot_start IS NULL AND ($6::timestamptz IS NOT NULL OR b.id > $7)))
     ORDER BY b.slot_start DESC NULLS LAST, b.id
     LIMIT $8`,
    [
      new Date(page.nowMs),
      filter.status ?? null,
      filter.connection ?? null,
      dateOrNull(filter.fromMs),
      dateOrNull(filter.toMs),
      dateOrNull(after?.slotStartMs),
      after?.id ?? null,
      page.limit,
    ],
  );
  return rows;
}

/**
 * The one guest's own booking that a source knows by any uid of its chain; null when nothing was heard of that uid, or when
 * several guests share it (`findParticipations`).
 */
export async function findBooking(
  db: Db,
  by: { connection: string; uid: string; nowMs: number },
): Promise<BookingDetail | null> {
  const { rows } = await db.query<BookingDetail>(
    `SELECT ${DETAIL} FROM booking_alias alias JOIN booking b ON b.id = alias.booking_id
     WHERE alias.connection = $2 AND alias.uid = $3`,
    [new Date(by.nowMs), by.connection, by.uid],
  );
  return rows[0] ?? null;
}

/** Everybody's participation in an appointment that several guests share, in the order in which they were heard of; empty: it is not shared. */
export async function findParticipations(
  db: Db,
  by: { connection: string; uid: string; nowMs: number },
): Promise<BookingDetail[]> {
  const { rows } = await db.query<BookingDetail>(
    `SELECT ${DETAIL} FROM participation p JOIN booking b ON b.id = p.booking_id
     WHERE p.connection = $2 AND p.uid = $3 ORDER BY b.opened_at, b.id`,
    [new Date(by.nowMs), by.connection, by.uid],
  );
  return rows;
}

/** The booking with this id, or the one that it was merged into; null when there is none. */
export async function findBookingById(db: Db, by: { id: string; nowMs: number }): Promise<BookingDetail | null> {
  const { rows } = await db.query<BookingDetail>(
    `SELECT ${DETAIL} FROM booking named JOIN booking b ON b.id = coalesce(named.merged_into, named.id) WHERE named.id = $2`,
    [new Date(by.nowMs), by.id],
  );
  return rows[0] ?? null;
}

export function positionOf(booking: BookingDetail): BookingPosition {
  return { slotStartMs: booking.slot?.startMs ?? null, id: booking.id };
}

function dateOrNull(ms: number | null | undefined): Date | null {
  return ms === null || ms === undefined ? null : new Date(ms);
}
