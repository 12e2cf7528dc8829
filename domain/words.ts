/**
 * The words that verdicts, timers and the timeline share.
 * Invariant: ids, instants and status words only; nothing personal can get into a sentence that is made here.
 */
import type { Outcome } from './booking';
import { outcomeSaid, type Fact, type FactType, type ReportedOutcome } from './facts';

/** "2026-11-24 17:00Z" */
export function minuteOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** "no-show" instead of "no_show". */
export function outcomeWord(value: Outcome['value'] | ReportedOutcome): string {
  if (value === 'rescheduled') return 'a new time';
  if (value === 'open') return 'no outcome';
  return value === 'no_show' ? 'no-show' : value;
}

const NEWS: Readonly<Partial<Record<FactType, string>>> = {
  payment_pending: 'payment pending',
  reschedule_requested: 'another time asked for',
  no_show: 'no-show',
  no_show_reverted: 'no-show taken back',
  no_show_suspected: 'head count without the guest',
};

const DECIDER = { operator: 'decided by a person', crm: 'changed in the CRM', source: 'said by the source' } as const;

/** What a fact said and when it was heard, in few words: "canceled, 2026-11-24 17:00Z". */
export function newsOf(fact: Fact): string {
  const said = outcomeSaid(fact);
  const word = said ? `${DECIDER[fact.by]}: ${outcomeWord(said.outcome)}` : (NEWS[fact.type] ?? fact.type);
  return `${word}, ${minuteOf(fact.receivedAtMs)}`;
}
