/** Business time: spans that pass only while the business is open, also when clocks change. */
import { wallClock } from '../../config/zones';
import { afterBusinessTime, businessTimeBetween, type BusinessHours } from '../../domain/business-hours';

const HOUR = 3_600_000;
const DENVER: BusinessHours = {
  zone: 'America/Denver',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  fromMinute: 8 * 60,
  toMinute: 18 * 60,
};
const at = (text: string): number => Date.parse(text);
const after = (text: string, hours: number, open: BusinessHours | null = DENVER): string =>
  new Date(afterBusinessTime(at(text), hours * HOUR, { hours: open, clock: wallClock })).toISOString().slice(0, 16);
const between = (from: string, to: string, open: BusinessHours | null = DENVER): number =>
  businessTimeBetween(at(from), at(to), { hours: open, clock: wallClock }) / HOUR;

test.each([
  ['within a day', '2026-11-24T16:00Z', 4, '2026-11-24T20:00'],
  ['to the last minute of a day', '2026-11-24T21:00Z', 4, '2026-11-25T01:00'],
  ['over a night', '2026-11-24T23:00Z', 4, '2026-11-25T17:00'],
  ['over a weekend', '2026-11-27T23:00Z', 4, '2026-11-30T17:00'],
  ['from before the opening', '2026-11-24T10:00Z', 1, '2026-11-24T16:00'],
  ['from a Sunday', '2026-11-22T18:00Z', 2, '2026-11-23T17:00'],
  ['over a week of fifty hours', '2026-11-23T15:00Z', 50, '2026-11-28T01:00'],
  ['no span, also while it is closed', '2026-11-22T18:00Z', 0, '2026-11-22T18:00'],
])('%s', (_what, from, hours, to) => {
  expect(after(from, hours)).toBe(to);
  if (hours > 0) expect(between(from, `${to}Z`)).toBe(hours);
});

test('without opening times, time is time', () => {
  expect(after('2026-11-27T23:00Z', 4, null)).toBe('2026-11-28T03:00');
  expect(between('2026-11-27T23:00Z', '2026-11-28T03:00Z', null)).toBe(4);
  expect(between('2026-11-28T03:00Z', '2026-11-27T23:00Z', null)).toBe(0);
});

describe('when clocks change', () => {
  const nights: BusinessHours = { ...DENVER, days: ['sun'], fromMinute: 60, toMinute: 4 * 60 };

  it('the opening keeps its wall time', () => {
    // From MDT to MST on 1 November 2026: Friday 18:00 is 00:00Z, Monday 08:00 is 15:00Z.
    expect(after('2026-10-30T23:00Z', 2)).toBe('2026-11-02T16:00');
    // And back on 14 March 2027: Friday 18:00 is 01:00Z, Monday 08:00 is 14:00Z.
    expect(after('2027-03-13T00:00Z', 2)).toBe('2027-03-15T15:00');
  });

  it('a skipped hour is not worked, and one that comes twice is worked twice', () => {
    expect(between('2027-03-14T00:00Z', '2027-03-15T00:00Z', nights)).toBe(2);
    expect(between('2026-11-01T00:00Z', '2026-11-02T00:00Z', nights)).toBe(4);
    expect(after('2027-03-14T00:00Z', 3, nights)).toBe('2027-03-21T08:00');
  });

  it('opening times within a skipped hour do not open that day', () => {
    const gone: BusinessHours = { ...nights, fromMinute: 2 * 60, toMinute: 3 * 60 };
    expect(between('2027-03-14T00:00Z', '2027-03-15T00:00Z', gone)).toBeLessThanOrEqual(1);
    expect(between('2027-03-07T00:00Z', '2027-03-08T00:00Z', gone)).toBe(1);
  });
});

test('what is left before is left after: the two are inverse', () => {
  for (let start = at('2026-10-28T00:13Z'), step = 0; step < 200; step += 1, start += 7 * HOUR + 11 * 60_000) {
    const span = (1 + (step % 37)) * 1_234_567;
    const end = afterBusinessTime(start, span, { hours: DENVER, clock: wallClock });
    expect(businessTimeBetween(start, end, { hours: DENVER, clock: wallClock })).toBe(span);
  }
});

test.each([
  ['on no day', { ...DENVER, days: [] }],
  ['at no time', { ...DENVER, fromMinute: 600, toMinute: 600 }],
  ['until before the opening', { ...DENVER, fromMinute: 600, toMinute: 540 }],
])('where it is open %s, time is time', (_what, open) => {
  expect(after('2026-11-27T23:00Z', 4, open)).toBe('2026-11-28T03:00');
  expect(between('2026-11-27T23:00Z', '2026-11-28T03:00Z', open)).toBe(0);
});

test('a span that ends with the opening holds no business time', () => {
  expect(between('2026-11-24T10:00Z', '2026-11-24T15:00Z')).toBe(0);
  expect(between('2026-11-25T01:00Z', '2026-11-25T16:00Z')).toBe(1);
});
