/** OAuth: the page with one button, codes and PKCE, refresh tokens that serve once, tokens of an agency's locations. */
import { createHash } from 'node:crypto';
import { startLocation } from './location-client';
import type { CallOptions, TestLocation } from './location-client';

let location: TestLocation;
beforeEach(async () => {
  location = await startLocation();
});
afterEach(async () => {
  const problems = location.contractProblems();
  await location.close();
  expect(problems).toEqual([]);
});

const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const violations = (): number => location.ghl.state().violations;
const getPlace = (options: CallOptions = {}) => api('GET', '/locations/loc-main', undefined, options);
const REDIRECT = 'http://127.0.0.1:3000/oauth/callback';
const client = { clientId: 'ghl-demo-client', clientSecret: 'ghl-demo-secret' };
const dated = { client_id: 'ghl-demo-client', client_secret: 'ghl-demo-secret' };
const token = (body: object, options: CallOptions = {}) =>
  api('POST', '/oauth/token', body, { token: null, form: true, ...options });

const authorize = async (more: Record<string, string> = {}): Promise<URL> => {
  const question = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: REDIRECT,
    scope: 'contacts.write',
    state: 's&1',
    ...more,
  };
  const url = `${location.baseUrl}/oauth/chooselocation`;
  const page = await (await fetch(`${url}?${new URLSearchParams(question)}`)).text();
  expect(page).toContain('<button');
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(question), redirect: 'manual' });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
};
const codeOf = (to: URL): string => to.searchParams.get('code') ?? '';

it('leads from the page with one button to tokens that work', async () => {
  const to = await authorize();
  expect([to.origin + to.pathname, to.searchParams.get('state')]).toEqual([REDIRECT, 's&1']);
  const { status, body } = await token({
    ...client,
    grantType: 'authorization_code',
    code: codeOf(to),
    redirectUri: REDIRECT,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    tokenType: 'Bearer',
    expiresIn: 86_399,
    userType: 'Location',
    locationId: 'loc-main',
  });
  expect((await getPlace({ token: String(body['accessToken']) })).status).toBe(200);
  const again = await token({ ...client, grantType: 'authorization_code', code: codeOf(to) });
  expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

it('checks PKCE where it was asked for', async () => {
  const verifier = 'a'.repeat(43);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const to = await authorize({ code_challenge: challenge, code_challenge_method: 'S256' });
  const grant = { ...dated, grant_type: 'authorization_code', code: codeOf(to) };
  expect((await token(grant, { version: null })).status).toBe(400);
  expect((await token({ ...grant, code_verifier: 'b'.repeat(43) }, { version: null })).status).toBe(400);
  const { status, body } = await token({ ...grant, code_verifier: verifier }, { version: null });
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 86_399 });
});

it('shows no button to an unknown app', async () => {
  const answer = await fetch(`${location.baseUrl}/oauth/chooselocation?client_id=other&response_type=code`);
  expect([answer.status, (await answer.text()).includes('<button')]).toEqual([400, false]);
});

const refresh = (refreshToken: unknown) => token({ ...client, grantType: 'refresh_token', refreshToken });

it('gives a new refresh token for each use and kills the used one', async () => {
  const { refreshToken } = location.ghl.act({ action: 'issueTokens' });
  const first = await refresh(refreshToken);
  expect(first.status).toBe(200);
  expect(await refresh(refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await refresh(first.body['refreshToken'])).status).toBe(200);
  expect(violations()).toBe(0);
});

it('lets a used refresh token live for the grace that the setting gives', async () => {
  location.ghl.changeSettings({ refreshGraceMs: 30_000 });
  const { refreshToken } = location.ghl.act({ action: 'issueTokens' });
  expect((await refresh(refreshToken)).status).toBe(200);
  location.clock.nowMs += 29_000;
  expect((await refresh(refreshToken)).status).toBe(200);
  location.clock.nowMs += 1_000;
  expect((await refresh(refreshToken)).status).toBe(400);
});

it('refuses everything after a revocation, and a suspended location in its own words', async () => {
  const { refreshToken, accessToken = '' } = location.ghl.act({ action: 'issueTokens' });
  location.ghl.changeSettings({ location: 'inactive' });
  expect(await refresh(refreshToken)).toMatchObject({ status: 400, body: { message: 'Location is not active' } });
  location.ghl.changeSettings({ location: 'active' });
  location.ghl.act({ action: 'revokeTokens' });
  expect((await getPlace({ token: accessToken })).status).toBe(401);
  expect((await refresh(refreshToken)).status).toBe(400);
});

it('makes a location’s token for an agency, per wire', async () => {
  const body = { companyId: 'company-main', locationId: 'loc-main' };
  const agency = { token: 'pit-agency', form: true };
  const v3 = await api('POST', '/oauth/location-token', body, agency);
  expect((await getPlace({ token: String(v3.body['accessToken']) })).status).toBe(200);
  const old = await api('POST', '/oauth/locationToken', body, { ...agency, version: '2021-07-28' });
  expect((await getPlace({ token: String(old.body['access_token']) })).status).toBe(200);
  expect((await api('POST', '/oauth/location-token', body, { form: true })).status).toBe(401);
  const query = '?companyId=company-main&appId=ghl-demo-app';
  const installed = await api('GET', `/oauth/installed-locations${query}`, undefined, { token: 'pit-agency' });
  expect(installed.body['items']).toMatchObject([{ _id: 'loc-main', isInstalled: true }]);
  const older = { token: 'pit-agency', version: '2021-07-28' };
  expect((await api('GET', `/oauth/installedLocations${query}`, undefined, older)).body['count']).toBe(1);
});

it.each([
  ['an unknown client', { ...client, clientSecret: 'x', grantType: 'refresh_token', refreshToken: 'x' }, 401, 0],
  ['a grant that does not exist', { ...client, grantType: 'password' }, 422, 1],
  ['the names of the other wire', { ...dated, grant_type: 'refresh_token', refresh_token: 'x' }, 422, 1],
  ['no refresh token', { ...client, grantType: 'refresh_token' }, 422, 1],
])('refuses %s', async (_what, body, status, counted) => {
  expect([(await token(body)).status, violations()]).toEqual([status, counted]);
});
