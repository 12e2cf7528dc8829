/** Rates week by week, of all chosen sources together. Invariant: every week has a point, also one in which nothing was due. */
import { shareOf, type RateName } from './rates';
import type { LocalDate } from './windows';

/** The sums of one source in one week of slots. */
export interface WeekSums {
  readonly slotWeek: LocalDate;
  readonly bookings: number;
  readonly due: number;
  readonly resolved: number;
  readonly showed: number;
  readonly noShows: number;
  readonly rescheduled: number;
  readonly earlyCancels: number;
}

/** Shares are null where there are no cases. */
export interface WeekRates extends WeekSums {
  readonly coverage: number | null;
  readonly shares: Readonly<Record<Exclude<RateName, 'book'>, number | null>>;
}

export function weeklyRates(rows: readonly WeekSums[], weeks: readonly LocalDate[]): WeekRates[] {
  return weeks.map((slotWeek) => {
    const own = rows.filter((row) => row.slotWeek === slotWeek);
    const sum = (of: (row: WeekSums) => number): number => own.reduce((total, row) => total + of(row), 0);
    const sums = {
      slotWeek,
      bookings: sum((row) => row.bookings),
      due: sum((row) => row.due),
      resolved: sum((row) => row.resolved),
      showed: sum((row) => row.showed),
      noShows: sum((row) => row.noShows),
      rescheduled: sum((row) => row.rescheduled),
      earlyCancels: sum((row) => row.earlyCancels),
    };
    return {
      ...sums,
      coverage: shareOf({ hits: sums.resolved, cases: sums.due }),
      shares: {
        no_show: shareOf({ hits: sums.noShows, cases: sums.resolved }),
        reschedule: shareOf({ hits: sums.rescheduled, cases: sums.bookings }),
        early_cancel: shareOf({ hits: sums.earlyCancels, cases: sums.bookings }),
      },
    };
  });
}
