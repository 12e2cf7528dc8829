/**
 * The application's zone data: read as moment-timezone reads it, known by every name, and compared with the runtime's.
 */
import moment from 'moment-timezone';
import {
  isZone,
  localTime,
  offsetAt,
  offsetChangesBetween,
  wallClock,
  zoneDataVersion,
  zoneNames,
} from '../../config/zones';

const DAY = 86_400_000;

test('every zone has the offsets that moment-timezone itself reads from the same data, from 1970 to 2060', () => {
  expect(zoneDataVersion).toBe(moment.tz.dataVersion);
  const different: string[] = [];
  for (const zone of zoneNames) {
    const theirs = moment.tz.zone(zone)!;
    for (let atMs = 0; atMs < Date.UTC(2060, 0, 1); atMs += 97 * DAY) {
      if (offsetAt(atMs, zone) !== 0 - theirs.utcOffset(atMs) * 60_000) different.push(`${zone} ${atMs}`);
    }
  }
  expect(different).toEqual([]);
});

test('an offset holds from the instant of its change on, and not a millisecond earlier', () => {
  const [change = NaN, ...more] = offsetChangesBetween(Date.UTC(2027, 0, 1), Date.UTC(2027, 6, 1), 'Europe/Berlin');
  expect([new Date(change), more]).toEqual([new Date('2027-03-28T01:00:00Z'), []]);
  expect([offsetAt(change - 1, 'Europe/Berlin'), offsetAt(change, 'Europe/Berlin')]).toEqual([3_600_000, 7_200_000]);
});

test('rules go on for longer than anybody books, and after the last year of the data its last offset holds', () => {
  const offsetsOf = (year: number) =>
    [0, 6].map((month) => offsetAt(Date.UTC(year, month, 1), 'Europe/Berlin') / 3_600_000);
  expect([2038, 2100, 2499].map(offsetsOf)).toEqual(Array(3).fill([1, 2]));
  expect(offsetsOf(2501)).toEqual([1, 1]);
  expect(wallClock.plusDays(Date.UTC(2501, 6, 1), 'Europe/Berlin', 1)).toBe(Date.UTC(2501, 6, 2));
});

test.each([
  ['US/Pacific', 'America/Los_Angeles'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['america/NEW_YORK', 'America/New_York'],
  ['GMT', 'Etc/UTC'],
])('%s is another name of %s', (alias, zone) => {
  expect(isZone(alias)).toBe(true);
  for (let atMs = 0; atMs < Date.UTC(2030, 0, 1); atMs += 91 * DAY) {
    expect(offsetAt(atMs, alias)).toBe(offsetAt(atMs, zone));
  }
});

test('every name that the runtime knows is known', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => !isZone(name))).toEqual([]);
});

test.each(['', 'Mars/Olympus_Mons', 'America/Devner', 'UTC+25', '__proto__', 'America/Denver '])(
  'the unknown zone "%s" counts as UTC and nothing throws',
  (name) => {
    const atMs = Date.UTC(2026, 10, 24, 17, 5, 9);
    expect(isZone(name)).toBe(false);
    expect(offsetAt(atMs, name)).toBe(0);
    expect(wallClock.plusDays(atMs, name, -1)).toBe(atMs - DAY);
    expect(localTime(atMs, name)).toEqual({
      zone: 'UTC',
      year: 2026,
      month: 11,
      day: 24,
      hour: 17,
      minute: 5,
      second: 9,
      offsetMs: 0,
      abbreviation: 'UTC',
    });
  },
);

test.each([
  ['America/Denver', '2026-11-24T17:00:00Z', '10:00 MST'],
  ['America/Denver', '2026-07-24T17:00:00Z', '11:00 MDT'],
  ['America/Vancouver', '2026-11-24T17:00:00Z', '10:00 MST'],
  ['Asia/Kathmandu', '2026-11-24T17:00:00Z', '22:45 GMT+5:45'],
  ['America/Sao_Paulo', '2026-11-24T17:00:00Z', '14:00 GMT-3'],
  ['Africa/Casablanca', '2026-11-24T17:00:00Z', '17:00 GMT'],
])('clocks in %s at %s show %s', (zone, at, shown) => {
  const { hour, minute, abbreviation } = localTime(Date.parse(at), zone);
  expect(`${hour}:${String(minute).padStart(2, '0')} ${abbreviation}`).toBe(shown);
});

test('what is no instant stays none, instead of being looked for without end', () => {
  expect(wallClock.plusDays(NaN, 'Europe/Berlin', 1)).toBeNaN();
});

test('a hundred thousand wall times a second are no effort', () => {
  const begun = performance.now();
  for (let nth = 0; nth < 100_000; nth += 1) wallClock.plusDays(1_790_000_000_000 + nth * 600_000, 'Europe/Berlin', -1);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
