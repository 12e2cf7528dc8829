/** Bookings for tests of the report: facts go through the real fold, the picture and its line through the real store. */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { keepReportLine, type ReportDeps } from '../../activities/report-line';
import { wallClock } from '../../config/zones';
import { insertBooking, readBooking, savePicture } from '../../db/bookings';
import { insertFact, readFacts } from '../../db/facts';
import { withTransaction } from '../../db/pool';
import type { Vault } from '../../db/vault';
import type { Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import type { ReportSettings } from '../../domain/report-exclusion';
import type { FoldPolicy } from '../../domain/settings';
import { EVIDENCE } from './facts';

export const REPORT: ReportSettings = {
  zone: 'America/Denver',
  exclude: { internalDomains: [], testDomains: [], unpaid: true },
};

/** What `record` needs of the report. No vault: nobody's address is looked at, unless a test brings one. */
export function reportDeps(settings: Partial<ReportSettings> = {}, vault?: Vault): ReportDeps {
  return { vault: vault as Vault, wallClock, settings: { report: { ...REPORT, ...settings } } };
}

/** Stores facts of a booking; the booking is made with its first one. */
export async function tell(
  pool: Pool,
  to: { readonly id: string; readonly source?: string; readonly facts: readonly Fact[] },
): Promise<void> {
  const connection = to.source ?? 'calcom-sales';
  await insertBooking(pool, { id: to.id, connection, rootUid: to.id });
  for (const [ordinal, fact] of to.facts.entries()) {
    await insertFact(pool, {
      fact: { ...fact, id: randomUUID() },
      bookingId: to.id,
      connection,
      sealed: null,
      meaning: null,
      deliveryId: null,
      ordinal,
    });
  }
}

/** What `record` does of a booking for the report: fold, picture, line, in one transaction. */
export async function recordForReport(
  pool: Pool,
  deps: ReportDeps,
  of: { readonly id: string; readonly nowMs: number; readonly policy?: FoldPolicy },
): Promise<void> {
  await withTransaction(pool, async (tx) => {
    const [booking, stored] = await Promise.all([readBooking(tx, of.id), readFacts(tx, of.id)]);
    if (!booking || booking.mergedInto !== null || stored.length === 0) return;
    const facts = stored.map((row) => row.fact);
    const { picture, ordered } = fold(facts, of.nowMs, of.policy ?? EVIDENCE);
    await savePicture(tx, { id: booking.id, version: booking.version + 1, picture, nowMs: of.nowMs });
    await keepReportLine(tx, deps, { booking, picture, facts: ordered });
  });
}
