import type { StoredTokens } from '../../../integrations/oauth-tokens';
import { createGohighlevelCrm } from '../../../integrations/gohighlevel/crm';
import { cannedCrm, failure, memoryStore, refusal, type Canned, type Routes } from './canned-transport';

const NOW = Date.UTC(2026, 10, 24, 9);
const pipelines: Canned = { json: { pipelines: [] } };
const expired = refusal(401, 'Invalid token: access token is invalid');
const pair = (n: number): Canned => ({
  json: { accessToken: `access-${n}`, refreshToken: `refresh-${n}`, expiresIn: 86_399, userId: 'user-1' },
});
const crmWith = (routes: Routes, store = memoryStore(), apiVersion: 'v3' | 'dated' = 'v3') => ({
  store,
  ...cannedCrm(routes, { store, apiVersion, now: () => NOW }),
});

describe('tokens of HighLevel', () => {
  it('are asked for once, stored before use, and used until a minute before their end', async () => {
    let nowMs = NOW;
    const store = memoryStore();
    const { crm, call, sent } = cannedCrm(
      { 'POST /oauth/token': [pair(1), pair(2)], 'GET /opportunities/pipelines': pipelines },
      { store, now: () => nowMs },
    );
    await Promise.all([crm.probe(call), crm.probe(call)]);
    expect(sent.map(({ path }) => path.split('?')[0])).toEqual([
      '/oauth/token',
      '/opportunities/pipelines',
      '/opportunities/pipelines',
    ]);
    expect(store.stored).toMatchObject({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAtMs: NOW + 86_399_000,
    });
    nowMs += 86_399_000 - 60_000;
    await crm.probe(call);
    expect(sent[3]?.body).toMatchObject({ refreshToken: 'refresh-1' });
    expect(sent[4]?.headers['authorization']).toBe('Bearer access-2');
  });

  it('are asked for in the words of v3', async () => {
    const { crm, call, sent } = crmWith({ 'POST /oauth/token': pair(1), 'GET /opportunities/pipelines': pipelines });
    await crm.probe(call);
    expect(sent[0]?.headers).toMatchObject({ version: 'v3', 'content-type': 'application/x-www-form-urlencoded' });
    expect(sent[0]?.headers['authorization']).toBeUndefined();
    expect(sent[0]?.body).toEqual({
      clientId: 'client-1',
      clientSecret: 'secret-1',
      grantType: 'refresh_token',
      refreshToken: 'refresh-0',
      userType: 'Location',
    });
  });

  it('are asked for and read in the words of the dated versions', async () => {
    const json = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 100, token_type: 'Bearer' };
    const routes = { 'POST /oauth/token': { json }, 'GET /opportunities/pipelines': pipelines };
    const { crm, call, sent, store } = crmWith(routes, memoryStore(), 'dated');
    await crm.probe(call);
    expect(sent[0]?.headers['version']).toBeUndefined();
    expect(sent[0]?.body).toEqual({
      client_id: 'client-1',
      client_secret: 'secret-1',
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      user_type: 'Location',
    });
    expect(store.stored).toMatchObject({ accessToken: 'access-1', expiresAtMs: NOW + 100_000 });
  });

  it('are renewed once when one is refused, and the request is sent again', async () => {
    const { crm, call, sent } = crmWith({
      'POST /oauth/token': [pair(1), pair(2)],
      'GET /opportunities/pipelines': [expired, pipelines],
    });
    await crm.probe(call);
    expect(sent.map(({ headers }) => headers['authorization'] ?? 'none')).toEqual([
      'none',
      'Bearer access-1',
      'none',
      'Bearer access-2',
    ]);
  });

  it('are not renewed a second time for one request', async () => {
    const { crm, call, sent } = crmWith({
      'POST /oauth/token': [pair(1), pair(2)],
      'GET /opportunities/pipelines': expired,
    });
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'reauth_required' });
    expect(sent).toHaveLength(4);
  });

  it.each([
    ['The token is not authorized for this scope.', 'scope_missing'],
    ['This route is not yet supported by the IAM Service. Please update your IAM config.', 'contract_violation'],
    ['Invalid Private Integration token', 'reauth_required'],
  ])('are not renewed for "%s"', async (message, errorClass) => {
    const routes = { 'POST /oauth/token': pair(1), 'GET /opportunities/pipelines': refusal(401, message) };
    const { crm, call, sent } = crmWith(routes);
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass });
    expect(sent).toHaveLength(2);
  });

  it('are taken from the store when another process has renewed them', async () => {
    const store = memoryStore();
    const routes = { 'POST /oauth/token': pair(1), 'GET /opportunities/pipelines': [pipelines, expired, pipelines] };
    const { crm, call, sent } = crmWith(routes, store);
    await crm.probe(call);
    await store.exchange((held) => Promise.resolve({ ...(held as StoredTokens), accessToken: 'access-other' }));
    await crm.probe(call);
    expect(sent.filter(({ path }) => path === '/oauth/token')).toHaveLength(1);
    expect(sent.at(-1)?.headers['authorization']).toBe('Bearer access-other');
  });

  const CANARY = 'refresh-canary';
  it.each<[string, Canned, string]>([
    [
      'a used refresh token',
      { status: 400, json: { error: 'invalid_grant', error_description: CANARY } },
      'reauth_required',
    ],
    [
      'a refused refresh token',
      { status: 401, json: { error: 'invalid_grant', error_description: CANARY } },
      'reauth_required',
    ],
    [
      'a wrong client',
      { status: 401, json: { error: 'invalid_client', error_description: CANARY } },
      'reauth_required',
    ],
    ['a refusal in words', refusal(400, `Invalid refresh token ${CANARY}`), 'reauth_required'],
    ['a location that is not active', refusal(400, 'Location is not active'), 'account_inactive'],
    ['a form that HighLevel does not know', refusal(422, ['property foo should not exist']), 'contract_violation'],
    ['a limit', refusal(429, 'Too Many Requests'), 'rate_limited'],
    ['an outage', { status: 503, text: '<html></html>' }, 'unavailable'],
    ['an answer without tokens', { json: { accessToken: CANARY } }, 'unavailable'],
    ['an answer that breaks off', { text: `{"accessToken":"${CANARY}` }, 'unavailable'],
  ])('after %s are left as they were, and the error says what to do', async (_what, answer, errorClass) => {
    const { crm, call, store } = crmWith({ 'POST /oauth/token': answer });
    const error = await failure(crm.probe(call));
    expect(error).toMatchObject({ errorClass, vendorText: null });
    expect(JSON.stringify(error) + error.message).not.toContain(CANARY);
    expect(store.stored).toBeNull();
  });

  it('need a store', () => {
    const oauth = { clientId: 'client-1', clientSecret: 'secret-1', refreshToken: 'refresh-0' };
    const settings = { baseUrl: 'http://127.0.0.1:9', locationId: 'loc-1', calendarId: 'cal-1', oauth };
    expect(() => createGohighlevelCrm(settings)).toThrow('needs a store');
  });
});
