/**
 * Bookings as lists of the console show them: one line each, without timeline and messages.
 * Invariant: reads only, and shows no personal data; people are ids here, to be opened by who may.
 */
import type { BookingStatus } from '../domain/booking';
import type { Slot } from '../domain/facts';
import { STATUS_NOW, type BookingFilter, type BookingPosition } from './booking-view';
import type { SyncState } from './crm-ledger';
import type { Db } from './pool';

export interface BookingLine {
  readonly id: string;
  readonly connection: string;
  readonly status: BookingStatus;
  readonly slot: Slot | null;
  readonly personId: string | null;
  readonly crm: readonly { readonly connection: string; readonly state: SyncState }[];
  readonly openTasks: number;
}

export interface BookingLineFilter extends BookingFilter {
  /** In any CRM. */
  readonly crmState?: SyncState | undefined;
  /** Of one of these guests. */
  readonly personIds?: readonly string[] | undefined;
  /** Known by this uid, at any source, alone or shared. */
  readonly uid?: string | undefined;
}

/** Latest slot first, those without a slot last; with `order` `earliest` the other way round. At most `limit`, after the given position (`latest` only). */
export async function listBookingLines(
  db: Db,
  page: {
    filter: BookingLineFilter;
    after: BookingPosition | null;
    limit: number;
    nowMs: number;
    order?: 'latest' | 'earliest';
  },
): Promise<BookingLine[]> {
  const { filter, after } = page;
  const direction = page.order === 'earliest' ? 'ASC' : 'DESC';
  const { rows } = await db.query<BookingLine>(
    `SELECT b.id, b.connection, ${STATUS_NOW} AS status, b.picture->'slot' AS slot, b.picture->>'personId' AS "personId",
       (SELECT coalesce(jsonb_agg(jsonb_build_object('connection', s.connection, 'state', s.state) ORDER BY s.connection), '[]')
        FROM crm_sync s WHERE s.booking_id = b.id) AS crm,
       (SELECT count(*)::int FROM task t WHERE t.booking_id = b.id AND t.state = 'open') AS "openTasks"
     FROM booking b
     WHERE b.merged_into IS NULL
       AND ($2::text IS NULL OR ${STATUS_NOW} = $2)
       AND ($3::text IS NULL OR b.connection = $3)
       AND ($4::timestamptz IS NULL OR b.slot_start >= $4)
       AND ($5::timestamptz IS NULL OR b.slot_start < $5)
       AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM crm_sync s WHERE s.booking_id = b.id AND s.state = $6))
       AND ($7::text[] IS NULL OR b.picture->>'personId' = ANY ($7))
       AND ($8::text IS NULL OR b.id IN (
         SELECT booking_id FROM booking_alias WHERE uid = $8 UNION ALL SELECT booking_id FROM participation WHERE uid = $8))
       AND ($10::text IS NULL
         OR b.slot_start < $9 OR (b.slot_start = $9 AND b.id > $10)
         OR (b.slot_start IS NULL AND ($9::timestamptz IS NOT NULL OR b.id > $10)))
     ORDER BY b.slot_start ${direction} NULLS LAST, b.id
     LIMIT $11`,
    [
      new Date(page.nowMs),
      filter.status ?? null,
      filter.connection ?? null,
      dateOrNull(filter.fromMs),
      dateOrNull(filter.toMs),
      filter.crmState ?? null,
      filter.personIds ?? null,
      filter.uid ?? null,
      dateOrNull(after?.slotStartMs),
      after?.id ?? null,
      page.limit,
    ],
  );
  return rows;
}

function dateOrNull(ms: number | null | undefined): Date | null {
  return ms === null || ms === undefined ? null : new Date(ms);
}

/** The guest's id by booking; a booking without a known guest is not in it. */
export async function guestsOfBookings(db: Db, bookingIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ id: string; person: string }>(
    `SELECT id, picture->>'personId' AS person FROM booking WHERE id = ANY ($1) AND picture->>'personId' IS NOT NULL`,
    [bookingIds],
  );
  return new Map(rows.map((row) => [row.id, row.person]));
}
