/**
 * A transport that answers from a list of routes and remembers the requests, for tests that need no socket.
 * Invariant: a request that no route answers fails the test by name.
 */
import type { ClientOptions } from '../../../integrations/crm-client';
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import type { OAuthClient, TokenStore } from '../../../integrations/oauth-tokens';
import type { Transport } from '../../../integrations/transport';
import type { AppointmentFields, Crm, CrmCall } from '../../../integrations/ports';
import {
  cannedAnswers,
  prefixesOf,
  sentBody,
  type Canned,
  type Routes,
  type SentRequest,
} from '../../support/canned-routes';

export type { Canned, Routes, SentRequest } from '../../support/canned-routes';
export { memoryStore } from '../../support/memory-token-store';

export interface CannedCrm {
  readonly crm: Crm;
  readonly sent: readonly SentRequest[];
  readonly call: CrmCall;
}

const BASE = 'https://hubspot.invalid';
const PROPERTIES = '/crm/properties/2026-09';
const ABSENT: Canned = { status: 404, json: { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'not found' } };

/** An account that has our key property on meetings and deals; since when it says only if it is told. */
export const withKeys = (createdAt?: string): Routes => ({
  [`GET ${PROPERTIES}/meetings/booksync_key`]: { json: keyProperty({ createdAt }) },
  [`GET ${PROPERTIES}/deals/booksync_key`]: { json: keyProperty({ createdAt }) },
});

/** Our key property as HubSpot shows it. */
export function keyProperty(more: object = {}): object {
  const texts = { name: 'booksync_key', label: 'Booking key', description: '', groupName: 'booksync' };
  return { ...texts, type: 'string', fieldType: 'text', options: [], hasUniqueValue: true, archived: false, ...more };
}

export interface CannedOptions extends Pick<ClientOptions, 'now'> {
  readonly oauth?: OAuthClient;
  readonly tokens?: TokenStore;
}

/**
 * An adapter that talks to the routes. The longest prefix that matches a request answers it. Where no route says otherwise, the
 * account has no key property, and the question for it is not among the requests.
 */
export function cannedCrm(routes: Routes, { oauth, tokens, ...options }: CannedOptions = {}): CannedCrm {
  const sent: SentRequest[] = [];
  const canned = cannedAnswers(routes);
  const transport: Transport = ({ url, method, headers, body }) => {
    const path = url.slice(BASE.length);
    const line = `${method} ${path}`;
    const isUnasked = prefixesOf(routes, line).length === 0 && isKeyQuestion(line);
    if (!isUnasked) sent.push({ method, path, headers, body: sentBody(headers, body) });
    const { status = 200, json } = isUnasked ? ABSENT : canned(line);
    const stop = (): void => undefined;
    return { answer: Promise.resolve({ status, header: () => null, text: JSON.stringify(json) }), stop };
  };
  return {
    crm: createHubspotCrm(
      {
        baseUrl: BASE,
        transport,
        requestsPerSecond: 1_000,
        ...options,
        ...(oauth === undefined ? { token: 'pat-test' } : { oauth }),
      },
      tokens ?? null,
    ),
    sent,
    call: { operationKey: 'op-1', signal: new AbortController().signal },
  };
}

const isKeyQuestion = (line: string): boolean => /^GET \S+\/(meetings|deals)\/booksync_key$/.test(line);

/** One record as HubSpot answers it. */
export function record(
  id: string,
  properties: Readonly<Record<string, string | null>> = {},
  more: object = {},
): object {
  const at = '2026-11-20T10:00:00.000Z';
  return { id, properties, createdAt: at, updatedAt: at, archived: false, ...more };
}

/** An answer of the associations' batch read. */
export function links(ids: readonly string[], after?: string): object {
  const to = ids.map((toObjectId) => ({ toObjectId, associationTypes: [] }));
  return {
    status: 'COMPLETE',
    results: [{ from: { id: '1' }, to, ...(after === undefined ? {} : { paging: { next: { after } } }) }],
  };
}

/** An appointment; tests name what matters to them. */
export function appointment(more: Partial<AppointmentFields> = {}): AppointmentFields {
  return {
    externalKey: 'a:calcom-sales:uid-1',
    personId: '101',
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

const stage = (id: string, metadata: object, more: object = {}) => ({
  id,
  label: id,
  displayOrder: 1,
  metadata,
  archived: false,
  ...more,
});
/** Pipelines in an order that is not theirs, with stages of every kind. */
export const salesPipelines = {
  json: {
    results: [
      {
        id: 'sales',
        label: 'Sales',
        displayOrder: 1,
        archived: false,
        stages: [
          stage('won', { probability: '1.0' }, { displayOrder: 3 }),
          stage('lost', { isClosed: 'true', probability: '0.0' }, { displayOrder: 4 }),
          stage('first', { isClosed: 'false', probability: '0.0' }, { displayOrder: 0 }),
          stage('second', { probability: '0.2' }, { displayOrder: 2 }),
          stage('old', { probability: '0.3' }, { archived: true }),
        ],
      },
      { id: 'early', label: 'Early', displayOrder: 0, archived: false, stages: [] },
      { id: 'gone', label: 'Gone', displayOrder: 2, archived: true, stages: [] },
    ],
  },
};
