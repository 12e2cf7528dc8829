/**
 * Calls the port as activities do: what may be repeated is repeated, an unknown create is looked for first (activities/crm-create.ts).
 * Invariant: waiting moves the clock of the account and nothing else; what a person would have to mend is thrown.
 */
import { CALL_DEADLINE_MS } from '../../../activities/crm-context';
import { CrmError, type Crm, type CrmErrorClass } from '../../../integrations/ports';
import type { StillClock } from './crm-under-test';

export interface Step {
  readonly run: (crm: Crm) => Promise<unknown>;
  /** Creates only: looks for what an unanswered create may have left. */
  readonly find?: (crm: Crm) => Promise<{ readonly id: string } | null>;
  /** How long the CRM may need until `find` sees it, ms. */
  readonly findAfterMs?: number;
}

export interface Settled {
  readonly answer: unknown;
  /** What the attempts failed with, in order. */
  readonly troubles: readonly CrmError[];
}

/** As `syncCrm` in its lane. */
const MOST_ATTEMPTS = 4;
const BACKOFF_MS = 5_000;
/** What heals itself. */
const PASSING: readonly CrmErrorClass[] = ['rate_limited', 'unavailable', 'unknown_outcome'];

/** `adapter` gives the adapter of an attempt, counted from 0. Throws what needs a person, and the last trouble when attempts end. */
export async function settle(clock: StillClock, adapter: (attempt: number) => Crm, step: Step): Promise<Settled> {
  const troubles: CrmError[] = [];
  let isUnknown = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const crm = adapter(attempt);
      const found = isUnknown ? await step.find?.(crm) : null;
      return { answer: found ?? (await step.run(crm)), troubles };
    } catch (error) {
      if (!(error instanceof CrmError) || !PASSING.includes(error.errorClass)) throw error;
      troubles.push(error);
      if (troubles.length === MOST_ATTEMPTS) throw error;
      isUnknown ||= error.errorClass === 'unknown_outcome';
      const settlesAfterMs = isUnknown ? Math.max(CALL_DEADLINE_MS, step.findAfterMs ?? 0) : BACKOFF_MS;
      clock.advance(Math.max(settlesAfterMs, error.retryAfterMs ?? 0));
    }
  }
}
