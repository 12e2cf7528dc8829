/**
 * What the contract suite needs to know of a CRM: its adapter, and its simulated account as the vendor's own staff see it.
 * Invariant: the suite says nothing vendor-shaped; ids of stages, owners and fields, and how trouble is made, are here.
 */
import type { ClientOptions } from '../../../integrations/crm-client';
import type { TokenStore } from '../../../integrations/oauth-tokens';
import {
  CrmError,
  type AppointmentFields,
  type Crm,
  type CrmCall,
  type CrmErrorClass,
  type NoteFields,
  type OpportunityFields,
  type PersonFields,
} from '../../../integrations/ports';
import type { Transport } from '../../../integrations/transport';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import type { JournalEntry } from '../../../local/simulators/journal';
import type { Simulators } from '../../../local/simulators/server';

export { memoryStore } from '../../support/memory-token-store';

export interface HeldPerson extends PersonFields {
  readonly id: string;
  readonly tags: readonly string[];
  /** Value of `textField`. */
  readonly field: string | null;
  readonly ownerId: string | null;
  /** Where the lead came from. */
  readonly source: string | null;
}

export interface HeldAppointment {
  readonly id: string;
  readonly personIds: readonly string[];
  /** Null where the CRM does not link them. */
  readonly opportunityIds: readonly string[] | null;
  readonly startMs: number;
  readonly endMs: number;
  /** The CRM's own word. */
  readonly status: string;
  readonly title: string;
  readonly text: string;
  readonly ownerId: string | null;
}

export interface HeldOpportunity {
  readonly id: string;
  readonly personIds: readonly string[];
  readonly pipelineId: string;
  readonly stageId: string;
  readonly name: string;
}

export interface HeldNote {
  readonly id: string;
  readonly personIds: readonly string[];
  readonly text: string;
}

/** How a class of errors is provoked at the simulator. */
export interface Provocation {
  readonly arrange: (ids: SyncedIds) => void;
  readonly run: (crm: Crm, ids: SyncedIds) => Promise<unknown>;
  /** What the error's `fields` must name. */
  readonly fields?: readonly string[];
}

export interface CrmUnderTest {
  readonly baseUrl: string;
  readonly pipelineId: string;
  readonly firstStageId: string;
  readonly nextStageId: string;
  readonly owner: { readonly email: string; readonly id: string };
  /** A person's custom field. */
  readonly textField: string;
  /** Where the lead source goes; null: the CRM has a field of its own. */
  readonly sourceField: string | null;
  /** The CRM's word for each status. */
  readonly words: Readonly<Record<AppointmentFields['status'], string>>;
  /** Over HTTP. */
  adapter(more?: ClientOptions): Crm;
  /** Without a socket, where the request's way does not matter. */
  directAdapter(transport?: Transport): Crm;
  /** The transport of `directAdapter`. */
  readonly direct: Transport;
  /** Whether `ensureSetup` is run before anything else. */
  readonly isSetUp: boolean;
  /** Connects the account anew; makes adapters of that connection, one per process, whose tokens renew themselves. */
  connect(store: TokenStore): Promise<() => Crm>;
  /** Every access token that was given out has run out. */
  expireTokens(): void;
  /** Empties the account; no limits, nothing lags. */
  reset(): void;
  /** Whether the id of somebody who was merged away leads to who is left. */
  readonly followsMerges: boolean;
  /** Writes stay invisible to searches for so long. */
  lag(ms: number): void;
  people(): readonly HeldPerson[];
  appointments(): readonly HeldAppointment[];
  opportunities(): readonly HeldOpportunity[];
  notes(): readonly HeldNote[];
  /** What the customer's automations did because of our writes, by kind. */
  effects(): Readonly<Record<string, number>>;
  setFaults(faults: readonly HttpFaultInput[]): void;
  faultsLeft(): number;
  requests(): readonly JournalEntry[];
  readonly rep: {
    deletePerson(id: string): void;
    setCompany(personId: string, company: string): void;
    /** Returns the id of who is left. */
    mergePeople(goneId: string, staysId: string): string;
    deleteAppointment(id: string): void;
    mark(appointmentId: string, status: AppointmentFields['status']): void;
    moveStage(opportunityId: string, stageId: string): void;
    closeOpportunity(id: string): void;
    deleteOpportunity(id: string): void;
  };
  /** Null: the vendor has no such case. */
  readonly provocations: Readonly<Record<CrmErrorClass, Provocation | null>>;
}

/** Its own clock, epoch ms, which stands still unless somebody waits. */
export interface StillClock {
  readonly now: () => number;
  advance(ms: number): void;
}

export function createStillClock(): StillClock {
  let nowMs = Date.UTC(2026, 10, 20, 9);
  return { now: () => nowMs, advance: (ms) => void (nowMs += ms) };
}

export type MakeCrm = (simulators: Simulators, clock: StillClock) => CrmUnderTest;

export const call: CrmCall = { operationKey: 'op-1', signal: new AbortController().signal };

export const guest = {
  email: 'guest@example.com',
  phone: '+12025550143',
  firstName: 'Ada',
  lastName: 'Sample',
} as const satisfies PersonFields;

/** An appointment; tests name what matters to them. */
export function appointment(personId: string, more: Partial<AppointmentFields> = {}): AppointmentFields {
  return {
    externalKey: 'a:calcom-sales:uid-1',
    personId,
    opportunityId: null,
    ownerId: null,
    slot: { startMs: Date.UTC(2026, 10, 24, 17), endMs: Date.UTC(2026, 10, 24, 17, 30), zone: 'America/New_York' },
    status: 'scheduled',
    title: 'Roof inspection',
    body: 'Sample appointment',
    joinUrl: null,
    location: null,
    ...more,
  };
}

/** The same appointment a day later. */
export function aDayLater(fields: AppointmentFields): AppointmentFields {
  const { startMs, endMs, zone } = fields.slot;
  return { ...fields, slot: { startMs: startMs + 86_400_000, endMs: endMs + 86_400_000, zone } };
}

export function opportunity(account: CrmUnderTest, personId: string): OpportunityFields {
  const { pipelineId, firstStageId: stageId } = account;
  return { externalKey: 'o:calcom-sales:uid-1', personId, pipelineId, stageId, name: 'Sample card', ownerId: null };
}

export function note(personId: string): NoteFields {
  const text = 'Showed. Told by the booking tool.';
  return { externalKey: 'n:calcom-sales:uid-1:1:showed', personId, text, atMs: Date.UTC(2026, 10, 24, 18) };
}

export interface SyncedIds {
  readonly personId: string;
  readonly opportunityId: string;
  readonly appointmentId: string;
}

/** A person whose last name is not known yet, an opportunity and an appointment, as a sync leaves them. */
export async function synced(account: CrmUnderTest, crm: Crm): Promise<SyncedIds> {
  const { id: personId } = await crm.createPerson({ ...guest, lastName: null }, call);
  const { id: opportunityId } = await crm.createOpportunity(opportunity(account, personId), call);
  const { id: appointmentId } = await crm.createAppointment(appointment(personId, { opportunityId }), call);
  return { personId, opportunityId, appointmentId };
}

/** The `CrmError` that a call fails with; anything else, success included, fails the test. */
export async function failure(promise: Promise<unknown>): Promise<CrmError> {
  const thrown: unknown = await promise.then(
    () => new Error('expected a failure'),
    (error: unknown) => error,
  );
  if (thrown instanceof CrmError) return thrown;
  throw thrown;
}
