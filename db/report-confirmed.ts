/**
 * What CRMs confirm of a window: bookings that they show as we hold them, and leads with one.
 * Invariant: counted over the window's rows, so it is read only while there are doubts; excluded bookings are not counted.
 */
import type { ConfirmedCounts } from '../domain/report/trust';
import type { Db } from './pool';
import type { ReportSelection } from './report-views';

/** Every CRM with the appointment shows the same, and nothing waits or was put there by somebody else. */
const IS_CONFIRMED = `b.excluded_reason IS NULL AND b.crm_state = 'in_sync' AND NOT b.crm_differs AND b.crm_outcome IS NOT NULL`;

export async function readConfirmedCounts(
  db: Db,
  { fromDate, toDate, sources }: ReportSelection,
): Promise<ConfirmedCounts> {
  const { rows } = await db.query<ConfirmedCounts>(
    `SELECT count(*)::int AS chains, count(*) FILTER (WHERE b.moved_count > 0)::int AS rescheduled,
       count(*) FILTER (WHERE b.cancel_timing = 'early')::int AS "earlyCancels",
       (SELECT count(*)::int FROM lead l WHERE l.entered_date >= $1 AND l.entered_date < $2
          AND ($3::text[] IS NULL OR l.source = ANY ($3)) AND l.first_booked_at IS NOT NULL
          AND EXISTS (SELECT 1 FROM report_booking b WHERE b.person_id = l.person_id AND ${IS_CONFIRMED})) AS booked
     FROM report_booking b
     WHERE b.slot_date >= $1 AND b.slot_date < $2 AND ($3::text[] IS NULL OR b.source = ANY ($3)) AND ${IS_CONFIRMED}`,
    [fromDate, toDate, sources],
  );
  const [counts] = rows;
  if (!counts) throw new Error('The confirmed counts gave no row; expected exactly one');
  return counts;
}
