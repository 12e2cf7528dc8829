/**
 * What a CRM's folder implements: people, appointments, opportunities, and what the account allows.
 * Invariant: nothing vendor-shaped crosses it. What differs between CRMs is a capability, or stays inside the folder.
 */
import type { NewAppointment } from '../domain/crm-appointment';
import type { Slot } from '../domain/facts';
import type { ComparedPerson, PersonField, PersonFields } from '../domain/person-match';

export * from './crm-error';
export type { PersonField, PersonFields } from '../domain/person-match';

/** One call's frame: where the deadline is, and under which key its result is remembered. */
export interface CrmCall {
  /** Stable over retries of the same step: connection, external key, version, action. For logs and vendors' trace fields. */
  readonly operationKey: string;
  readonly signal: AbortSignal;
}

/** What this CRM can do. The same for every account of a kind, except where an account's set-up says otherwise (`ensureSetup`). */
export interface CrmCapabilities {
  /** It has one opportunity per person and pipeline at most, closed ones included: one that is there is adopted. */
  readonly oneOpportunityPerPipeline: boolean;
  /** An appointment can say `no_show` and `showed` by itself. */
  readonly nativeOutcome: boolean;
  /** Writes can be told not to message the guest. Where false, the CRM sends nothing by itself. */
  readonly suppressesNotifications: boolean;
  /** A person carries tags. */
  readonly tags: boolean;
  /** A person's custom fields can be written. */
  readonly customFields: boolean;
  /** A note can be put on a person. */
  readonly notes: boolean;
  /** A person has a field of its own for where the lead came from; else one has to be named. */
  readonly nativeLeadSource: boolean;
  /** People can be looked for by name. */
  readonly nameSearch: boolean;
  /** How long after a write the CRM's search may not show it, ms; strong reads are exempt. */
  readonly searchLagMs: number;
}

export interface PersonQuery {
  /** CRM id that the source carried or that our ledger holds. */
  readonly linkedId: string | null;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
}

/** A person of the CRM, with what it holds about them now. Personal: never to Temporal or into logs. */
export interface CrmPerson {
  readonly id: string;
  readonly current: ComparedPerson;
}

/** More would help nobody to choose; so many means that there may be others. */
export const MOST_NAMESAKES = 10;

/** A person as a list shows them. Personal: never to Temporal or into logs. */
export interface ListedPerson {
  readonly id: string;
  readonly createdAtMs: number;
  readonly email: string | null;
}

export type PersonMatch =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly person: CrmPerson; readonly matchedOn: 'link' | 'email' | 'phone' }
  | { readonly kind: 'many'; readonly matchedOn: 'email' | 'phone'; readonly people: readonly CrmPerson[] };

/** What a new person is given once. */
export interface CapturedLead {
  readonly source: string | null;
  /** The custom field that `source` goes to, by the ids of the catalog; unused where `capabilities.nativeLeadSource`. */
  readonly sourceField: string | null;
  readonly ownerId: string | null;
}

/** `rescheduled`: the host asked for a new time and the guest has not chosen one yet. */
export type AppointmentStatus = 'scheduled' | 'rescheduled' | 'canceled' | 'showed' | 'no_show';

export interface AppointmentFields {
  readonly externalKey: string;
  readonly personId: string;
  /** To be linked with; null leaves the links as they are. */
  readonly opportunityId: string | null;
  readonly ownerId: string | null;
  readonly slot: Slot;
  readonly status: AppointmentStatus;
  readonly title: string;
  readonly body: string;
  readonly joinUrl: string | null;
  readonly location: string | null;
  /** A person made the record: its texts, place and owner stay theirs. Updates only. */
  readonly keepsWords?: true;
}

export interface OpportunityFields {
  readonly externalKey: string;
  readonly personId: string;
  readonly pipelineId: string;
  readonly stageId: string;
  readonly name: string;
  readonly ownerId: string | null;
}

export interface NoteFields {
  readonly externalKey: string;
  readonly personId: string;
  readonly text: string;
  /** Its place in the timeline, epoch ms, where the CRM has one. */
  readonly atMs: number;
}

