/**
 * Time as a business counts it: only while it is open.
 * Invariant: the opening times are wall times of one zone; an hour that its clocks skip is not worked, one that comes twice is worked twice.
 */
import type { LocalClock, WallTimes } from './wall-clock';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Open on these days from minute to minute of the day, `from` before `to`; 1440 is the end of the day. */
export interface BusinessHours {
  readonly zone: string;
  readonly days: readonly Weekday[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export type HoursClock = Pick<LocalClock, 'localTime'> & WallTimes;

/** `hours` null: time that always counts. */
export interface BusinessTime {
  readonly hours: BusinessHours | null;
  readonly clock: HoursClock;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The instant at which so much business time has passed. Without a span: the same instant, also outside of the opening times. */
export function afterBusinessTime(atMs: number, spanMs: number, time: BusinessTime): number {
  if (time.hours === null || spanMs <= 0) return atMs + Math.max(0, spanMs);
  let restMs = spanMs;
  for (const open of openTimes(atMs, time.hours, time.clock)) {
    const availableMs = open.toMs - open.fromMs;
    if (restMs <= availableMs) return open.fromMs + restMs;
    restMs -= availableMs;
  }
  return atMs + spanMs;
}

/** How much business time lies between two instants; 0 when the second is not later. */
export function businessTimeBetween(fromMs: number, toMs: number, time: BusinessTime): number {
  if (time.hours === null) return Math.max(0, toMs - fromMs);
  let sumMs = 0;
  for (const open of openTimes(fromMs, time.hours, time.clock)) {
    if (open.fromMs >= toMs) break;
    sumMs += Math.min(open.toMs, toMs) - open.fromMs;
  }
  return sumMs;
}

/** The opening times from an instant on, earliest first; the first one may be under way. Without end, where there are days. */
function* openTimes(
  atMs: number,
  hours: BusinessHours,
  { localTime, instantAtWall }: HoursClock,
): Generator<{ readonly fromMs: number; readonly toMs: number }> {
  const { zone, days, fromMinute, toMinute } = hours;
  if (days.length === 0 || fromMinute >= toMinute) return;
  const { year, month, day } = localTime(atMs, zone);
  for (let midnight = Date.UTC(year, month - 1, day); ; midnight += DAY_MS) {
    if (!days.includes(WEEKDAYS[new Date(midnight).getUTCDay()] ?? 'sun')) continue;
    const fromMs = Math.max(atMs, instantAtWall(midnight + fromMinute * MINUTE_MS, zone));
    const toMs = instantAtWall(midnight + toMinute * MINUTE_MS, zone);
    if (fromMs < toMs) yield { fromMs, toMs };
  }
}
