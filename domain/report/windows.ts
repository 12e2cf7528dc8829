/**
 * Windows of the report: whole local days in the account's zone.
 * Invariant: arithmetic is on calendar dates only, so a day on which clocks change is a day like any other.
 */

/** A calendar day, 'YYYY-MM-DD'. */
export type LocalDate = string;

/** From the first day up to, and without, `toDate`. */
export interface ReportWindow {
  readonly fromDate: LocalDate;
  readonly toDate: LocalDate;
}

export const WINDOW_NAMES = ['this_week', 'last_week', 'last_4_weeks', 'custom'] as const;
export type WindowName = (typeof WINDOW_NAMES)[number];

/** Two years and a day: longer windows are read by SQL. */
export const LONGEST_WINDOW_DAYS = 732;

const DAY_MS = 86_400_000;
const WEEK = 7;

const dayNumber = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const dateOf = (day: number): LocalDate => new Date(day * DAY_MS).toISOString().slice(0, 10);

export function plusDays(date: LocalDate, days: number): LocalDate {
  return dateOf(dayNumber(date) + days);
}

/** The Monday of the date's week. */
export function mondayOf(date: LocalDate): LocalDate {
  const day = dayNumber(date);
  // Day 0 was a Thursday.
  return dateOf(day - ((((day + 3) % WEEK) + WEEK) % WEEK));
}

export function daysIn({ fromDate, toDate }: ReportWindow): number {
  return dayNumber(toDate) - dayNumber(fromDate);
}

/** Weeks begin on Mondays; `last_4_weeks` are the four whole weeks before the one of `today`. */
export function windowNamed(name: Exclude<WindowName, 'custom'>, today: LocalDate): ReportWindow {
  const monday = mondayOf(today);
  if (name === 'this_week') return { fromDate: monday, toDate: plusDays(monday, WEEK) };
  return { fromDate: plusDays(monday, name === 'last_week' ? -WEEK : -4 * WEEK), toDate: monday };
}

/** Null: the days are in the wrong order, or too many. `lastDate` is part of the window, as people mean it. */
export function customWindow(fromDate: LocalDate, lastDate: LocalDate): ReportWindow | null {
  const window = { fromDate, toDate: plusDays(lastDate, 1) };
  const days = daysIn(window);
  return days >= 1 && days <= LONGEST_WINDOW_DAYS ? window : null;
}

/** The same number of days, directly before. */
export function priorWindow(window: ReportWindow): ReportWindow {
  return { fromDate: plusDays(window.fromDate, -daysIn(window)), toDate: window.fromDate };
}

/** For a week: the four weeks before it, as a longer look back. Null for any other window. */
export function fourWeeksBefore({ fromDate, toDate }: ReportWindow): ReportWindow | null {
  const isWeek = mondayOf(fromDate) === fromDate && plusDays(fromDate, WEEK) === toDate;
  return isWeek ? { fromDate: plusDays(fromDate, -4 * WEEK), toDate: fromDate } : null;
}

/** The weeks that the window touches, each by its Monday. */
export function weeksOf({ fromDate, toDate }: ReportWindow): LocalDate[] {
  const weeks: LocalDate[] = [];
  for (let monday = mondayOf(fromDate); monday < toDate; monday = plusDays(monday, WEEK)) weeks.push(monday);
  return weeks;
}
