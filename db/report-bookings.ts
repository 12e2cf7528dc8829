/**
 * The report's line of each booking, as the views read it (db/migrations/0013_report.sql): written with the picture, in its transaction.
 * Invariant: saving the same line again changes nothing; counts, leads, reminders and CRM states follow from it by triggers.
 */
import type { Picture } from '../domain/booking';
import type { ExcludedReason } from '../domain/report-exclusion';
import type { ReportLine } from '../domain/report-line';
import type { Db } from './pool';

export interface ReportBooking extends ReportLine {
  readonly bookingId: string;
  readonly source: string;
  readonly picture: Picture;
  /** IANA zone of the dates. */
  readonly zone: string;
  /** 'YYYY-MM-DD' in that zone. */
  readonly bookedDate: string;
  readonly slotDate: string | null;
  readonly outcomeDate: string | null;
  readonly excludedReason: ExcludedReason | null;
}

const COLUMNS = [
  ...['booking_id', 'source', 'event_type', 'zone', 'person_id', 'host', 'status', 'booked_at', 'booked_date'],
  ...['slot_start', 'slot_end', 'slot_date', 'outcome', 'outcome_by', 'outcome_sure', 'outcome_at', 'outcome_date'],
  ...['cancel_timing', 'moved_count', 'excluded_reason'],
];
const valuesOf = (row: string): string => COLUMNS.map((column) => `${row}.${column}`).join(', ');
const SAVE = `INSERT INTO report_booking AS known (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map((_, index) => `$${index + 1}`).join(', ')})
  ON CONFLICT (booking_id) DO UPDATE SET (${COLUMNS.join(', ')}) = ROW(${valuesOf('excluded')})
  WHERE (${valuesOf('known')}) IS DISTINCT FROM (${valuesOf('excluded')})`;

/** Needs the lock of the booking's row, and everything else of the booking written before it in the same transaction. */
export async function saveReportBooking(tx: Db, line: ReportBooking): Promise<void> {
  const { picture, outcome } = line;
  const { slot } = picture;
  await Promise.all([
    tx.query(SAVE, [
      ...[line.bookingId, line.source, picture.eventType ?? null, line.zone, picture.personId, picture.hostId],
      ...[picture.status, new Date(line.bookedAtMs), line.bookedDate],
      ...[slot && new Date(slot.startMs), slot && new Date(slot.endMs), line.slotDate],
      ...[outcome && outcome.value, line.outcomeBy, outcome && outcome.sureness],
      ...[outcome && new Date(outcome.atMs), line.outcomeDate, line.cancelTiming, line.movedCount, line.excludedReason],
    ]),
    tx.query('SELECT report_refresh($1)', [line.bookingId]),
  ]);
}

/** A booking that became part of another one is no booking of its own any more. */
export async function excludeMerged(tx: Db, bookingId: string): Promise<void> {
  await tx.query(`UPDATE report_booking SET excluded_reason = 'merged' WHERE booking_id = $1`, [bookingId]);
}

/** Why the report left it out when it was last written; null: it did not, or knows nothing of it. */
export async function readExcludedReason(db: Db, bookingId: string): Promise<ExcludedReason | 'merged' | null> {
  const { rows } = await db.query<{ reason: ExcludedReason | 'merged' | null }>(
    'SELECT excluded_reason AS reason FROM report_booking WHERE booking_id = $1',
    [bookingId],
  );
  return rows[0]?.reason ?? null;
}

/** Ids of bookings with a picture whose line is missing, or has dates of another zone; in pages by id. */
export async function listWithoutLine(
  db: Db,
  page: { readonly zone: string; readonly afterId: string; readonly limit: number },
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM booking b WHERE picture IS NOT NULL AND merged_into IS NULL AND id > $2
       AND NOT EXISTS (SELECT 1 FROM report_booking r WHERE r.booking_id = b.id AND r.zone = $1)
     ORDER BY id LIMIT $3`,
    [page.zone, page.afterId, page.limit],
  );
  return rows.map((row) => row.id);
}
