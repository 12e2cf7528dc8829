/** How long leads take to book: the median, and the spans of the plot. */
import { hoursInWords, median, timeToBookBuckets } from '../../../domain/report/time-to-book';

test.each([
  [[], null],
  [[7], 7],
  [[9, 1, 5], 5],
  [[10, 2, 8, 4], 6],
  [[100, 20, 3], 20],
])('the median of %j is %j', (values, expected) => expect(median(values)).toBe(expected));

test('the order that was given stays', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test('each value is in one bucket, and a limit belongs to the next', () => {
  const hours = [-2, 0, 0.99, 1, 3.9, 4, 23, 24, 71, 72, 167, 168, 335, 336, 5_000];
  const buckets = timeToBookBuckets(hours);
  expect(buckets.map(({ count }) => count)).toEqual([3, 2, 2, 2, 2, 2, 2]);
  expect(buckets[0]?.label).toBe('Under 1 hour');
});

test.each([
  [0.5, '30 min'],
  [-1, '0 min'],
  [1, '1 h'],
  [2.25, '2.3 h'],
  [26.4, '26 h'],
  [48, '2 days'],
  [100, '4.2 days'],
])('%d hours are called %s', (hours, words) => expect(hoursInWords(hours)).toBe(words));
