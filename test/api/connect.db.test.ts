/** Connecting accounts with OAuth: real database, real API, the simulated vendors' own pages. */
import type { Pool } from 'pg';
import { makeConnectSecret } from '../../db/connect-secrets';
import { tokenStore } from '../../db/credentials';
import { openVault, parseMasterKeys } from '../../db/vault';
import type { Connector } from '../../integrations/connector';
import { connectorOf, crmOf, sourceApiOf } from '../../integrations/registry';
import { startSimulators, type Simulators } from '../../local/simulators/server';
import { cleanUp } from '../support/clean-up';
import { testDatabase } from '../support/postgres';
import { send, type Reply } from './http';
import { Browser } from './pages/browser';
import { idleEngine, testApi, TOKEN, type TestApi } from './test-api';

const PUBLIC_URL = 'http://booksync.example.com';
const REDIRECT = `${PUBLIC_URL}/oauth/callback`;

let pool: Pool;
let simulators: Simulators;
let api: TestApi;
let probed: string[];
let nowMs = Date.now();
const settings = () => {
  const page = { refreshToken: null, scopes: null };
  return {
    'hubspot-main': {
      kind: 'hubspot',
      baseUrl: `${simulators.url}/hubspot`,
      portalId: null,
      oauth: {
        ...page,
        clientId: 'hubspot-demo-client',
        clientSecret: 'hubspot-demo-secret',
        authorizeUrl: `${simulators.url}/hubspot/oauth/authorize`,
      },
    },
    'ghl-main': {
      kind: 'gohighlevel',
      baseUrl: `${simulators.url}/gohighlevel`,
      apiVersion: 'v3' as const,
      locationId: 'loc-main',
      calendarId: 'cal-main',
      oauth: {
        ...page,
        clientId: 'ghl-demo-client',
        clientSecret: 'ghl-demo-secret',
        authorizeUrl: `${simulators.url}/gohighlevel/oauth/chooselocation`,
      },
    },
  } as const;
};
/** A source keeps its credentials one level below. */
const calcom = () => ({
  kind: 'calcom' as const,
  api: {
    baseUrl: `${simulators.url}/calcom`,
    oauth: {
      clientId: 'demo-oauth-client',
      clientSecret: 'demo-oauth-secret',
      refreshToken: null,
      scopes: null,
      authorizeUrl: `${simulators.url}/calcom/auth/oauth2/authorize`,
    },
  },
});
type Id = keyof ReturnType<typeof settings>;

