/** What the plots and the tables beneath them show. Invariant: a plot and its table are made of the same rows. */
import type { ReportCounts } from './counts';
import { shareOf } from './rates';
import type { LocalDate } from './windows';

export interface FunnelStep {
  readonly label: string;
  readonly count: number;
  /** Of the leads; null: there are none. */
  readonly share: number | null;
}

export function funnelSteps({ leads, invited, booked, attended }: ReportCounts): FunnelStep[] {
  const step = (label: string, count: number): FunnelStep => ({
    label,
    count,
    share: shareOf({ hits: count, cases: leads }),
  });
  return [step('Leads', leads), step('Invited', invited), step('Booked', booked), step('Attended', attended)];
}

export interface ReminderRow {
  readonly label: string;
  readonly showed: number;
  readonly noShows: number;
  readonly cases: number;
}

export function reminderRows({ withReminder, withoutReminder }: ReportCounts): ReminderRow[] {
  const row = (label: string, { showed, noShows }: ReportCounts['withReminder']): ReminderRow => ({
    label,
    showed,
    noShows,
    cases: showed + noShows,
  });
  return [row('Reminder sent', withReminder), row('No reminder', withoutReminder)];
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "16 Nov" */
export function dayInWords(date: LocalDate): string {
  const [, month = '1', day = '1'] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}`;
}
