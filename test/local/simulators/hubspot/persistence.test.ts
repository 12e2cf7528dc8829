/** The portal's records over a restart. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTACTS, DEALS, aDeal, createContact, linkTo, startPortal } from './portal-client';

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
