import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import { cannedCrm, memoryStore, type Canned } from './canned-transport';

const TOKEN = 'POST /oauth/2026-03/token';
const OWNERS = 'GET /crm/owners/2026-09';
const OK: Canned = { json: { results: [] } };
const EXPIRED: Canned = { status: 401, json: { category: 'EXPIRED_AUTHENTICATION', message: 'expired' } };
const REVOKED: Canned = { status: 401, json: { category: 'INVALID_AUTHENTICATION', message: 'not valid' } };
const oauth = { clientId: 'client', clientSecret: 's3cret', refreshToken: 'refresh-0' };
const tokens = (n: number, more: object = {}): Canned => ({
  json: { access_token: `access-${n}`, expires_in: 1800, token_type: 'bearer', ...more },
});

function account(routes: { readonly token: Canned | readonly Canned[]; readonly owners?: readonly Canned[] }) {
  let nowMs = Date.UTC(2026, 10, 21);
  const store = memoryStore();
  const { crm, call, sent } = cannedCrm(
    { [TOKEN]: routes.token, [OWNERS]: routes.owners ?? OK },
    { oauth, tokens: store, now: () => nowMs },
  );
  return {
    store,
    sent,
    probe: () => crm.probe(call),
    advance: (ms: number) => void (nowMs += ms),
    now: () => nowMs,
    refreshes: () => sent.filter(({ path }) => path.startsWith('/oauth')),
    used: () => sent.filter(({ path }) => path.startsWith('/crm')).map(({ headers }) => headers['authorization']),
  };
}

describe('HubSpot’s OAuth tokens', () => {
  it('are obtained once with a form, stored, and used until they end', async () => {
    const { probe, store, refreshes, used, advance, now } = account({ token: [tokens(1), tokens(2)] });
    const beganMs = now();
    await Promise.all([probe(), probe()]);
    expect(refreshes().map(({ body, headers }) => [body, headers['content-type']])).toEqual([
      [
        { grant_type: 'refresh_token', client_id: 'client', client_secret: 's3cret', refresh_token: 'refresh-0' },
        'application/x-www-form-urlencoded',
      ],
    ]);
    expect(store.stored).toMatchObject({ accessToken: 'access-1', expiresAtMs: beganMs + 1_800_000 });
    advance(1_790_000);
    await probe();
    expect(used()).toEqual(['Bearer access-1', 'Bearer access-1', 'Bearer access-2']);
  });

  it('keep the refresh token where the answer holds none, and change it where it does', async () => {
    const { probe, store, refreshes, advance } = account({ token: [tokens(1), tokens(2, { refresh_token: 'r-2' })] });
    await probe();
    expect(store.stored?.refreshToken).toBe('refresh-0');
    advance(3_600_000);
    await probe();
    expect(store.stored?.refreshToken).toBe('r-2');
    expect(refreshes()).toHaveLength(2);
  });

  it('that HubSpot calls expired before their time are renewed once, and the request is sent again', async () => {
    const { probe, used } = account({ token: [tokens(1), tokens(2)], owners: [EXPIRED, OK] });
    await probe();
    expect(used()).toEqual(['Bearer access-1', 'Bearer access-2']);
  });

  it('that are expired even when they are new are not asked for in circles', async () => {
    const { probe, refreshes, used } = account({ token: [tokens(1), tokens(2)], owners: [EXPIRED] });
    await expect(probe()).rejects.toMatchObject({ errorClass: 'reauth_required' });
    expect([refreshes().length, used().length]).toEqual([2, 2]);
  });

  it.each([
    ['revoked', REVOKED, 'reauth_required'],
    ['lacking a scope', { status: 403, json: { category: 'MISSING_SCOPES', message: 'x' } }, 'scope_missing'],
  ])('that are %s are not renewed: a new one would be the same', async (_what, answer, errorClass) => {
    const { probe, refreshes, used } = account({ token: tokens(1), owners: [answer] });
    await expect(probe()).rejects.toMatchObject({ errorClass });
    expect([refreshes().length, used().length]).toEqual([1, 1]);
  });

  it.each([
    ['the refresh token is dead', 400, { error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' }, 'reauth_required'],
    ['only the older field says so', 400, { status: 'BAD_REFRESH_TOKEN', message: 'canary' }, 'reauth_required'],
    ['the client’s secret is wrong', 401, { error: 'invalid_client', status: 'BAD_CLIENT_SECRET' }, 'reauth_required'],
    ['HubSpot is away', 503, {}, 'unavailable'],
    ['HubSpot has had enough', 429, {}, 'rate_limited'],
    ['the request is refused', 400, { error: 'invalid_request' }, 'contract_violation'],
    ['the answer holds no tokens', 200, { access_token: 'canary' }, 'contract_violation'],
  ])('are not stored when %s', async (_what, status, json, errorClass) => {
    const { probe, store, used } = account({ token: { status, json } });
    const error: unknown = await probe().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ errorClass });
    if (status === 200) expect(JSON.stringify(error)).not.toContain('canary');
    expect((error as Error).message).not.toContain('canary');
    expect(store.stored).toBeNull();
    expect(used()).toEqual([]);
  });

  it('need a store', () => {
    expect(() => createHubspotCrm({ baseUrl: 'http://127.0.0.1:9', oauth })).toThrow('store');
  });
});
