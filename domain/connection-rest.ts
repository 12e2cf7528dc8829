/**
 * How long a whole connection is left alone after one of its calls was refused.
 * Invariant: short pauses are the caller's own; a long one, or a quota of the day that is used up, is everybody's.
 */
import type { LocalClock, WallClock } from './wall-clock';

/** What a refusal asks for. */
export interface AskedRest {
  /** ms; null: it does not say. */
  readonly retryAfterMs: number | null;
  /** The account's quota of the day is used up; `resetInMs`: as the vendor says, null: it does not say. Null: it is not. */
  readonly daily: { readonly resetInMs: number | null } | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** From here on bookings park instead of trying again by themselves. */
const LONG_MS = 5 * MINUTE_MS;
/** The vendor's clock may be behind ours, and a call before its midnight would cost another day. */
const AFTER_MIDNIGHT_MS = MINUTE_MS;

/**
 * The instant until which nothing is sent; null: nobody but the caller has to wait. A day's quota ends when the vendor says, else
 * at the account's next midnight (HubSpot counts days in the account's zone), else, where no zone is known, it is asked every hour.
 */
export function restUntilMs(
  { retryAfterMs, daily }: AskedRest,
  at: { readonly nowMs: number; readonly zone: string | null; readonly clock: WallClock & LocalClock },
): number | null {
  const { nowMs, zone, clock } = at;
  if (daily === null) return retryAfterMs !== null && retryAfterMs > LONG_MS ? nowMs + retryAfterMs : null;
  if (daily.resetInMs !== null) return nowMs + daily.resetInMs;
  return zone === null ? nowMs + HOUR_MS : nextMidnightMs(nowMs, zone, clock) + AFTER_MIDNIGHT_MS;
}

function nextMidnightMs(nowMs: number, zone: string, clock: WallClock & LocalClock): number {
  const tomorrowMs = clock.plusDays(nowMs, zone, 1);
  const there = clock.localTime(tomorrowMs, zone);
  const sinceMidnightMs = ((there.hour * 60 + there.minute) * 60 + there.second) * 1_000 + (tomorrowMs % 1_000);
  const guessMs = tomorrowMs - sinceMidnightMs;
  // Clocks may change between that midnight and that hour.
  return guessMs + there.offsetMs - clock.localTime(guessMs, zone).offsetMs;
}
