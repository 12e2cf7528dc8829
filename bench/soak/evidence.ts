/**
 * What is left after a soak, as files: states and journals of the simulated vendors, and what our API shows.
 * Invariant: the checker reads these files and nothing else; they can be read again long after the stack is gone.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OracleBooking } from './stories';

export type CrmName = 'hubspot' | 'gohighlevel';
export const CRM_NAMES: readonly CrmName[] = ['hubspot', 'gohighlevel'];

/** A CRM's records, whichever CRM it is; what was deleted is left out. */
export interface CrmRecords {
  readonly people: readonly { readonly id: string; readonly email: string | null }[];
  readonly appointments: readonly {
    readonly id: string;
    readonly personIds: readonly string[];
    readonly startMs: number;
    /** The CRM's own word. */
    readonly outcome: string;
  }[];
  readonly deals: readonly { readonly id: string; readonly personIds: readonly string[]; readonly stage: string }[];
  /** Requests against the vendor's contract. */
  readonly violations: number;
}

export interface JournalLine {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly applied: boolean;
}

/** What our API shows of a booking. */
export interface ShownBooking {
  readonly uid: string;
  readonly status: string;
  readonly crm: readonly { readonly connection: string; readonly state: string }[];
  readonly messages: readonly { readonly kind: string; readonly state: string }[];
  readonly tasks: readonly { readonly kind: string; readonly state: string }[];
}

export interface Evidence {
  readonly oracle: readonly OracleBooking[];
  /** When everything had been at rest, epoch ms: nothing is written after it. */
  readonly settledAtMs: number;
  readonly crms: Readonly<Record<CrmName, CrmRecords>>;
  readonly journals: Readonly<Record<CrmName, readonly JournalLine[]>>;
  readonly mails: readonly {
    readonly to: readonly string[];
    readonly subject: string;
    readonly messageId: string | null;
  }[];
  readonly bookings: readonly ShownBooking[];
}

const FILE = 'evidence.json';

export async function saveEvidence(directory: string, evidence: Evidence): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, FILE);
  await writeFile(file, JSON.stringify(evidence));
  return file;
}

export async function readEvidence(file: string): Promise<Evidence> {
  return JSON.parse(await readFile(file, 'utf8')) as Evidence;
}

// ---------------------------------------------------------------- vendors' states in common terms

/** As `GET /hubspot/_admin/state` answers. */
export interface HubspotAnswer {
  readonly objects: Readonly<
    Record<
      'contacts' | 'meetings' | 'deals',
      readonly {
        readonly id: string;
        readonly archived: boolean;
        readonly properties: Readonly<Record<string, string | null>>;
      }[]
    >
  >;
  readonly associations: readonly { readonly from: HubspotEnd; readonly to: HubspotEnd }[];
  readonly violations: number;
}
interface HubspotEnd {
  readonly type: string;
  readonly id: string;
}

export function hubspotRecords({ objects, associations, violations }: HubspotAnswer): CrmRecords {
  const live = (type: 'contacts' | 'meetings' | 'deals') => objects[type].filter(({ archived }) => !archived);
  const people = new Map<string, string[]>();
  for (const { from, to } of associations) {
    if (to.type === 'contacts') people.set(from.id, [...(people.get(from.id) ?? []), to.id]);
  }
  const personIds = (id: string): readonly string[] => [...new Set(people.get(id) ?? [])];
  return {
    people: live('contacts').map(({ id, properties }) => ({ id, email: properties.email ?? null })),
    appointments: live('meetings').map(({ id, properties }) => ({
      id,
      personIds: personIds(id),
      outcome: properties.hs_meeting_outcome ?? '',
      startMs: Date.parse(properties.hs_meeting_start_time ?? ''),
    })),
    deals: live('deals').map(({ id, properties }) => ({
      id,
      personIds: personIds(id),
      stage: properties.dealstage ?? '',
    })),
    violations,
  };
}

/** As `GET /gohighlevel/_admin/state` answers. */
export interface GohighlevelAnswer {
  readonly contacts: readonly Held<{ readonly texts: { readonly email: string | null } }>[];
  readonly events: readonly Held<{
    readonly contactId: string | null;
    readonly startMs: number;
    readonly status: string;
  }>[];
  readonly opportunities: readonly Held<{ readonly contactId: string; readonly pipelineStageId: string }>[];
  readonly violations: number;
}
type Held<T> = T & { readonly id: string; readonly isDeleted: boolean };

export function gohighlevelRecords({ contacts, events, opportunities, violations }: GohighlevelAnswer): CrmRecords {
  const isLive = ({ isDeleted }: { readonly isDeleted: boolean }): boolean => !isDeleted;
  return {
    people: contacts.filter(isLive).map(({ id, texts }) => ({ id, email: texts.email })),
    appointments: events.filter(isLive).map(({ id, contactId, startMs, status }) => ({
      id,
      personIds: contactId === null ? [] : [contactId],
      startMs,
      outcome: status,
    })),
    deals: opportunities
      .filter(isLive)
      .map(({ id, contactId, pipelineStageId }) => ({ id, personIds: [contactId], stage: pipelineStageId })),
    violations,
  };
}
