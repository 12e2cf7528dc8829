/**
 * Cal.com's request limits: a window of a minute per credential; whoever asks too often is refused for a while.
 * Invariant: every answer says what is left, in headers whose names end in the limit's name.
 */
import { CalcomRefusal } from './errors';
import type { CalcomSettings } from './settings';

const WINDOW_MS = 60_000;

export interface Limiter {
  /** Counts one request. `isOver`: it has to be refused. */
  take(credential: string): { readonly headers: Readonly<Record<string, string>>; readonly isOver: boolean };
  reset(): void;
}

interface Window {
  readonly endsAtMs: number;
  taken: number;
  blockedUntilMs: number;
}

export function createLimiter(clock: () => number, settings: () => CalcomSettings): Limiter {
  const windows = new Map<string, Window>();
  const current = (credential: string): Window => {
    const known = windows.get(credential);
    const isOpen = known !== undefined && (clock() < known.endsAtMs || clock() < known.blockedUntilMs);
    const window = isOpen ? known : { endsAtMs: clock() + WINDOW_MS, taken: 0, blockedUntilMs: 0 };
    windows.set(credential, window);
    return window;
  };

  return {
    take(credential) {
      const limits = settings().rateLimits;
      if (limits === null) return { headers: {}, isOver: false };
      const limit = credential.startsWith('cal_') ? limits.apiKeyPerMinute : limits.tokenPerMinute;
      const window = current(credential);
      const isOver = clock() < window.blockedUntilMs || window.taken >= limit;
      if (!isOver) window.taken += 1;
      else if (window.blockedUntilMs === 0) window.blockedUntilMs = clock() + limits.blockMs;
      const resetAtMs = Math.max(window.endsAtMs, window.blockedUntilMs);
      return {
        headers: {
          'X-RateLimit-Limit-Default': String(limit),
          'X-RateLimit-Remaining-Default': String(isOver ? 0 : limit - window.taken),
          'X-RateLimit-Reset-Default': String(Math.ceil((resetAtMs - clock()) / 1_000)),
        },
        isOver,
      };
    },
    reset: () => windows.clear(),
  };
}

export function tooManyRequests(): CalcomRefusal {
  return new CalcomRefusal(429, 'ThrottlerException: Too Many Requests');
}
