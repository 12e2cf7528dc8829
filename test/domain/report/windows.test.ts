/** Windows of the report are whole local days; weeks begin on Mondays. */
import {
  customWindow,
  daysIn,
  fourWeeksBefore,
  mondayOf,
  plusDays,
  priorWindow,
  weeksOf,
  windowNamed,
} from '../../../domain/report/windows';

const SATURDAY = '2026-11-21';

test.each([
  ['2026-11-16', '2026-11-16'],
  ['2026-11-21', '2026-11-16'],
  ['2026-11-22', '2026-11-16'],
  ['2026-11-23', '2026-11-23'],
  ['2027-01-01', '2026-12-28'],
  ['1970-01-01', '1969-12-29'],
  ['1969-12-28', '1969-12-22'],
])('the week of %s begins on Monday %s', (date, monday) => expect(mondayOf(date)).toBe(monday));

test.each([
  ['this_week', '2026-11-16', '2026-11-23'],
  ['last_week', '2026-11-09', '2026-11-16'],
  ['last_4_weeks', '2026-10-19', '2026-11-16'],
] as const)('%s is from %s up to %s', (name, fromDate, toDate) =>
  expect(windowNamed(name, SATURDAY)).toEqual({ fromDate, toDate }),
);

test('the days that people choose are both part of the window', () => {
  expect(customWindow('2026-02-27', '2026-03-01')).toEqual({ fromDate: '2026-02-27', toDate: '2026-03-02' });
  expect(customWindow(SATURDAY, SATURDAY)).toEqual({ fromDate: SATURDAY, toDate: '2026-11-22' });
});

test('a window backwards, or of more than two years and a day, is none', () => {
  expect(customWindow('2026-11-22', '2026-11-21')).toBeNull();
  expect(daysIn(customWindow('2024-01-01', '2026-01-01')!)).toBe(732);
  expect(customWindow('2024-01-01', '2026-01-02')).toBeNull();
});

test.each([
  ['a week', '2026-11-16', '2026-11-23', '2026-11-09'],
  ['three days over the end of a year', '2027-01-01', '2027-01-04', '2026-12-29'],
  ['the week in which clocks change in New York', '2026-11-02', '2026-11-09', '2026-10-26'],
  ['February of a leap year', '2028-02-01', '2028-03-01', '2028-01-03'],
])('before %s comes a window of the same length', (_what, fromDate, toDate, prior) => {
  expect(priorWindow({ fromDate, toDate })).toEqual({ fromDate: prior, toDate: fromDate });
});

test('only a week has four weeks before it', () => {
  expect(fourWeeksBefore({ fromDate: '2026-11-16', toDate: '2026-11-23' })).toEqual({
    fromDate: '2026-10-19',
    toDate: '2026-11-16',
  });
  expect(fourWeeksBefore({ fromDate: '2026-11-17', toDate: '2026-11-24' })).toBeNull();
  expect(fourWeeksBefore({ fromDate: '2026-11-16', toDate: '2026-11-30' })).toBeNull();
});

test('a window touches the weeks of all its days', () => {
  expect(weeksOf({ fromDate: '2026-11-15', toDate: '2026-11-24' })).toEqual(['2026-11-09', '2026-11-16', '2026-11-23']);
  expect(weeksOf({ fromDate: '2026-11-16', toDate: '2026-11-23' })).toEqual(['2026-11-16']);
});

test('days follow each other over every change of clocks of three years', () => {
  let date = '2025-01-01';
  for (let day = 0; day < 3 * 365; day += 1) {
    const next = plusDays(date, 1);
    expect([next > date, plusDays(next, -1)]).toEqual([true, date]);
    date = next;
  }
  expect(date).toBe('2028-01-01');
});
