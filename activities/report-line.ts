/**
 * Keeps the report's line of a booking in step with its picture, in the transaction that writes the picture.
 * Invariant: local dates come from our own zone data; of the guest's address only why it excludes the booking is kept.
 */
import { readPerson } from '../db/persons';
import type { Db } from '../db/pool';
import { readExcludedReason, saveReportBooking } from '../db/report-bookings';
import type { Picture } from '../domain/booking';
import type { Fact } from '../domain/facts';
import { excludedReasonOf, excludesByDomain, type ExcludedReason } from '../domain/report-exclusion';
import { reportLineOf } from '../domain/report-line';
import { localDate } from '../domain/wall-clock';
import type { ActivityDeps } from './deps';

export type ReportDeps = Pick<ActivityDeps, 'vault' | 'wallClock'> & {
  readonly settings: Pick<ActivityDeps['settings'], 'report'>;
};

export async function keepReportLine(
  tx: Db,
  deps: ReportDeps,
  of: {
    readonly booking: { readonly id: string; readonly connection: string };
    readonly picture: Picture;
    /** In their own order. */
    readonly facts: readonly Fact[];
  },
): Promise<void> {
  const { booking, picture, facts } = of;
  const { zone } = deps.settings.report;
  const line = reportLineOf(picture, facts);
  const dateOf = (atMs: number | undefined): string | null =>
    atMs === undefined ? null : localDate(deps.wallClock, atMs, zone);
  await saveReportBooking(tx, {
    ...line,
    bookingId: booking.id,
    source: booking.connection,
    picture,
    zone,
    bookedDate: localDate(deps.wallClock, line.bookedAtMs, zone),
    slotDate: dateOf(picture.slot?.startMs),
    outcomeDate: dateOf(picture.outcome?.atMs),
    excludedReason: await reasonOf(tx, deps, { bookingId: booking.id, picture, isUnpaid: line.isUnpaid }),
  });
}

async function reasonOf(
  tx: Db,
  { vault, settings: { report } }: ReportDeps,
  of: { readonly bookingId: string; readonly picture: Picture; readonly isUnpaid: boolean },
): Promise<ExcludedReason | null> {
  const { personId } = of.picture;
  if (personId === null || !excludesByDomain(report.exclude))
    return excludedReasonOf({ email: null, isUnpaid: of.isUnpaid }, report.exclude);
  const guest = await readPerson(tx, vault, personId);
  // Erased: what was judged while the address was known holds on.
  const before = guest === null ? await readExcludedReason(tx, of.bookingId) : null;
  if (before === 'test' || before === 'internal') return before;
  return excludedReasonOf({ email: guest?.email ?? null, isUnpaid: of.isUnpaid }, report.exclude);
}
