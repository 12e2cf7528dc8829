/** New contacts come newest first, page by page, until one is too old. */
import { cannedCrm } from './canned-transport';

const SINCE = Date.UTC(2026, 10, 1);
const added = (id: number, atMs: number, more: object = {}) => ({
  id: `c-${id}`,
  locationId: 'loc-1',
  email: 'Ada@Example.com',
  dateAdded: new Date(atMs).toISOString(),
  ...more,
});

const list = async (contacts: readonly object[], cursor: string | null = null) => {
  const { crm, call, sent } = cannedCrm({ 'POST /contacts/search': { json: { contacts } } });
  return { page: await crm.listPeopleSince({ sinceMs: SINCE, cursor }, call), body: sent[0]?.body };
};
const full = (oldestMs: number): object[] => Array.from({ length: 100 }, (_, n) => added(n, oldestMs + (99 - n)));

it('goes on while pages are full of new ones', async () => {
  const { page, body } = await list(full(SINCE), '2');
  expect(page.people).toHaveLength(100);
  expect(page.next).toBe('3');
  expect(page.people[99]).toEqual({ id: 'c-99', createdAtMs: SINCE, email: 'ada@example.com' });
  expect(body).toEqual({
    locationId: 'loc-1',
    page: 2,
    pageLimit: 100,
    sort: [{ field: 'dateAdded', direction: 'desc' }],
  });
});

it('ends with the first that is too old, and with a page that is not full', async () => {
  const { page } = await list(full(SINCE - 1));
  expect([page.people.length, page.next]).toEqual([99, null]);
  expect((await list([added(1, SINCE)])).page.next).toBeNull();
  // No farther than the search reaches.
  expect((await list(full(SINCE), '100')).page.next).toBeNull();
});

it('leaves out deleted ones, those of another location, and those without a day', async () => {
  const contacts = [added(1, SINCE, { deleted: true }), added(2, SINCE, { locationId: 'loc-2' })];
  expect((await list([...contacts, added(3, SINCE, { dateAdded: null })])).page.people).toEqual([]);
});
