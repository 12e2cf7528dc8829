/**
 * The report's views (db/migrations/0013_report.sql has the words) as rows: exactly their columns, instants in epoch ms.
 * Invariant: reads only, and shows no personal data; a window is whole local days in the account's zone.
 */
import type { BookingStatus, Outcome, Sureness } from '../domain/booking';
import type { OutcomeBy } from '../domain/report-line';
import type { Db } from './pool';

/** Local dates, 'YYYY-MM-DD': from the first one up to, and without, `toDate`. `sources`: connections; null: all. */
export interface ReportSelection {
  readonly fromDate: string;
  readonly toDate: string;
  readonly sources: readonly string[] | null;
}

export interface LifecycleRow {
  readonly bookingId: string;
  readonly source: string;
  readonly eventType: string | null;
  readonly bookedAtMs: number;
  readonly bookedDate: string;
  readonly bookedWeek: string;
  readonly slotStartMs: number | null;
  readonly slotDate: string | null;
  readonly slotWeek: string | null;
  readonly status: BookingStatus;
  readonly outcome: Outcome['value'] | null;
  readonly outcomeBy: OutcomeBy | null;
  readonly outcomeSure: Sureness | null;
  readonly movedCount: number;
  readonly canceledAtMs: number | null;
  readonly canceledDate: string | null;
  readonly cancelTiming: 'early' | 'late' | null;
  readonly host: string | null;
  readonly remindersSent: number;
  readonly excludedReason: 'unpaid' | 'test' | 'internal' | 'merged' | null;
  readonly crmState: 'in_sync' | 'parked' | 'refused' | 'waiting' | 'none';
  /** The CRM's word: scheduled, rescheduled, canceled, showed, no_show. */
  readonly crmOutcome: string | null;
}

export interface RatesRow {
  readonly slotWeek: string;
  readonly source: string;
  readonly bookings: number;
  readonly due: number;
  readonly resolved: number;
  /** Rates and coverage are 0 to 1; null: there are no cases. */
  readonly coverage: number | null;
  readonly showed: number;
  readonly noShows: number;
  readonly noShowRate: number | null;
  readonly rescheduled: number;
  readonly rescheduleRate: number | null;
  readonly earlyCancels: number;
  readonly earlyCancelRate: number | null;
  readonly lateCancels: number;
  readonly unknown: number;
  readonly showedReminded: number;
  readonly noShowsReminded: number;
  readonly showedNotReminded: number;
  readonly noShowsNotReminded: number;
  readonly crmShowed: number;
  readonly crmNoShows: number;
  readonly excluded: number;
}

export interface FunnelRow {
  readonly entryWeek: string;
  readonly source: string;
  readonly leads: number;
  readonly invited: number;
  readonly booked: number;
  readonly attended: number;
}

export interface FollowUpRow {
  readonly bookingId: string;
  readonly source: string;
  readonly eventType: string | null;
  readonly what: 'no_show' | 'canceled';
  readonly sinceMs: number;
  readonly sinceDate: string;
  readonly slotStartMs: number | null;
  readonly slotDate: string | null;
  readonly host: string | null;
  readonly rebooked: boolean;
  readonly openTask: boolean;
  readonly messagesSent: number;
  /** Null: nobody said so yet. */
  readonly outcomeBy: OutcomeBy | null;
}

export type MismatchCause =
  'parked' | 'refused' | 'person_moved_it' | 'dropped' | 'waiting_for_contact' | 'not_synced_yet';

export interface ReconciliationRow {
  readonly bookingId: string;
  readonly source: string;
  readonly crm: string;
  readonly cause: MismatchCause;
  readonly status: BookingStatus;
  readonly crmOutcome: string | null;
  readonly slotStartMs: number | null;
  readonly slotDate: string | null;
  readonly sinceMs: number;
}

const plain = (column: string): string => `${column} AS "${camelCase(column)}"`;
const date = (column: string): string => `${column}::text AS "${camelCase(column)}"`;
const instant = (column: string): string =>
  `round(extract(epoch FROM ${column}) * 1000)::float8 AS "${camelCase(column)}Ms"`;
const camelCase = (column: string): string => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const OF_SOURCES = '($3::text[] IS NULL OR source = ANY ($3))';
const valuesOf = ({ fromDate, toDate, sources }: ReportSelection): unknown[] => [fromDate, toDate, sources];

