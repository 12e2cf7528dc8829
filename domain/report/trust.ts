/**
 * May the report's numbers be believed? Invariant: below 90 % coverage, or with a feed that does not work, every rate of the page carries
 * the reasons, and only what a CRM confirms is counted as known.
 */
import type { ReportCounts } from './counts';
import { coverageOf, type Rate, type RateName } from './rates';

/** Of the slots that were due, so many must have an outcome. */
export const TRUSTED_COVERAGE = 0.9;
/** Deliveries that wait longer than this make what is shown too old. */
export const TRUSTED_LAG_MS = 15 * 60_000;

/** How the connections stand that the report's bookings come from and go to. */
export interface FeedState {
  readonly connection: string;
  /** It refuses us, or does not answer. */
  readonly isDown: boolean;
  /** Age of the oldest delivery that waits to be read, ms; 0: none waits. */
  readonly lagMs: number;
}

export type Doubt =
  | { readonly kind: 'coverage'; readonly coverage: number; readonly unknown: number }
  | { readonly kind: 'feed_down'; readonly connection: string }
  | { readonly kind: 'feed_lags'; readonly connection: string; readonly lagMs: number };

/** Empty: the numbers may be believed. */
export function doubtsOf(
  counts: Pick<ReportCounts, 'due' | 'resolved' | 'unknown'>,
  feeds: readonly FeedState[],
): readonly Doubt[] {
  const coverage = coverageOf(counts);
  return [
    ...(coverage !== null && coverage < TRUSTED_COVERAGE
      ? [{ kind: 'coverage', coverage, unknown: counts.unknown } as const]
      : []),
    ...feeds.filter(({ isDown }) => isDown).map(({ connection }) => ({ kind: 'feed_down', connection }) as const),
    ...feeds
      .filter(({ isDown, lagMs }) => !isDown && lagMs > TRUSTED_LAG_MS)
      .map(({ connection, lagMs }) => ({ kind: 'feed_lags', connection, lagMs }) as const),
  ];
}

/** The no-show rate as far as CRMs confirm it; what is due besides needs a person's word. */
export function confirmedNoShow({ due, crmConfirmed }: Pick<ReportCounts, 'due' | 'crmConfirmed'>): Rate & {
  readonly needsConfirm: number;
} {
  const { showed, noShows } = crmConfirmed;
  const needsConfirm = Math.max(0, due - showed - noShows);
  return { hits: noShows, cases: showed + noShows, missing: needsConfirm, needsConfirm };
}

/** Bookings and leads of a window as far as CRMs show what we hold. */
export interface ConfirmedCounts {
  /** Bookings that every CRM with their appointment shows as they are, however that is. */
  readonly chains: number;
  /** Of those, moved at least once, and called off 24 hours or more before the slot. */
  readonly rescheduled: number;
  readonly earlyCancels: number;
  /** Leads of the window with such a booking. */
  readonly booked: number;
}

export const NOTHING_CONFIRMED: ConfirmedCounts = { chains: 0, rescheduled: 0, earlyCancels: 0, booked: 0 };

/** Every rate as far as CRMs confirm it: `missing` is what needs a person's word, and is in no case. */
export function confirmedRates(counts: ReportCounts, confirmed: ConfirmedCounts): Readonly<Record<RateName, Rate>> {
  const { chains, rescheduled, earlyCancels, booked } = confirmed;
  // Read one after the other, the two may differ by what came between.
  const apart = (hits: number, cases: number, missing: number): Rate => ({
    hits,
    cases: Math.max(hits, cases),
    missing: Math.max(0, missing),
    missingApart: true,
  });
  const { hits, cases, missing } = confirmedNoShow(counts);
  return {
    no_show: apart(hits, cases, missing),
    reschedule: apart(rescheduled, chains, counts.chains - chains),
    early_cancel: apart(earlyCancels, chains, counts.chains - chains),
    book: apart(booked, counts.leads - (counts.booked - booked), counts.booked - booked),
  };
}
