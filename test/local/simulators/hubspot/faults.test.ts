/** Faults, being down, the journal, and the admin paths that tests and the demo rely on. */
import { CONTACTS, createContact, startPortal } from './portal-client';
import type { TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const guest = { properties: { email: 'sample.guest@example.com' } };
const create = () => portal.api('POST', CONTACTS, guest);
const contacts = () => portal.hubspot.state().objects.contacts;

const admin = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${portal.simulators.url}/hubspot/_admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

describe('a fault', () => {
  test('reset_after applies the write and drops the answer', async () => {
    await admin('POST', 'faults', { faults: [{ method: 'POST', path: 'contacts', connection: 'reset_after' }] });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(contacts()).toHaveLength(1);
    expect(portal.hubspot.requests()).toMatchObject([{ n: 1, status: null, applied: true, violation: null }]);
    expect((await create()).status).toBe(409);
  });

  test('reset_before drops the connection and applies nothing', async () => {
    await admin('POST', 'faults', { faults: [{ connection: 'reset_before' }] });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(contacts()).toEqual([]);
    expect(portal.hubspot.requests()).toMatchObject([{ status: null, applied: false }]);
    expect((await create()).status).toBe(201);
  });

  test('truncate applies the write and sends half the answer', async () => {
    portal.hubspot.setFaults([{ truncate: true }]);
    await expect(create()).rejects.toThrow('terminated');
    expect(contacts()).toHaveLength(1);
  });

  test('a status stands for the operation, which is not carried out', async () => {
    portal.hubspot.setFaults([{ status: 503, headers: { 'retry-after': '3' } }]);
    const answer = await create();
    expect(answer).toMatchObject({ status: 503, body: { status: 'error' } });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(contacts()).toEqual([]);
  });

  test('Retry-After can be a date instead of seconds', async () => {
    const date = new Date(portal.clock.nowMs + 90_000).toUTCString();
    portal.hubspot.setFaults([{ status: 429, headers: { 'retry-after': date } }]);
    const answer = await create();
    expect(answer).toMatchObject({ status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } });
    expect(Date.parse(answer.headers.get('retry-after') ?? '')).toBe(portal.clock.nowMs + 90_000);
  });

  test('a status with apply lies: the operation was carried out', async () => {
    portal.hubspot.setFaults([{ status: 504, apply: true }]);
    expect((await create()).status).toBe(504);
    expect(contacts()).toHaveLength(1);
    expect(portal.hubspot.requests()).toMatchObject([{ status: 504, applied: true }]);
  });

  test('a status can come with any body', async () => {
    portal.hubspot.setFaults([{ status: 200, body: '<html>maintenance</html>' }]);
    const response = await fetch(`${portal.simulators.url}/hubspot${CONTACTS}`, { method: 'POST' });
    expect(await response.text()).toBe('<html>maintenance</html>');
  });

  test('a delay holds the answer back; the operation is carried out on arrival', async () => {
    portal.hubspot.setFaults([{ delayMs: 600_000 }]);
    const givingUp = new AbortController();
    const call = fetch(`${portal.simulators.url}/hubspot${CONTACTS}`, {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: JSON.stringify(guest),
      signal: givingUp.signal,
    });
    while (contacts().length === 0) await new Promise(setImmediate);
    givingUp.abort();
    await expect(call).rejects.toThrow('aborted');
    expect(portal.hubspot.requests()).toMatchObject([{ status: null, applied: true }]);
  });

  test('hits after what it skips, so many times, and only what it names', async () => {
    portal.hubspot.setFaults([{ method: 'GET', path: '/owners/', skip: 1, times: 2, status: 502 }]);
    const owners = async () => (await portal.api('GET', '/crm/owners/2026-09')).status;
    expect((await create()).status).toBe(201);
    expect([await owners(), await owners()]).toEqual([200, 502]);
    expect(portal.hubspot.faultsLeft()).toMatchObject([{ skip: 0, times: 1 }]);
    expect([await owners(), await owners()]).toEqual([502, 200]);
    expect(portal.hubspot.faultsLeft()).toEqual([]);
  });

  test('with times 0 lasts until the plan is replaced', async () => {
    portal.hubspot.setFaults([{ times: 0, status: 500 }]);
    for (let n = 0; n < 3; n += 1) expect((await create()).status).toBe(500);
    expect((await admin('POST', 'faults', { faults: [] })).body).toEqual({ faults: [] });
    expect((await create()).status).toBe(201);
  });

  test('may name the path as the vendor sees it or in full', async () => {
    portal.hubspot.setFaults([
      { path: '^/crm/owners', status: 500 },
      { path: '^/hubspot/crm/owners', status: 501 },
    ]);
    const owners = async () => (await portal.api('GET', '/crm/owners/2026-09')).status;
    expect([await owners(), await owners(), await owners()]).toEqual([500, 501, 200]);
  });
});

