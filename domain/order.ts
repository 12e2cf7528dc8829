/**
 * The order of a booking's facts: chain position, then lifecycle rank, then (among confirmations) the source's version, then the moment, then id.
 * Invariant: the moment only decides between facts that carry no order of their own (attendance marks, two times for one uid).
 */
import type { Fact, FactType } from './facts';

/** What a life does in turn. A cancellation outranks a confirmation of the same uid: vendors resend confirmations late. */
const RANK: Readonly<Record<FactType, number>> = {
  requested: 0,
  payment_pending: 1,
  paid: 2,
  scheduled: 3,
  rescheduled: 3,
  reschedule_requested: 4,
  rejected: 5,
  canceled: 6,
  ended: 7,
  host_no_show: 7,
  // Less sure than any mark or decision: those are read after it and replace it, whenever it arrives.
  no_show_suspected: 7,
  showed: 8,
  no_show: 8,
  no_show_reverted: 8,
  outcome_decided: 8,
  crm_reported: 8,
  contact_decided: 9,
  crm_decided: 9,
  hold_decided: 9,
  source_decided: 9,
  conflict_decided: 9,
  crm_overruled: 9,
  crm_deleted: 9,
};

/** Read from the source's API, as opposed to pushed by it or decided here. Facts stored before there were reads lack the field. */
export function isRead(fact: Fact): boolean {
  return typeof fact.readAtMs === 'number';
}

/** The instant that a fact speaks of, epoch ms: when the source was read, else when the fact was heard. */
export function momentOf(fact: Fact): number {
  return fact.readAtMs ?? fact.receivedAtMs;
}

/** The source says that this appointment takes place. */
export function isConfirmation(type: FactType): boolean {
  return RANK[type] === RANK.scheduled;
}

/** Ends the life of a uid, or sends it back for another time. */
export function callsOff(type: FactType): boolean {
  return RANK[type] >= RANK.reschedule_requested && RANK[type] <= RANK.canceled;
}

/** Part of the life of a uid before anybody says how it went. */
export function isLifecycle(type: FactType): boolean {
  return RANK[type] <= RANK.canceled;
}

/** The source's word about attendance. */
export function isMark(type: FactType): boolean {
  return saysHowItWent(type) && type !== 'outcome_decided' && type !== 'crm_reported';
}

/** Says how it went: a mark of the source or a decision of a person, here or in a CRM. */
export function saysHowItWent(type: FactType): boolean {
  return RANK[type] === RANK.showed;
}

/** Holds for the booking whichever of its uids is the newest: decisions about other systems. */
export function holdsForChain(type: FactType): boolean {
  return RANK[type] === RANK.contact_decided && type !== 'hold_decided';
}

// ---------------------------------------------------------------- the chain

/**
 * The source's ids of one booking, oldest first, uids that were only named as a predecessor or ancestor included.
 * Links decide; uids without a link (joined by their calendar id) are placed by the highest sequence seen on them, then by
 * which was heard of first.
 */
export function chainOf(facts: readonly Fact[]): string[] {
  const { predecessorOf, sequenceOf, heardAtMs } = linksOf(facts);
  const sorted = [...sequenceOf.keys()].sort(
    (a, b) =>
      sequenceOf.get(a)! - sequenceOf.get(b)! || heardAtMs.get(a)! - heardAtMs.get(b)! || (a < b ? -1 : a > b ? 1 : 0),
  );
  const placed = new Set<string>();
  const isReady = (uid: string): boolean => {
    const predecessor = predecessorOf.get(uid);
    return predecessor === undefined || placed.has(predecessor);
  };
  // Passed over until their predecessor is placed: few, however long the chain is.
  const waiting: string[] = [];
  const place = (uid: string): void => {
    placed.add(uid);
    for (let ready = waiting.findIndex(isReady); ready >= 0; ready = waiting.findIndex(isReady))
      placed.add(waiting.splice(ready, 1)[0]!);
  };
  for (const uid of sorted) {
    if (!isReady(uid)) waiting.push(uid);
    else place(uid);
  }
  // Some are left only when the source's links form a circle: it is broken at the first.
  while (waiting.length > 0) place(waiting.shift()!);
  return [...placed];
}

