/**
 * A transport that answers from a list of routes and remembers the requests, for tests that need no socket.
 * Invariant: a request that no route answers fails the test by name.
 */
import { createGohighlevelCrm, type GohighlevelSettings } from '../../../integrations/gohighlevel/crm';
import type { TokenStore } from '../../../integrations/oauth-tokens';
import {
  CrmError,
  type AppointmentFields,
  type Crm,
  type CrmCall,
  type PersonFields,
} from '../../../integrations/ports';
import type { Transport } from '../../../integrations/transport';
import { cannedAnswers, sentBody, type Canned, type Routes, type SentRequest } from '../../support/canned-routes';

export type { Canned, Routes, SentRequest } from '../../support/canned-routes';
export { memoryStore } from '../../support/memory-token-store';

export interface CannedCrm {
  readonly crm: Crm;
  readonly sent: readonly SentRequest[];
  readonly call: CrmCall;
}

export interface CannedOptions {
  readonly apiVersion?: 'v3' | 'dated';
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** With it, tokens are OAuth's and kept there. */
  readonly store?: TokenStore;
}

const BASE = 'https://highlevel.invalid';

export function cannedTransport(routes: Routes): { transport: Transport; sent: readonly SentRequest[] } {
  const sent: SentRequest[] = [];
  const answer = cannedAnswers(routes);
  const transport: Transport = ({ url, method, headers, body }) => {
    const path = url.slice(BASE.length);
    sent.push({ method, path, headers, body: sentBody(headers, body) });
    const { status = 200, json, headers: given = {}, ...more } = answer(`${method} ${path}`);
    const text = more.text ?? (json === undefined ? '' : JSON.stringify(json));
    const header = (name: string): string | null => given[name] ?? null;
    return { answer: Promise.resolve({ status, header, text }), stop: () => undefined };
  };
  return { transport, sent };
}

/** An adapter that talks to the routes. */
export function cannedCrm(routes: Routes, { store, ...options }: CannedOptions = {}): CannedCrm {
  const { transport, sent } = cannedTransport(routes);
  const settings: GohighlevelSettings = {
    baseUrl: BASE,
    locationId: 'loc-1',
    calendarId: 'cal-1',
    requestsPerSecond: 1_000,
    ...(store === undefined
      ? { token: 'pit-test' }
      : { oauth: { clientId: 'client-1', clientSecret: 'secret-1', refreshToken: 'refresh-0' } }),
  };
  return {
    crm: createGohighlevelCrm({ ...settings, ...options, transport }, store ?? null),
    sent,
    call: { operationKey: 'op-1', signal: new AbortController().signal },
  };
}

/** An error body as HighLevel writes it. */
export const refusal = (status: number, message: string | readonly string[], more: object = {}): Canned => ({
  status,
  json: { statusCode: status, message, traceId: 'trace-1', ...more },
});

export const guest: PersonFields = {
  email: 'guest@example.com',
  phone: '+12025550143',
  firstName: 'Ada',
  lastName: 'Sample',
};

/** An appointment; tests name what matters to them. */
export function appointment(more: Partial<AppointmentFields> = {}): AppointmentFields {
  return {
    externalKey: 'a:calcom-sales:uid-1',
    personId: 'contact-1',
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

/** The `CrmError` that a call fails with; anything else, success included, fails the test. */
export async function failure(promise: Promise<unknown>): Promise<CrmError> {
  const thrown: unknown = await promise.then(
    () => new Error('expected a failure'),
    (error: unknown) => error,
  );
  if (thrown instanceof CrmError) return thrown;
  throw thrown;
}
