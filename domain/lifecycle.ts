/**
 * The life of one uid until its slot is over: requested, paid, confirmed, moved, called off.
 * Invariant: facts come in their order (domain/order.ts), so an ending is always read after what it ends, whenever it arrived.
 */
import {
  applied,
  duplicate,
  isConfirmed,
  isOver,
  lifecycleWord,
  saying,
  superseded,
  type Appointment,
  type Step,
} from './appointment';
import { assertNever } from './assert-never';
import type { Fact } from './facts';
import { differences, isSameTime, type Knowledge } from './knowledge';
import { founds, isRead } from './order';
import { minuteOf } from './words';

export type LifecycleFactType =
  | 'requested'
  | 'payment_pending'
  | 'paid'
  | 'scheduled'
  | 'rescheduled'
  | 'reschedule_requested'
  | 'rejected'
  | 'canceled';

/** One fact of the lifecycle on one uid. A read says so, and one that only shows what is known is a duplicate. */
export function advance(now: Appointment, fact: Fact & { readonly type: LifecycleFactType }, known: Knowledge): Step {
  const step = stepOf(now, fact, known);
  return isRead(fact) ? { ...step, why: `read from the source: ${step.why}` } : step;
}

function stepOf(now: Appointment, fact: Fact & { readonly type: LifecycleFactType }, known: Knowledge): Step {
  switch (fact.type) {
    case 'requested': {
      const isKnown = now.hostMustConfirm === 'pushed' || (now.hostMustConfirm === 'read' && isRead(fact));
      if (isKnown && saysNothingNew(now, fact, known)) return alreadyKnown(now);
      const hostMustConfirm = isRead(fact) && now.hostMustConfirm !== 'pushed' ? 'read' : 'pushed';
      return begun({ ...now, hostMustConfirm }, fact, 'requested, waiting for confirmation');
    }
    case 'payment_pending':
      if (now.paymentPending && saysNothingNew(now, fact, known)) return alreadyKnown(now);
      return begun({ ...now, paymentPending: true }, fact, 'booked, waiting for payment');
    case 'paid':
      if (now.paid && saysNothingNew(now, fact, known)) return alreadyKnown(now);
      return begun({ ...now, paymentPending: false, paid: true }, fact, 'paid');
    case 'scheduled':
    case 'rescheduled':
      return confirm(now, fact, known);
    case 'reschedule_requested':
      if (isHeardBefore(now, 'reschedule_requested', fact)) return endedAlready(now, fact, known);
      return applied(
        { ...calledOff(now, fact), hold: { sinceMs: fact.receivedAtMs, agreed: null } },
        'the host asked for another time',
      );
    case 'rejected':
      if (isHeardBefore(now, 'rejected', fact)) return endedAlready(now, fact, known);
      return applied(calledOff(now, fact), 'rejected by the host');
    case 'canceled':
      if (isHeardBefore(now, 'canceled', fact)) return calledOffAlready(now, fact, known);
      // Cal.com's API has one word for both: the appointment is canceled there until the guest has chosen.
      if (isRead(fact) && now.lifecycle === 'reschedule_requested')
        return duplicate(`canceled, which is how it shows a wish for another time as well (${lifecycleWord(now)})`);
      return applied(
        calledOff(now, fact),
        fact.calledOffBy === undefined ? 'canceled' : `canceled by the ${fact.calledOffBy}`,
      );
    default:
      return assertNever(fact.type);
  }
}

function saysNothingNew(now: Appointment, fact: Fact, known: Knowledge): boolean {
  return isHeardBefore(now, now.lifecycle, fact) && differences(known, fact).length === 0;
}

/** Had that word been heard when the fact was? A version or a read may put a fact behind one that came after it: then that one is the repeat. */
function isHeardBefore(now: Appointment, word: Appointment['lifecycle'], fact: Fact): boolean {
  return now.lifecycle === word && now.saidBy !== null && now.saidBy.atMs <= fact.receivedAtMs;
}

function alreadyKnown(now: Appointment): Step {
  return duplicate(`already known (${lifecycleWord(now)})`);
}

