/**
 * All numbers of the report for one window, from counts per day: as fast with a million bookings as with ten thousand.
 * Invariant: excluded bookings are in no number but `excluded`.
 */
import type { ReportCounts } from '../domain/report/counts';
import type { Db } from './pool';
import { MEASURES, type Measure } from './report-days';
import type { ReportSelection } from './report-views';

/** Times to book are those of the leads who entered last; leads whom no CRM knew before their booking have none. */
const MOST_TIMES = 10_000;

type Sums = Readonly<Record<Measure, number>>;
const SUMS = MEASURES.map((name) => `coalesce(sum(${name}), 0)::int AS ${name}`).join(', ');

export async function readReportCounts(db: Db, { fromDate, toDate, sources }: ReportSelection): Promise<ReportCounts> {
  const values = [fromDate, toDate, sources];
  const [counted, times] = await Promise.all([
    db.query<Sums>(
      `SELECT ${SUMS} FROM report_daily WHERE day >= $1 AND day < $2 AND ($3::text[] IS NULL OR source = ANY ($3))`,
      values,
    ),
    db.query<{ hours: number }>(
      `SELECT extract(epoch FROM first_booked_at - entered_at)::float8 / 3600 AS hours FROM lead
       WHERE entered_date >= $1 AND entered_date < $2 AND ($3::text[] IS NULL OR source = ANY ($3))
         AND heard_from = 'crm' AND first_booked_at IS NOT NULL
       ORDER BY entered_date DESC LIMIT ${MOST_TIMES}`,
      values,
    ),
  ]);
  const [sums] = counted.rows;
  if (!sums) throw new Error('The sums of the report gave no row; expected exactly one');
  return countsOf(
    sums,
    times.rows.map((row) => row.hours),
  );
}

function countsOf(sums: Sums, timeToBookHours: readonly number[]): ReportCounts {
  const { showed, no_shows: noShows, awaiting: unknown } = sums;
  const withReminder = { showed: sums.showed_reminded, noShows: sums.no_shows_reminded };
  return {
    due: showed + noShows + unknown,
    resolved: showed + noShows,
    showed,
    noShows,
    unknown,
    chains: sums.bookings,
    rescheduled: sums.rescheduled,
    earlyCancels: sums.early_cancels,
    lateCancels: sums.late_cancels,
    leads: sums.leads,
    invited: sums.invited,
    booked: sums.booked,
    attended: sums.attended,
    withReminder,
    withoutReminder: { showed: showed - withReminder.showed, noShows: noShows - withReminder.noShows },
    excluded: { unpaid: sums.unpaid, test: sums.test, internal: sums.internal },
    crmConfirmed: { showed: sums.crm_showed, noShows: sums.crm_no_shows },
    timeToBookHours,
  };
}
