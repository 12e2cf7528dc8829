/**
 * Facts: what a source, an operator or a task said about one booking, in our own vocabulary.
 * Invariant: a fact is immutable plain JSON, holds ids, instants and status words, and never personal data.
 */

/** The time of an appointment. Instants are epoch milliseconds UTC; `zone` is the guest's IANA zone at booking time. */
export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
}

/** The two who meet. */
export type Side = 'guest' | 'host';

/** Facts that sources send. Past tense, one word per meaning; `PRODUCT.md` has the vocabulary. */
export const SOURCE_FACT_TYPES = [
  /** Waiting for the host's confirmation. */
  'requested',
  /** Booked, but the source waits for the guest's payment. */
  'payment_pending',
  /** Payment received; says nothing about confirmation. */
  'paid',
  'scheduled',
  'rescheduled',
  /** Canceled by the host with the wish for a new time; the booking is expected to come back. */
  'reschedule_requested',
  'canceled',
  'rejected',
  /** The slot is over by the clock; no evidence of attendance. */
  'ended',
  'showed',
  'no_show',
  /** A no-show mark was taken back. */
  'no_show_reverted',
  /** An automatic head count says that the guest was absent: evidence, not an outcome. */
  'no_show_suspected',
  /** The host was absent: never the guest's no-show. */
  'host_no_show',
] as const;
export type SourceFactType = (typeof SOURCE_FACT_TYPES)[number];

/** Facts that people decide here: by a task, the console or the API. */
export type DecisionFactType =
  'outcome_decided' | 'contact_decided' | 'crm_decided' | 'hold_decided' | 'source_decided' | 'conflict_decided';

/**
 * What a person did to a booking's record in a CRM: it holds for the booking, it does not (the field belongs to the booking and is
 * written back), or the record was deleted.
 */
export type CrmFactType = 'crm_reported' | 'crm_overruled' | 'crm_deleted';

export type FactType = SourceFactType | DecisionFactType | CrmFactType;

/** An outcome that an operator may decide. `rescheduled`: a new time is agreed on, the booking waits for it. */
export type DecidedOutcome = 'showed' | 'no_show' | 'canceled' | 'rescheduled';

export type ReportedOutcome = DecidedOutcome | 'open';

/** What of a booking's records in a CRM both sides may change. `record`: that there is an appointment at all. */
export type CrmField = 'outcome' | 'slot' | 'stage' | 'record' | 'person';

/** Which CRM contact a person chose for a booking: an existing one, a new one, or none at all. */
export type ContactChoice =
  | { readonly choice: 'use_contact'; readonly crmPersonId: string }
  | { readonly choice: 'create_contact' }
  | { readonly choice: 'no_contact' };

export type Decision =
  /** `slot` only with `rescheduled`: the new time that was agreed on, to be written to the source; else the guest chooses. */
  | { readonly kind: 'outcome'; readonly outcome: DecidedOutcome; readonly slot?: Slot }
  | { readonly kind: 'contact'; readonly connection: string; readonly contact: ContactChoice }
  /** A refused CRM write: try again with the same picture, or leave the CRM as it is. `seq` tells two retries apart. */
  | { readonly kind: 'crm'; readonly connection: string; readonly action: 'retry' | 'skip' }
  /** The guest was asked for a new time and has not chosen one: the hold begins anew. */
  | { readonly kind: 'hold'; readonly action: 'keep_waiting' }
  /** The source refused what was decided here: try again, or leave the source as it is. */
  | { readonly kind: 'source'; readonly action: 'retry' | 'skip' }
  /** A person said so in the CRM. `open`: they took an outcome back. `slot` only with `rescheduled`, as in `outcome`. */
  | { readonly kind: 'reported'; readonly connection: string; readonly outcome: ReportedOutcome; readonly slot?: Slot }
  /** A change in the CRM that does not hold for the booking by itself. */
  | { readonly kind: 'crm_record'; readonly connection: string; readonly field: CrmField }
  /** A record of the booking and the CRM say different things: which of them holds. `about` is the subject of the task. */
  | { readonly kind: 'conflict'; readonly about: string; readonly keep: 'booking' | 'crm' };

export interface Fact {
  /** Our own id (UUID). The last tie-break of the order, so it must not change on replay of a delivery. */
  readonly id: string;
  readonly type: FactType;
  /** The source's id of the appointment that this fact is about: one link of the booking's chain. */
  readonly uid: string;
  /** The uid that this one replaces, where the source names it. Never equal to `uid` (that would be a self-loop). */
  readonly predecessorUid: string | null;
  /** Uids before the predecessor, nearest first, where the source's API was asked for them. */
  readonly ancestry: readonly string[];
  readonly slot: Slot | null;
  /** The source's own version (`iCalSequence`), where it has one. */
  readonly sequence: number | null;
  /** The source's own key of what was booked (a kind of appointment); null: it was not named. Chooses the mapping. */
  readonly eventType: string | null;
  /** When the delivery was stored, epoch ms. Orders nothing except marks that carry no order of their own. */
  readonly receivedAtMs: number;
  /** The guest and the host, as ids of encrypted persons. */
  readonly personId: string | null;
  readonly hostId: string | null;
  /** Whom an attendance mark is about, as the id of a person; null: it names nobody, or is no mark. */
  readonly aboutPersonId: string | null;
  /** When the source's API was read for this fact, epoch ms: the one dependable order of marks. Null for what was pushed. */
  readonly readAtMs: number | null;
  /** Whose wish a cancellation was; absent: the source does not say, or it is none. */
  readonly calledOffBy?: Side;
  /** Who said so: the source, a person here (an opaque operator id, never a name or address), or a person in a CRM. */
  readonly by: 'source' | 'operator' | 'crm';
  readonly decision: Decision | null;
}

/** What became of a fact, with the sentence that the timeline shows. */
export interface Verdict {
  readonly factId: string;
  readonly outcome: 'applied' | 'duplicate' | 'superseded';
  readonly why: string;
}

/** What a fact's decision says of how it went or when it is to be; null: nothing. */
export function outcomeSaid({
  decision,
}: Fact): { readonly outcome: ReportedOutcome; readonly slot: Slot | null } | null {
  if (decision?.kind !== 'outcome' && decision?.kind !== 'reported') return null;
  return { outcome: decision.outcome, slot: decision.slot ?? null };
}
