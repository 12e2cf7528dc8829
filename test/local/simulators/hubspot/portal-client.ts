/** Talks to a HubSpot simulator as an app would: JSON over HTTP with a bearer token. */
import { startSimulators } from '../../../../local/simulators/server';
import type { Simulators, SimulatorsOptions } from '../../../../local/simulators/server';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ApiBody;
}

/** What tests read out of answers. */
export interface ApiBody {
  readonly id?: string;
  readonly properties?: Record<string, string | null>;
  readonly results?: readonly ApiBody[];
  readonly to?: readonly { readonly toObjectId: string; readonly associationTypes: readonly object[] }[];
  readonly associations?: Record<
    string,
    { readonly results: readonly { readonly id: string; readonly type: string }[] }
  >;
  readonly total?: number;
  readonly message?: string;
  readonly category?: string;
  readonly policyName?: string;
  readonly archived?: boolean;
  readonly name?: string;
  readonly label?: string;
  readonly email?: string;
  readonly hasUniqueValue?: boolean;
  readonly options?: readonly { readonly value: string; readonly label: string; readonly hidden: boolean }[];
  readonly stages?: readonly ApiBody[];
  readonly new?: boolean;
  readonly objectWriteTraceId?: string;
  readonly numErrors?: number;
  readonly paging?: { readonly next: { readonly after: string } };
  readonly errors?: readonly {
    readonly code?: string;
    readonly category?: string;
    readonly subCategory?: string;
    readonly context?: Record<string, string[]>;
  }[];
}

export type ApiCall = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer>;

export interface TestPortal {
  readonly simulators: Simulators;
  readonly hubspot: Simulators['hubspot'];
  readonly api: ApiCall;
  /** Epoch milliseconds of the simulated portal. */
  readonly clock: { nowMs: number };
  close(): Promise<void>;
}

export const START_MS = Date.UTC(2026, 10, 23, 9);

/** A fresh portal on free ports with a clock of its own. */
export async function startPortal(options: Partial<SimulatorsOptions> = {}): Promise<TestPortal> {
  const clock = { nowMs: START_MS };
  const simulators = await startSimulators({ port: 0, clock: () => clock.nowMs, ...options });
  const api: ApiCall = async (method, path, body, headers = {}) => {
    const response = await fetch(`${simulators.url}/hubspot${path}`, {
      method,
      headers: {
        authorization: 'Bearer test-token',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text.startsWith('{') || text.startsWith('[');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : {}) as ApiBody };
  };
  return { simulators, hubspot: simulators.hubspot, api, clock, close: () => simulators.close() };
}

export const CONTACTS = '/crm/objects/2026-09/contacts';
export const MEETINGS = '/crm/objects/2026-09/meetings';
export const DEALS = '/crm/objects/2026-09/deals';
export const NOTES = '/crm/objects/2026-09/notes';

export const propertiesOf = (objectType: string): string => `/crm/properties/2026-09/${objectType}`;

/** A text property of an app; the group is the portal's own unless another one is given. */
export const aKey = (name: string, changes: Record<string, unknown> = {}): object => ({
  name,
  label: 'Booking key',
  groupName: 'contactinformation',
  type: 'string',
  fieldType: 'text',
  hasUniqueValue: true,
  ...changes,
});

export const aMeeting = (changes: Record<string, string> = {}): { properties: Record<string, string> } => ({
  properties: {
    hs_timestamp: '2026-11-24T17:00:00.000Z',
    hs_meeting_title: 'Intro call',
    hs_meeting_start_time: '2026-11-24T17:00:00.000Z',
    hs_meeting_end_time: '2026-11-24T17:30:00.000Z',
    hs_meeting_outcome: 'SCHEDULED',
    ...changes,
  },
});

export const aDeal = (changes: Record<string, string> = {}): { properties: Record<string, string> } => ({
  properties: { dealname: 'Kitchen', pipeline: 'default', dealstage: 'appointmentscheduled', ...changes },
});

export const linkTo = (id: string, associationTypeId: number): object => ({
  to: { id },
  types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }],
});

/** Creates a record and returns its id. */
export async function createRecord(api: ApiCall, path: string, body: object): Promise<string> {
  const { status, body: made } = await api('POST', path, body);
  if (status !== 201 || made.id === undefined) throw new Error(`The record was refused with ${status}.`);
  return made.id;
}

/** An admin path, such as `act`. */
export async function admin(
  portal: TestPortal,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: ApiBody }> {
  const response = await fetch(`${portal.simulators.url}/hubspot/_admin/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as ApiBody };
}

/** Creates a contact and returns its id. */
export const createContact = (api: ApiCall, properties: Record<string, string>): Promise<string> =>
  createRecord(api, CONTACTS, { properties });
