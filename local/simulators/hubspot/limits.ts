/**
 * HubSpot's request limits: a rolling window of ten seconds per app, a day for the whole account, and searches per second.
 * Invariant: search counts against its own limit and the day's, and its answers carry no rate-limit headers.
 */
import { DateTime } from 'luxon';
import { HubspotRefusal, rateLimitBody } from './errors';
import { PORTAL_ZONE } from './seed';
import type { HubspotSettings } from './settings';

const TEN_SECONDS_MS = 10_000;
const ONE_SECOND_MS = 1_000;
/** Of a Professional account. */
const DAILY = 625_000;

/** Who asks: an app of its own limit. */
export interface Caller {
  readonly app: string;
  readonly isOAuth: boolean;
}

export interface Limiter {
  /** Counts one request and returns the headers of its answer; throws a 429 when there is no room. */
  take(kind: 'general' | 'search', caller: Caller): Readonly<Record<string, string>>;
  reset(): void;
}

export function createLimiter(clock: () => number, settings: () => HubspotSettings): Limiter {
  const windows = new Map<string, number[]>();
  let today = { endsAtMs: 0, count: 0 };

  /** Room left after this request; negative when it found none. */
  const count = (key: string, windowMs: number, max: number): number => {
    const now = clock();
    const recent = (windows.get(key) ?? []).filter((atMs) => atMs > now - windowMs);
    const left = max - recent.length - 1;
    if (left >= 0) recent.push(now);
    windows.set(key, recent);
    return left;
  };
  const countToday = (max: number): number => {
    if (clock() >= today.endsAtMs) today = { endsAtMs: endOfDayMs(clock()), count: 0 };
    const left = max - today.count - 1;
    if (left >= 0) today.count += 1;
    return left;
  };

  return {
    take(kind, { app, isOAuth }) {
      const limits = settings().rateLimits;
      if (limits === null) return {};
      const daily = limits.daily === undefined ? DAILY : limits.daily;
      const leftToday = daily === null ? 0 : countToday(daily);
      if (kind === 'search') {
        if (leftToday < 0) throw new HubspotRefusal({ status: 429, body: rateLimitBody('DAILY') });
        const left = count('search', ONE_SECOND_MS, limits.searchPerSecond);
        if (left < 0) throw new HubspotRefusal({ status: 429, body: rateLimitBody('SECONDLY') });
        return {};
      }
      const left = count(`app ${app}`, TEN_SECONDS_MS, limits.tenSecondly);
      const ofTheDay =
        daily === null || isOAuth
          ? {}
          : {
              'X-HubSpot-RateLimit-Daily': String(daily),
              'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, leftToday)),
            };
      const headers = {
        'X-HubSpot-RateLimit-Max': String(limits.tenSecondly),
        'X-HubSpot-RateLimit-Remaining': String(Math.max(0, left)),
        'X-HubSpot-RateLimit-Interval-Milliseconds': String(TEN_SECONDS_MS),
        ...ofTheDay,
      };
      if (leftToday < 0) throw new HubspotRefusal({ status: 429, headers, body: rateLimitBody('DAILY') });
      if (left < 0) throw new HubspotRefusal({ status: 429, headers, body: rateLimitBody('TEN_SECONDLY_ROLLING') });
      return headers;
    },
    reset() {
      windows.clear();
      today = { endsAtMs: 0, count: 0 };
    },
  };
}

function endOfDayMs(atMs: number): number {
  return DateTime.fromMillis(atMs, { zone: PORTAL_ZONE }).endOf('day').toMillis() + 1;
}
