/**
 * What a simulated vendor was asked, in order: the tests' evidence of how often something was really called.
 * Invariant: method, path and query only; never a body or a header.
 */

export interface JournalEntry {
  /** 1, 2, 3 … over the vendor's whole life, restarts included. */
  readonly n: number;
  /** ISO 8601, UTC: when the request was complete. */
  readonly at: string;
  readonly method: string;
  /** Below the vendor's base path, with the query. */
  readonly path: string;
  /** What was answered; null while the answer is held back, and for good when the connection was cut instead. */
  readonly status: number | null;
  /** Whether the operation was carried out, whatever the caller got to hear. */
  readonly applied: boolean;
  /** Why the request breaks the vendor's contract, else null. */
  readonly violation: string | null;
}

export interface JournalCounters {
  readonly requests: number;
  readonly violations: number;
}

export interface OpenEntry {
  carriedOut(result: { readonly applied: boolean; readonly violation: string | null }): void;
  answered(status: number): void;
}

export interface Journal {
  open(request: { readonly method: string; readonly path: string }): OpenEntry;
  entries(): readonly JournalEntry[];
  counters(): JournalCounters;
  /** Goes on counting from a saved state. */
  restore(counters: JournalCounters): void;
  clear(): void;
}

/** Beyond this the oldest entries go; the counters stay right. */
const KEPT_ENTRIES = 50_000;

export function createJournal(clock: () => number): Journal {
  let entries: JournalEntry[] = [];
  let requests = 0;
  let violations = 0;

  return {
    open({ method, path }) {
      requests += 1;
      const entry: { -readonly [K in keyof JournalEntry]: JournalEntry[K] } = {
        n: requests,
        at: new Date(clock()).toISOString(),
        method,
        path,
        status: null,
        applied: false,
        violation: null,
      };
      entries.push(entry);
      if (entries.length > KEPT_ENTRIES * 1.1) entries = entries.slice(-KEPT_ENTRIES);
      return {
        carriedOut({ applied, violation }) {
          entry.applied = applied;
          entry.violation = violation;
          if (violation !== null) violations += 1;
        },
        answered(status) {
          entry.status = status;
        },
      };
    },
    entries: () => entries.map((entry) => ({ ...entry })),
    counters: () => ({ requests, violations }),
    restore(counters) {
      requests = counters.requests;
      violations = counters.violations;
    },
    clear() {
      entries = [];
      requests = 0;
      violations = 0;
    },
  };
}
