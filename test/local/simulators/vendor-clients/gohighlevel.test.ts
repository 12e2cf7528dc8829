/**
 * HighLevel's own client reads back from the simulated location what it wrote there, by another operation than the one that wrote it:
 * what its authors know of the API must hold for the simulator.
 */
import type { HighLevel } from '@gohighlevel/api-client';
import { operations } from '../../../../local/simulators/gohighlevel/router';
import { loadContract } from '../gohighlevel/contract-files';
import { GUEST, LOCATION, startLocation } from '../gohighlevel/location-client';
import type { TestLocation } from '../gohighlevel/location-client';
import { calendarRows } from './gohighlevel-calendar-rows';
import { newContact, watchedClient } from './gohighlevel-client';
import type { Credentials, WatchedClient } from './gohighlevel-client';
import { contactRows } from './gohighlevel-contact-rows';
import { salesRows, setupRows } from './gohighlevel-sales-rows';
import { nameOf, reachedIn, violationsIn } from './journey';

const APP = { clientId: 'ghl-demo-client', clientSecret: 'ghl-demo-secret' };
const REDIRECT = 'http://127.0.0.1:3000/oauth/callback';
/** Of these only the newest version's contract file is here, and the client's wire is the dated one. */
const NEWEST_FILE_ONLY = /\/blocked-slots|\/block-slots|\/appointments\/[^/]+\/notes\/[^/]+$/;
const token = { method: 'POST', template: '/oauth/token' };

let location: TestLocation;
let client: HighLevel;
let used: WatchedClient[] = [];
const reached = new Set<string>();

const use = (credentials: Credentials): void => {
  const watched = watchedClient(location.baseUrl, credentials);
  used.push(watched);
  ({ client } = watched);
};
const later = (ms: number): void => {
  location.clock.nowMs += ms;
};

beforeAll(async () => {
  location = await startLocation();
});
beforeEach(() => use({ privateIntegrationToken: 'pit-demo' }));
afterEach(() => {
  const requests = location.ghl.requests();
  for (const operation of reachedIn(requests, [...operations, token])) reached.add(operation);
  const contract = loadContract();
  const compared = used.flatMap(({ exchanges }) => exchanges).filter(({ path }) => !NEWEST_FILE_ONLY.test(path));
  const unlikeContract = contract === null ? [] : compared.flatMap((exchange) => contract.problems(exchange));
  const violations = violationsIn(requests);
  used = [];
  location.ghl.reset();
  expect({ violations, unlikeContract }).toEqual({ violations: [], unlikeContract: [] });
});
afterAll(() => location.close());

test.each([...contactRows, ...salesRows, ...calendarRows, ...setupRows])(
  'the client $wrote and reads that back by $read',
  ({ run }) => run({ client, later }),
);

/** Presses the button of the page that asks whether the app may have the location; returns the code. */
async function authorize(): Promise<string> {
  const question = new URLSearchParams({
    response_type: 'code',
    client_id: APP.clientId,
    redirect_uri: REDIRECT,
    scope: 'contacts.write',
    state: 's',
  });
  const url = `${location.baseUrl}/oauth/chooselocation`;
  const answer = await fetch(url, { method: 'POST', body: question, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

test('the client renews a token that has ended by itself and repeats the call with the new one', async () => {
  use(APP);
  const first = await client.oauth.getAccessToken({
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    code: await authorize(),
    user_type: 'Location',
  });
  const storage = client.getSessionStorage();
  await storage.setSession('loc-main', first);
  await client.locations.createTag(LOCATION, { name: 'booked' });
  later(25 * 3_600_000);
  expect((await client.locations.getLocationTags(LOCATION)).tags).toMatchObject([{ name: 'booked' }]);
  expect(location.ghl.requests().map(({ status }) => status)).toContain(401);
  const renewed = await storage.getSession('loc-main');
  expect(renewed?.access_token).not.toBe(first.access_token);
  expect(renewed?.refresh_token).not.toBe(first.refresh_token);
});

test('the client turns the agency’s token into one of the location and writes with it', async () => {
  use({ privateIntegrationToken: 'pit-agency' });
  const { locations } = await client.oauth.getInstalledLocation({ companyId: 'company-main', appId: 'ghl-demo-app' });
  expect(locations).toMatchObject([{ _id: 'loc-main', isInstalled: true }]);
  const filter = { companyId: 'company-main', emails: 'estimator@example.com' };
  expect((await client.users.filterUsersByEmail(filter)).users).toMatchObject([{ id: 'user-estimator' }]);
  const answer = await client.oauth.getLocationAccessToken({ companyId: 'company-main', locationId: 'loc-main' });
  use({ privateIntegrationToken: answer.access_token ?? '' });
  const contactId = await newContact(client);
  expect((await client.contacts.getContact({ contactId })).contact).toMatchObject(GUEST);
});

test('the client understands a refusal for too many calls, and which limit it was', async () => {
  const limits = { max: 1, intervalMs: 10_000, daily: 2, namesDailyReset: true };
  location.ghl.changeSettings({ rateLimits: limits });
  const call = () => client.locations.getLocation(LOCATION);
  const refusedFor = (scope: string, more: object = {}) => ({
    statusCode: 429,
    code: 'RATE_LIMIT',
    rateLimit: expect.objectContaining({ scope, ...more }),
  });
  await call();
  await expect(call()).rejects.toMatchObject(refusedFor('burst', { intervalMs: 10_000, max: 1, remaining: 0 }));
  later(10_000);
  await call();
  later(10_000);
  await expect(call()).rejects.toMatchObject(refusedFor('daily', { dailyLimit: 2, dailyRemaining: 0 }));
});

test('the client reached every operation of the simulator that it has', () => {
  const notInTheClient = [
    // The newest version's names of two operations; the client calls them by their older ones.
    'POST /oauth/location-token',
    'GET /oauth/installed-locations',
  ];
  expect(reached.size).toBeGreaterThanOrEqual(10);
  const missed = [...operations, token].map(nameOf).filter((name) => !reached.has(name));
  expect(missed).toEqual(notInTheClient);
});
