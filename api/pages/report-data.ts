/** Reads what the report's page, plots and tables show. Invariant: from the database only; nothing here waits for Temporal or a vendor. */
import { localTime } from '../../config/zones';
import { guestsOfBookings } from '../../db/booking-lines';
import { listConnectionLines } from '../../db/connection-lines';
import { readReportCounts } from '../../db/report-counts';
import {
  readReportFollowUp,
  readReportRates,
  readReportReconciliation,
  type ReportSelection,
} from '../../db/report-views';
import { shownReport, type ShownReport } from '../../domain/report/shown';
import type { FeedState } from '../../domain/report/trust';
import { weeklyRates, type WeekRates } from '../../domain/report/weekly';
import { fourWeeksBefore, mondayOf, plusDays, priorWindow, weeksOf, type LocalDate } from '../../domain/report/windows';
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

export function todayIn(zone: string, nowMs: number): LocalDate {
  const { year, month, day } = localTime(nowMs, zone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

export async function readShown(deps: ConsoleDeps, query: ReportQuery): Promise<ShownReport> {
  const sources = sourcesOf(query);
  const before = fourWeeksBefore(query);
  const [counts, prior, fourWeeks, feeds] = await Promise.all([
    readReportCounts(deps.db, { ...query, sources }),
    readReportCounts(deps.db, { ...priorWindow(query), sources }),
    before && readReportCounts(deps.db, { ...before, sources }),
    readFeeds(deps, query),
  ]);
  return shownReport({ counts, prior, fourWeeks, feeds });
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

/** Of the chosen source and the CRMs that it feeds; of all connections where none is chosen. */
async function readFeeds(deps: ConsoleDeps, { source }: ReportQuery): Promise<FeedState[]> {
  const { connections } = deps.console;
  const chosen = connections.find(({ id }) => id === source);
  const ids = chosen === undefined ? connections.map(({ id }) => id) : [chosen.id, ...chosen.feeds];
  const nowMs = deps.nowMs();
  return (await listConnectionLines(deps.db, ids)).map(({ connection, health, oldestWaitingAtMs }) => ({
    ...{ connection, isDown: health?.state === 'down' },
    lagMs: oldestWaitingAtMs === null ? 0 : Math.max(0, nowMs - oldestWaitingAtMs),
  }));
}

async function namesOf(deps: ConsoleDeps, bookingIds: readonly string[]): Promise<(id: string) => string | null> {
  const guests = await guestsOfBookings(deps.db, bookingIds);
  const people = await peopleOf(deps, [...guests.values()]);
  return (id) => nameOf(people.get(guests.get(id) ?? ''));
}