/** Bookings whose slot lies in the window, excluded ones too; earliest slot first. */
export async function readReportLifecycle(db: Db, selection: ReportSelection): Promise<LifecycleRow[]> {
  const columns = [
    ...['booking_id', 'source', 'event_type'].map(plain),
    ...[instant('booked_at'), date('booked_date'), date('booked_week')],
    ...[instant('slot_start'), date('slot_date'), date('slot_week')],
    ...['status', 'outcome', 'outcome_by', 'outcome_sure', 'moved_count'].map(plain),
    ...[instant('canceled_at'), date('canceled_date')],
    ...['cancel_timing', 'host', 'reminders_sent', 'excluded_reason', 'crm_state', 'crm_outcome'].map(plain),
  ];
  const { rows } = await db.query<LifecycleRow>(
    `SELECT ${columns.join(', ')} FROM report_lifecycle
     WHERE slot_date >= $1 AND slot_date < $2 AND ${OF_SOURCES} ORDER BY slot_start, booking_id`,
    valuesOf(selection),
  );
  return rows;
}

/** Whole weeks, those that the window touches; earliest first. */
export async function readReportRates(db: Db, selection: ReportSelection): Promise<RatesRow[]> {
  const columns = [
    ...[date('slot_week'), ...['source', 'bookings', 'due', 'resolved', 'coverage', 'showed', 'no_shows'].map(plain)],
    ...['no_show_rate', 'rescheduled', 'reschedule_rate', 'early_cancels', 'early_cancel_rate'].map(plain),
    ...['late_cancels', 'unknown', 'showed_reminded', 'no_shows_reminded', 'showed_not_reminded'].map(plain),
    ...['no_shows_not_reminded', 'crm_showed', 'crm_no_shows', 'excluded'].map(plain),
  ];
  const { rows } = await db.query<RatesRow>(
    `SELECT ${columns.join(', ')} FROM report_rates
     WHERE slot_week > $1::date - 7 AND slot_week < $2::date AND ${OF_SOURCES} ORDER BY slot_week, source`,
    valuesOf(selection),
  );
  return rows;
}

/** Whole weeks of entry, those that the window touches; earliest first. */
export async function readReportFunnel(db: Db, selection: ReportSelection): Promise<FunnelRow[]> {
  const columns = [date('entry_week'), ...['source', 'leads', 'invited', 'booked', 'attended'].map(plain)];
  const { rows } = await db.query<FunnelRow>(
    `SELECT ${columns.join(', ')} FROM report_funnel
     WHERE entry_week > $1::date - 7 AND entry_week < $2::date AND ${OF_SOURCES} ORDER BY entry_week, source`,
    valuesOf(selection),
  );
  return rows;
}

/** No-shows and cancellations that were heard of in the window, newest first, at most `limit` (200). */
export async function readReportFollowUp(
  db: Db,
  selection: ReportSelection & { readonly limit?: number },
): Promise<FollowUpRow[]> {
  const columns = [
    ...[...['booking_id', 'source', 'event_type', 'what'].map(plain), instant('since'), date('since_date')],
    ...[
      instant('slot_start'),
      date('slot_date'),
      ...['host', 'rebooked', 'open_task', 'messages_sent', 'outcome_by'].map(plain),
    ],
  ];
  const { rows } = await db.query<FollowUpRow>(
    // No local date is two days away from the instant's in another zone; the index is by instants.
    `SELECT ${columns.join(', ')} FROM report_follow_up
     WHERE since >= $1::date - 2 AND since < $2::date + 2 AND since_date >= $1 AND since_date < $2 AND ${OF_SOURCES}
     ORDER BY since DESC, booking_id LIMIT $4`,
    [...valuesOf(selection), selection.limit ?? 200],
  );
  return rows;
}

/** Bookings whose slot lies in the window, one row per CRM that does not show them as they are; earliest slot first. */
export async function readReportReconciliation(db: Db, selection: ReportSelection): Promise<ReconciliationRow[]> {
  const columns = [
    ...['booking_id', 'source', 'crm', 'cause', 'status', 'crm_outcome'].map(plain),
    ...[instant('slot_start'), date('slot_date'), instant('since')],
  ];
  const { rows } = await db.query<ReconciliationRow>(
    `SELECT ${columns.join(', ')} FROM report_reconciliation
     WHERE slot_date >= $1 AND slot_date < $2 AND ${OF_SOURCES} ORDER BY slot_start, booking_id, crm`,
    valuesOf(selection),
  );
  return rows;
}
