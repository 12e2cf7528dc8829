/** How an app is connected, renews its token, and is disconnected. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEALS, aDeal, admin, startPortal } from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const CALLBACK = 'https://booksync.example.com/oauth/callback';
const CLIENT = { client_id: 'hubspot-demo-client', client_secret: 'hubspot-demo-secret' };
const SCOPE = 'crm.objects.contacts.read crm.objects.owners.read';

interface OAuthAnswer {
  readonly status: number;
  readonly body: {
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly expires_in?: number;
    readonly error?: string;
    readonly status?: string;
    readonly active?: boolean;
    readonly token_use?: string;
    readonly scopes?: readonly string[];
  };
}

const at = (path: string): string => `${portal.simulators.url}/hubspot${path}`;
const question = (more: Record<string, string> = {}): URLSearchParams =>
  new URLSearchParams({ client_id: CLIENT.client_id, redirect_uri: CALLBACK, scope: SCOPE, state: 's 1', ...more });

/** Presses one of the page's buttons and returns where it leads. */
async function press(decision: 'grant' | 'deny', more: Record<string, string> = {}): Promise<URL> {
  const page = await (await fetch(at(`/oauth/authorize?${question(more)}`))).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const form = new URLSearchParams(hidden.map(([, name = '', value = '']) => [name, value]));
  form.set('decision', decision);
  const answer = await fetch(at('/oauth/authorize'), { method: 'POST', body: form, redirect: 'manual' });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get('location') ?? '');
}

async function post(path: string, fields: Record<string, string>): Promise<OAuthAnswer> {
  const response = await fetch(at(path), { method: 'POST', body: new URLSearchParams({ ...CLIENT, ...fields }) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as OAuthAnswer['body'] };
}

const TOKEN = '/oauth/2026-03/token';
const exchange = (code: string, more: Record<string, string> = {}): Promise<OAuthAnswer> =>
  post(TOKEN, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more });
const renew = (refreshToken: string): Promise<OAuthAnswer> =>
  post(TOKEN, { grant_type: 'refresh_token', refresh_token: refreshToken });
const ask = (token: string): Promise<ApiAnswer> =>
  portal.api('GET', '/crm/owners/2026-09', undefined, { authorization: `Bearer ${token}` });

async function connect(more: Record<string, string> = {}): Promise<{ access: string; refresh: string }> {
  const code = (await press('grant', more)).searchParams.get('code') ?? '';
  const { body } = await exchange(code);
  return { access: body.access_token ?? '', refresh: body.refresh_token ?? '' };
}

test('the page shows the scopes, and its button gives a code that becomes tokens once', async () => {
  const page = await (await fetch(at(`/oauth/authorize?${question({ scope: '<b>a' })}`))).text();
  expect(page).toContain('&lt;b>a');
  const target = await press('grant');
  expect(target.origin + target.pathname).toBe(CALLBACK);
  expect(target.searchParams.get('state')).toBe('s 1');
  const code = target.searchParams.get('code') ?? '';
  const first = await exchange(code);
  expect(first).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 1_800, hub_id: 62515 } });
  expect((await ask(first.body.access_token ?? '')).status).toBe(200);
  expect(await exchange(code)).toMatchObject({ status: 400, body: { status: 'BAD_AUTH_CODE' } });
  expect(portal.hubspot.state().violations).toBe(0);
});

test('who says no sends the app an error instead of a code', async () => {
  const { searchParams } = await press('deny');
  expect(Object.fromEntries(searchParams)).toMatchObject({ error: 'access_denied', state: 's 1' });
  expect(searchParams.has('code')).toBe(false);
});

test('an unknown app gets a page that says so', async () => {
  const answer = await fetch(at(`/oauth/authorize?${question({ client_id: 'other' })}`));
  expect(answer.status).toBe(400);
  expect((await fetch(at('/oauth/authorize'))).status).toBe(400);
});