function linksOf(facts: readonly Fact[]) {
  const predecessorOf = new Map<string, string>();
  const sequenceOf = new Map<string, number>();
  const heardAtMs = new Map<string, number>();
  for (const fact of facts) {
    let [uid, sequence] = [fact.uid, fact.sequence ?? -1];
    const ancestors = [fact.predecessorUid, ...(fact.ancestry ?? [])].filter((older) => older !== null);
    for (const older of [...ancestors, null]) {
      sequenceOf.set(uid, Math.max(sequenceOf.get(uid) ?? -1, sequence));
      heardAtMs.set(uid, Math.min(heardAtMs.get(uid) ?? Infinity, fact.receivedAtMs));
      if (older === null) break;
      // Two facts that name different predecessors for one uid contradict each other: the smaller id keeps the result stable.
      const known = predecessorOf.get(uid);
      if (older !== uid && (known === undefined || older < known)) predecessorOf.set(uid, older);
      [uid, sequence] = [older, -1];
    }
  }
  return { predecessorOf, sequenceOf, heardAtMs };
}

// ---------------------------------------------------------------- the facts

/** Facts in their own order. Pure: any permutation of the same facts gives the same result. */
export function inOrder(facts: readonly Fact[], chain: readonly string[]): Fact[] {
  const position = new Map(chain.map((uid, index) => [uid, index]));
  const versionOf = versionsOf(facts);
  return [...facts].sort(
    (a, b) =>
      position.get(a.uid)! - position.get(b.uid)! ||
      RANK[a.type] - RANK[b.type] ||
      versionOf(a) - versionOf(b) ||
      Number(founds(b)) - Number(founds(a)) ||
      Number(isOfEmptyRow(b)) - Number(isOfEmptyRow(a)) ||
      byMoment(a, b),
  );
}

/** An ending that was read where nobody was left. It says nothing of one guest that this guest's own ending does not say better. */
function isOfEmptyRow(fact: Fact): boolean {
  return callsOff(fact.type) && isRead(fact) && fact.personId === null;
}

/** At one instant a read is the later one: it shows what the source made of the push. */
function byMoment(a: Fact, b: Fact): number {
  return (
    momentOf(a) - momentOf(b) ||
    Number(isRead(a)) - Number(isRead(b)) ||
    a.receivedAtMs - b.receivedAtMs ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/**
 * Only confirmations are ordered by version: an ending holds whatever version it names, and marks carry none. A push without
 * a version is as new as what had been heard of its uid; so is a read, and never older than what founds the uid, whenever
 * that is heard.
 */
function versionsOf(facts: readonly Fact[]): (fact: Fact) => number {
  const named = (fact: Fact): number => (isConfirmation(fact.type) ? (fact.sequence ?? -1) : 0);
  const inherits = (fact: Fact): boolean => isConfirmation(fact.type) && fact.sequence === null && !founds(fact);
  if (!facts.some(inherits)) return named;

  const founded = new Map<string, number>();
  const heard = new Map<string, number>();
  const inherited = new Map<string, number>();
  const raise = (newest: Map<string, number>, fact: Fact): void => {
    newest.set(fact.uid, Math.max(newest.get(fact.uid) ?? -1, named(fact)));
  };
  for (const fact of facts) if (founds(fact)) raise(founded, fact);
  for (const fact of facts.filter(({ type }) => isConfirmation(type)).sort(byMoment)) {
    raise(heard, fact);
    const known = heard.get(fact.uid) ?? -1;
    if (inherits(fact)) inherited.set(fact.id, isRead(fact) ? Math.max(known, founded.get(fact.uid) ?? -1) : known);
  }
  return (fact) => inherited.get(fact.id) ?? named(fact);
}

/** The first that a source pushes of a confirmed uid. A read is none, nor is a move that keeps its uid. */
export function founds(fact: Fact): boolean {
  return isConfirmation(fact.type) && !isRead(fact) && (fact.type === 'scheduled' || fact.predecessorUid !== null);
}
