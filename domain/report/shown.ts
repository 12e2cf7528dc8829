/**
 * What the page and the weekly e-mail tell: each number with what it was before and how far it can be relied on.
 * Invariant: both are made of this, so they never disagree, and no rate leaves here without the doubts about it.
 */
import type { ReportCounts } from './counts';
import {
  coverageOf,
  deltaPoints,
  FEW_CASES,
  RATE_NAMES,
  rangeOf,
  ratesOf,
  shareOf,
  type Range,
  type Rate,
  type RateName,
} from './rates';
import { median } from './time-to-book';
import {
  confirmedNoShow,
  confirmedRates,
  doubtsOf,
  NOTHING_CONFIRMED,
  type ConfirmedCounts,
  type Doubt,
  type FeedState,
} from './trust';

export interface ShownRate extends Rate {
  readonly name: RateName;
  /** Null: there are no cases. */
  readonly share: number | null;
  /** So few that the counts say more than the share. */
  readonly isFew: boolean;
  readonly prior: Pick<Rate, 'hits' | 'cases'>;
  /** Points of a hundred against the period before; null: one of the two has no cases. */
  readonly delta: number | null;
  /** Of the four weeks before a week, as one; null: no such look back, or no cases in it. */
  readonly fourWeekShare: number | null;
  readonly range: Range | null;
  /** It counts only what CRMs confirm; `missing` needs a person's word. */
  readonly isConfirmed: boolean;
}

/** What CRMs confirm of the window and of those that it is compared with. */
export interface ConfirmedWindows {
  readonly now: ConfirmedCounts;
  readonly prior: ConfirmedCounts;
  readonly fourWeeks: ConfirmedCounts | null;
}

export interface ShownReport {
  readonly counts: ReportCounts;
  readonly coverage: number | null;
  /** Not empty: the rates are those that CRMs confirm. */
  readonly doubts: readonly Doubt[];
  readonly rates: Readonly<Record<RateName, ShownRate>>;
  readonly timeToBook: { readonly median: number | null; readonly prior: number | null };
  /** Of what is due, what no CRM confirms: only told while there are doubts. */
  readonly needsConfirm: number;
  /** All that rules left out. */
  readonly excluded: number;
}

export function shownReport(of: {
  readonly counts: ReportCounts;
  readonly prior: ReportCounts;
  readonly fourWeeks: ReportCounts | null;
  readonly feeds: readonly FeedState[];
  /** Only looked at while there are doubts; without it, nothing is confirmed. */
  readonly confirmed?: ConfirmedWindows;
}): ShownReport {
  const { counts, prior, fourWeeks, feeds, confirmed } = of;
  const doubts = doubtsOf(counts, feeds);
  const isConfirmed = doubts.length > 0;
  // What CRMs confirm is compared with what they confirmed before.
  const told = (window: ReportCounts, known: ConfirmedCounts = NOTHING_CONFIRMED) =>
    isConfirmed ? confirmedRates(window, known) : ratesOf(window);
  const [now, before] = [told(counts, confirmed?.now), told(prior, confirmed?.prior)];
  const longBefore = fourWeeks && told(fourWeeks, confirmed?.fourWeeks ?? undefined);
  const rate = (name: RateName): ShownRate => ({
    name,
    isConfirmed,
    hits: now[name].hits,
    cases: now[name].cases,
    missing: now[name].missing,
    share: shareOf(now[name]),
    isFew: now[name].cases < FEW_CASES,
    prior: before[name],
    delta: deltaPoints(now[name], before[name]),
    fourWeekShare: longBefore && shareOf(longBefore[name]),
    range: rangeOf(name, now[name]),
  });
  const { unpaid, test, internal } = counts.excluded;
  return {
    counts,
    coverage: coverageOf(counts),
    doubts,
    needsConfirm: confirmedNoShow(counts).needsConfirm,
    rates: Object.fromEntries(RATE_NAMES.map((name) => [name, rate(name)])) as Record<RateName, ShownRate>,
    timeToBook: { median: median(counts.timeToBookHours), prior: median(prior.timeToBookHours) },
    excluded: unpaid + test + internal,
  };
}
