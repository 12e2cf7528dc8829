/** New contacts come page by page, and a search that reaches HubSpot's limit begins anew. */
import { cannedCrm, record } from './canned-transport';

const SEARCH = 'POST /crm/objects/2026-09/contacts/search';
const SINCE = Date.UTC(2026, 10, 1);
const ADDED = '2026-11-02T08:00:00.000Z';
const paging = (after: string) => ({ paging: { next: { after } } });

const list = async (json: object, cursor: string | null) => {
  const { crm, call, sent } = cannedCrm({ [SEARCH]: { json } });
  return { page: await crm.listPeopleSince({ sinceMs: SINCE, cursor }, call), body: sent[0]?.body };
};

it('asks for the oldest first, and goes on where the page before ended', async () => {
  const contact = record('1', { createdate: ADDED, email: ' Ada@Example.com' });
  const archived = record('2', { createdate: ADDED }, { archived: true });
  const { page, body } = await list({ results: [contact, archived], ...paging('100') }, null);
  expect(page).toEqual({
    people: [{ id: '1', createdAtMs: Date.parse(ADDED), email: 'ada@example.com' }],
    next: `${SINCE}/100`,
  });
  expect(body).toEqual({
    filterGroups: [{ filters: [{ propertyName: 'createdate', operator: 'GTE', value: String(SINCE) }] }],
    properties: ['email', 'createdate'],
    sorts: ['createdate'],
    limit: 100,
  });
  const last = await list({ results: [] }, `${SINCE}/100`);
  expect(last.page).toEqual({ people: [], next: null });
  expect(last.body).toMatchObject({ after: '100' });
});

it('begins anew with the last instant before the search would end', async () => {
  const { page } = await list({ results: [record('1', { createdate: ADDED })], ...paging('9900') }, `${SINCE}/9800`);
  expect(page.next).toBe(`${Date.parse(ADDED)}/0`);
});

it('leaves out a contact without the day it was added', async () => {
  expect((await list({ results: [record('1', { createdate: null })] }, null)).page.people).toEqual([]);
});
