/** Batches that write: rows that succeed and fail one by one, and batches that happen as a whole or not at all. */
import { CONTACTS, DEALS, aDeal, aKey, createContact, linkTo, propertiesOf, startPortal } from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
  await portal.api('POST', propertiesOf('contacts'), aKey('booking_key'));
});
afterEach(() => portal.close());

const row = (key: string, properties: Record<string, string>, trace?: string): object => ({
  id: key,
  idProperty: 'booking_key',
  properties,
  ...(trace === undefined ? {} : { objectWriteTraceId: trace }),
});
const upsert = (...inputs: object[]): Promise<ApiAnswer> => portal.api('POST', `${CONTACTS}/batch/upsert`, { inputs });
const contacts = () => portal.hubspot.state().objects.contacts;

describe('an upsert', () => {
  test('makes what is not there, changes what is, and says which', async () => {
    const first = await upsert(row('p:1', { firstname: 'Sample' }));
    expect(first).toMatchObject({ status: 200, body: { status: 'COMPLETE', results: [{ new: true }] } });
    const again = await upsert(row('p:1', { lastname: 'Guest' }));
    const [result] = again.body.results ?? [];
    expect(result).toMatchObject({ new: false, id: first.body.results?.[0]?.id });
    expect(result?.properties).toMatchObject({ booking_key: 'p:1', firstname: 'Sample', lastname: 'Guest' });
    expect(contacts()).toHaveLength(1);
  });

  test('reports a bad row by its trace id and keeps the good one', async () => {
    const taken = await createContact(portal.api, { email: 'sample.guest@example.com' });
    const answer = await upsert(
      row('p:1', { email: 'sample.guest@example.com' }, 'row-1'),
      row('p:2', { firstname: 'Sample' }, 'row-2'),
    );
    expect(answer).toMatchObject({
      status: 207,
      body: {
        results: [{ new: true, objectWriteTraceId: 'row-2' }],
        numErrors: 1,
        errors: [{ category: 'CONFLICT', context: { objectWriteTraceId: ['row-1'] } }],
      },
    });
    expect(JSON.stringify(answer.body.errors)).toContain(`Existing ID: ${taken}`);
    expect(portal.hubspot.state().violations).toBe(0);
  });

  test('without trace ids happens as a whole or not at all', async () => {
    await createContact(portal.api, { email: 'sample.guest@example.com' });
    const answer = await upsert(row('p:2', { firstname: 'Sample' }), row('p:1', { email: 'sample.guest@example.com' }));
    expect(answer).toMatchObject({ status: 409, body: { category: 'CONFLICT' } });
    expect(contacts()).toHaveLength(1);
    expect((await upsert(row('p:2', { firstname: 'Sample' }))).body.results?.[0]?.new).toBe(true);
  });

  test('by e-mail address must hold the address again, and never fails in parts', async () => {
    const byEmail = (email: string, properties: Record<string, string>, trace: string): object => ({
      ...row(email, properties, trace),
      idProperty: 'email',
    });
    const email = 'sample.guest@example.com';
    expect((await upsert(byEmail(email, { firstname: 'Sample' }, 'a'))).body.message).toContain('Partial upserts');
    expect(contacts()).toEqual([]);
    const other = { email: 'other.guest@example.com' };
    const bad = byEmail(other.email, { ...other, lifecyclestage: 'nope' }, 'b');
    expect((await upsert(byEmail(email, { email }, 'a'), bad)).status).toBe(400);
    expect(contacts()).toEqual([]);
    expect((await upsert(byEmail(email, { email }, 'a'))).body.results).toMatchObject([{ new: true }]);
  });

  test('by an id makes nothing: ids are given by HubSpot', async () => {
    expect((await upsert({ id: '1', properties: { firstname: 'Sample' } })).status).toBe(404);
  });

  test('takes a record once, and only unique properties as keys', async () => {
    expect((await upsert(row('p:1', {}), row('P:1', {}))).status).toBe(400);
    expect((await upsert({ ...row('x', { firstname: 'A' }), idProperty: 'firstname' })).status).toBe(400);
    expect(portal.hubspot.state().violations).toBe(2);
  });
});

test('a batch of creates gives results per row only when each row is traced', async () => {
  const contactId = await createContact(portal.api, { firstname: 'Sample' });
  const path = `${DEALS}/batch/create`;
  const good = { ...aDeal(), associations: [linkTo(contactId, 3)] };
  const bad = aDeal({ dealstage: 'nope' });
  const whole = await portal.api('POST', path, { inputs: [good, { ...bad, objectWriteTraceId: 'b' }] });
  expect(whole.status).toBe(400);
  expect(portal.hubspot.state()).toMatchObject({ objects: { deals: [] }, associations: [] });
  const each = await portal.api('POST', path, {
    inputs: [
      { ...good, objectWriteTraceId: 'a' },
      { ...bad, objectWriteTraceId: 'b' },
    ],
  });
  expect(each).toMatchObject({ status: 207, body: { results: [{ objectWriteTraceId: 'a' }], numErrors: 1 } });
  expect(portal.hubspot.state().associations).toHaveLength(2);
  expect((await portal.api('POST', path, { inputs: [good] })).status).toBe(201);
});

test('a batch of updates changes by id or by key', async () => {
  const id = await createContact(portal.api, { firstname: 'Sample' });
  await upsert(row('p:1', { firstname: 'Other' }));
  const answer = await portal.api('POST', `${CONTACTS}/batch/update`, {
    inputs: [
      { id, properties: { lastname: 'One' }, objectWriteTraceId: 'a' },
      { ...row('p:1', { lastname: 'Two' }), objectWriteTraceId: 'b' },
      { id: '1', properties: { lastname: 'Three' }, objectWriteTraceId: 'c' },
    ],
  });
  expect(answer).toMatchObject({ status: 207, body: { errors: [{ category: 'OBJECT_NOT_FOUND' }] } });
  expect(contacts().map(({ properties }) => properties['lastname'])).toEqual(['One', 'Two']);
});

test('contacts are listed page by page, oldest first', async () => {
  for (const firstname of ['A', 'B', 'C']) await createContact(portal.api, { firstname });
  const first = await portal.api('GET', `${CONTACTS}?limit=2&properties=firstname`);
  expect(first.body.results?.map(({ properties }) => properties?.['firstname'])).toEqual(['A', 'B']);
  const rest = await portal.api('GET', `${CONTACTS}?limit=2&after=${first.body.paging?.next.after}`);
  expect(rest.body.results).toHaveLength(1);
  expect(rest.body.paging).toBeUndefined();
});
