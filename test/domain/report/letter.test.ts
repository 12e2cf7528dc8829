/** The report of a week as an e-mail: the page's numbers in the page's words, with its doubts. */
import { weeklyLetter } from '../../../domain/report/letter';
import { shownReport } from '../../../domain/report/shown';
import { NO_COUNTS, someCounts } from './counts';

const LINK = 'https://booksync.example.com/console/report?window=custom&from=2026-11-16&to=2026-11-22';
const window = { fromDate: '2026-11-16', toDate: '2026-11-23' };
const prior = someCounts({ showed: 85, noShows: 15 });

function letterOf(counts = someCounts({ timeToBookHours: [3] }), isDown = false) {
  const feeds = [{ connection: 'calcom-sales', isDown, lagMs: 0 }];
  const shown = shownReport({ counts, prior, fourWeeks: prior, feeds });
  return weeklyLetter({ shown, window, zone: 'America/Denver', link: LINK });
}

test('it names the days, each number with what it was before, and the page', () => {
  const { subject, text } = letterOf();
  expect(subject).toBe('Bookings: the report of 16 Nov to 22 Nov');
  expect(text.split('\n\n')).toEqual([
    'The report of 16 Nov to 22 Nov, days as in America/Denver.',
    'No-show rate: 20 %\n  20 of 100 appointments with a known outcome\n  5 points more than the 15 of 100 before\n  Four weeks before: 15 %\n  Coverage 100 %: 100 of 100 due',
    'Reschedule rate: 25 %\n  30 of 120: bookings moved at least once\n  The same as the 30 of 120 before\n  Four weeks before: 25 %\n  Coverage 100 %: 100 of 100 due',
    'Early-cancel rate: 10 %\n  12 of 120: bookings called off a day or more ahead\n  The same as the 12 of 120 before\n  Four weeks before: 10 %\n  Coverage 100 %: 100 of 100 due',
    'Book rate: 60 %\n  120 of 200: leads who booked\n  The same as the 120 of 200 before\n  Four weeks before: 60 %\n  Coverage 100 %: 100 of 100 due',
    'Time to book: 3 h',
    'No booking was left out.',
    `Plots, whom to follow up, and what each number means: ${LINK}`,
    'You get this because your address is among report.subscribers of the settings.',
  ]);
});

test('doubts come first, and the rates are what the CRM confirms', () => {
  const [, doubts, noShows] = letterOf(someCounts(), true).text.split('\n\n');
  expect(doubts).toContain('not to be relied on yet.\n- calcom-sales does not answer');
  expect(doubts).toContain('outcomes that need manual confirm: 12.');
  expect(noShows).toContain('No-show rate, confirmed by the CRM: 20.5 %');
});

test('a week without anything says so', () => {
  const { text } = letterOf({ ...NO_COUNTS, excluded: { unpaid: 0, test: 3, internal: 0 } });
  expect(text).toContain('No-show rate: –\n  No case yet\n  Nothing before to compare with');
  expect(text).toContain('Left out by rule: 3 test.');
  expect(text).toContain('Time to book: no lead of the week has booked');
});
