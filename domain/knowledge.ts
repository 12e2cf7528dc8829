/**
 * What holds for the whole chain of a booking: its time, its people, and what was decided about other systems.
 * Invariant: only applied facts of the lifecycle overwrite; evidence, marks and snapshots may at most fill what nobody had said.
 */
import type { Picture } from './booking';
import type { ContactChoice, Fact, Slot } from './facts';
import { crmSubjectOf } from './crm-conflicts';
import { callsOff, isConfirmation, isLifecycle } from './order';

export interface Knowledge {
  readonly slot: Slot | null;
  readonly confirmedSlot: Slot | null;
  readonly slotKnownAtMs: number | null;
  readonly paid: boolean;
  readonly eventType: string | null;
  readonly personId: string | null;
  readonly hostId: string | null;
  readonly contactChoices: Readonly<Record<string, ContactChoice>>;
  readonly crmDecisions: Picture['crmDecisions'];
  readonly sourceDecision: Picture['sourceDecision'];
}

export const NOTHING_LEARNED: Knowledge = {
  slot: null,
  confirmedSlot: null,
  slotKnownAtMs: null,
  paid: false,
  eventType: null,
  personId: null,
  hostId: null,
  contactChoices: {},
  crmDecisions: {},
  sourceDecision: null,
};

/** What is known after a fact. `isApplied`: it was no repeat and lost against nothing. `wasConfirmed`: its uid was, before it. */
export function learn(
  known: Knowledge,
  fact: Fact,
  { isApplied, wasConfirmed }: { readonly isApplied: boolean; readonly wasConfirmed: boolean },
): Knowledge {
  const overwrites = isApplied && isLifecycle(fact.type);
  const isNewSlot = fact.slot !== null && (known.slot === null || (overwrites && !isSameSlot(fact.slot, known.slot)));
  const slot = isNewSlot ? fact.slot : known.slot;
  const next: Knowledge = {
    ...known,
    slot,
    slotKnownAtMs: slotKnownAtMs(known, fact, slot),
    // It says nothing about the life: whichever fact names it last in their own order.
    eventType: fact.eventType ?? known.eventType,
    personId: overwrites ? (fact.personId ?? known.personId) : (known.personId ?? fact.personId),
    hostId: overwrites ? (fact.hostId ?? known.hostId) : (known.hostId ?? fact.hostId),
  };
  if (!isApplied) return next;
  return {
    ...next,
    // What ends a confirmed appointment names the time that it had: a move that was heard of later was another guest's.
    confirmedSlot: isConfirmation(fact.type) || (wasConfirmed && callsOff(fact.type)) ? slot : known.confirmedSlot,
    paid: known.paid || fact.type === 'paid',
    ...learnDecision(known, fact),
  };
}

/** When the current time was first heard of: a repeat that a delay put behind may have been heard before. */
function slotKnownAtMs(known: Knowledge, fact: Fact, slot: Slot | null): number | null {
  if (slot === null || fact.slot === null || !isSameTime(slot, fact.slot)) return known.slotKnownAtMs;
  const isNew = known.slot === null || !isSameTime(known.slot, slot);
  return isNew ? fact.receivedAtMs : Math.min(known.slotKnownAtMs ?? Infinity, fact.receivedAtMs);
}

function learnDecision(known: Knowledge, { id, decision }: Fact): Partial<Knowledge> {
  switch (decision?.kind) {
    case 'contact':
      return { contactChoices: { ...known.contactChoices, [decision.connection]: decision.contact } };
    case 'crm': {
      const newest = { action: decision.action, factId: id };
      return { crmDecisions: { ...known.crmDecisions, [decision.connection]: newest } };
    }
    case 'conflict':
      return afterConflict(known, { about: decision.about, factId: id });
    case 'crm_record':
      return lookAgain(known, { connection: decision.connection, factId: id });
    case 'source':
      return { sourceDecision: { action: decision.action, factId: id } };
    default:
      return {};
  }
}

/** A conflict about anything but one field of a CRM is a question only: nothing is written because of its answer. */
function afterConflict(known: Knowledge, of: { about: string; factId: string }): Partial<Knowledge> {
  const { connection, field } = crmSubjectOf(of.about);
  return field === null ? {} : lookAgain(known, { connection, factId: of.factId });
}

/** The CRM has to be brought to the picture again, although nothing of the picture changed. What was left to stay there still is. */
function lookAgain(known: Knowledge, of: { connection: string; factId: string }): Partial<Knowledge> {
  const action = known.crmDecisions[of.connection]?.action ?? 'retry';
  return { crmDecisions: { ...known.crmDecisions, [of.connection]: { action, factId: of.factId } } };
}

/** What a fact says about time and people that differs from what is known, in words; empty: nothing. */
export function differences(known: Knowledge, fact: Fact): string[] {
  const { slot } = fact;
  const isMoved = slot !== null && (known.slot === null || !isSameTime(slot, known.slot));
  return [
    ...(isMoved ? ['another time'] : []),
    ...(slot !== null && !isMoved && slot.zone !== known.slot?.zone ? ['another time zone'] : []),
    ...(fact.personId !== null && fact.personId !== known.personId ? [`${articleOf(known.personId)} guest`] : []),
    ...(fact.hostId !== null && fact.hostId !== known.hostId ? [`${articleOf(known.hostId)} host`] : []),
  ];
}

function articleOf(known: string | null): string {
  return known === null ? 'the' : 'another';
}

function isSameSlot(a: Slot, b: Slot): boolean {
  return isSameTime(a, b) && a.zone === b.zone;
}

export function isSameTime(a: Slot, b: Slot): boolean {
  return a.startMs === b.startMs && a.endMs === b.endMs;
}
