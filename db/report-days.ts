/**
 * Counts per local day: changes are only added (by triggers), and added up here now and then.
 * Invariant: the sum over both tables is the same before and after, also for whoever reads in between.
 */
import type { Db } from './pool';

/** What is counted, in the order of the columns. */
export const MEASURES = [
  ...(['bookings', 'showed', 'no_shows', 'awaiting', 'rescheduled', 'early_cancels', 'late_cancels'] as const),
  ...(['showed_reminded', 'no_shows_reminded', 'crm_showed', 'crm_no_shows', 'unpaid', 'test', 'internal'] as const),
  ...(['leads', 'invited', 'booked', 'attended'] as const),
] as const;
export type Measure = (typeof MEASURES)[number];
const ADD_UP = `
  WITH taken AS (DELETE FROM report_day_change RETURNING *)
  INSERT INTO report_day AS known (day, source, ${MEASURES.join(', ')})
  SELECT day, source, ${MEASURES.map((measure) => `sum(${measure})`).join(', ')} FROM taken
  GROUP BY day, source ORDER BY day, source
  ON CONFLICT (day, source) DO UPDATE SET ${MEASURES.map((name) => `${name} = known.${name} + excluded.${name}`).join(', ')}`;

/** One process at a time: two would wait for each other. */
export async function addUpDays(db: Db): Promise<void> {
  await db.query(ADD_UP);
}
