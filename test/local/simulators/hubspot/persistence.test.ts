/** The portal's records over a restart. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTACTS, DEALS, aDeal, aKey, createContact, linkTo, propertiesOf, startPortal } from './portal-client';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

test('a restarted portal has the same records, links, unique keys and counters, and goes on counting', async () => {
  const before = await startPortal({ stateDir });
  const contactId = await createContact(before.api, { email: 'sample.guest@example.com' });
  const deal = await before.api('POST', DEALS, { ...aDeal(), associations: [linkTo(contactId, 3)] });
  const archived = await createContact(before.api, { firstname: 'Gone' });
  await before.api('DELETE', `${CONTACTS}/${archived}`);
  await before.api('GET', '/crm/nowhere');
  const state = before.hubspot.state();
  await before.close();

  const after = await startPortal({ stateDir });
  try {
    expect(after.hubspot.state()).toEqual(state);
    expect(state.violations).toBe(1);
    const again = await after.api('POST', CONTACTS, { properties: { email: 'sample.guest@example.com' } });
    expect(again.status).toBe(409);
    expect(after.hubspot.requests()).toMatchObject([{ n: 6 }]);
    const next = Number(await createContact(after.api, { firstname: 'New' }));
    expect(next).toBeGreaterThan(Math.max(Number(contactId), Number(deal.body.id), Number(archived)));
  } finally {
    await after.close();
  }
});

test('a restarted portal has the properties that apps made, what was merged, and the counts of automations', async () => {
  const before = await startPortal({ stateDir });
  await before.api('POST', `${propertiesOf('contacts')}/groups`, { name: 'bookings', label: 'Bookings' });
  await before.api('POST', propertiesOf('contacts'), aKey('booking_key', { groupName: 'bookings' }));
  const primary = await createContact(before.api, { firstname: 'Sample', booking_key: 'p:1' });
  const other = await createContact(before.api, { firstname: 'Other' });
  const merge = { primaryObjectId: primary, objectIdToMerge: other };
  const { body: survivor } = await before.api('POST', `${CONTACTS}/merge`, merge);
  const deal = await before.api('POST', DEALS, aDeal());
  await before.api('PATCH', `${DEALS}/${deal.body.id}`, { properties: { dealstage: 'closedwon' } });
  const state = before.hubspot.state();
  await before.close();

  const after = await startPortal({ stateDir });
  try {
    expect(after.hubspot.state()).toEqual(state);
    expect(Object.keys(state.automations)).toEqual([deal.body.id]);
    const byKey = `${CONTACTS}/p:1?idProperty=booking_key`;
    expect((await after.api('GET', byKey)).body.id).toBe(survivor.id);
    const again = await after.api('POST', CONTACTS, { properties: { booking_key: 'p:1', firstname: 'A' } });
    expect(again.status).toBe(400);
    after.hubspot.changeSettings({ mergedIds: 'redirected' });
    expect((await after.api('GET', `${CONTACTS}/${other}`)).body.id).toBe(survivor.id);
    expect((await after.api('GET', `${propertiesOf('contacts')}/groups/bookings`)).status).toBe(200);
  } finally {
    await after.close();
  }
});

test('a state file from before there were properties, merges and tokens is read', async () => {
  const old = { version: 1, lastId: 30_005, records: [], associations: [], journal: { requests: 3, violations: 0 } };
  await writeFile(join(stateDir, 'hubspot.json'), JSON.stringify(old));
  const portal = await startPortal({ stateDir });
  try {
    expect(Number(await createContact(portal.api, { firstname: 'Sample' }))).toBe(30_006);
  } finally {
    await portal.close();
  }
});

test('the state is written soon after a change, and whole', async () => {
  const portal = await startPortal({ stateDir });
  try {
    await createContact(portal.api, { email: 'sample.guest@example.com' });
    const saved = async (): Promise<string> => readFile(join(stateDir, 'hubspot.json'), 'utf8').catch(() => '{}');
    while (!(await saved()).includes('sample.guest')) await new Promise(setImmediate);
    expect(JSON.parse(await saved())).toMatchObject({ version: 1, journal: { requests: 1, violations: 0 } });
  } finally {
    await portal.close();
  }
  expect((await readdir(stateDir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test.each(['{"version":1,', '{"version":2}'])(
  'a state file with %s is refused with what to do about it',
  async (text) => {
    await writeFile(join(stateDir, 'hubspot.json'), text);
    await expect(startPortal({ stateDir })).rejects.toThrow(/hubspot\.json .*Delete it to begin/s);
  },
);

test('a reset portal is empty after a restart too', async () => {
  const before = await startPortal({ stateDir });
  await createContact(before.api, { email: 'sample.guest@example.com' });
  before.hubspot.reset();
  await before.close();
  const after = await startPortal({ stateDir });
  try {
    expect(after.hubspot.state().objects.contacts).toEqual([]);
  } finally {
    await after.close();
  }
});