/** That everybody left a shared appointment may have been read before it was heard when this guest did, and which time it had then. */
function endedAlready(now: Appointment, fact: Fact, known: Knowledge): Step {
  const news = differences(known, fact);
  if (news.length === 0) return alreadyKnown(now);
  return applied(now, `already known (${lifecycleWord(now)}), with ${news.join(' and ')}`);
}

function begun(next: Appointment, fact: Fact, why: string): Step {
  return applied({ ...next, lifecycle: 'requested', saidBy: saying(fact) }, why);
}

function confirm(now: Appointment, fact: Fact, known: Knowledge): Step {
  const wasConfirmed = isConfirmed(now);
  if (wasConfirmed && saysNothingNew(now, fact, known)) return alreadyKnown(now);
  const word = confirmationWord(fact, wasConfirmed ? differences(known, fact) : null, known);
  const isInPlace = !founds(fact) && !isRead(fact);
  const movedInPlace = isInPlace ? { version: fact.sequence } : now.movedInPlace;
  const isUnordered = isInPlace && now.movedInPlace !== null && now.movedInPlace.version === fact.sequence;
  const next = { ...now, lifecycle: 'scheduled', saidBy: saying(fact), movedInPlace, wasConfirmed: true } as const;
  return applied(next, isUnordered ? `${word} (the later word wins, the source gives no order)` : word);
}

/** `news`: what is new about an appointment that was confirmed already; null: it was not. */
function confirmationWord(fact: Fact, news: readonly string[] | null, known: Knowledge): string {
  const isSame = fact.slot !== null && known.slot !== null && isSameTime(fact.slot, known.slot);
  const isFirstWord = fact.predecessorUid !== null && news?.length === 0;
  if (fact.type === 'rescheduled' && (!isSame || isFirstWord)) return 'moved to another time';
  const word = fact.type === 'rescheduled' ? 'rescheduled at the same time' : 'scheduled';
  return news === null || news.length === 0 ? word : `${word}, with ${news.join(' and ')}`;
}

function calledOff(now: Appointment, fact: Fact & { readonly type: LifecycleFactType }): Appointment {
  const lifecycle = fact.type as 'reschedule_requested' | 'rejected' | 'canceled';
  const calledOffBy = fact.calledOffBy ?? (now.lifecycle === lifecycle ? now.calledOffBy : null);
  return { ...now, lifecycle, saidBy: saying(fact), calledOffBy, hold: null };
}

/** Whose wish it was may be told by the second word about it. */
function calledOffAlready(now: Appointment, fact: Fact, known: Knowledge): Step {
  const { calledOffBy = null } = fact;
  if (now.calledOffBy !== null || calledOffBy === null) return endedAlready(now, fact, known);
  return applied({ ...now, calledOffBy }, `already known (${lifecycleWord(now)}); it was the ${calledOffBy}`);
}

/** The clock of the source: the slot is over. Says nothing about who came, and nothing about a time that it no longer has. */
export function end(now: Appointment, fact: Fact, known: Knowledge): Step {
  if (isOver(now)) return superseded(`the appointment had already been called off (${lifecycleWord(now)})`);
  if (now.lifecycle === 'requested') return superseded('the appointment was never confirmed');
  if (isAboutAnotherTime(fact, known)) return superseded('it is about a time that the appointment no longer has');
  if (now.ended) return duplicate('the end of the slot was already known');
  return applied({ ...now, ended: true }, 'the slot is over; attendance is not known from that');
}

export function isAboutAnotherTime(fact: Fact, known: Knowledge): boolean {
  return fact.slot !== null && known.slot !== null && !isSameTime(fact.slot, known.slot);
}

/** A person decided to give the guest more time. */
export function keepWaiting(now: Appointment, fact: Fact): Step {
  if (now.lifecycle !== 'reschedule_requested' || now.hold === null)
    return superseded('no other time is waited for any more');
  const sinceMs = Math.max(now.hold.sinceMs, fact.receivedAtMs);
  return applied(
    { ...now, hold: { ...now.hold, sinceMs } },
    `a person decided to keep waiting for a new time, from ${minuteOf(sinceMs)} on`,
  );
}
