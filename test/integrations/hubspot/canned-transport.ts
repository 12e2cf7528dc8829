/**
 * A transport that answers from a list of routes and remembers the requests, for tests that need no socket.
 * Invariant: a request that no route answers fails the test by name.
 */
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import type { Transport } from '../../../integrations/hubspot/transport';
import type { AppointmentFields, Crm, CrmCall } from '../../../integrations/ports';

export interface SentRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type Canned = { readonly status?: number; readonly json: unknown };
/** `METHOD /path-prefix` → answer, or a list of answers used one after the other (the last one stays). */
export type Routes = Readonly<Record<string, Canned | readonly Canned[]>>;

export interface CannedCrm {
  readonly crm: Crm;
  readonly sent: readonly SentRequest[];
  readonly call: CrmCall;
}

const BASE = 'https://hubspot.invalid';

/** An adapter that talks to the routes. The longest prefix that matches a request answers it. */
export function cannedCrm(routes: Routes): CannedCrm {
  const sent: SentRequest[] = [];
  const used = new Map<string, number>();
  const answer = (method: string, path: string): Canned => {
    const line = `${method} ${path}`;
    const key = Object.keys(routes)
      .filter((prefix) => line.startsWith(prefix))
      .sort((a, b) => b.length - a.length)[0];
    const found = key === undefined ? undefined : routes[key];
    if (key === undefined || found === undefined) throw new Error(`No canned answer for ${line}`);
    const list: readonly Canned[] = Array.isArray(found) ? found : [found as Canned];
    const n = used.get(key) ?? 0;
    used.set(key, n + 1);
    const chosen = list[Math.min(n, list.length - 1)];
    if (chosen === undefined) throw new Error(`An empty list of answers for ${line}`);
    return chosen;
  };
  const transport: Transport = ({ url, method, headers, body }) => {
    const path = url.slice(BASE.length);
    sent.push({ method, path, headers, body: body === undefined ? undefined : (JSON.parse(body) as unknown) });
    const { status = 200, json } = answer(method, path);
    const stop = (): void => undefined;
    return { answer: Promise.resolve({ status, header: () => null, text: JSON.stringify(json) }), stop };
  };
  return {
    crm: createHubspotCrm({ baseUrl: BASE, token: 'pat-test', transport, requestsPerSecond: 1_000 }),
    sent,
    call: { operationKey: 'op-1', signal: new AbortController().signal },
  };
}

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
