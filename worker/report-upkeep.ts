/**
 * Upkeep of the report: lines of bookings that were recorded before there were any (or in another zone), days of leads in another zone,
 * and counts that are added up.
 * Invariant: one process at a time, small transactions; whatever is left undone is found again by the next start.
 */
import type { Pool } from 'pg';
import type { Log } from '../activities/deps';
import { keepReportLine, type ReportDeps } from '../activities/report-line';
import { lockBooking } from '../db/bookings';
import { readFacts } from '../db/facts';
import { acquireLease } from '../db/leases';
import { withTransaction } from '../db/pool';
import { saveLeadDates, takeLeadsOutsideZone } from '../db/leads';
import { listWithoutLine } from '../db/report-bookings';
import { addUpDays } from '../db/report-days';
import { inOrder } from '../domain/order';
import { localDate } from '../domain/wall-clock';

export interface ReportUpkeepDeps extends ReportDeps {
  readonly pool: Pool;
  readonly log: Log;
  readonly holder: string;
}

const PAGE = 200;
const EVERY_MS = 60_000;
const LEASE_MS = 3 * EVERY_MS;

/** Fills what is missing, then adds up once a minute, until it is stopped. */
export function startReportUpkeep(deps: ReportUpkeepDeps): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let isFilled = false;
  const turn = async (): Promise<void> => {
    try {
      if (await holdsLease(deps)) {
        if (!isFilled) isFilled = (await fillLines(deps, () => stopped)) && (await moveLeads(deps, () => stopped));
        await addUpDays(deps.pool);
      }
    } catch (error) {
      deps.log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'report waits and tries again');
    }
    if (!stopped) timer = setTimeout(() => void turn(), EVERY_MS);
  };
  void turn();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function holdsLease({ pool, holder }: ReportUpkeepDeps): Promise<boolean> {
  return (await acquireLease(pool, { name: 'report', holder, ttlMs: LEASE_MS })) !== null;
}

/** Writes the lines that are missing. False: it was stopped, or another process took over. */
export async function fillLines(deps: ReportUpkeepDeps, isStopped: () => boolean): Promise<boolean> {
  const { zone } = deps.settings.report;
  let filled = 0;
  for (let afterId = ''; ;) {
    const page = await listWithoutLine(deps.pool, { zone, afterId, limit: PAGE });
    for (const id of page) {
      if (isStopped()) return false;
      await fillLine(deps, id);
    }
    filled += page.length;
    if (page.length < PAGE) break;
    afterId = page.at(-1)!;
    await addUpDays(deps.pool);
    if (!(await holdsLease(deps))) return false;
  }
  if (filled > 0) deps.log.info({ filled }, 'bookings were added to the report');
  return true;
}

/** Finds the day of each lead in the report's zone. False: it was stopped, or another process took over. */
export async function moveLeads(deps: ReportUpkeepDeps, isStopped: () => boolean): Promise<boolean> {
  const { zone } = deps.settings.report;
  let moved = 0;
  for (let isLast = false; !isLast;) {
    if (isStopped()) return false;
    const found = await withTransaction(deps.pool, async (tx) => {
      const taken = await takeLeadsOutsideZone(tx, { zone, limit: PAGE });
      const leads = taken.map(({ id, enteredAtMs }) => ({
        id,
        enteredDate: localDate(deps.wallClock, enteredAtMs, zone),
      }));
      if (leads.length > 0) await saveLeadDates(tx, { zone, leads });
      return leads.length;
    });
    moved += found;
    isLast = found < PAGE;
    if (found > 0) await addUpDays(deps.pool);
    if (!(await holdsLease(deps))) return false;
  }
  if (moved > 0) deps.log.info({ moved }, "leads count for their day in the report's zone");
  return true;
}

async function fillLine(deps: ReportUpkeepDeps, id: string): Promise<void> {
  await withTransaction(deps.pool, async (tx) => {
    const [booking, stored] = await Promise.all([lockBooking(tx, id), readFacts(tx, id)]);
    if (!booking?.picture || booking.mergedInto !== null || stored.length === 0) return;
    const heard = stored.map((row) => row.fact);
    const facts = inOrder(heard, booking.picture.chain);
    await keepReportLine(tx, deps, { booking, picture: booking.picture, facts });
  });
}
