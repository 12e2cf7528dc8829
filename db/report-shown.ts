/**
 * The report's numbers of one window beside those before it, with the state of the feeds that they rest on.
 * Invariant: the page and the weekly e-mail read here, so they tell the same.
 */
import { shownReport, type ShownReport } from '../domain/report/shown';
import { doubtsOf, type FeedState } from '../domain/report/trust';
import { fourWeeksBefore, priorWindow } from '../domain/report/windows';
import { listConnectionLines } from './connection-lines';
import type { Db } from './pool';
import { readConfirmedCounts } from './report-confirmed';
import { readReportCounts } from './report-counts';
import type { ReportSelection } from './report-views';

/** `connections`: those whose state decides whether the numbers may be believed. */
export async function readShownReport(
  db: Db,
  of: { readonly selection: ReportSelection; readonly connections: readonly string[]; readonly nowMs: number },
): Promise<ShownReport> {
  const { selection } = of;
  const { sources } = selection;
  const before = fourWeeksBefore(selection);
  const [counts, prior, fourWeeks, feeds] = await Promise.all([
    readReportCounts(db, selection),
    readReportCounts(db, { ...priorWindow(selection), sources }),
    before && readReportCounts(db, { ...before, sources }),
    readFeeds(db, of),
  ]);
  if (doubtsOf(counts, feeds).length === 0) return shownReport({ counts, prior, fourWeeks, feeds });
  const [now, priorConfirmed, fourWeeksConfirmed] = await Promise.all([
    readConfirmedCounts(db, selection),
    readConfirmedCounts(db, { ...priorWindow(selection), sources }),
    before && readConfirmedCounts(db, { ...before, sources }),
  ]);
  const confirmed = { now, prior: priorConfirmed, fourWeeks: fourWeeksConfirmed };
  return shownReport({ counts, prior, fourWeeks, feeds, confirmed });
}

async function readFeeds(
  db: Db,
  of: { readonly connections: readonly string[]; readonly nowMs: number },
): Promise<FeedState[]> {
  return (await listConnectionLines(db, of.connections)).map(({ connection, health, oldestWaitingAtMs }) => ({
    connection,
    isDown: health?.state === 'down',
    lagMs: oldestWaitingAtMs === null ? 0 : Math.max(0, of.nowMs - oldestWaitingAtMs),
  }));
}
