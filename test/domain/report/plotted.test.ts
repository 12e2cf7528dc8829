/** What the plots and their tables show: steps of the funnel, reminders, weeks; and the words for what is doubted. */
import { dayInWords, funnelSteps, reminderRows } from '../../../domain/report/plotted';
import { weeklyRates } from '../../../domain/report/weekly';
import { deltaInWords, doubtInWords, excludedInWords, percent, rangeInWords } from '../../../domain/report/words';
import { NO_COUNTS, someCounts } from './counts';

test('each step of the funnel has its share of the leads, and none where there are no leads', () => {
  expect(funnelSteps(someCounts({ invited: 150 }))).toEqual([
    { label: 'Leads', count: 200, share: 1 },
    { label: 'Invited', count: 150, share: 0.75 },
    { label: 'Booked', count: 120, share: 0.6 },
    { label: 'Attended', count: 80, share: 0.4 },
  ]);
  expect(funnelSteps(NO_COUNTS).map(({ share }) => share)).toEqual([null, null, null, null]);
});

test('who came is told by whether a reminder was sent', () => {
  expect(reminderRows(someCounts())).toEqual([
    { label: 'Reminder sent', showed: 60, noShows: 10, cases: 70 },
    { label: 'No reminder', showed: 20, noShows: 10, cases: 30 },
  ]);
});

test('a week adds its sources up, and one without bookings has no rates', () => {
  const row = { slotWeek: '2026-11-16', bookings: 10, due: 8, resolved: 6, showed: 5, noShows: 1, rescheduled: 2 };
  const rows = [
    { ...row, earlyCancels: 1 },
    { ...row, bookings: 30, due: 12, noShows: 3, resolved: 9, showed: 6, rescheduled: 8, earlyCancels: 3 },
    { ...row, slotWeek: '2026-11-02', earlyCancels: 0 },
  ];
  const [empty, full] = weeklyRates(rows, ['2026-11-09', '2026-11-16']);
  expect(full).toEqual({
    slotWeek: '2026-11-16',
    bookings: 40,
    due: 20,
    resolved: 15,
    showed: 11,
    noShows: 4,
    rescheduled: 10,
    earlyCancels: 4,
    coverage: 0.75,
    shares: { no_show: 4 / 15, reschedule: 0.25, early_cancel: 0.1 },
  });
  expect(empty).toMatchObject({ bookings: 0, coverage: null });
  expect(empty?.shares).toEqual({ no_show: null, reschedule: null, early_cancel: null });
});

test.each([
  ['2026-01-05', '5 Jan'],
  ['2026-12-31', '31 Dec'],
])('%s is called %s', (date, words) => expect(dayInWords(date)).toBe(words));

test.each([
  [0, '0 %'],
  [0.12345, '12.3 %'],
  [0.2, '20 %'],
  [1, '100 %'],
])('a share of %d is %s', (share, words) => expect(percent(share)).toBe(words));

test.each([
  [null, null],
  [0, 'The same as the 2 of 9 before'],
  [1, '1 point more than the 2 of 9 before'],
  [-2.5, '2.5 points less than the 2 of 9 before'],
])('a delta of %j is told as %j', (delta, words) =>
  expect(deltaInWords({ delta, prior: { hits: 2, cases: 9 } })).toBe(words),
);

test('a range says why it stands there', () => {
  expect(rangeInWords({ low: 0.1, high: 0.255, because: 'few' })).toBe(
    'between 10 % and 25.5 %, as there are few cases',
  );
  expect(rangeInWords({ low: 0.1, high: 0.2, because: 'missing' })).toContain('by how the missing ones went');
});

test('a doubt says what is wrong and where to look', () => {
  expect(doubtInWords({ kind: 'coverage', coverage: 0.75, unknown: 4 })).toMatch(
    /^Only 75 % .* 90 % .* 4 wait .* Tasks\.$/,
  );
  expect(doubtInWords({ kind: 'feed_down', connection: 'a' })).toMatch(/^a does not answer.*Connections\.$/);
  expect(doubtInWords({ kind: 'feed_lags', connection: 'a', lagMs: 1_200_000 })).toMatch(
    /^a lags.*20 min.*Deliveries\.$/,
  );
});

test('only reasons that left something out are named', () => {
  expect(excludedInWords({ unpaid: 2, test: 0, internal: 1 })).toBe('2 unpaid, 1 internal');
});
