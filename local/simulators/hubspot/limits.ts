/**
 * HubSpot's request limits: a rolling window of ten seconds per app, and searches per second per account.
 * Invariant: search counts only against its own limit, and its answers carry no rate-limit headers.
 */
import { HubspotRefusal, rateLimitBody } from './errors';
import type { HubspotSettings } from './settings';

const TEN_SECONDS_MS = 10_000;
const ONE_SECOND_MS = 1_000;

export interface Limiter {
  /** Counts one request and returns the headers of its answer; throws a 429 when there is no room. */
  take(kind: 'general' | 'search', app: string): Readonly<Record<string, string>>;
  reset(): void;
}

export function createLimiter(clock: () => number, settings: () => HubspotSettings): Limiter {
  const windows = new Map<string, number[]>();

  /** Room left after this request; negative when it found none. */
  const count = (key: string, windowMs: number, max: number): number => {
    const now = clock();
    const recent = (windows.get(key) ?? []).filter((atMs) => atMs > now - windowMs);
    const left = max - recent.length - 1;
    if (left >= 0) recent.push(now);
    windows.set(key, recent);
    return left;
  };

  return {
    take(kind, app) {
      const limits = settings().rateLimits;
      if (limits === null) return {};
      if (kind === 'search') {
        const left = count('search', ONE_SECOND_MS, limits.searchPerSecond);
        if (left < 0) throw new HubspotRefusal({ status: 429, body: rateLimitBody('SECONDLY') });
        return {};
      }
      const left = count(`app ${app}`, TEN_SECONDS_MS, limits.tenSecondly);
      const headers = {
        'X-HubSpot-RateLimit-Max': String(limits.tenSecondly),
        'X-HubSpot-RateLimit-Remaining': String(Math.max(0, left)),
        'X-HubSpot-RateLimit-Interval-Milliseconds': String(TEN_SECONDS_MS),
      };
      if (left < 0) throw new HubspotRefusal({ status: 429, headers, body: rateLimitBody('TEN_SECONDLY_ROLLING') });
      return headers;
    },
    reset: () => windows.clear(),
  };
}
