/**
 * Who has the last word about what both the booking and a CRM may change, and what becomes of a change that a person made there.
 * Invariant: judged by state alone, never by a time window. A state that the ledger knows as ours is no news, whenever its echo comes,
 * and nothing that a person changed is written over unless the booking owns it.
 */
import type { BookingStatus } from './booking';
import type { ReportedOutcome, Slot } from './facts';

/** `newest`: the later change wins; where both sides changed, no CRM says when one field did, so a person is asked. */
export type FieldOwner = 'booking' | 'crm' | 'newest';

export interface FieldOwners {
  readonly outcome: FieldOwner;
  readonly slot: FieldOwner;
  /** `newest`: a deal that we moved last may move again, one that a person moved stays. */
  readonly stage: FieldOwner;
}

export const DEFAULT_OWNERS: FieldOwners = { outcome: 'newest', slot: 'newest', stage: 'newest' };

export function ownersOf(mapping: { readonly owners?: Partial<FieldOwners> }): FieldOwners {
  return { ...DEFAULT_OWNERS, ...mapping.owners };
}

export type AppointmentWord = 'scheduled' | 'rescheduled' | 'canceled' | 'showed' | 'no_show';

/** An appointment as a CRM holds it. Epoch ms; `status` is null for a word of the CRM that has no meaning here. */
export interface AppointmentState {
  readonly status: AppointmentWord | null;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

export interface Comparison {
  /** What both sides held when they last agreed: written by us, or taken over from there. */
  readonly agreed: AppointmentState;
  /** What calls of ours without an answer may have left there. */
  readonly attempted: readonly AppointmentState[];
  readonly shown: AppointmentState;
  /** What the booking wants there now; null: nothing. */
  readonly wanted: AppointmentState | null;
  readonly bookingStatus: BookingStatus;
  readonly owners: Pick<FieldOwners, 'outcome' | 'slot'>;
}

/** `ours`: an echo, or both sides say the same. `adopt`: the booking takes it over. */
export type FieldVerdict = 'ours' | 'adopt' | 'write_back' | 'conflict';

export interface Judgement {
  readonly outcome: FieldVerdict;
  readonly slot: FieldVerdict;
}

/** What becomes of what the CRM shows now. */
export function judgeAppointment(seen: Comparison): Judgement {
  const isMoved = isNews(seen, isSameSlot);
  const outcome = isNews(seen, isSameStatus) ? judgeOutcome(seen, isMoved) : 'ours';
  return { outcome, slot: isMoved ? judgeSlot(seen, outcome) : 'ours' };
}

type Same = (one: AppointmentState, other: AppointmentState) => boolean;

export const isSameStatus: Same = (one, other) => one.status === other.status;

/** To the second, as CRMs keep it. An end that the CRM does not name says nothing. */
export const isSameSlot: Same = (one, other) =>
  second(one.startMs) === second(other.startMs) &&
  (one.endMs === null || other.endMs === null || second(one.endMs) === second(other.endMs));

function second(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1_000);
}

/** Neither what both held, nor what we may have written, nor what the booking says as well. */
function isNews({ agreed, attempted, shown, wanted }: Comparison, same: Same): boolean {
  return ![agreed, ...attempted, ...(wanted ? [wanted] : [])].some((known) => same(known, shown));
}

function judgeOutcome(seen: Comparison, isMoved: boolean): FieldVerdict {
  const { shown, bookingStatus } = seen;
  // A word without meaning here says nothing, and one that only says that a time is or is not agreed on goes with the new time.
  if (shown.status === null) return 'ours';
  if (seen.owners.outcome === 'booking') return 'write_back';
  const said = reportedOutcome(shown.status);
  const isOpenNow = bookingStatus === 'reschedule_requested' || isLive(bookingStatus);
  if (isMoved && isOpenNow && (said === 'open' || said === 'rescheduled')) return 'ours';
  return adoptUnlessChanged(seen, {
    isPossible: mayFollow(bookingStatus, said),
    owner: seen.owners.outcome,
    same: isSameStatus,
  });
}

function judgeSlot(seen: Comparison, outcome: FieldVerdict): FieldVerdict {
  const { shown, bookingStatus, owners } = seen;
  if (shown.startMs === null) return 'ours';
  // Of an appointment that is called off there, the time does not matter.
  if (shown.status === 'canceled' && outcome === 'adopt') return 'ours';
  if (owners.slot === 'booking') return 'write_back';
  const isReopened = outcome === 'adopt' && shown.status === 'scheduled';
  const staysOpen = outcome === 'ours' && (isLive(bookingStatus) || bookingStatus === 'reschedule_requested');
  return adoptUnlessChanged(seen, { isPossible: isReopened || staysOpen, owner: owners.slot, same: isSameSlot });
}

function adoptUnlessChanged(
  { agreed, wanted }: Comparison,
  { isPossible, owner, same }: { isPossible: boolean; owner: FieldOwner; same: Same },
): FieldVerdict {
  if (!isPossible) return 'conflict';
  const bookingChanged = wanted !== null && !same(wanted, agreed);
  return bookingChanged && owner !== 'crm' ? 'conflict' : 'adopt';
}

function isLive(status: BookingStatus): boolean {
  return status === 'requested' || status === 'scheduled' || status === 'awaiting_outcome';
}

/** Can a booking become what the CRM says? One that was called off is not revived from there. */
function mayFollow(status: BookingStatus, said: ReportedOutcome): boolean {
  if (said === 'open') return status === 'showed' || status === 'no_show';
  if (said === 'rescheduled') return status !== 'canceled' && status !== 'rejected';
  return true;
}

/** Can a booking still become what the CRM shows of a field? */
export function canFollow(
  booking: BookingStatus,
  shown: { readonly field: 'outcome' | 'slot'; readonly status: AppointmentWord },
): boolean {
  if (shown.field === 'slot') return isLive(booking) || booking === 'reschedule_requested';
  return mayFollow(booking, reportedOutcome(shown.status));
}

/** What a person says with the CRM's word. */
export function reportedOutcome(status: AppointmentWord): ReportedOutcome {
  return status === 'scheduled' ? 'open' : status;
}

/** The time that the CRM shows, in the zone that the booking has; as long as before where it names no end. Null: it shows none. */
export function slotShown({ startMs, endMs }: AppointmentState, before: Slot): Slot | null {
  if (startMs === null) return null;
  return { startMs, endMs: endMs ?? startMs + (before.endMs - before.startMs), zone: before.zone };
}
