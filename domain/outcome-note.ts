/**
 * The note that a CRM gets when a booking's outcome is settled: what was decided, by which kind of actor, about which slot.
 * Invariant: status words, kinds of actors and times only; nothing personal and nothing that a vendor wrote.
 */
import { isSettled, type BookingStatus, type Picture } from './booking';
import { timeInWords } from './time-in-words';
import type { LocalClock } from './wall-clock';

export interface OutcomeNote {
  /** Equal for notes that say the same; part of the note's key in the ledger. */
  readonly says: string;
  readonly text: string;
  /** When the outcome was settled, epoch ms: the note's place in the CRM's timeline. */
  readonly atMs: number;
}

const DECISION: Readonly<Partial<Record<BookingStatus, string>>> = {
  showed: 'Showed.',
  no_show: 'No-show.',
  canceled: 'Canceled.',
  rejected: 'Declined.',
};

/** Null while the outcome is open. Times are the guest's. */
export function outcomeNoteOf(picture: Picture, clock: LocalClock): OutcomeNote | null {
  const { status, slot } = picture;
  const decision = DECISION[status];
  if (!isSettled(status) || decision === undefined || picture.settledAtMs === null) return null;
  const actor = actorOf(picture);
  // No part of `says`: the source may tell whose wish it was after the note was written.
  const calledOffBy = picture.outcome?.calledOffBy;
  const when = slot === null ? [] : [`Appointment: ${timeInWords(clock.localTime(slot.startMs, slot.zone))}.`];
  return {
    says: `${status}-${actor}-${slot?.startMs ?? 'no-slot'}`,
    text: [calledOffBy ? `Canceled by the ${calledOffBy}.` : decision, ...when, BY[actor]].join(' '),
    atMs: picture.settledAtMs,
  };
}

const BY = {
  person: 'Decided by a person in the booking service.',
  mark: 'Marked in the booking tool.',
  heads: 'Concluded from the head count of the call.',
  crm: 'Set by a person in a CRM.',
  source: 'Told by the booking tool.',
} as const;

function actorOf({ status, outcome }: Picture): keyof typeof BY {
  const by: string = outcome?.value === status ? outcome.by : 'source';
  if (by === 'operator') return 'person';
  if (by !== 'source') return 'crm';
  // An ending is told, not marked.
  if (outcome === null || status === 'canceled' || status === 'rejected') return 'source';
  return outcome.sureness === 'counted' ? 'heads' : 'mark';
}
