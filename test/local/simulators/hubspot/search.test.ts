/** The lagging search of the simulated portal. */
import { CONTACTS, START_MS, createContact, startPortal } from './portal-client';
import type { TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(async () => {
  const { violations } = portal.hubspot.state();
  await portal.close();
  expect(violations).toBe(0);
});

const search = async (filter: object): Promise<readonly (string | undefined)[]> => {
  const { body } = await portal.api('POST', `${CONTACTS}/search`, { filterGroups: [{ filters: [filter] }] });
  return (body.results ?? []).map(({ id }) => id);
};
const LAG_MS = 10_000;

describe('search', () => {
  const byEmail = (value: string): object => ({ propertyName: 'email', operator: 'EQ', value });

  test('does not see a new contact before the lag is over', async () => {
    const id = await createContact(portal.api, { email: 'sample.guest@example.com' });
    portal.clock.nowMs += LAG_MS - 1;
    expect(await search(byEmail('sample.guest@example.com'))).toEqual([]);
    portal.clock.nowMs += 1;
    expect(await search(byEmail('sample.guest@example.com'))).toEqual([id]);
  });

  test('still sees the old picture of a contact that just changed', async () => {
    const id = await createContact(portal.api, { email: 'old@example.com' });
    portal.clock.nowMs += LAG_MS;
    await portal.api('PATCH', `${CONTACTS}/${id}`, { properties: { email: 'new@example.com' } });
    expect(await search(byEmail('old@example.com'))).toEqual([id]);
    expect(await search(byEmail('new@example.com'))).toEqual([]);
    portal.clock.nowMs += LAG_MS;
    expect(await search(byEmail('new@example.com'))).toEqual([id]);
    expect(await search(byEmail('old@example.com'))).toEqual([]);
  });

  test('follows the lag that the settings give', async () => {
    portal.hubspot.changeSettings({ searchLagMs: 0 });
    const id = await createContact(portal.api, { email: 'sample.guest@example.com' });
    expect(await search(byEmail('sample.guest@example.com'))).toEqual([id]);
  });

  test('knows the operators', async () => {
    portal.hubspot.changeSettings({ searchLagMs: 0, rateLimits: null });
    const a = await createContact(portal.api, {
      email: 'a.guest@example.com',
      firstname: 'Ann',
      lastname: 'Of Example',
    });
    portal.clock.nowMs += 60_000;
    const b = await createContact(portal.api, { email: 'b.guest@example.org', firstname: 'Bo' });
    const createdBefore = (ms: number) => ({ propertyName: 'createdate', operator: 'LT', value: String(ms) });
    const cases: readonly [object, readonly string[]][] = [
      [{ propertyName: 'firstname', operator: 'EQ', value: 'ann' }, [a]],
      [{ propertyName: 'firstname', operator: 'NEQ', value: 'Ann' }, [b]],
      [{ propertyName: 'firstname', operator: 'IN', values: ['ann', 'bo'] }, [a, b]],
      [{ propertyName: 'firstname', operator: 'IN', values: ['Ann'] }, []],
      [{ propertyName: 'firstname', operator: 'NOT_IN', values: ['ann'] }, [b]],
      [{ propertyName: 'lastname', operator: 'HAS_PROPERTY' }, [a]],
      [{ propertyName: 'lastname', operator: 'NOT_HAS_PROPERTY' }, [b]],
      [{ propertyName: 'lastname', operator: 'CONTAINS_TOKEN', value: 'example' }, [a]],
      [{ propertyName: 'lastname', operator: 'CONTAINS_TOKEN', value: 'exam' }, []],
      [{ propertyName: 'lastname', operator: 'CONTAINS_TOKEN', value: 'exam*' }, [a]],
      [{ propertyName: 'email', operator: 'CONTAINS_TOKEN', value: '*@example.org' }, [b]],
      [{ propertyName: 'email', operator: 'NOT_CONTAINS_TOKEN', value: 'org' }, [a]],
      [createdBefore(START_MS + 1), [a]],
      [{ ...createdBefore(START_MS), operator: 'GT' }, [b]],
      [{ ...createdBefore(START_MS), operator: 'BETWEEN', highValue: String(START_MS + 60_000) }, [a, b]],
    ];
    for (const [filter, expected] of cases)
      expect({ filter, found: await search(filter) }).toEqual({ filter, found: expected });
  });

  test('pages, sorts, and says how many there are', async () => {
    portal.hubspot.changeSettings({ searchLagMs: 0 });
    for (const firstname of ['Cy', 'Ann', 'Bo']) await createContact(portal.api, { firstname });
    const page = (after?: string) =>
      portal.api('POST', `${CONTACTS}/search`, { sorts: ['-firstname'], limit: 2, ...(after ? { after } : {}) });
    const first = (await page()).body;
    expect(first.total).toBe(3);
    expect(first.results?.map(({ properties }) => properties?.['firstname'])).toEqual(['Cy', 'Bo']);
    const second = (await page(first.paging?.next.after)).body;
    expect(second.results?.map(({ properties }) => properties?.['firstname'])).toEqual(['Ann']);
    expect(second.paging).toBeUndefined();
  });

  test.each([
    ['+1 (202) 555-0101', '2025550101'],
    ['202.555.0101', '2025550101'],
    ['+49 30 901820', '30901820'],
  ])('a phone typed as %s is searchable as area code and local number', async (typed, searchable) => {
    const id = await createContact(portal.api, { firstname: 'A', phone: typed, mobilephone: typed });
    portal.clock.nowMs += LAG_MS;
    for (const propertyName of ['hs_searchable_calculated_phone_number', 'hs_searchable_calculated_mobile_number']) {
      expect(await search({ propertyName, operator: 'EQ', value: searchable })).toEqual([id]);
    }
    expect((await portal.api('GET', `${CONTACTS}/${id}?properties=phone`)).body.properties?.['phone']).toBe(typed);
  });
});
