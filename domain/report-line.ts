/**
 * What the report knows of one booking: when it was heard of, how often it moved, how it ended.
 * Invariant: follows from the picture and the facts alone, so it can be computed again for every booking at any time.
 */
import type { Outcome, Picture } from './booking';
import type { Fact } from './facts';
import { isConfirmation } from './order';

/** Canceled so long before its slot, a booking leaves time to be followed by another one. */
export const EARLY_CANCEL_MS = 24 * 3_600_000;

/** `automatic`: a head count. `guest`, `host`: whose wish a cancellation was, where the source says so. */
export type OutcomeBy = 'source' | 'guest' | 'host' | 'crm' | 'operator' | 'automatic';

export interface ReportLine {
  /** When the booking was first heard of, epoch ms. */
  readonly bookedAtMs: number;
  /** How often it got another id at the source, or another time under the same one. */
  readonly movedCount: number;
  readonly outcome: Outcome | null;
  readonly outcomeBy: OutcomeBy | null;
  /** Null: it is not canceled, or has no slot. */
  readonly cancelTiming: 'early' | 'late' | null;
  /** Payment was required, and neither it nor a confirmation ever came. */
  readonly isUnpaid: boolean;
}

/** Of a booking with at least one fact; `facts` in their own order, as the fold hands them over. */
export function reportLineOf(picture: Picture, facts: readonly Fact[]): ReportLine {
  const { outcome } = picture;
  return {
    bookedAtMs: facts.reduce((earliest, fact) => Math.min(earliest, fact.receivedAtMs), Infinity),
    movedCount: movedCountOf(picture, facts),
    outcome,
    outcomeBy: outcome && (outcome.sureness === 'counted' ? 'automatic' : (outcome.calledOffBy ?? outcome.by)),
    cancelTiming: cancelTimingOf(picture),
    isUnpaid: !picture.paid && picture.confirmedSlot === null && facts.some(({ type }) => type === 'payment_pending'),
  };
}

function movedCountOf({ chain }: Picture, facts: readonly Fact[]): number {
  const startOf = new Map<string, number>();
  const told = new Set<string>();
  let inPlace = 0;
  for (const { uid, type, slot, sequence } of facts) {
    if (!isConfirmation(type) || slot === null) continue;
    // Told again after a read had shown what came next: it went nowhere by that.
    const version = `${uid}|${sequence}|${slot.startMs}`;
    if (sequence !== null && told.has(version)) continue;
    told.add(version);
    const before = startOf.get(uid);
    if (before !== undefined && before !== slot.startMs) inPlace += 1;
    startOf.set(uid, slot.startMs);
  }
  return chain.length - 1 + inPlace;
}

function cancelTimingOf({ status, outcome, slot }: Picture): ReportLine['cancelTiming'] {
  if (status !== 'canceled' || outcome === null || slot === null) return null;
  return outcome.atMs <= slot.startMs - EARLY_CANCEL_MS ? 'early' : 'late';
}