test('a code works with the verifier of its challenge, at the same address, for ten minutes', async () => {
  const verifier = 'a-verifier-of-at-least-forty-three-characters-0';
  const challenge = {
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  const code = async (): Promise<string> => (await press('grant', challenge)).searchParams.get('code') ?? '';
  expect((await exchange(await code())).body.status).toBe('BAD_AUTH_CODE');
  expect((await exchange(await code(), { code_verifier: 'wrong' })).body.status).toBe('BAD_AUTH_CODE');
  const elsewhere = { code_verifier: verifier, redirect_uri: 'https://other.example.com/' };
  expect((await exchange(await code(), elsewhere)).body.status).toBe('BAD_AUTH_CODE');
  const late = await code();
  portal.clock.nowMs += 600_000;
  expect((await exchange(late, { code_verifier: verifier })).body.status).toBe('BAD_AUTH_CODE');
  expect((await exchange(await code(), { code_verifier: verifier })).status).toBe(200);
});

test('an access token ends, says when it did, and is renewed with a refresh token that stays', async () => {
  portal.hubspot.changeSettings({ accessTokenMs: 60_000 });
  const { access, refresh } = await connect();
  portal.clock.nowMs += 61_000;
  const ended = await ask(access);
  expect(ended).toMatchObject({
    status: 401,
    body: {
      category: 'EXPIRED_AUTHENTICATION',
      message: 'The OAuth token used to make this call expired 1 second(s) ago.',
      context: { 'expire time': [new Date(portal.clock.nowMs - 1_000).toISOString()] },
    },
  });
  const { body } = await renew(refresh);
  expect(body).toMatchObject({ expires_in: 60, refresh_token: refresh });
  expect((await ask(body.access_token ?? '')).status).toBe(200);
});

test('a portal may change the refresh token at each renewal, and then the old one is dead', async () => {
  portal.hubspot.changeSettings({ refreshTokens: 'rotated' });
  const { refresh } = await connect();
  const { body } = await renew(refresh);
  expect(body.refresh_token).not.toBe(refresh);
  expect((await renew(refresh)).body.status).toBe('BAD_REFRESH_TOKEN');
  expect((await renew(body.refresh_token ?? '')).status).toBe(200);
});

test('an admin who disconnects the app ends access and refresh tokens; service keys go on', async () => {
  const { access, refresh } = await connect();
  expect((await admin(portal, 'act', { action: 'disconnectApp' })).status).toBe(200);
  expect(await ask(access)).toMatchObject({ status: 401, body: { category: 'INVALID_AUTHENTICATION' } });
  expect(await renew(refresh)).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' },
  });
  expect((await ask('pat-demo')).status).toBe(200);
  expect(portal.hubspot.state().violations).toBe(0);
  const again = await connect();
  expect((await ask(again.access)).status).toBe(200);
});

test('a token may do what its scopes say, and its answers do not tell what is left of the day', async () => {
  const { access } = await connect();
  const authorization = `Bearer ${access}`;
  expect(await portal.api('POST', DEALS, aDeal(), { authorization })).toMatchObject({
    status: 403,
    body: {
      category: 'MISSING_SCOPES',
      errors: [{ context: { requiredGranularScopes: ['crm.objects.deals.write'] } }],
    },
  });
  const { headers } = await ask(access);
  expect(headers.get('x-hubspot-ratelimit-daily')).toBeNull();
  const more = await connect({ optional_scope: 'crm.objects.deals.write' });
  expect((await portal.api('POST', DEALS, aDeal(), { authorization: `Bearer ${more.access}` })).status).toBe(201);
});

test('a token can be looked into and be given back', async () => {
  const { access, refresh } = await connect();
  const look = (token: string): Promise<OAuthAnswer> => post(`${TOKEN}/introspect`, { token });
  expect((await look(access)).body).toMatchObject({
    active: true,
    token_use: 'access_token',
    scopes: SCOPE.split(' '),
  });
  expect((await look(refresh)).body).toMatchObject({ active: true, token_use: 'refresh_token' });
  expect((await post(`${TOKEN}/revoke`, { token: refresh })).status).toBe(200);
  expect((await look(access)).body).toEqual({ active: false });
  expect((await renew(refresh)).body.status).toBe('BAD_REFRESH_TOKEN');
});

test.each([
  ['JSON instead of a form', { 'content-type': 'application/json' }, '', 'BAD_REQUEST'],
  ['fields in the query', {}, '?grant_type=refresh_token', 'BAD_REQUEST'],
])('%s is refused and counted', async (_what, headers, query, status) => {
  const body = new URLSearchParams({ ...CLIENT, grant_type: 'refresh_token', refresh_token: 'x' }).toString();
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  const answer = await fetch(at(`${TOKEN}${query}`), { method: 'POST', headers: form, body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'invalid_request', status });
  expect(portal.hubspot.state().violations).toBe(1);
});

test.each([
  ['a wrong secret', { client_secret: 'x' }, 401, 'BAD_CLIENT_SECRET'],
  ['an unknown client', { client_id: 'x' }, 401, 'BAD_CLIENT_ID'],
  ['another kind of grant', { grant_type: 'password' }, 400, 'BAD_GRANT_TYPE'],
  ['an unknown field', { extra: '1' }, 400, 'BAD_REQUEST'],
])('%s is refused and counted', async (_what, changes, httpStatus, status) => {
  const answer = await post(TOKEN, { grant_type: 'refresh_token', refresh_token: 'x', ...changes });
  expect(answer).toMatchObject({ status: httpStatus, body: { status } });
  expect(portal.hubspot.state().violations).toBe(1);
});

test('a restarted portal knows its tokens, and an emptied one none', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
  try {
    await portal.close();
    portal = await startPortal({ stateDir });
    const { access, refresh } = await connect();
    await portal.close();
    portal = await startPortal({ stateDir });
    expect((await ask(access)).status).toBe(200);
    expect((await renew(refresh)).status).toBe(200);
    portal.hubspot.reset();
    expect((await ask(access)).body.category).toBe('INVALID_AUTHENTICATION');
  } finally {
    await portal.close();
    await rm(stateDir, { recursive: true, force: true });
    portal = await startPortal();
  }
});
