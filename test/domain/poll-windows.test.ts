import { windowsOf } from '../../domain/poll-windows';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const rules = { nowMs: NOW, overlapMs: HOUR / 6, longestMs: 24 * HOUR };

test('a poll that is on time reads one window, from a little before the last one to now', () => {
  const untilMs = NOW - HOUR / 12;
  expect(windowsOf({ ...rules, untilMs })).toEqual([{ fromMs: untilMs - rules.overlapMs, toMs: NOW }]);
});

test('an outage of a week is worked off in overlapping windows of a day, without a gap, up to now', () => {
  const untilMs = NOW - 7 * 24 * HOUR;
  const windows = windowsOf({ ...rules, untilMs });
  expect(windows).toHaveLength(8);
  expect(windows[0]!.fromMs).toBe(untilMs - rules.overlapMs);
  expect(windows.at(-1)!.toMs).toBe(NOW);
  for (const [nth, window] of windows.entries()) {
    expect(window.toMs - window.fromMs).toBeLessThanOrEqual(rules.longestMs);
    if (nth > 0) expect(window.fromMs).toBe(windows[nth - 1]!.toMs - rules.overlapMs);
  }
});

test('ended appointments are followed for two days with one window a poll, and from two days before an outage on', () => {
  const marks = { nowMs: NOW, overlapMs: 48 * HOUR, longestMs: 72 * HOUR };
  expect(windowsOf({ ...marks, untilMs: NOW - HOUR / 12 })).toHaveLength(1);
  const afterOutage = windowsOf({ ...marks, untilMs: NOW - 7 * 24 * HOUR });
  expect(afterOutage[0]!.fromMs).toBe(NOW - 9 * 24 * HOUR);
  expect(afterOutage.at(-1)!.toMs).toBe(NOW);
});

test('a clock that was set back reads the overlap before now, and never a window that ends before it begins', () => {
  expect(windowsOf({ ...rules, untilMs: NOW + HOUR })).toEqual([{ fromMs: NOW - rules.overlapMs, toMs: NOW }]);
});
