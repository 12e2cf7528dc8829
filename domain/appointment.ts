/**
 * What is known about one uid of a booking's chain while its facts are read in order, and what one more fact does to it.
 * Invariant: a value; every fact leads from one to the next, and a new uid starts from `NOTHING_KNOWN`.
 */
import type { Outcome } from './booking';
import type { Fact, Side, Slot } from './facts';
import { minuteOf } from './words';

export interface Appointment {
  readonly lifecycle: 'none' | 'requested' | 'scheduled' | 'reschedule_requested' | 'canceled' | 'rejected';
  /** The fact that gave the lifecycle its word, and when it was heard. */
  readonly saidBy: { readonly factId: string; readonly atMs: number } | null;
  /** Whose wish the newest cancellation was; null: that is not known, or there was none. */
  readonly calledOffBy: Side | null;
  /** Who says that the host has to confirm: an API shows payments that are waited for in the same way. */
  readonly hostMustConfirm: 'no' | 'read' | 'pushed';
  readonly paymentPending: boolean;
  readonly paid: boolean;
  readonly ended: boolean;
  /** It was confirmed under this uid, whatever came after. */
  readonly wasConfirmed: boolean;
  /** The newest move that kept the uid; its version, null where it names none. */
  readonly movedInPlace: { readonly version: number | null } | null;
  /** Another time is waited for: since when, and which one, where a person agreed on it, and in which CRM. */
  readonly hold: { readonly sinceMs: number; readonly agreed: Slot | null; readonly agreedIn?: string } | null;
  readonly noShowSuspectedAtMs: number | null;
  /** How it went, one layer for each sureness. */
  readonly decided: Outcome | null;
  readonly marked: Outcome | null;
  readonly counted: Outcome | null;
  /** The source's newest word about attendance, a mark that was taken back included. */
  readonly lastMark: 'showed' | 'no_show' | 'no_show_reverted' | null;
}

export const NOTHING_KNOWN: Appointment = {
  lifecycle: 'none',
  saidBy: null,
  calledOffBy: null,
  hostMustConfirm: 'no',
  paymentPending: false,
  paid: false,
  ended: false,
  wasConfirmed: false,
  movedInPlace: null,
  hold: null,
  noShowSuspectedAtMs: null,
  decided: null,
  marked: null,
  counted: null,
  lastMark: null,
};

/** What a fact does: it leads to `next`, or says nothing new, or loses against what is known. `why` is the timeline's sentence. */
export type Step =
  | { readonly kind: 'applied'; readonly next: Appointment; readonly why: string }
  /** `next` only where the words said have to be remembered although they changed nothing. */
  | { readonly kind: 'duplicate' | 'superseded'; readonly next?: Appointment; readonly why: string };

export function applied(next: Appointment, why: string): Step {
  return { kind: 'applied', next, why };
}

export function duplicate(why: string): Step {
  return { kind: 'duplicate', why };
}

export function superseded(why: string): Step {
  return { kind: 'superseded', why };
}

/** The surest word about how it went. */
export function outcomeOf(now: Appointment): Outcome | null {
  return now.decided ?? now.marked ?? now.counted;
}

export function isConfirmed(now: Appointment): boolean {
  return now.lifecycle === 'scheduled';
}

/** Called off, or sent back for another time. */
export function isOver(now: Appointment): boolean {
  return now.lifecycle === 'canceled' || now.lifecycle === 'rejected' || now.lifecycle === 'reschedule_requested';
}

/** "canceled, 2026-11-24 17:00Z": the lifecycle's word and when it was heard. */
export function lifecycleWord(now: Appointment): string {
  const word = now.lifecycle === 'reschedule_requested' ? 'another time is waited for' : now.lifecycle;
  return now.saidBy === null ? word : `${word}, ${minuteOf(now.saidBy.atMs)}`;
}

export function saying(fact: Fact): { factId: string; atMs: number } {
  return { factId: fact.id, atMs: fact.receivedAtMs };
}
