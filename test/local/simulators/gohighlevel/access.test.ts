/** Who may call, and how: versions, tokens, the four meanings of 401, limits. */
import { LOCATION, startLocation } from './location-client';
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
const PLACE = '/locations/loc-main';
const getPlace = (options: CallOptions = {}) => api('GET', PLACE, undefined, options);

describe('the Version header', () => {
  it.each([
    ['absent', null, 401, 'version header was not found.'],
    ['never published', '2020-01-01', 401, 'version header is invalid'],
    ['of other operations', '2021-04-15', 400, 'GET /locations/{locationId} wants version v3 or 2021-07-28'],
  ])('is refused and counted when it is %s', async (_what, version, status, message) => {
    const answer = await getPlace({ version });
    expect([answer.status, answer.body['message'], violations()]).toEqual([status, message, 1]);
  });

  it.each(['v3', '2021-07-28', '2023-02-21'])(
    'is taken as %s, which the contract or the vendor’s client sends',
    async (version) => {
      expect((await getPlace({ version })).status).toBe(200);
      expect(violations()).toBe(0);
    },
  );

  it('decides about paths that only the newest version has', async () => {
    const installed = '/oauth/installed-locations?companyId=company-main&appId=ghl-demo-app';
    const agency = { token: 'pit-agency' };
    expect((await api('GET', installed, undefined, { ...agency, version: '2021-07-28' })).status).toBe(404);
    expect((await api('GET', installed, undefined, agency)).status).toBe(200);
    expect((await api('GET', '/calendars/?locationId=loc-main', undefined, { version: '2021-07-28' })).status).toBe(
      400,
    );
    expect((await api('GET', '/users/?locationId=loc-main', undefined, { version: '2021-07-28' })).status).toBe(200);
    expect((await api('GET', '/users/?locationId=loc-main')).status).toBe(400);
    expect(violations()).toBe(3);
  });
});

it.each([
  ['GET', '/contacts/a/b/c'],
  ['PATCH', '/contacts/a'],
  ['GET', '/v1/contacts'],
])('refuses and counts an unknown operation: %s %s', async (method, path) => {
  expect((await api(method, path, undefined)).status).toBe(404);
  expect(location.ghl.state().violationReasons).toEqual({ 'unknown operation': 1 });
});

it('refuses and counts a body that is not JSON, and query parameters that nobody knows', async () => {
  expect((await api('POST', '/contacts/', '{')).status).toBe(400);
  expect((await api('POST', '/contacts/', { ...LOCATION }, { form: true })).status).toBe(422);
  expect((await api('GET', `${PLACE}?location=1`)).status).toBe(422);
  expect((await api('GET', '/contacts/search/duplicate?email=a@example.com')).status).toBe(400);
  expect(violations()).toBe(4);
});

describe('401', () => {
  const message = async (options: CallOptions = {}, path = PLACE) => {
    const { status, body } = await api('GET', path, undefined, options);
    return [status, body['message']];
  };

  it('means no token at all, which is the caller’s mistake', async () => {
    expect(await message({ token: null })).toEqual([401, 'Invalid token: access token is invalid']);
    expect(violations()).toBe(1);
  });

  it('means a token that is over, revoked or unknown', async () => {
    const { accessToken = '' } = location.ghl.act({ action: 'issueTokens' });
    expect((await getPlace({ token: accessToken })).status).toBe(200);
    location.clock.nowMs += 86_399_000;
    const invalid = [401, 'Invalid token: access token is invalid'];
    expect(await message({ token: accessToken })).toEqual(invalid);
    const { accessToken: second = '' } = location.ghl.act({ action: 'issueTokens' });
    location.ghl.act({ action: 'expireTokens' });
    expect(await message({ token: second })).toEqual(invalid);
    expect(await message({ token: 'never-issued' })).toEqual(invalid);
    expect(violations()).toBe(0);
  });

  it('means a Private Integration Token that was revoked', async () => {
    location.ghl.changeSettings({ privateTokens: [] });
    expect(await message()).toEqual([401, 'Invalid Private Integration token']);
  });

  it('means a scope that the token does not have', async () => {
    location.ghl.changeSettings({ missingScopes: ['locations.readonly'] });
    expect(await message()).toEqual([401, 'The token is not authorized for this scope.']);
    expect((await api('GET', '/users/user-host')).status).toBe(200);
  });

  it('means a route that the token’s kind can’t use', async () => {
    const route = [401, 'This route is not yet supported by the IAM Service. Please update your IAM config.'];
    expect(() => location.ghl.changeSettings({ unsupportedRoutes: ['('] })).toThrow('regular expression');
    location.ghl.changeSettings({ unsupportedRoutes: ['^GET /locations'] });
    expect(await message()).toEqual(route);
    const filter = { companyId: 'company-main', emails: 'host@example.com' };
    const refused = await api('POST', '/users/search/filter-by-email', filter);
    expect([refused.status, refused.body['message']]).toEqual(route);
    const asAgency = await api('POST', '/users/search/filter-by-email', filter, { token: 'pit-agency' });
    expect(asAgency.body.users).toMatchObject([{ id: 'user-host' }]);
  });
});

describe('limits', () => {
  it('refuses the hundred-and-first request in ten seconds and says so in five headers', async () => {
    location.ghl.changeSettings({ rateLimits: { max: 2, intervalMs: 10_000, daily: 200_000, namesDailyReset: true } });
    const first = await getPlace();
    const said: Record<string, string> = {};
    first.headers.forEach((value, name) => {
      if (name.startsWith('x-ratelimit')) said[name] = value;
    });
    expect(said).toEqual({
      'x-ratelimit-limit-daily': '200000',
      'x-ratelimit-daily-remaining': '199999',
      'x-ratelimit-interval-milliseconds': '10000',
      'x-ratelimit-max': '2',
      'x-ratelimit-remaining': '1',
    });
    await getPlace();
    const refused = await getPlace();
    expect(refused).toMatchObject({ status: 429, body: { statusCode: 429, message: 'Too Many Requests' } });
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('retry-after')).toBeNull();
    location.clock.nowMs += 10_000;
    expect((await getPlace()).status).toBe(200);
    expect(violations()).toBe(0);
  });

  it('has a limit per day, with the time to its reset unless that is not sent', async () => {
    const limits = { max: 100, intervalMs: 10_000, daily: 1, namesDailyReset: true };
    location.ghl.changeSettings({ rateLimits: limits });
    await getPlace();
    const refused = await getPlace();
    expect([refused.status, refused.headers.get('x-ratelimit-daily-remaining')]).toEqual([429, '0']);
    expect(refused.headers.get('x-ratelimit-daily-reset')).toBe(String(8 * 3_600_000));
    location.ghl.changeSettings({ rateLimits: { ...limits, namesDailyReset: false } });
    expect((await getPlace()).headers.get('x-ratelimit-daily-reset')).toBeNull();
    location.clock.nowMs += 8 * 3_600_000;
    expect((await getPlace()).status).toBe(200);
  });

  it('are a hundred by default, counted per token, or none', async () => {
    for (let n = 0; n < 100; n += 1) expect((await getPlace()).status).toBe(200);
    expect((await getPlace()).status).toBe(429);
    expect((await getPlace({ token: 'pit-agency' })).status).toBe(200);
    location.ghl.changeSettings({ rateLimits: null });
    expect((await getPlace()).headers.get('x-ratelimit-max')).toBeNull();
  });
});
