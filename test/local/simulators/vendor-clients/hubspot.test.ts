/**
 * HubSpot's own client reads back from the simulated portal what it wrote there, by another operation than the one that wrote it:
 * what its authors know of the API must hold for the simulator. The path rewrites are in hubspot-client.ts.
 */
import type { Client } from '@hubspot/api-client';
import { oauthOperations } from '../../../../local/simulators/hubspot/oauth';
import { operations } from '../../../../local/simulators/hubspot/router';
import { startPortal } from '../hubspot/portal-client';
import type { TestPortal } from '../hubspot/portal-client';
import { GUEST, newContact, rewrite, unknownIn, watchedClient } from './hubspot-client';
import type { WatchedClient } from './hubspot-client';
import { contactRows } from './hubspot-contact-rows';
import { recordRows } from './hubspot-record-rows';
import { setupRows } from './hubspot-setup-rows';
import { nameOf, reachedIn, violationsIn } from './journey';

const APP = ['hubspot-demo-client', 'hubspot-demo-secret'] as const;
const CALLBACK = 'https://booksync.example.com/oauth/callback';
/** What an answer to `/oauth/2026-03/token` says and that of the client's `/oauth/v1/token` did not. */
const NEWER_THAN_THE_CLIENT = ['token_use', 'hub_id', 'user_id', 'scopes'];
const all = [...operations, ...oauthOperations];

let portal: TestPortal;
let client: Client;
let used: WatchedClient[] = [];
const reached = new Set<string>();

const use = (token: string): void => {
  const watched = watchedClient(`${portal.simulators.url}/hubspot`, token);
  used.push(watched);
  ({ client } = watched);
};

beforeAll(async () => {
  portal = await startPortal();
});
beforeEach(() => use('test-token'));
afterEach(() => {
  const requests = portal.hubspot.requests();
  for (const operation of reachedIn(requests, all)) reached.add(operation);
  const violations = violationsIn(requests);
  const dropped = used.flatMap((one) => [...one.unknownFields]);
  const unknownFields = dropped.filter((field) => !NEWER_THAN_THE_CLIENT.includes(field));
  used = [];
  portal.hubspot.reset();
  expect({ violations, unknownFields }).toEqual({ violations: [], unknownFields: [] });
});
afterAll(() => portal.close());

test.each([...contactRows, ...recordRows, ...setupRows])('the client $wrote and reads that back by $read', ({ run }) =>
  run({ client, clock: portal.clock }),
);

test('the client understands that a contact exists already, and who it is', async () => {
  const { id } = await newContact(client);
  await expect(newContact(client)).rejects.toMatchObject({
    code: 409,
    body: expect.objectContaining({ category: 'CONFLICT', message: expect.stringContaining(id) }),
  });
});

/** Grants the app what it asks for, as a person does on the page; returns the code. */
async function authorize(): Promise<string> {
  const scope = 'crm.objects.contacts.read crm.objects.contacts.write';
  const form = new URLSearchParams({ client_id: APP[0], redirect_uri: CALLBACK, scope, state: 's', decision: 'grant' });
  const url = `${portal.simulators.url}/hubspot/oauth/authorize`;
  const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

test('the client exchanges a code, renews the token when it has ended, and writes with the new one', async () => {
  const first = await client.oauth.tokensApi.create('authorization_code', await authorize(), CALLBACK, ...APP);
  use(first.accessToken);
  const { id } = await newContact(client);
  portal.clock.nowMs += first.expiresIn * 1_000;
  await expect(client.crm.contacts.basicApi.getById(id)).rejects.toMatchObject({
    code: 401,
    body: expect.objectContaining({ category: 'EXPIRED_AUTHENTICATION' }),
  });
  const { tokensApi } = client.oauth;
  const second = await tokensApi.create('refresh_token', undefined, undefined, ...APP, first.refreshToken);
  use(second.accessToken);
  const { properties } = await client.crm.contacts.basicApi.getById(id, ['email']);
  expect(properties['email']).toBe(GUEST.email);
});

test('a path without a rule is an error, and so is a version that is no longer rewritten', () => {
  expect(rewrite('/crm/v3/owners')).toBe('/crm/owners/2026-09');
  expect(() => rewrite('/crm/v3/lists/1')).toThrow('no rule says');
  expect(() => rewrite('/crm/v5/objects/contacts')).toThrow('no rule says');
});

test('a field that the client would drop is noticed, wherever it is; a name that it only spells otherwise is not', () => {
  const kept = { accessToken: 't', results: [{ id: '1', _new: true, properties: { email: null } }] };
  const answer = { access_token: 't', results: [{ id: '1', new: true, properties: { email: null } }] };
  expect(unknownIn(kept, answer)).toEqual([]);
  const invented = { ...answer, hub: 1, results: [{ id: '1', properties: { email: null, mail: 'a' } }, { id: '2' }] };
  expect(unknownIn(kept, invented)).toEqual(['results[].properties.mail', 'results[]', 'hub']);
});

test('the client reached every operation of the simulator that it has', () => {
  const notInTheClient = [
    // Version 14 asks about tokens and ends them by paths that have the token in them; ours have it in the body.
    'POST /oauth/2026-03/token/introspect',
    'POST /oauth/2026-03/token/revoke',
  ];
  expect(reached.size).toBeGreaterThanOrEqual(10);
  expect(all.map(nameOf).filter((name) => !reached.has(name))).toEqual(notInTheClient);
});
