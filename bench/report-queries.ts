/** What the report asks for one window, as it asks, and as the best SQL for the same answer that we could write by hand. */
import type { Pool } from 'pg';
import { readReportCounts } from '../db/report-counts';
import { MEASURES } from '../db/report-days';
import {
  readReportFollowUp,
  readReportFunnel,
  readReportLifecycle,
  readReportRates,
  readReportReconciliation,
  type ReportSelection,
} from '../db/report-views';

export interface Asked {
  readonly name: string;
  readonly ours: (pool: Pool, window: ReportSelection) => Promise<unknown>;
  readonly byHand: (pool: Pool, window: ReportSelection) => Promise<unknown>;
  /** Of the window; absent: 28. `by rows`: as many as hold 1,000 bookings. */
  readonly days?: number | 'by rows';
}

const sums = (names: readonly string[]): string => names.map((name) => `sum(${name})::int AS ${name}`).join(', ');
const asked =
  (sql: string) =>
  async (pool: Pool, { fromDate, toDate }: ReportSelection): Promise<unknown> =>
    (await pool.query(sql, [fromDate, toDate])).rows;
/** Without a window of its own, which would have the planner read all that it holds. */
const OVER = `(SELECT count(*) FROM (SELECT slot_date FROM report_booking
  WHERE status = 'scheduled' AND slot_end <= now() AND excluded_reason IS NULL OFFSET 0) AS o WHERE slot_date >= $1 AND slot_date < $2) AS over`;
const MONDAY = `day - (extract(isodow FROM day)::int - 1)`;

export const ASKED: readonly Asked[] = [
  {
    name: 'counts of 28 days',
    ours: readReportCounts,
    byHand: (pool, window) =>
      Promise.all([
        asked(
          `SELECT ${sums(MEASURES)}, ${OVER}
           FROM report_day WHERE day >= $1 AND day < $2`,
        )(pool, window),
        asked(
          `SELECT extract(epoch FROM first_booked_at - entered_at)::float8 / 3600 AS hours FROM lead
           WHERE entered_date >= $1 AND entered_date < $2 AND heard_from = 'crm' AND first_booked_at IS NOT NULL LIMIT 10000`,
        )(pool, window),
      ]),
  },
  {
    name: 'report_rates, 28 days',
    ours: readReportRates,
    byHand: asked(
      `SELECT ${MONDAY} AS week, source, ${sums(MEASURES)}, ${OVER}
       FROM report_day WHERE day >= $1 AND day < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
    ),
  },
  {
    name: 'report_funnel, 28 days',
    ours: readReportFunnel,
    byHand: asked(
      `SELECT ${MONDAY} AS week, source, ${sums(['leads', 'invited', 'booked', 'attended'])}
       FROM report_day WHERE day >= $1 AND day < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
    ),
  },
  {
    name: 'report_lifecycle, 1,000 rows',
    days: 'by rows',
    ours: readReportLifecycle,
    byHand: asked(
      `SELECT booking_id, source, event_type, booked_at, booked_date::text, booked_week::text, slot_start, slot_date::text,
         slot_week::text, status, outcome, outcome_by, outcome_sure, moved_count, outcome_at, outcome_date::text, cancel_timing,
         host, reminders_sent, excluded_reason, crm_state, crm_outcome
       FROM report_booking WHERE slot_date >= $1 AND slot_date < $2 ORDER BY slot_start, booking_id`,
    ),
  },
  {
    name: 'report_follow_up, 200 rows',
    days: 90,
    ours: readReportFollowUp,
    byHand: asked(
      `SELECT b.booking_id, b.source, b.event_type, b.status, b.outcome_at, b.outcome_date::text, b.slot_start, b.slot_date::text, b.host,
         EXISTS (SELECT 1 FROM report_booking o WHERE o.person_id = b.person_id AND o.booking_id <> b.booking_id
           AND o.slot_start > b.slot_start AND o.status NOT IN ('canceled', 'rejected') AND o.excluded_reason IS NULL),
         EXISTS (SELECT 1 FROM task t WHERE t.booking_id = b.booking_id AND t.state = 'open'),
         (SELECT count(*) FROM message m WHERE m.booking_id = b.booking_id AND m.recipient = 'guest' AND m.state IN ('sent', 'delivered')
           AND m.settled_at >= b.outcome_at)
       FROM (SELECT * FROM report_booking WHERE status IN ('no_show', 'canceled') AND excluded_reason IS NULL
             AND outcome_at >= $1::date - 2 AND outcome_at < $2::date + 2 AND outcome_date >= $1 AND outcome_date < $2
             ORDER BY outcome_at DESC, booking_id LIMIT 200) AS b`,
    ),
  },
  {
    name: 'report_reconciliation, 100 rows',
    ours: readReportReconciliation,
    byHand: asked(
      `SELECT b.booking_id, b.source, s.connection,
         CASE s.state WHEN 'needs_contact' THEN 'waiting_for_contact' WHEN 'pending' THEN 'not_synced_yet' WHEN 'synced' THEN
           CASE WHEN s.written_version < k.version THEN 'not_synced_yet' WHEN a.state = 'tombstone' THEN 'dropped' ELSE 'person_moved_it' END
         ELSE s.state END,
         b.status, a.last_written->>'status', b.slot_start, b.slot_date::text, s.updated_at
       FROM report_booking b JOIN crm_sync s ON s.booking_id = b.booking_id JOIN booking k ON k.id = b.booking_id
       LEFT JOIN crm_link a ON a.connection = s.connection AND a.type = 'appointment' AND a.external_key = 'a:' || s.booking_id
       WHERE b.crm_differs AND b.slot_date >= $1 AND b.slot_date < $2 AND b.excluded_reason IS DISTINCT FROM 'merged'
         AND (s.state IN ('parked', 'refused', 'needs_contact', 'pending') OR s.state = 'synced'
           AND (s.written_version < k.version OR a.state = 'tombstone' OR a.held <> '{}' OR s.reason LIKE 'a person moved the deal%'))
       ORDER BY b.slot_start, b.booking_id, s.connection`,
    ),
  },
];
