/**
 * How an appointment went, as the source marks it, a head count sees it, or a person decides it, here or in a CRM.
 * Invariant: decided beats marked beats counted, whatever came first; between equals the later word wins (domain/order.ts).
 */
import {
  applied,
  duplicate,
  isOver,
  lifecycleWord,
  outcomeOf,
  saying,
  superseded,
  type Appointment,
  type Step,
} from './appointment';
import type { Outcome } from './booking';
import { outcomeSaid, type Fact, type Slot } from './facts';
import { isAboutAnotherTime } from './lifecycle';
import type { Knowledge } from './knowledge';
import { isConfirmation, isMark, isRead, momentOf } from './order';
import { minuteOf, outcomeWord } from './words';

/** What the rules of attendance need beyond the uid's own state. */
export interface Circumstances {
  readonly known: Knowledge;
  /** The booking's guest, as all facts together name them; null: unknown. */
  readonly guestId: string | null;
  readonly trustHeadCount: boolean;
  /** The facts of this uid, in order. */
  readonly facts: readonly Fact[];
  /** When the source was last read for who came, epoch ms; null: never. */
  readonly marksReadAtMs: number | null;
}

const NOT_THE_GUEST = superseded('about another attendee, not the one who booked');

/** When the source was last read for who came, of one uid's facts. */
export function marksReadAtMs(facts: readonly Fact[], guestId: string | null): number | null {
  const reads = facts.filter((fact) => isRead(fact) && isMark(fact.type) && !isAboutAnother(fact, { guestId }));
  return reads.length === 0 ? null : momentOf(reads.at(-1)!);
}

function isAboutAnother(fact: Fact, { guestId }: Pick<Circumstances, 'guestId'>): boolean {
  const about = fact.aboutPersonId ?? null;
  return about !== null && guestId !== null && about !== guestId;
}

/** The reason why a mark does not count, whatever it says; null: it counts. */
function whyNotCounted(now: Appointment, fact: Fact, around: Circumstances): Step | null {
  if (isAboutAnother(fact, around)) return NOT_THE_GUEST;
  if (now.decided) {
    const word = decidedBefore(now.decided);
    return now.decided.value === fact.type ? duplicate(word) : superseded(word);
  }
  if (isOver(now)) return superseded(`an appointment that was called off has no attendance (${lifecycleWord(now)})`);
  return null;
}

/** The source says that the guest came, or did not. */
export function mark(now: Appointment, fact: Fact, around: Circumstances): Step {
  const value = fact.type === 'showed' ? 'showed' : 'no_show';
  const refused = whyNotCounted(now, fact, around);
  if (refused) return sourced(fact, refused);
  if (now.marked?.value === value && now.marked.atMs <= fact.receivedAtMs)
    return sourced(fact, duplicate(`already marked as ${outcomeWord(value)}, ${minuteOf(now.marked.atMs)}`));
  const before = outcomeOf(now);
  const replaced = before && before.value !== value ? `, replacing ${wordWithSource(before)}` : '';
  const next = { ...now, marked: outcome(fact, value, 'marked'), lastMark: value } as const;
  return sourced(fact, applied(next, `marked as ${outcomeWord(value)}${replaced}${laterWordWins(now, fact, around)}`));
}

/** The source takes a no-show back. What a head count saw is no mark, and stays. */
export function unmark(now: Appointment, fact: Fact, around: Circumstances): Step {
  const refused = whyNotCounted(now, fact, around);
  if (refused) return sourced(fact, refused);
  const next = { ...now, lastMark: 'no_show_reverted' } as const;
  if (now.marked?.value !== 'no_show')
    return sourced(fact, { kind: 'duplicate', next, why: 'there was no no-show mark to take back' });
  const count = now.counted === null ? '' : ', the head count stands';
  const why = `the no-show mark was taken back${count}${laterWordWins(now, fact, around)}`;
  return sourced(fact, applied({ ...next, marked: null }, why));
}

function sourced(fact: Fact, step: Step): Step {
  if (!isRead(fact)) return step;
  const why = step.kind === 'duplicate' ? `already known (${step.why})` : step.why;
  return { ...step, why: `read from the source: ${why}` };
}

/** Marks that are pushed carry no order. Where no read settled what the source shows, the timeline has to say what did. */
function laterWordWins(now: Appointment, fact: Fact, around: Circumstances): string {
  const contradicts = now.lastMark !== null && now.lastMark !== fact.type;
  if (!contradicts || isRead(fact)) return '';
  const wasRead = around.marksReadAtMs !== null && around.marksReadAtMs >= momentOf(fact);
  return wasRead ? '' : ' (the later word wins, the source gives no order)';
}

/** A head count of the call saw no guest: evidence for the review, or the least sure outcome where the source's setting says so. */
export function countHeads(now: Appointment, fact: Fact, around: Circumstances): Step {
  if (isAboutAnother(fact, around)) return NOT_THE_GUEST;
  if (isOver(now)) return superseded(`an appointment that was called off has no attendance (${lifecycleWord(now)})`);
  if (isAboutAnotherTime(fact, around.known))
    return superseded('it is about a time that the appointment no longer has');
  if (now.noShowSuspectedAtMs !== null)
    return duplicate(`a head count had already seen no guest, ${minuteOf(now.noShowSuspectedAtMs)}`);
  const next = { ...now, noShowSuspectedAtMs: fact.receivedAtMs };
  if (!around.trustHeadCount)
    return applied(next, 'a head count saw no guest: evidence for the review, not an outcome');
  return applied(
    { ...next, counted: outcome(fact, 'no_show', 'counted') },
    'a head count saw no guest: no-show, as head counts of this source are trusted',
  );
}

