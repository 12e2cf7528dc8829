/**
 * Cal.com's rate limits as its answers tell them: `X-RateLimit-Limit-`, `-Remaining-` and `-Reset-` with the limit's name.
 * Invariant: while a limit is known to be used up nothing is sent, because a request beyond it blocks the key for a minute.
 */
import type { HttpAnswer } from '../http-send';

/** How long Cal.com blocks a key that asked too often (default in its code), where an answer does not say. */
const BLOCK_MS = 60_000;
const MAX_PAUSE_MS = 10 * 60_000;
const EPOCH_SECONDS_FROM = 1_000_000_000;
const EPOCH_MS_FROM = 1_000_000_000_000;
const LONGEST_SECONDS = 3_600;

export interface Pause {
  /** How long to wait before the next request, in ms; 0 for not at all. */
  waitMs(nowMs: number): number;
  /** Notes what an answer says about the limits. */
  heed(answer: HttpAnswer, nowMs: number): void;
}

export function createPause(): Pause {
  let untilMs = 0;
  return {
    waitMs: (nowMs) => Math.max(0, untilMs - nowMs),
    heed(answer, nowMs) {
      const waitMs = answer.status === 429 ? retryAfterOf(answer, nowMs) : usedUpFor(answer, nowMs);
      untilMs = Math.max(untilMs, nowMs + waitMs);
    },
  };
}

/** Of a 429: what it says itself, in ms, else the block's length. */
export function retryAfterOf(answer: HttpAnswer, nowMs: number): number {
  const asked = /^\d{1,6}$/.test(answer.header('retry-after')?.trim() ?? '')
    ? Number(answer.header('retry-after')) * 1_000
    : null;
  const wait = asked ?? (usedUpFor(answer, nowMs) || BLOCK_MS);
  return Math.min(Math.max(wait, 1_000), MAX_PAUSE_MS);
}

/** Until the last of the limits of which nothing remains is renewed, in ms; 0 when something remains of each. */
function usedUpFor(answer: HttpAnswer, nowMs: number): number {
  const waits = answer.headers
    .filter(([name, value]) => name.startsWith('x-ratelimit-remaining') && value.trim() === '0')
    .map(([name]) => resetOf(answer.header(name.replace('-remaining', '-reset')), nowMs));
  return Math.min(Math.max(0, ...waits), MAX_PAUSE_MS);
}

/** The unit is not documented: an instant is recognized by its size, small numbers are seconds, others milliseconds. */
function resetOf(header: string | null, nowMs: number): number {
  const value = Number(header ?? NaN);
  if (!Number.isFinite(value) || value <= 0) return 0;
  if (value >= EPOCH_MS_FROM) return Math.max(0, value - nowMs);
  if (value >= EPOCH_SECONDS_FROM) return Math.max(0, value * 1_000 - nowMs);
  return value <= LONGEST_SECONDS ? value * 1_000 : value;
}
