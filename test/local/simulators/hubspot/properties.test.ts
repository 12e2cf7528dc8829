/** Properties that apps add to the portal, and what being unique means for records. */
import {
  CONTACTS,
  DEALS,
  MEETINGS,
  NOTES,
  aDeal,
  aKey,
  aMeeting,
  createContact,
  propertiesOf,
  startPortal,
} from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(() => portal.close());

const make = (objectType: string, body: object): Promise<ApiAnswer> =>
  portal.api('POST', propertiesOf(objectType), body);
const forContacts = propertiesOf('contacts');

describe('a property that an app made', () => {
  test('is listed, can be written, read and searched', async () => {
    expect(await make('contacts', aKey('booking_key'))).toMatchObject({
      status: 201,
      body: { name: 'booking_key', hasUniqueValue: true },
    });
    const { body: all } = await portal.api('GET', forContacts);
    expect(all.results?.at(-1)).toMatchObject({ name: 'booking_key', hasUniqueValue: true });
    const id = await createContact(portal.api, { firstname: 'Sample', booking_key: 'p:1' });
    const read = await portal.api('GET', `${CONTACTS}/${id}?properties=booking_key`);
    expect(read.body.properties?.['booking_key']).toBe('p:1');
    portal.clock.nowMs += 10_000;
    const found = await portal.api('POST', `${CONTACTS}/search`, {
      filterGroups: [{ filters: [{ propertyName: 'booking_key', operator: 'EQ', value: 'p:1' }] }],
    });
    expect(found.body.total).toBe(1);
  });

  test('has a name of its own: the second one is a conflict that is no violation', async () => {
    await make('contacts', aKey('booking_key'));
    expect(await make('contacts', aKey('booking_key'))).toMatchObject({
      status: 409,
      body: { category: 'OBJECT_ALREADY_EXISTS', message: "A property named 'booking_key' already exists." },
    });
    expect(portal.hubspot.state().violations).toBe(0);
  });

  test('is known to one object type only', async () => {
    await make('contacts', aKey('booking_key'));
    expect((await portal.api('GET', `${propertiesOf('deals')}/booking_key`)).status).toBe(404);
    const deal = await portal.api('POST', DEALS, aDeal({ booking_key: 'o:1' }));
    expect(deal.body.errors?.[0]?.code).toBe('PROPERTY_DOESNT_EXIST');
  });

  test('lives in a group that exists', async () => {
    const body = aKey('booking_key', { groupName: 'bookings' });
    expect((await make('contacts', body)).status).toBe(400);
    const groups = `${forContacts}/groups`;
    expect((await portal.api('POST', groups, { name: 'bookings', label: 'Bookings' })).status).toBe(201);
    expect((await portal.api('POST', groups, { name: 'bookings', label: 'Bookings' })).status).toBe(409);
    expect((await portal.api('GET', groups)).body.results?.map(({ name }) => name)).toEqual([
      'contactinformation',
      'bookings',
    ]);
    expect((await portal.api('GET', `${groups}/bookings`)).body).toMatchObject({ label: 'Bookings' });
    expect((await make('contacts', body)).status).toBe(201);
  });

  test('is made and read by the batch, row by row', async () => {
    await make('contacts', aKey('booking_key'));
    const made = await portal.api('POST', `${forContacts}/batch/create`, {
      inputs: [aKey('booking_key'), aKey('booking_note', { hasUniqueValue: false })],
    });
    expect(made).toMatchObject({
      status: 207,
      body: { numErrors: 1, errors: [{ category: 'OBJECT_ALREADY_EXISTS' }] },
    });
    expect(made.body.results?.map(({ name }) => name)).toEqual(['booking_note']);
    const read = await portal.api('POST', `${forContacts}/batch/read`, {
      archived: false,
      inputs: [{ name: 'booking_note' }, { name: 'nope' }],
    });
    expect(read.status).toBe(207);
    expect(read.body.results?.map(({ name }) => name)).toEqual(['booking_note']);
  });

  test('gets another label, but keeps its name and its uniqueness', async () => {
    await make('contacts', aKey('booking_key'));
    const path = `${forContacts}/booking_key`;
    expect((await portal.api('PATCH', path, { label: 'Key' })).body).toMatchObject({
      name: 'booking_key',
      label: 'Key',
    });
    expect((await portal.api('PATCH', path, { hasUniqueValue: false })).status).toBe(400);
    expect((await portal.api('GET', path)).body).toMatchObject({ label: 'Key', hasUniqueValue: true });
  });
});

test.each([
  ['a name in capitals', { name: 'BookingKey' }],
  ["a name like HubSpot's own", { name: 'hs_booking' }],
  ['a field that does not fit the type', { type: 'number', fieldType: 'text' }],
  ['an enumeration without options', { type: 'enumeration', fieldType: 'select', hasUniqueValue: false }],
  ['a unique number', { type: 'number', fieldType: 'number' }],
  ['an unknown field', { unique: true }],
])('%s is refused and counted', async (_what, changes) => {
  expect((await make('contacts', aKey('booking_key', changes))).status).toBe(400);
  expect(portal.hubspot.state().violations).toBe(1);
});