test.each([
  [{ faults: [{ connection: 'reset' }] }, 'faults[0].connection'],
  [{ faults: [{ status: 503, conection: 'reset_before' }] }, 'conection'],
  [{ faults: [{ path: '(', status: 503 }] }, 'regular expression'],
  [{ faults: [{ method: 'POST' }] }, 'does nothing'],
  [{ faults: [{ delayMs: 5, body: {} }] }, 'needs `status`'],
  [[], 'expected object'],
])('the fault plan %j is refused with a clear answer, and the old plan stays', async (plan, explanation) => {
  portal.hubspot.setFaults([{ status: 503 }]);
  const answer = await admin('POST', 'faults', plan);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect(JSON.stringify(answer.body)).toContain(explanation);
  expect(portal.hubspot.faultsLeft()).toHaveLength(1);
});

describe('while the portal is down', () => {
  test('every call is answered with 503 and nothing is applied', async () => {
    expect((await admin('POST', 'settings', { down: true })).body).toMatchObject({ down: true });
    expect((await create()).status).toBe(503);
    expect(contacts()).toEqual([]);
    await admin('POST', 'settings', { down: false });
    expect((await create()).status).toBe(201);
  });

  test('connections can be cut instead', async () => {
    portal.hubspot.changeSettings({ down: 'reset' });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(portal.hubspot.requests()).toMatchObject([{ status: null, applied: false }]);
  });

  test('the admin paths go on and the fault plan waits', async () => {
    portal.hubspot.changeSettings({ down: true });
    portal.hubspot.setFaults([{ status: 500 }]);
    await create();
    expect((await admin('GET', 'faults')).body).toMatchObject({ faults: [{ status: 500, times: 1 }] });
    expect((await admin('GET', 'state')).status).toBe(200);
  });
});

describe('the admin paths', () => {
  test('state has the shape that others rely on', async () => {
    const id = await createContact(portal.api, { email: 'sample.guest@example.com' });
    expect((await admin('GET', 'state')).body).toEqual({
      objects: {
        contacts: [{ id, archived: false, properties: expect.objectContaining({ email: 'sample.guest@example.com' }) }],
        meetings: [],
        deals: [],
        notes: [],
      },
      associations: [],
      automations: {},
      violations: 0,
    });
  });

  test('requests are a list in order, with path and query', async () => {
    await portal.api('GET', '/crm/owners/2026-09?limit=1');
    await portal.api('GET', '/crm/nowhere');
    const at = new Date(portal.clock.nowMs).toISOString();
    expect((await admin('GET', 'requests')).body).toEqual([
      { n: 1, at, method: 'GET', path: '/crm/owners/2026-09?limit=1', status: 200, applied: true, violation: null },
      { n: 2, at, method: 'GET', path: '/crm/nowhere', status: 404, applied: false, violation: 'unknown operation' },
    ]);
  });

  test('reset goes back to the beginning', async () => {
    await create();
    portal.hubspot.changeSettings({ searchLagMs: 0, token: 'expired' });
    portal.hubspot.setFaults([{ status: 500 }]);
    expect((await admin('POST', 'reset')).status).toBe(200);
    expect(contacts()).toEqual([]);
    expect(portal.hubspot.requests()).toEqual([]);
    expect(portal.hubspot.settings()).toMatchObject({ searchLagMs: 10_000, token: 'accepted' });
    expect((await create()).status).toBe(201);
  });

  test('settings that do not exist are refused', async () => {
    const answer = await admin('POST', 'settings', { searchLag: 5 });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('searchLag');
  });

  test('a path that does not exist names those that do', async () => {
    const answer = await admin('GET', 'stats');
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.body)).toContain('GET /_admin/state');
  });
});
