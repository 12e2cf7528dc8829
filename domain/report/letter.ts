/** The report of a week as an e-mail. Invariant: the numbers of the page, in its words; nobody's data. */
import { dayInWords } from './plotted';
import { RATE_NAMES } from './rates';
import type { ShownRate, ShownReport } from './shown';
import { hoursInWords } from './time-to-book';
import { plusDays, type ReportWindow } from './windows';
import {
  casesInWords,
  deltaInWords,
  doubtInWords,
  excludedInWords,
  labelInWords,
  limitsInWords,
  percent,
  rangeInWords,
  rateInWords,
} from './words';

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

/** `link`: the page of this week; null: nobody has said where browsers reach this service. */
export function weeklyLetter(of: {
  readonly shown: ShownReport;
  readonly window: ReportWindow;
  readonly zone: string;
  readonly link: string | null;
}): Letter {
  const { shown, window, zone, link } = of;
  const days = `${dayInWords(window.fromDate)} to ${dayInWords(plusDays(window.toDate, -1))}`;
  const parts = [
    `The report of ${days}, days as in ${zone}.`,
    ...doubtful(shown),
    ...RATE_NAMES.map((name) => paragraph(shown, shown.rates[name])),
    timeToBook(shown),
    shown.excluded === 0 ? 'No booking was left out.' : `Left out by rule: ${excludedInWords(shown.counts.excluded)}.`,
    ...(link === null ? [] : [`Plots, whom to follow up, and what each number means: ${link}`]),
    'You get this because your address is among report.subscribers of the settings.',
  ];
  return { subject: `Bookings: the report of ${days}`, text: parts.join('\n\n') };
}

function doubtful({ doubts, needsConfirm }: ShownReport): string[] {
  if (doubts.length === 0) return [];
  const reasons = doubts.map((doubt) => `- ${doubtInWords(doubt)}`);
  const told = `The rates count only what the CRM confirms; outcomes that need manual confirm: ${needsConfirm}.`;
  return [['These numbers are not to be relied on yet.', ...reasons, told].join('\n')];
}

function paragraph(shown: ShownReport, rate: ShownRate): string {
  const { coverage, counts } = shown;
  return [
    `${labelInWords(rate)}: ${rateInWords(rate)}`,
    casesInWords(rate),
    ...limitsInWords(rate),
    ...(rate.range === null ? [] : [`Likely ${rangeInWords(rate.range)}`]),
    deltaInWords(rate) ?? 'Nothing before to compare with',
    ...(rate.fourWeekShare === null ? [] : [`Four weeks before: ${percent(rate.fourWeekShare)}`]),
    ...(coverage === null ? [] : [`Coverage ${percent(coverage)}: ${counts.resolved} of ${counts.due} due`]),
  ].join('\n  ');
}

function timeToBook({ timeToBook: { median, prior } }: ShownReport): string {
  if (median === null) return 'Time to book: no lead of the week has booked';
  return `Time to book: ${hoursInWords(median)}${prior === null ? '' : ` (${hoursInWords(prior)} before)`}`;
}
