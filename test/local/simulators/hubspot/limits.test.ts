/** Limits of the day, locks and migrations. The limits of seconds are in strictness.test.ts. */
import { CONTACTS, createContact, startPortal } from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const ask = (): Promise<ApiAnswer> => portal.api('GET', '/crm/owners/2026-09');
const limits = { tenSecondly: 190, searchPerSecond: 5 };
const DAY_MS = 86_400_000;

test('the day counts for all apps and for searches, and ends at midnight of the portal', async () => {
  portal.hubspot.changeSettings({ rateLimits: { ...limits, daily: 3 } });
  expect((await ask()).headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('2');
  await portal.api('GET', '/crm/owners/2026-09', undefined, { authorization: 'Bearer other-app' });
  expect((await portal.api('POST', `${CONTACTS}/search`, {})).status).toBe(200);
  const refused = await ask();
  expect(refused).toMatchObject({ status: 429, body: { policyName: 'DAILY', errorType: 'RATE_LIMIT' } });
  expect(refused.headers.get('x-hubspot-ratelimit-daily')).toBe('3');
  expect(refused.headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('0');
  expect(refused.headers.get('retry-after')).toBeNull();
  expect(await portal.api('POST', `${CONTACTS}/search`, {})).toMatchObject({
    status: 429,
    body: { policyName: 'DAILY' },
  });
  // New York is at UTC-5 then: its midnight is five in the morning.
  portal.clock.nowMs = Date.UTC(2026, 10, 24, 4, 59, 59);
  expect((await ask()).status).toBe(429);
  portal.clock.nowMs += 1_000;
  expect((await ask()).status).toBe(200);
  expect(portal.hubspot.state().violations).toBe(0);
});

test('a portal says what is left of its day unless it has no such limit', async () => {
  expect((await ask()).headers.get('x-hubspot-ratelimit-daily')).toBe('625000');
  portal.hubspot.changeSettings({ rateLimits: { ...limits, daily: null } });
  const answer = await ask();
  expect(answer.headers.get('x-hubspot-ratelimit-daily')).toBeNull();
  expect(answer.headers.get('x-hubspot-ratelimit-max')).toBe('190');
  portal.clock.nowMs += DAY_MS;
  expect((await ask()).status).toBe(200);
});

test('a record is locked for a moment after a write, for writes only', async () => {
  portal.hubspot.changeSettings({ lockMs: 2_000 });
  const id = await createContact(portal.api, { firstname: 'Sample' });
  const write = (): Promise<ApiAnswer> =>
    portal.api('PATCH', `${CONTACTS}/${id}`, { properties: { lastname: 'Guest' } });
  expect(await write()).toMatchObject({ status: 423, body: { category: 'RATE_LIMITS', message: 'Locked' } });
  expect((await portal.api('GET', `${CONTACTS}/${id}`)).status).toBe(200);
  portal.clock.nowMs += 2_000;
  expect((await write()).status).toBe(200);
  expect(portal.hubspot.state().violations).toBe(0);
});

test('an account that is being moved answers 477 with the seconds to wait', async () => {
  portal.hubspot.changeSettings({ migratingSeconds: 3_600 });
  const answer = await ask();
  expect(answer).toMatchObject({ status: 477, body: { message: 'Migration in progress' } });
  expect(answer.headers.get('retry-after')).toBe('3600');
  portal.hubspot.changeSettings({ migratingSeconds: null });
  expect((await ask()).status).toBe(200);
});