test('an object type has at most ten unique properties', async () => {
  for (let n = 0; n < 10; n += 1) expect((await make('contacts', aKey(`key_${n}`))).status).toBe(201);
  expect((await make('contacts', aKey('key_10'))).status).toBe(400);
  expect((await make('contacts', aKey('key_10', { hasUniqueValue: false }))).status).toBe(201);
  expect((await make('deals', aKey('key_10', { groupName: 'dealinformation' }))).status).toBe(201);
});

test('a portal may refuse unique properties on meetings, and only those', async () => {
  const body = aKey('booking_key', { groupName: 'meetinginformation' });
  portal.hubspot.changeSettings({ uniqueMeetingProperties: false });
  expect(await make('meetings', body)).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } });
  expect((await make('meetings', { ...body, hasUniqueValue: false })).status).toBe(201);
  expect((await make('notes', { ...body, groupName: 'noteinformation' })).status).toBe(201);
  expect(portal.hubspot.state().violations).toBe(0);
});

describe('a unique value', () => {
  beforeEach(async () => {
    await make('meetings', aKey('booking_key', { groupName: 'meetinginformation' }));
  });
  const create = (key: string): Promise<ApiAnswer> => portal.api('POST', MEETINGS, aMeeting({ booking_key: key }));
  const byKey = `${MEETINGS}/a:1?idProperty=booking_key`;

  test('belongs to one live record', async () => {
    const { body: first } = await create('a:1');
    const second = await create('a:1');
    expect(second).toMatchObject({ status: 400, body: { errors: [{ code: 'CONFLICTING_UNIQUE_VALUE' }] } });
    expect(second.body.errors?.[0]?.context).toEqual({ propertyName: ['booking_key'] });
    expect(portal.hubspot.state()).toMatchObject({ violations: 0, objects: { meetings: [{ id: first.id }] } });
    await portal.api('DELETE', `${MEETINGS}/${first.id}`);
    expect((await create('a:1')).status).toBe(201);
  });

  test('is a strong key for reads and changes', async () => {
    const { body } = await create('a:1');
    expect((await portal.api('GET', byKey)).body.id).toBe(body.id);
    const changed = await portal.api('PATCH', byKey, { properties: { hs_meeting_outcome: 'NO_SHOW' } });
    expect(changed.body).toMatchObject({ id: body.id, properties: { hs_meeting_outcome: 'NO_SHOW' } });
    const batch = await portal.api('POST', `${MEETINGS}/batch/read`, {
      inputs: [{ id: 'a:1' }, { id: 'a:2' }],
      properties: [],
      propertiesWithHistory: [],
      idProperty: 'booking_key',
    });
    expect(batch).toMatchObject({ status: 207, body: { results: [{ id: body.id }] } });
    expect((await portal.api('GET', `${MEETINGS}/a:2?idProperty=booking_key`)).status).toBe(404);
  });
});

describe('options of an enumeration', () => {
  test("a portal's own lead status is valid once an option was added", async () => {
    const write = () => createContact(portal.api, { firstname: 'Sample', hs_lead_status: 'NO_SHOW' });
    await expect(write()).rejects.toThrow('400');
    const path = `${forContacts}/hs_lead_status`;
    const { body } = await portal.api('GET', path);
    const options = [...(body.options ?? []), { label: 'No show', value: 'NO_SHOW', hidden: false }];
    const plain = options.map(({ label, value, hidden }) => ({ label, value, hidden }));
    expect((await portal.api('PATCH', path, { options: plain })).status).toBe(200);
    await expect(write()).resolves.toMatch(/^\d+$/);
    expect((await portal.api('PATCH', path, { label: 'Status' })).status).toBe(400);
  });

  test('several of a checkbox are checked one by one', async () => {
    const options = ['roof', 'kitchen'].map((value) => ({ label: value, value, hidden: false }));
    const body = { type: 'enumeration', fieldType: 'checkbox', options, hasUniqueValue: false };
    await make('contacts', aKey('work', body));
    await expect(createContact(portal.api, { firstname: 'A', work: 'roof;kitchen' })).resolves.toMatch(/^\d+$/);
    await expect(createContact(portal.api, { firstname: 'A', work: 'roof;cellar' })).rejects.toThrow('400');
  });
});

test('notes belong to contacts and deals by their own type ids', async () => {
  const contactId = await createContact(portal.api, { firstname: 'Sample' });
  const { body: deal } = await portal.api('POST', DEALS, aDeal());
  const link = (id: string | undefined, typeId: number): object => ({
    to: { id },
    types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }],
  });
  const properties = { hs_timestamp: '2026-11-24T17:00:00Z', hs_note_body: 'A note' };
  const associations = [link(contactId, 202), link(deal.id, 214)];
  const { body: note } = await portal.api('POST', NOTES, { properties, associations });
  const read = await portal.api('GET', `${NOTES}/${note.id}?associations=contacts,deals`);
  expect(read.body.associations).toEqual({
    contacts: { results: [{ id: contactId, type: 'note_to_contact' }] },
    deals: { results: [{ id: deal.id, type: 'note_to_deal' }] },
  });
  expect((await portal.api('POST', NOTES, { properties, associations: [link(contactId, 200)] })).status).toBe(400);
});
