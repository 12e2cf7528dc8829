/**
 * Builders for facts: a test names only what it is about.
 */
import type { DecidedOutcome, Fact, FactType, Slot } from '../../domain/facts';
import type { FoldPolicy } from '../../domain/settings';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The first slot of a life in tests: a Tuesday morning in Denver. */
export const START = Date.UTC(2026, 10, 24, 17, 0);

/** What a head count that saw no guest is worth. */
export const EVIDENCE: FoldPolicy = { trustHeadCount: false };
export const TRUSTED: FoldPolicy = { trustHeadCount: true };

export function slotAt(startMs: number, zone = 'America/Denver'): Slot {
  return { startMs, endMs: startMs + 30 * 60_000, zone };
}

let count = 0;

/** Arrives a second after the fact that was built before it, unless told otherwise. */
export function aFact(type: FactType, given: Partial<Omit<Fact, 'type'>> = {}): Fact {
  count += 1;
  return {
    id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    type,
    uid: 'A',
    predecessorUid: null,
    ancestry: [],
    slot: null,
    sequence: null,
    eventType: null,
    receivedAtMs: START - 14 * DAY + count * 1_000,
    personId: null,
    hostId: null,
    aboutPersonId: null,
    readAtMs: null,
    by: given.decision ? 'operator' : 'source',
    decision: null,
    ...given,
  };
}

/** What a read of the source's API shows: made when it arrived, unless told otherwise. */
export function aRead(type: FactType, given: Partial<Omit<Fact, 'type'>> = {}): Fact {
  const fact = aFact(type, given);
  return { ...fact, readAtMs: given.readAtMs ?? fact.receivedAtMs };
}

/** A person here decides how it went; `slot` only with a new time that was agreed on. */
export function aDecision(outcome: DecidedOutcome, given: Partial<Omit<Fact, 'type'>> = {}): Fact {
  const { slot, ...more } = given;
  return aFact('outcome_decided', { decision: { kind: 'outcome', outcome, ...(slot && { slot }) }, ...more });
}

export function keepWaiting(given: Partial<Omit<Fact, 'type'>> = {}): Fact {
  return aFact('hold_decided', { decision: { kind: 'hold', action: 'keep_waiting' }, ...given });
}
