/**
 * Makes a simulated account's own clock work: meetings that begin and end, webhooks that become due.
 * Invariant: it looks at the account's clock, which tests may stop or skip; the machine's timer only says when to look.
 */

export interface Clockwork {
  /** Does what is due, then sets the timer for what comes next. */
  tick(): void;
  /** Does something to the account: what is due comes before it, also when the clock was moved in between, and what came of it leaves at once. */
  acted<T>(what: () => T): T;
  close(): void;
}

/** With a clock that tests move, nobody says when it moved: hence the looks in between. */
const LONGEST_WAIT_MS = 1_000;

export function createClockwork(parts: {
  readonly clock: () => number;
  readonly work: () => void;
  /** Epoch ms of the account's clock; null: nothing is to come. */
  readonly nextAtMs: () => number | null;
  /** Something worth saving was done. */
  readonly changed: () => void;
}): Clockwork {
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const tick = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (closed) return;
    parts.work();
    const nextAtMs = parts.nextAtMs();
    if (nextAtMs === null) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(1, nextAtMs - parts.clock()));
    timer = setTimeout(tick, waitMs).unref();
  };
  return {
    tick,
    acted(what) {
      tick();
      try {
        return what();
      } finally {
        tick();
        parts.changed();
      }
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
