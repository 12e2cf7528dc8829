/**
 * The nouns of one booking: its statuses and its picture.
 * Invariant: a picture is the fold of the booking's facts at an instant, and nothing else; it holds no personal data.
 */
import type { ContactChoice, Side, Slot } from './facts';

export const BOOKING_STATUSES = [
  'requested',
  'scheduled',
  'reschedule_requested',
  'canceled',
  'rejected',
  'awaiting_outcome',
  'showed',
  'no_show',
] as const;
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

/**
 * How sure an outcome is, best first: a person decided it, here or in a CRM; the source says so (a host marked it, or its API shows it);
 * a head count of the call says so, and the source's setting trusts head counts.
 */
export const SURENESS = ['decided', 'marked', 'counted'] as const;
export type Sureness = (typeof SURENESS)[number];

/** Who said how it ended, when, and how sure. A surer word replaces a less sure one, never the other way; equals are settled by the later one. */
export interface Outcome {
  readonly value: 'showed' | 'no_show' | 'canceled';
  readonly by: 'source' | 'operator' | 'crm';
  /** Whose wish a cancellation was; absent: the source does not say, or it is none. */
  readonly calledOffBy?: Side;
  readonly sureness: Sureness;
  readonly factId: string;
  readonly atMs: number;
}

export interface Picture {
  readonly status: BookingStatus;
  /** Why the status is what it is, where the word alone does not say ("waiting for payment"). */
  readonly statusReason: string | null;
  readonly slot: Slot | null;
  /** The newest slot that was confirmed, null while nothing ever was: what a CRM's appointment keeps while a new time is only requested. */
  readonly confirmedSlot: Slot | null;
  /** The source's ids, oldest first. Uids that were only named as a predecessor are in it too. */
  readonly chain: readonly string[];
  readonly outcome: Outcome | null;
  /** When the booking got its final status (canceled, rejected, showed, no-show): the grace time before closing counts from here. */
  readonly settledAtMs: number | null;
  /** When the newest slot was first heard of: a message that was due before is skipped, not sent late. */
  readonly slotKnownAtMs: number | null;
  readonly paid: boolean;
  /** When a head count said that the guest was absent: evidence, so the host is asked at once and the review shows it. Null: none said so. */
  readonly noShowSuspectedAtMs: number | null;
  /** From when the hold of a wished-for new time counts; a decision to keep waiting renews it. Null unless `reschedule_requested`. */
  readonly holdSinceMs: number | null;
  /** The new time that a person here agreed on and the source does not show yet; null: none. */
  readonly agreedSlot: Slot | null;
  /** The CRM in which it was agreed on: that one shows it already. Absent: here. */
  readonly agreedIn?: string;
  /** Id of the newest retry/skip decision about a refused write to the source. */
  readonly sourceDecision: { readonly action: 'retry' | 'skip'; readonly factId: string } | null;
  /** The source's key of what was booked; null: no fact names one. */
  readonly eventType: string | null;
  readonly personId: string | null;
  readonly hostId: string | null;
  /**
   * CRM connection id → what a person chose in this booking when no contact, or several, matched. It only makes the version
   * another one, so that the booking is synced again; what counts, for all bookings of the guest, is `match_rule`.
   */
  readonly contactChoices: Readonly<Record<string, ContactChoice>>;
  /** CRM connection id → id of the newest retry/skip decision about a refused write. */
  readonly crmDecisions: Readonly<Record<string, { readonly action: 'retry' | 'skip'; readonly factId: string }>>;
}

/** Identifies the time that a message talks about; equal for slots that are the same instant in the same zone. */
export function slotKey(slot: Slot): string {
  return `${slot.startMs}-${slot.endMs}`;
}

/** No further event is expected: the booking closes after its grace time. */
export function isSettled(status: BookingStatus): boolean {
  return status === 'canceled' || status === 'rejected' || status === 'showed' || status === 'no_show';
}