/** A person, here or in a CRM, decides how it went, or that a new time is agreed on. */
export function decide(now: Appointment, fact: Fact, around: Circumstances): Step {
  const said = outcomeSaid(fact);
  if (said === null) return superseded('the decision names no outcome');
  const { outcome: value, slot } = said;
  if (value === 'open') return takeBack(now, fact);
  if (value === 'rescheduled') return agreeOnNewTime(now, fact, { around, agreed: slot });
  if (now.decided?.value === value) return duplicate(decidedBefore(now.decided));
  const before = outcomeOf(now);
  const replaced = before && before.value !== value ? `, replacing ${wordWithSource(before)}` : '';
  return applied({ ...now, decided: outcome(fact, value, 'decided') }, `${decisionWord(fact, value)}${replaced}`);
}

/** "a person decided: showed", "marked as no-show in hubspot-main", "canceled in ghl-main" */
function decisionWord({ by, decision }: Fact, value: Outcome['value']): string {
  const place = decision?.kind === 'reported' ? ` in ${decision.connection}` : '';
  if (by === 'crm') return `${value === 'canceled' ? 'canceled' : `marked as ${outcomeWord(value)}`}${place}`;
  return `a person decided: ${outcomeWord(value)}${place && `, as${place}`}`;
}

function decidedBefore({ by, value, atMs }: Outcome): string {
  const who = by === 'crm' ? 'a person had already said so in the CRM' : 'a person here had already decided';
  return `${who}: ${outcomeWord(value)}, ${minuteOf(atMs)}`;
}

/** A person opened the appointment in the CRM again: nothing is said of how it went any more. */
function takeBack(now: Appointment, fact: Fact): Step {
  const before = outcomeOf(now);
  if (before === null) return duplicate('there was no outcome to take back');
  const next = { ...now, decided: null, marked: null, lastMark: null, counted: null, noShowSuspectedAtMs: null };
  const place = fact.decision?.kind === 'reported' ? ` in ${fact.decision.connection}` : '';
  return applied(next, `the outcome was taken back${place}: ${wordWithSource(before)}`);
}

function agreeOnNewTime(now: Appointment, fact: Fact, to: { around: Circumstances; agreed: Slot | null }): Step {
  const place = fact.decision?.kind === 'reported' ? fact.decision.connection : null;
  if (place !== null && (now.lifecycle === 'canceled' || now.lifecycle === 'rejected'))
    return superseded(`moved in ${place}, but the appointment was called off (${lifecycleWord(now)})`);
  const cleared: Appointment = { ...now, decided: null, marked: null, lastMark: null };
  const uncounted: Appointment = { ...cleared, counted: null, noShowSuspectedAtMs: null };
  if (hasMoved(fact, to)) {
    // What was counted before was about the time that was given up.
    const isStale = (now.noShowSuspectedAtMs ?? 0) <= fact.receivedAtMs;
    const next = { ...(isStale ? uncounted : cleared), ended: false };
    return applied(next, `${agreedWord(fact, 'a new time is agreed on')}; the source shows it`);
  }
  const sinceMs = Math.max(now.hold?.sinceMs ?? 0, fact.receivedAtMs);
  const hold = { sinceMs, agreed: to.agreed, ...(place !== null && to.agreed !== null && { agreedIn: place }) };
  return applied(
    { ...uncounted, lifecycle: 'reschedule_requested', saidBy: saying(fact), hold },
    to.agreed === null
      ? agreedWord(fact, 'a new time is agreed on, waiting for it')
      : agreedWord(fact, 'moving to the agreed time'),
  );
}

/** "a person decided: moving to the agreed time", "moved in ghl-main: moving to the agreed time" */
function agreedWord({ by, decision }: Fact, what: string): string {
  const place = decision?.kind === 'reported' ? decision.connection : null;
  if (by === 'crm')
    return `${decision?.kind === 'reported' && decision.slot ? 'moved' : 'changed'} in ${place}: ${what}`;
  return `a person decided${place === null ? '' : `, as in ${place}`}: ${what}`;
}

/** Was the agreed time heard of after the decision, under the uid that a source may keep over a move? A new uid needs no such look. */
function hasMoved(decided: Fact, to: { around: Circumstances; agreed: Slot | null }): boolean {
  const confirmed = to.around.facts.filter((fact) => isConfirmation(fact.type) && fact.slot !== null);
  const isAgreed = (fact: Fact | undefined): boolean => fact?.slot?.startMs === to.agreed?.startMs;
  const known = confirmed.findLast((fact) => fact.receivedAtMs <= decided.receivedAtMs);
  return (
    to.agreed !== null &&
    !isAgreed(known) &&
    confirmed.some((fact) => fact.receivedAtMs > decided.receivedAtMs && isAgreed(fact))
  );
}

function outcome(fact: Fact, value: Outcome['value'], sureness: Outcome['sureness']): Outcome {
  const by = sureness !== 'decided' ? 'source' : fact.by === 'crm' ? 'crm' : 'operator';
  return { value, by, sureness, factId: fact.id, atMs: fact.receivedAtMs };
}

/** "showed (the source's mark, 2026-11-24 17:00Z)" */
function wordWithSource({ value, by, sureness, atMs }: Outcome): string {
  const decided = by === 'crm' ? 'said in the CRM' : 'decided here';
  const whose = { decided, marked: "the source's mark", counted: 'a head count' }[sureness];
  return `${outcomeWord(value)} (${whose}, ${minuteOf(atMs)})`;
}
