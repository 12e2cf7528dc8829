/** Brings a part back that ended by itself, ever more slowly while it keeps failing, and says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './part';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Up for this long, and the next failure counts as the first. */
const HEALTHY_AFTER_MS = 60_000;

/** @returns a function that ends the supervision; the part itself is left as it is */
export function supervise(part: Part, say: (line: string) => void): () => void {
  const ending = new AbortController();
  let failures = 0;
  let upSinceMs = Date.now();

  const bringBack = async (how: string): Promise<void> => {
    if (Date.now() - upSinceMs > HEALTHY_AFTER_MS) failures = 0;
    let problem = `ended by itself (${how})`;
    while (!ending.signal.aborted) {
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      failures += 1;
      say(`${part.name} ${problem}; starting it again in ${waitMs / 1000} s. Its log: ${part.logFile}`);
      await sleep(waitMs, undefined, { signal: ending.signal }).catch(() => undefined);
      if (ending.signal.aborted) return;
      try {
        await part.start();
        upSinceMs = Date.now();
        say(`${part.name} is back`);
        return;
      } catch (error) {
        problem = `could not be started (${firstSentence(error)})`;
      }
    }
  };

  part.onUnexpectedEnd((how) => void bringBack(how));
  return () => ending.abort();
}

function firstSentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(/\. |\n/)[0] ?? '';
}
