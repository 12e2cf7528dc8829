/** Waits for something to become true, instead of sleeping and hoping. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 30 s. */
  readonly timeoutMs?: number;
  /** What is waited for, for the message. */
  readonly what?: string;
  /** Default 25 ms. */
  readonly everyMs?: number;
}

/**
 * Calls `check` until it neither throws nor answers `false`, and returns its answer.
 * Throws after `timeoutMs` with the last failure, so a test says what was still wrong.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = 30_000, what = 'the condition', everyMs = 25 } = options;
  const deadline = Date.now() + timeoutMs;
  let last: unknown = new Error('it answered false');
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
    await sleep(everyMs);
  }
}
