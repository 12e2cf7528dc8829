/** Reads what the report's page, plots and tables show. Invariant: from the database only; nothing here waits for Temporal or a vendor. */
import { guestsOfBookings } from '../../db/booking-lines';
import { readShownReport } from '../../db/report-shown';
import {
  readReportFollowUp,
  readReportRates,
  readReportReconciliation,
  type ReportSelection,
} from '../../db/report-views';
import type { ShownReport } from '../../domain/report/shown';
import { weeklyRates, type WeekRates } from '../../domain/report/weekly';
import { mondayOf, plusDays, weeksOf } from '../../domain/report/windows';
import type { ConsoleDeps } from './console';
import { nameOf, peopleOf } from './people';
import type { ReportQuery } from './report-query';
import type { NamedFollowUp, NamedMismatch } from './views/report-tables';

/** Rates of single weeks are shown for at least so many, the last of them the window's. */
const SHOWN_WEEKS = 8;

export interface ReportData {
  readonly shown: ShownReport;
  readonly weeks: readonly WeekRates[];
  /** Newest first. */
  readonly followUp: readonly NamedFollowUp[];
  readonly mismatches: readonly NamedMismatch[];
}

/** Whether the numbers may be believed depends on the chosen source and the CRMs that it feeds; on all connections where none is chosen. */
export async function readShown(deps: ConsoleDeps, query: ReportQuery): Promise<ShownReport> {
  const { connections } = deps.console;
  const chosen = connections.find(({ id }) => id === query.source);
  return readShownReport(deps.db, {
    selection: { ...query, sources: sourcesOf(query) },
    connections: chosen === undefined ? connections.map(({ id }) => id) : [chosen.id, ...chosen.feeds],
    nowMs: deps.nowMs(),
  });
}

export async function readWeeks(deps: ConsoleDeps, query: ReportQuery): Promise<WeekRates[]> {
  const earliest = plusDays(mondayOf(plusDays(query.toDate, -1)), -7 * (SHOWN_WEEKS - 1));
  const window = { fromDate: earliest < query.fromDate ? earliest : query.fromDate, toDate: query.toDate };
  return weeklyRates(await readReportRates(deps.db, { ...window, sources: sourcesOf(query) }), weeksOf(window));
}

/** `limit`: of follow-ups, at most. */
export async function readReport(deps: ConsoleDeps, query: ReportQuery, limit: number): Promise<ReportData> {
  const selection: ReportSelection = { ...query, sources: sourcesOf(query) };
  const [shown, weeks, followUp, mismatches] = await Promise.all([
    readShown(deps, query),
    readWeeks(deps, query),
    readReportFollowUp(deps.db, { ...selection, limit }),
    readReportReconciliation(deps.db, selection),
  ]);
  const nameOfBooking = await namesOf(
    deps,
    [...followUp, ...mismatches].map(({ bookingId }) => bookingId),
  );
  const named = <Row extends { readonly bookingId: string }>(row: Row) => ({
    ...row,
    guest: nameOfBooking(row.bookingId),
  });
  return { shown, weeks, followUp: followUp.map(named), mismatches: mismatches.map(named) };
}

const sourcesOf = ({ source }: ReportQuery): readonly string[] | null => (source === null ? null : [source]);

async function namesOf(deps: ConsoleDeps, bookingIds: readonly string[]): Promise<(id: string) => string | null> {
  const guests = await guestsOfBookings(deps.db, bookingIds);
  const people = await peopleOf(deps, [...guests.values()]);
  return (id) => nameOf(people.get(guests.get(id) ?? ''));
}