export interface AppointmentSnapshot {
  readonly id: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** Null when the CRM holds a word that has no meaning here. */
  readonly status: AppointmentStatus | null;
  readonly archived: boolean;
  /** Personal: never to Temporal or into logs. */
  readonly title: string | null;
  readonly ownerId: string | null;
}

/** What is named is set, everything else stays as it is. */
export interface AppointmentChanges {
  readonly status?: AppointmentStatus;
  /** Epoch ms; an end that is not known stays. */
  readonly slot?: { readonly startMs: number; readonly endMs: number | null };
  readonly title?: string;
  readonly ownerId?: string;
}

/** Appointments that were made at or after an instant and begin after another one. Epoch ms. */
export interface AppointmentPage {
  readonly madeSinceMs: number;
  readonly beginsAfterMs: number;
  /** Besides the one that we write to, where the CRM has several. */
  readonly calendarIds: readonly string[];
  /** Null, then the `next` of the page before. */
  readonly cursor: string | null;
}

/** One that is made meanwhile may come twice. */
export interface NewAppointmentIds {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/** Custom fields and tags of a person. Personal: never to Temporal or into logs. */
export interface PersonWords {
  /** Of the fields asked for; null: empty. */
  readonly values: Readonly<Record<string, string | null>>;
  /** Empty in a CRM without tags. */
  readonly tags: readonly string[];
}

export interface OpportunitySnapshot {
  readonly id: string;
  readonly pipelineId: string | null;
  readonly stageId: string | null;
  /** Won, lost or abandoned: it is adopted where the CRM allows no second one, and then left as it is. */
  readonly closed: boolean;
  readonly archived: boolean;
}

export interface CrmStage {
  readonly id: string;
  readonly label: string;
  readonly order: number;
}

/** What a mapping may name. Ids are what the mapping has to use. */
export interface CrmCatalog {
  readonly pipelines: readonly { readonly id: string; readonly label: string; readonly stages: readonly CrmStage[] }[];
  /** Custom fields of a person that hold text; empty where the CRM has none. */
  readonly personFields: readonly { readonly id: string; readonly label: string }[];
}

/** What `ensureSetup` found or made, and what the account refused, in words. */
export interface SetupReport {
  readonly done: readonly string[];
  /** What is lost without it, one sentence each; empty when everything is there. */
  readonly missing: readonly string[];
}

/**
 * A CRM. Every method returns a value or throws one `CrmError`.
 * Creates are not repeated inside the adapter: the caller writes an intent first and settles `unknown_outcome` with the `find…` methods.
 */
export interface Crm {
  readonly kind: string;
  readonly capabilities: CrmCapabilities;
  describe(call: CrmCall): Promise<CrmCatalog>;
  /** Makes the fields that this service keeps its keys in. Repeating it changes nothing; a refusal is reported, not thrown. */
  ensureSetup(call: CrmCall): Promise<SetupReport>;
  /** Link, then e-mail, then phone; the first rung with a hit decides. */
  resolvePerson(query: PersonQuery, call: CrmCall): Promise<PersonMatch>;
  /** People with exactly this name, at most `MOST_NAMESAKES`. Uses the CRM's search, which may lag. */
  findPeopleByName(
    name: { readonly first: string; readonly last: string },
    call: CrmCall,
  ): Promise<readonly CrmPerson[]>;
  /**
   * People who were added at or after an instant, a page at a time; `cursor` is null, then the `next` of the page before. One who is
   * added meanwhile may come twice, and nobody is left out. Uses the CRM's search, which may lag.
   */
  listPeopleSince(
    page: { readonly sinceMs: number; readonly cursor: string | null },
    call: CrmCall,
  ): Promise<{ readonly people: readonly ListedPerson[]; readonly next: string | null }>;
  /**
   * Creates; a person whom the CRM calls the same is adopted (`created: false`). `dropped`: fields that the CRM did not take,
   * because they belong to somebody else there.
   */
  createPerson(
    fields: PersonFields,
    call: CrmCall,
  ): Promise<{ readonly id: string; readonly created: boolean; readonly dropped: readonly PersonField[] }>;
  /** Sets these fields, leaves the others. `dropped` as in `createPerson`. */
  writePerson(
    id: string,
    changes: Partial<PersonFields>,
    call: CrmCall,
  ): Promise<{ readonly dropped: readonly PersonField[] }>;
  /** Puts fields back to what they were; null empties. Throws `crm_rule` where an address belongs to somebody else meanwhile. */
  resetPerson(id: string, values: Partial<PersonFields>, call: CrmCall): Promise<void>;
  /** Strong read of custom fields, by the ids of the catalog, and of tags; null: the person is gone. Only where `capabilities.customFields`. */
  readPersonWords(id: string, fields: readonly string[], call: CrmCall): Promise<PersonWords | null>;
  /** Sets custom fields by the ids of the catalog; null clears. Only where `capabilities.customFields`. */
  writePersonFields(id: string, values: Readonly<Record<string, string | null>>, call: CrmCall): Promise<void>;
  /** Adds and removes tags, leaves the others. Repeating it changes nothing. Only where `capabilities.tags`. */
  changeTags(
    personId: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
    call: CrmCall,
  ): Promise<void>;
  /** Sets where a new person came from and who owns them; null leaves it. Repeating it changes nothing. */
  captureLead(personId: string, lead: CapturedLead, call: CrmCall): Promise<void>;
  createAppointment(fields: AppointmentFields, call: CrmCall): Promise<{ readonly id: string }>;
  updateAppointment(id: string, fields: AppointmentFields, call: CrmCall): Promise<void>;
  changeAppointment(id: string, changes: AppointmentChanges, call: CrmCall): Promise<void>;
  /** Marks an appointment as canceled, with the reason in its text; nothing else changes. */
  cancelAppointment(id: string, reason: string, call: CrmCall): Promise<void>;
  readAppointment(id: string, call: CrmCall): Promise<AppointmentSnapshot | null>;
  /**
   * Many at once, by id; those that are gone are absent. `startMs` (epoch ms) says where in the calendar each was last. Strong read.
   */
  readAppointments(
    asked: readonly { readonly id: string; readonly startMs: number }[],
    call: CrmCall,
  ): Promise<ReadonlyMap<string, AppointmentSnapshot>>;
  /** A record that no booking has, with whom it is. Strong read. */
  readNewAppointment(id: string, call: CrmCall): Promise<NewAppointment | null>;
  /** Whoever made them, we included; a page at a time. May use the CRM's search, which may lag. */
  listNewAppointments(page: AppointmentPage, call: CrmCall): Promise<NewAppointmentIds>;
  /** Settles an unknown create: looks for the person's appointment that carries the key. Strong read. */
  findAppointment(externalKey: string, personId: string, call: CrmCall): Promise<{ readonly id: string } | null>;
  /** Creates; where the CRM allows one and has one, that one is adopted (`created: false`) and stays as it is. */
  createOpportunity(
    fields: OpportunityFields,
    call: CrmCall,
  ): Promise<{ readonly id: string; readonly created: boolean }>;
  /**
   * The person's opportunity in the pipeline to be used instead of a new one: an open one, or the only one allowed. With
   * `madeFor`, to settle an unknown create: first the one that carries this key, closed or not.
   */
  findOpportunity(
    personId: string,
    pipelineId: string,
    call: CrmCall,
    madeFor?: string,
  ): Promise<OpportunitySnapshot | null>;
  readOpportunity(id: string, call: CrmCall): Promise<OpportunitySnapshot | null>;
  moveOpportunity(
    id: string,
    to: { readonly pipelineId: string; readonly stageId: string },
    call: CrmCall,
  ): Promise<void>;
  /** Puts a note on a person. Only where `capabilities.notes`. */
  addNote(note: NoteFields, call: CrmCall): Promise<{ readonly id: string }>;
  /** Settles an unknown `addNote`: looks for the person's note that carries the key. Strong read. Only where `capabilities.notes`. */
  findNote(externalKey: string, personId: string, call: CrmCall): Promise<{ readonly id: string } | null>;
  /** Adds a sentence below a note's text, once; false: the note is gone. Only where `capabilities.notes`. */
  amendNote(
    note: { readonly id: string; readonly personId: string; readonly sentence: string },
    call: CrmCall,
  ): Promise<boolean>;
  findOwner(email: string, call: CrmCall): Promise<{ readonly id: string } | null>;
  /** Cheap call that proves that the CRM answers and accepts our credentials. */
  probe(call: CrmCall): Promise<void>;
}
