/**
 * Keeps our calls under a vendor's limits: a sliding window of starts, and a pause that the vendor asked for.
 * Invariant: in any window of `windowMs` at most `limit` reservations fall, in the order they were asked for.
 */

export interface Gate {
  /**
   * Reserves the next free start and returns how many milliseconds from now it is. Where that is more than
   * `maxWaitMs`, nothing is reserved and the wait is only reported.
   */
  reserve(maxWaitMs: number): { readonly reserved: boolean; readonly waitMs: number };
  /** No start before this instant (epoch ms); an earlier one than already set changes nothing. */
  pauseUntil(atMs: number): void;
}

export interface GateSettings {
  readonly limit: number;
  readonly windowMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** `limit` below 1 is taken as 1: a gate that never opens would look like an outage. */
export function createGate({ limit, windowMs, now }: GateSettings): Gate {
  const size = Math.max(1, Math.floor(limit));
  /** The last `size` reserved starts, oldest first. */
  const starts: number[] = [];
  let pausedUntilMs = 0;

  return {
    reserve(maxWaitMs) {
      const nowMs = now();
      const windowFreeMs = starts.length < size ? nowMs : (starts[0] ?? 0) + windowMs;
      const startMs = Math.max(nowMs, windowFreeMs, pausedUntilMs, starts.at(-1) ?? 0);
      const waitMs = startMs - nowMs;
      if (waitMs > maxWaitMs) return { reserved: false, waitMs };
      starts.push(startMs);
      if (starts.length > size) starts.shift();
      return { reserved: true, waitMs };
    },
    pauseUntil(atMs) {
      pausedUntilMs = Math.max(pausedUntilMs, atMs);
    },
  };
}

/** Resolves after `ms`, or as soon as the signal aborts; the caller looks at the signal. */
export function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
