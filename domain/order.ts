/**
 * The order of a booking's facts: chain position, then the source's own version, then lifecycle rank, then arrival, then id.
 * Invariant: arrival only decides between facts that carry no order of their own (attendance marks, two times for one uid).
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
  no_show_suspected: 7,
  showed: 8,
  no_show: 8,
  no_show_reverted: 8,
  outcome_decided: 8,
  contact_decided: 9,
  crm_decided: 9,
  hold_decided: 9,
  source_decided: 9,
};

/**
 * The source's ids of one booking, oldest first, uids that were only named as a predecessor included.
 * Links decide; uids without a link (joined by their calendar id) are placed by the highest sequence seen on them.
 */
export function chainOf(facts: readonly Fact[]): string[] {
  const predecessorOf = new Map<string, string>();
  const sequenceOf = new Map<string, number>();
  for (const fact of facts) {
    sequenceOf.set(fact.uid, Math.max(sequenceOf.get(fact.uid) ?? -1, fact.sequence ?? -1));
    if (fact.predecessorUid === null || fact.predecessorUid === fact.uid) continue;
    if (!sequenceOf.has(fact.predecessorUid)) sequenceOf.set(fact.predecessorUid, -1);
    // Two facts that name different predecessors for one uid contradict each other: the smaller id keeps the result stable.
    const known = predecessorOf.get(fact.uid);
    if (known === undefined || fact.predecessorUid < known) predecessorOf.set(fact.uid, fact.predecessorUid);
  }
  const waiting = [...sequenceOf.keys()].sort((a, b) => sequenceOf.get(a)! - sequenceOf.get(b)! || (a < b ? -1 : 1));
  const chain: string[] = [];
  const placed = new Set<string>();
  while (waiting.length > 0) {
    const ready = waiting.findIndex((uid) => {
      const predecessor = predecessorOf.get(uid);
      return predecessor === undefined || placed.has(predecessor);
    });
    // No uid is ready only when the source's links form a circle: break it at the first.
    const [uid] = waiting.splice(Math.max(ready, 0), 1);
    chain.push(uid!);
    placed.add(uid!);
  }
  return chain;
}

/** Facts in their own order. Pure: any permutation of the same facts gives the same result. */
export function inOrder(facts: readonly Fact[], chain: readonly string[]): Fact[] {
  const position = new Map(chain.map((uid, index) => [uid, index]));
  return [...facts].sort(
    (a, b) =>
      position.get(a.uid)! - position.get(b.uid)! ||
      RANK[a.type] - RANK[b.type] ||
      versionOf(a) - versionOf(b) ||
      a.receivedAtMs - b.receivedAtMs ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

/** Only confirmations are ordered by version: an ending holds whatever version it names, and marks carry none. */
function versionOf(fact: Fact): number {
  return isConfirmation(fact.type) ? (fact.sequence ?? -1) : 0;
}

/** The source says that this appointment takes place. */
export function isConfirmation(type: FactType): boolean {
  return RANK[type] === RANK.scheduled;
}

/** Part of the booking's lifecycle (as opposed to evidence and decisions about CRMs): only these can make an older fact late. */
export function movesLifecycle(type: FactType): boolean {
  return RANK[type] <= RANK.canceled || RANK[type] === RANK.showed;
}
