/** Until when a connection is left alone, by what its vendor says and by its account's midnight. */
import { wallClock } from '../../config/zones';
import { restUntilMs, type AskedRest } from '../../domain/connection-rest';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = '2026-11-21T18:30:15.250Z';

const restAt = (now: string, asked: Partial<AskedRest>, zone: string | null = null): string | null => {
  const untilMs = restUntilMs(
    { retryAfterMs: null, daily: null, ...asked },
    { nowMs: Date.parse(now), zone, clock: wallClock },
  );
  return untilMs === null ? null : new Date(untilMs).toISOString();
};

test.each([null, 0, 10_000, 5 * MINUTE_MS])('a pause of %p ms is the own affair of whoever called', (retryAfterMs) => {
  expect(restAt(NOW, { retryAfterMs })).toBeNull();
});

test('a longer pause is everybody’s', () => {
  expect(restAt(NOW, { retryAfterMs: HOUR_MS })).toBe('2026-11-21T19:30:15.250Z');
});

test('a quota of the day lasts as long as the vendor says, whatever the zone', () => {
  const daily = { resetInMs: 90 * MINUTE_MS };
  expect(restAt(NOW, { daily, retryAfterMs: HOUR_MS }, 'America/New_York')).toBe('2026-11-21T20:00:15.250Z');
});

test.each([
  ['UTC', NOW, '2026-11-22T00:01:00.000Z'],
  ['America/New_York', NOW, '2026-11-22T05:01:00.000Z'],
  ['America/New_York', '2026-11-21T04:59:59.999Z', '2026-11-21T05:01:00.000Z'],
  ['Asia/Kolkata', NOW, '2026-11-22T18:31:00.000Z'],
  // Clocks go back on 2026-11-01 at 02:00, and forward on 2027-03-14 at 02:00.
  ['America/New_York', '2026-10-31T18:00:00.000Z', '2026-11-01T04:01:00.000Z'],
  ['America/New_York', '2026-11-01T18:00:00.000Z', '2026-11-02T05:01:00.000Z'],
  ['America/New_York', '2027-03-13T18:00:00.000Z', '2027-03-14T05:01:00.000Z'],
  ['America/New_York', '2027-03-14T18:00:00.000Z', '2027-03-15T04:01:00.000Z'],
])('without a word of the vendor it ends a minute after midnight in %s: %s', (zone, now, until) => {
  expect(restAt(now, { daily: { resetInMs: null } }, zone)).toBe(until);
});

test('where no zone is known either, it is asked again in an hour', () => {
  expect(restAt(NOW, { daily: { resetInMs: null } })).toBe('2026-11-21T19:30:15.250Z');
});
