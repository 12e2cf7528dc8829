/**
 * The settings that rules depend on, as plain values. `config/` reads them from booksync.yaml; rules only receive them.
 * Invariant: spans are milliseconds, ids are the CRM's own ids.
 */
import type { BookingStatus } from './booking';
import type { BusinessHours } from './business-hours';
import type { ScoreRule } from './lead-score';
import type { FieldOwners } from './field-owners';
import type { PersonPolicy } from './person-match';
import type { TaskKind } from './tasks';

export interface OutcomeSettings {
  /** After the slot's end, how long to wait before the host is asked. */
  readonly askAfterMs: number;
  /** After the slot's end, how long until a person reviews. */
  readonly reviewAfterMs: number;
  /** Calendar days, at the same wall time in the guest's zone, after which a wished-for new time that nobody chose becomes a `stale_reschedule` task. */
  readonly rescheduleHoldDays: number;
  /** After a final status, how long the workflow stays to hear corrections cheaply. A later event starts a new run. */
  readonly closeAfterMs: number;
}

/** What a source's facts are worth; part of its `sync` settings. */
export interface FoldPolicy {
  /** A head count that saw no guest is an outcome (`counted`) instead of evidence for the review. */
  readonly trustHeadCount: boolean;
}

/**
 * How long before the slot's start. `hours` is exact: so much time passes. `days` is what the calendar says: the same wall time in
 * the guest's zone, so many days earlier, which is an hour more or less when clocks change in between (`WallClock.plusDays`).
 */
export type ReminderSpan =
  { readonly kind: 'hours'; readonly ms: number } | { readonly kind: 'days'; readonly days: number };

export interface MessagePolicy {
  readonly confirmation: boolean;
  /** When reminders are due, longest span first, each span once. */
  readonly reminders: readonly ReminderSpan[];
  /** Ask the host by e-mail how it went: at `askAfterMs`, or at once when a head count saw no guest. */
  readonly outcomeAsk: boolean;
}

/** What a CRM shows for one booking status. */
export interface StatusMapping {
  /** Null leaves the deal alone. */
  readonly stageId: string | null;
  /** The deal only goes to the stage from one of these, or from one that this service wrote last; null: from any. */
  readonly onlyFrom: readonly string[] | null;
}

/** Which of a person's bookings speaks for them: the one that was heard of last, or the one whose status comes first in a list. */
export type LeadRule =
  { readonly kind: 'newest' } | { readonly kind: 'first-of'; readonly order: readonly BookingStatus[] };

/** One status per lead, on the person: a custom field, tags, or both. */
export interface LeadMapping {
  readonly rule: LeadRule;
  /** The CRM's id of the person's custom field; null: none. */
  readonly field: string | null;
  readonly byStatus: LeadWords;
  /** The source's event type → what its bookings say instead, status by status, when one of them speaks for the person. */
  readonly byEventType: Readonly<Record<string, LeadWords>>;
}

export type LeadWords = Readonly<
  Partial<Record<BookingStatus, { readonly value: string | null; readonly tags: readonly string[] }>>
>;

/** Where the deal of a booking belongs. */
export interface StageMapping {
  readonly pipelineId: string | null;
  /** Stage ids of the pipeline in their order; a forward-only move never goes to an earlier one. */
  readonly stageOrder: readonly string[];
  readonly forwardOnly: boolean;
  readonly byStatus: Readonly<Partial<Record<BookingStatus, StatusMapping>>>;
}

/** The general mapping of a CRM, and what differs from it by event type (`mappingFor`). */
export interface CrmMapping extends StageMapping {
  /** The source's event type → its own rules; what is absent is as in general. */
  readonly eventTypes: Readonly<Record<string, Partial<StageMapping>>>;
  /** Who has the last word about what both sides may change; absent: `DEFAULT_OWNERS`. */
  readonly owners?: Partial<FieldOwners>;
  /** What becomes of a contact's fields that are filled already; absent: `fill-empty`. */
  readonly person?: PersonPolicy;
  /** Null: nothing is written on the person but who they are. */
  readonly lead: LeadMapping | null;
  /** A note on the person when a booking's outcome is settled. */
  readonly notes: boolean;
  /** The person's custom field that takes the lead source, where the CRM has no field of its own for it; absent or null: it is not written. */
  readonly leadSourceField?: string | null;
}

/** Who owns a person who was created here: the booking's host, or the next one of a list of addresses. */
export type LeadOwnerRule =
  { readonly kind: 'host' } | { readonly kind: 'round_robin'; readonly owners: readonly string[] };

/** What a source's new leads get besides their appointment. */
export interface LeadCapture {
  /** Written on a person who is created here; null: nothing. */
  readonly source: string | null;
  /** Null: new people have no owner. */
  readonly owner: LeadOwnerRule | null;
  /** Points for a booking's answers; empty: bookings have no score. */
  readonly score: readonly ScoreRule[];
  /** One note to the team per booking whose score is at least so much; null: none. */
  readonly note: LeadNotePolicy | null;
}

export interface LeadNotePolicy {
  readonly atLeast: number;
  /** Names the guest; without it a note holds nothing personal. */
  readonly name: boolean;
  /** An address with `{booking}` where the booking's id goes; null: no link. */
  readonly link: string | null;
}

/** What to do when nobody in the CRM matches the guest. */
export type CreatePersonPolicy = 'create' | 'task';

/** The rungs of the matching ladder, in their order. */
export const MATCH_RUNGS = ['link', 'email', 'phone', 'name_company'] as const;
export type MatchRung = (typeof MATCH_RUNGS)[number];

/** How guests of one source are looked for in a CRM. */
export interface MatchPolicy {
  readonly createPerson: CreatePersonPolicy;
  /** The rungs on which somebody is taken; whom another one finds is offered to a person. */
  readonly matchOn: readonly MatchRung[];
  /** Key of the booking's answer that names the guest's company; null: none does. */
  readonly company: string | null;
}

export interface TaskSettings {
  /** Whose a task is that no rule of `owners` fits. */
  readonly owner: string;
  /** Whose tasks are whose, the first rule that fits; absent: none. */
  readonly owners?: readonly TaskOwnerRule[];
  /** Spans count while the business is open. */
  readonly dueAfterMs: number;
  readonly remindAfterMs: number;
  /** Whom the task goes to when it is overdue; empty: it stays with its owner. */
  readonly escalateTo: readonly string[];
  /** Absent or null: always. */
  readonly businessHours?: BusinessHours | null;
  /** How owners are told; absent: they are not. */
  readonly notices?: TaskNotices;
}

/** Absent: any kind, any connection. */
export interface TaskOwnerRule {
  readonly kind?: TaskKind | undefined;
  readonly connection?: string | undefined;
  readonly owner: string;
}

export interface TaskNotices {
  /** Owner → e-mail address. */
  readonly emails: Readonly<Record<string, string>>;
  /** Also one note to the team in Slack. */
  readonly slack: boolean;
}
