/** Waits for something to become true, instead of sleeping and hoping. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default `PATIENCE_MS`. */
  readonly timeoutMs?: number;
  /** What is waited for, for the message. */
  readonly what?: string;
  /** Between two looks; by default soon at first, and then less and less often: a look costs what is waited for its processor time. */
  readonly everyMs?: number;
}

/** Only a failure takes so long: a shared machine may be several times slower than it was a moment ago. */
export const PATIENCE_MS = 100_000;

const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 150;

/**
 * Calls `check` until it neither throws nor answers `false`, and returns its answer.
 * Throws after `timeoutMs` with the last failure, so a test says what was still wrong.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = PATIENCE_MS, what = 'the condition', everyMs } = options;
  const deadline = Date.now() + timeoutMs;
  let last: unknown = new Error('it answered false');
  let pauseMs = everyMs ?? FIRST_PAUSE_MS;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== false) return answer as Exclude<T, false>;
      last = new Error('it answered false');
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      const reason = last instanceof Error ? last.message : String(last);
      throw new Error(`Waited ${timeoutMs} ms for ${what}, in vain. The last time: ${reason}`, { cause: last });
    }
    await sleep(pauseMs);
    pauseMs = everyMs ?? Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5);
  }
}