beforeAll(async () => {
  ({ pool } = await testDatabase());
  simulators = await startSimulators({ port: 0 });
  cleanUp(() => simulators.close());
  const connectors = new Map<string, Connector>();
  for (const [id, one] of Object.entries(settings())) connectors.set(id, connectorOf(one)!);
  const { 'ghl-main': ghl } = settings();
  const elsewhere = { ...ghl, locationId: 'loc-other' };
  connectors.set('ghl-other', connectorOf(elsewhere)!);
  connectors.set('calcom-oauth', connectorOf(calcom())!);
  api = await testApi(pool, {
    connect: { connectors, publicUrl: PUBLIC_URL },
    engine: {
      ...idleEngine,
      probeNow: (connection, role) => Promise.resolve(probed.push(`${connection} ${role}`) > 0),
    },
    nowMs: () => nowMs,
    console: {
      zone: 'UTC',
      reportZone: 'UTC',
      mapping: {},
      temporalUi: null,
      connections: (['hubspot-main', 'ghl-main'] as const).map((id) => {
        return { id, kind: settings()[id].kind, role: 'crm', feeds: [] };
      }),
    },
  });
  await api.opened;
});
beforeEach(async () => {
  probed = [];
  nowMs = Date.now();
  await pool.query('TRUNCATE credential, connect_secret');
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
  send(api.port, { method: 'GET', path, headers });
const begin = (id: string) => get(`/connect/${id}`, { authorization: `Bearer ${TOKEN}` });
const stored = async () => (await pool.query('SELECT connection FROM credential')).rows;

/** The owner of the account says yes (or no) on the vendor's page; returns where the browser is sent. */
async function decide(location: string | undefined, decision: 'grant' | 'deny' = 'grant'): Promise<URL> {
  const page = new URL(location ?? '');
  const form = new URLSearchParams([...page.searchParams, ['decision', decision]]);
  const answer = await fetch(page.origin + page.pathname, { method: 'POST', body: form, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '');
}
const callback = (to: URL, headers: Record<string, string> = {}) => get(to.pathname + to.search, headers);

test.each<[Id, boolean]>([
  ['hubspot-main', true],
  ['ghl-main', false],
])('%s is connected: its tokens are stored and work, and the connection probes', async (id, hasPkce) => {
  const begun = await begin(id);
  expect(begun.status).toBe(302);
  const page = new URL(begun.headers.location!);
  expect(page.searchParams.get('redirect_uri')).toBe(REDIRECT);
  expect(page.searchParams.get('code_challenge_method')).toBe(hasPkce ? 'S256' : null);
  const vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  const crm = crmOf(id, settings()[id], tokenStore({ pool, vault }, id));
  const probe = () => crm.probe({ operationKey: 'test', signal: AbortSignal.timeout(5_000) });
  await expect(probe()).rejects.toMatchObject({ errorClass: 'reauth_required', httpStatus: null });

  const to = await decide(page.href);
  expect(to.origin + to.pathname).toBe(REDIRECT);
  const done = await callback(to);
  expect([done.status, done.text]).toEqual([200, expect.stringContaining(`${id} is connected`)]);
  expect(probed).toEqual([`${id} crm`]);
  await probe();

  // The same answer again, and its code under no state.
  const before = await pool.query('SELECT sealed FROM credential');
  expect(await callback(to)).toMatchObject({ status: 403, text: expect.stringContaining('was used already') });
  to.searchParams.delete('state');
  expect((await callback(to)).status).toBe(400);
  expect((await pool.query('SELECT sealed FROM credential')).rows).toEqual(before.rows);
  expect(api.log.join('\n')).not.toContain(to.searchParams.get('code'));
});

test('a Cal.com account is connected the same way, with its secret instead of PKCE, and renews its tokens from there', async () => {
  const { headers } = await begin('calcom-oauth');
  const page = new URL(headers.location!);
  const { searchParams } = page;
  expect([searchParams.get('redirect_uri'), searchParams.get('code_challenge')]).toEqual([REDIRECT, null]);
  expect(searchParams.get('scope')).toContain('BOOKING_WRITE');
  const vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  const store = tokenStore({ pool, vault }, 'calcom-oauth');
  let clockMs = Date.now();
  const source = () => sourceApiOf('calcom-oauth', calcom(), store, { now: () => clockMs })!;
  const read = () => source().listChanged({ fromMs: clockMs - 60_000, toMs: clockMs });
  await expect(read()).rejects.toMatchObject({ errorClass: 'reauth_required' });

  expect((await callback(await decide(page.href, 'deny'))).status).toBe(400);
  const to = await decide((await begin('calcom-oauth')).headers.location);
  expect(await callback(to)).toMatchObject({ status: 200 });
  expect(probed).toEqual(['calcom-oauth source']);
  await read();
  const first = await store.read();
  // Half an hour later another pair is asked for and stored, and that one is used.
  clockMs += 31 * 60_000;
  await read();
  const second = await store.read();
  expect(second?.refreshToken).not.toBe(first?.refreshToken);
  expect(api.log.join('\n')).not.toContain(to.searchParams.get('code'));
  // A code is good once, and for its own address.
  const replayed = await begin('calcom-oauth');
  const again = new URL(to.href);
  again.searchParams.set('state', new URL(replayed.headers.location!).searchParams.get('state')!);
  expect((await callback(again)).status).toBe(502);
  expect(await store.read()).toEqual(second);
  expect(simulators.calcom.state().violations).toBe(0);
});

test('nobody but an operator begins, and only connections with OAuth can be', async () => {
  expect((await get('/connect/hubspot-main')).status).toBe(401);
  expect((await get('/connect/hubspot-main?link=guessed')).status).toBe(403);
  expect((await begin('calcom-sales')).status).toBe(404);
});

test('a link serves once, for its own connection, for ten minutes, and in the browser that opened it', async () => {
  const linkFor = (connection: string) => makeConnectSecret(pool, { kind: 'link', connection, nowMs });
  const path = `/connect/hubspot-main?link=${await linkFor('hubspot-main')}`;
  const begun = await get(path);
  expect(begun.status).toBe(302);
  expect((await get(path)).text).toContain('was used already');
  expect((await get(`/connect/hubspot-main?link=${await linkFor('ghl-main')}`)).text).toContain('another connection');
  const late = await linkFor('hubspot-main');
  nowMs += 10 * 60_000;
  expect((await get(`/connect/hubspot-main?link=${late}`)).text).toContain('older than ten minutes');
  nowMs -= 10 * 60_000;

  expect(await callback(await decide(begun.headers.location))).toMatchObject({ status: 403 });
  const again = await get(`/connect/hubspot-main?link=${await linkFor('hubspot-main')}`);
  const [cookie] = again.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/HttpOnly; SameSite=Lax/i);
  const headers = { cookie: cookie!.split(';')[0]! };
  expect((await callback(await decide(again.headers.location), headers)).status).toBe(200);
});

test.each(['made-up', ''])('a state that was not given here is refused before anything is asked: %p', async (state) => {
  const before = simulators.hubspot.requests().length;
  const reply = await get(`/oauth/callback?code=abc&state=${state}`);
  expect([400, 403]).toContain(reply.status);
  expect(simulators.hubspot.requests()).toHaveLength(before);
});

test('a state that is ten minutes old, an owner who says no, and a code that is wrong connect nothing', async () => {
  const late = await decide((await begin('hubspot-main')).headers.location);
  nowMs += 10 * 60_000;
  expect(await callback(late)).toMatchObject({ status: 403, text: expect.stringContaining('ten minutes') });
  const denied = await callback(await decide((await begin('hubspot-main')).headers.location, 'deny'));
  expect(denied).toMatchObject({ status: 400, text: expect.stringContaining('did not let') });
  const wrong = await decide((await begin('hubspot-main')).headers.location);
  wrong.searchParams.set('code', 'another');
  expect(await callback(wrong)).toMatchObject({ status: 502 });
  // The code of one authorization under the state of another: its verifier does not fit.
  const [one, other] = [await begin('hubspot-main'), await begin('hubspot-main')];
  const mixed = await decide(one.headers.location);
  mixed.searchParams.set('state', new URL(other.headers.location!).searchParams.get('state')!);
  expect(await callback(mixed)).toMatchObject({ status: 502 });
  expect(await stored()).toEqual([]);
  expect(probed).toEqual([]);
});

test('another location than the one that the settings name is not connected', async () => {
  const reply = await callback(await decide((await begin('ghl-other')).headers.location));
  expect(reply).toMatchObject({ status: 409, text: expect.stringContaining('Another account') });
  expect(await stored()).toEqual([]);
});

test('no address is taken from a request', async () => {
  const query = 'redirect_uri=https://evil.example.com&next=//evil.example.com&return_to=https://evil.example.com';
  const begun = await get(`/connect/hubspot-main?${query}`, {
    authorization: `Bearer ${TOKEN}`,
    host: 'evil.example.com',
    'x-forwarded-host': 'evil.example.com',
  });
  expect(begun.headers.location).not.toContain('evil');
  const to = await decide(begun.headers.location);
  const done = await get(`${to.pathname}${to.search}&${query}`);
  expect([done.status, done.headers.location, done.text.includes('evil')]).toEqual([200, undefined, false]);
});

describe('from the console', () => {
  const linkOn = (text: string): string => new RegExp(`href="(${PUBLIC_URL}/connect/[^"]+)"`).exec(text)?.[1] ?? '';

  test('an operator makes a link, its owner follows it, and the last page says in words how it ended', async () => {
    const operator = new Browser(api.port);
    await operator.signIn(TOKEN);
    expect((await operator.get('/console/connections')).text).toContain('the account was not connected from here yet');
    const made = await operator.post('/console/connections/hubspot-main/connect', {});
    expect([made.status, made.text]).toEqual([200, expect.stringContaining('Go on at HubSpot')]);

    const link = new URL(linkOn(made.text));
    const begun = await get(link.pathname + link.search);
    const headers = { cookie: begun.headers['set-cookie']![0]!.split(';')[0]! };
    const done = await callback(await decide(begun.headers.location), headers);
    expect(done.text).toContain('hubspot-main is connected');
    expect(done.text).toContain('href="/console/connections"');
    expect(done.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(await stored()).toEqual([{ connection: 'hubspot-main' }]);
    expect((await operator.get('/console/connections')).text).toContain('Connect it again');
    const used = await get(link.pathname + link.search);
    expect([used.status, used.text]).toEqual([403, expect.stringContaining('<h1>That did not work</h1>')]);
    const { rows } = await pool.query(`SELECT actor, subject FROM audit_entry WHERE action = 'connection.link_made'`);
    expect(rows).toEqual([{ actor: 'anna-1', subject: 'hubspot-main' }]);
  });

  test('a connection that has no OAuth offers none, and without a public address nobody could come back', async () => {
    const operator = new Browser(api.port);
    await operator.signIn(TOKEN);
    await operator.get('/console/connections');
    expect((await operator.post('/console/connections/calcom-sales/connect', {})).status).toBe(404);
    const closed = await testApi(pool, {
      connect: { connectors: new Map([['hubspot-main', connectorOf(settings()['hubspot-main'])!]]), publicUrl: null },
    });
    const other = new Browser(closed.port);
    await other.signIn(TOKEN);
    await other.get('/console/connections');
    const reply = await other.post('/console/connections/hubspot-main/connect', {});
    expect([reply.status, reply.text]).toEqual([503, expect.stringContaining('is not set in booksync.yaml')]);
    await closed.close();
  });
});
