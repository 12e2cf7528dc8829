/**
 * The rates of the report: what each is a share of, and how far it can be relied on.
 * Invariant: a rate is shown with its cases; where these are few, or outcomes are missing, with the range in which it lies.
 */
import type { ReportCounts } from './counts';

export const RATE_NAMES = ['no_show', 'reschedule', 'early_cancel', 'book'] as const;
export type RateName = (typeof RATE_NAMES)[number];

/** So many of so many. */
export interface Rate {
  readonly hits: number;
  readonly cases: number;
  /** Cases that are not counted because nobody knows about them: each may have been a hit. */
  readonly missing: number;
  /** The missing ones are not among `cases`; so it always is of the no-show rate. */
  readonly missingApart?: true;
}

export interface Range {
  readonly low: number;
  readonly high: number;
  /** Few cases: chance alone (95 %). Missing outcomes: what they could make of the rate. */
  readonly because: 'few' | 'missing';
}

/** Below it, a rate is told as counts. */
export const FEW_CASES = 20;
/** What a single case, or missing ones, may move a rate by without being mentioned. */
export const TOLERATED_SHIFT = 0.02;
/** Below it, one case more or less is more than the tolerated shift, so a range stands beside the rate. */
export const RANGED_CASES = 1 / TOLERATED_SHIFT;
/** Two-sided 95 %. */
const Z = 1.959964;

/**
 * No-show: of those of whom it is known. Reschedule and early cancel: of all bookings of the window. Book: leads with a first
 * booking, of those who entered in the window.
 */
export function ratesOf(counts: ReportCounts): Readonly<Record<RateName, Rate>> {
  const { noShows, showed, rescheduled, earlyCancels, chains, booked, leads, unknown, due } = counts;
  // Where so many outcomes were not heard, as many beginnings may not have been.
  const unheard = due === 0 ? 0 : Math.ceil((booked * unknown) / due);
  return {
    no_show: { hits: noShows, cases: showed + noShows, missing: unknown },
    // An appointment of which nothing was heard any more may have been moved or called off without our hearing it.
    reschedule: { hits: rescheduled, cases: chains, missing: Math.min(unknown, chains - rescheduled) },
    early_cancel: { hits: earlyCancels, cases: chains, missing: Math.min(unknown, chains - earlyCancels) },
    book: { hits: booked, cases: leads, missing: Math.min(unheard, leads - booked) },
  };
}

/** Null: there are no cases. */
export function shareOf({ hits, cases }: Pick<Rate, 'hits' | 'cases'>): number | null {
  return cases === 0 ? null : hits / cases;
}

/** Resolved of due; null: nothing was due. */
export function coverageOf({ resolved, due }: Pick<ReportCounts, 'resolved' | 'due'>): number | null {
  return shareOf({ hits: resolved, cases: due });
}

/** `now` minus `before`, in points of a hundred, to one decimal; null: one of them has no cases. */
export function deltaPoints(now: Rate, before: Rate): number | null {
  const [here, there] = [shareOf(now), shareOf(before)];
  return here === null || there === null ? null : Math.round((here - there) * 1_000) / 10;
}

/** Null: the bare rate says enough. */
export function rangeOf(name: RateName, rate: Rate): Range | null {
  const share = shareOf(rate);
  if (share === null) return null;
  const open = missingRange(name, rate);
  if (rate.cases < RANGED_CASES) {
    const { low, high } = wilson(rate);
    return { low: Math.min(low, open.low), high: Math.max(high, open.high), because: 'few' };
  }
  const shift = Math.max(share - open.low, open.high - share);
  return shift > TOLERATED_SHIFT ? { ...open, because: 'missing' } : null;
}

/** Wilson score interval at 95 %: stays within 0 and 1, and holds for few cases. Expects at least one case. */
export function wilson({ hits, cases }: Pick<Rate, 'hits' | 'cases'>): { readonly low: number; readonly high: number } {
  const share = hits / cases;
  const square = (Z * Z) / cases;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z * Math.sqrt((share * (1 - share)) / cases + square / (4 * cases))) / (1 + square);
  // At the edges rounding would leave a rest.
  return { low: hits === 0 ? 0 : middle - half, high: hits === cases ? 1 : middle + half };
}

/** If none, or all, of the missing ones were hits. */
function missingRange(
  name: RateName,
  { hits, cases, missing, missingApart }: Rate,
): { readonly low: number; readonly high: number } {
  const all = name === 'no_show' || missingApart ? cases + missing : cases;
  return { low: hits / all, high: (hits + missing) / all };
}
