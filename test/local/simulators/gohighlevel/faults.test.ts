/** Faults, being down, the journal, the admin paths, and the records over a restart. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GUEST, LOCATION, anAppointment, anOpportunity, createContact, startLocation } from './location-client';
import type { TestLocation } from './location-client';

let stateDir: string;
const open: TestLocation[] = [];
const start = async (): Promise<TestLocation> => {
  const location = await startLocation({ stateDir });
  open.push(location);
  return location;
};
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
});
afterEach(async () => {
  for (const location of open.splice(0)) await location.close();
  await rm(stateDir, { recursive: true, force: true });
});

const create = (location: TestLocation) => location.api('POST', '/contacts/', { ...LOCATION, ...GUEST });
const admin = async (location: TestLocation, method: string, path: string, body?: unknown) => {
  const given = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${location.baseUrl}/_admin/${path}`, { method, ...given });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

it('applies a write and drops the answer; the retry finds the duplicate', async () => {
  const location = await start();
  await admin(location, 'POST', 'faults', {
    faults: [{ method: 'POST', path: '^/contacts', connection: 'reset_after' }],
  });
  await expect(create(location)).rejects.toThrow('fetch failed');
  expect(location.ghl.requests()).toMatchObject([{ status: null, applied: true }]);
  expect((await create(location)).body.meta).toMatchObject({ matchingField: 'email' });
});

it('answers the n-th call of a route with a status, HTML from a gateway, or half an answer', async () => {
  const location = await start();
  const contacts = () => location.ghl.state().contacts.length;
  location.ghl.setFaults([
    { path: '/users/', skip: 1, status: 504 },
    { method: 'POST', status: 503, apply: true },
    { truncate: true },
  ]);
  await expect(create(location)).resolves.toMatchObject({ status: 503, body: { statusCode: 503 } });
  expect(contacts()).toBe(1);
  await expect(location.api('GET', '/users/user-host')).rejects.toThrow('terminated');
  const gateway = await fetch(`${location.baseUrl}/users/user-host`);
  expect([gateway.status, await gateway.text()]).toEqual([504, '<html><body><h1>504</h1></body></html>']);
});

it('can be down, and applies nothing then', async () => {
  const location = await start();
  location.ghl.changeSettings({ down: true });
  expect((await create(location)).status).toBe(503);
  location.ghl.changeSettings({ down: 'reset' });
  await expect(create(location)).rejects.toThrow('fetch failed');
  location.ghl.changeSettings({ down: false });
  expect(location.ghl.state().contacts).toEqual([]);
});

it('shows journal, state and settings, and goes back to the beginning', async () => {
  const location = await start();
  await create(location);
  await location.api('GET', '/nowhere');
  expect((await admin(location, 'GET', 'requests')).body).toMatchObject([
    { n: 1, method: 'POST', path: '/contacts/', status: 201, violation: null },
    { n: 2, status: 404, violation: 'unknown operation' },
  ]);
  const { body } = await admin(location, 'GET', 'state');
  expect(body).toMatchObject({ contacts: [{}], violations: 1, violationReasons: { 'unknown operation': 1 } });
  expect((await admin(location, 'POST', 'settings', { searchLagMs: -1 })).status).toBe(400);
  expect((await admin(location, 'POST', 'settings', { searchLagMs: 1, down: false })).body).toMatchObject({
    searchLagMs: 1,
  });
  await admin(location, 'POST', 'reset');
  expect((await admin(location, 'GET', 'state')).body).toMatchObject({ contacts: [], violations: 0 });
  expect((await admin(location, 'GET', 'settings')).body).toMatchObject({ searchLagMs: 10_000 });
  expect((await create(location)).status).toBe(201);
});

it('has everything after a restart, tokens included, and goes on counting', async () => {
  const before = await start();
  const contactId = await createContact(before.api, { ...GUEST, customFields: [{ key: 'roof_age', fieldValue: 12 }] });
  await before.api('POST', '/opportunities/', anOpportunity(contactId));
  await before.api('POST', '/calendars/events/appointments', anAppointment(contactId, { toNotify: true }));
  await before.api('POST', `/contacts/${contactId}/notes`, { body: 'Booked' });
  await before.api('POST', '/locations/loc-main/customFields', { name: 'Reference', dataType: 'TEXT' });
  const { accessToken = '' } = before.ghl.act({ action: 'issueTokens' });
  await before.api('GET', '/nowhere');
  const { publicKeyPem: _key, violationReasons: _reasons, sideEffects, ...state } = before.ghl.state();
  await before.close();
  open.length = 0;

  const after = await start();
  expect(after.ghl.state()).toMatchObject({ ...state, sideEffects: { counts: sideEffects.counts } });
  expect((await after.api('GET', '/users/user-host', undefined, { token: accessToken })).status).toBe(200);
  expect((await create(after)).body.meta).toMatchObject({ contactId });
  expect(after.ghl.requests().map(({ n }) => n)).toEqual([7, 8]);
  expect(await createContact(after.api, {})).not.toBe(contactId);
});

it.each(['{"version":1,', '{"version":2}'])('refuses a state file with %s and says what to do', async (text) => {
  await writeFile(join(stateDir, 'gohighlevel.json'), text);
  await expect(startLocation({ stateDir })).rejects.toThrow(/gohighlevel\.json .*Delete it to begin/s);
});
