/**
 * HighLevel's request limits per app and location: a burst limit over a rolling interval, and a limit per day (UTC).
 * Invariant: every answer says what is left, in the vendor's five headers; a refused request does not count.
 */
import { tooManyRequests } from './errors';
import type { GohighlevelSettings } from './settings';

const DAY_MS = 86_400_000;

export interface Limiter {
  /** Counts one request and returns the headers of its answer; throws a 429 when there is no room. */
  take(app: string): Readonly<Record<string, string>>;
  reset(): void;
}

export function createLimiter(clock: () => number, settings: () => GohighlevelSettings): Limiter {
  const bursts = new Map<string, number[]>();
  const days = new Map<string, { readonly day: number; taken: number }>();

  return {
    take(app) {
      const limits = settings().rateLimits;
      if (limits === null) return {};
      const now = clock();
      const today = Math.floor(now / DAY_MS);
      const known = days.get(app);
      const day = known?.day === today ? known : { day: today, taken: 0 };
      const recent = (bursts.get(app) ?? []).filter((atMs) => atMs > now - limits.intervalMs);
      const isDayOver = day.taken >= limits.daily;
      const isOver = isDayOver || recent.length >= limits.max;
      if (!isOver) {
        day.taken += 1;
        recent.push(now);
      }
      days.set(app, day);
      bursts.set(app, recent);
      const headers = {
        'X-RateLimit-Limit-Daily': String(limits.daily),
        'X-RateLimit-Daily-Remaining': String(limits.daily - day.taken),
        'X-RateLimit-Interval-Milliseconds': String(limits.intervalMs),
        'X-RateLimit-Max': String(limits.max),
        'X-RateLimit-Remaining': String(Math.max(0, limits.max - recent.length)),
        ...(isDayOver && limits.namesDailyReset
          ? { 'X-RateLimit-Daily-Reset': String((today + 1) * DAY_MS - now) }
          : {}),
      };
      if (isOver) throw tooManyRequests(headers);
      return headers;
    },
    reset() {
      bursts.clear();
      days.clear();
    },
  };
}
