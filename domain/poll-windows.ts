/**
 * Which spans of time a poll reads: closed windows, each overlapping the one before, none too long.
 * Invariant: together they reach from the overlap before `untilMs` to `nowMs` without a gap, oldest first.
 */
export interface PollWindow {
  /** Epoch ms, inclusive, like `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * `untilMs`: up to where it was read before. `overlapMs`: how much of that is read again, shorter than `longestMs`.
 * A cursor that lies in the future (the clock was set back) counts as now.
 */
export function windowsOf(from: {
  readonly untilMs: number;
  readonly nowMs: number;
  readonly overlapMs: number;
  readonly longestMs: number;
}): PollWindow[] {
  const { nowMs, overlapMs, longestMs } = from;
  const windows: PollWindow[] = [];
  let untilMs = Math.min(from.untilMs, nowMs);
  do {
    const fromMs = untilMs - overlapMs;
    untilMs = Math.min(fromMs + longestMs, nowMs);
    windows.push({ fromMs, toMs: untilMs });
  } while (untilMs < nowMs);
  return windows;
}
