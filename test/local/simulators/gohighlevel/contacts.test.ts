/** Contacts: duplicates, upsert, tags, searches and their lag, notes, tasks. */
import { GUEST, LOCATION, anAppointment, anOpportunity, createContact, startLocation } from './location-client';
import type { Json, TestLocation } from './location-client';

let location: TestLocation;
beforeEach(async () => {
  location = await startLocation();
});
afterEach(async () => {
  const problems = location.contractProblems();
  await location.close();
  expect(problems).toEqual([]);
});

const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const upsert = (fields: object) => api('POST', '/contacts/upsert', { ...LOCATION, ...fields });
const get = async (id: string): Promise<Json> => (await api('GET', `/contacts/${id}`)).body.contact ?? {};
const violations = (): number => location.ghl.state().violations;

it('creates a contact with its e-mail in lower case, its phone in E.164 and its name split', async () => {
  const { status, body } = await api('POST', '/contacts/', {
    ...LOCATION,
    email: 'Dana.Sample@Example.com',
    phone: '(303) 555-0142',
    name: 'Dana van Sample',
    tags: ['Lead'],
  });
  expect(status).toBe(201);
  expect(body.contact).toMatchObject({
    email: 'dana.sample@example.com',
    phone: '+13035550142',
    firstName: 'Dana',
    lastName: 'van Sample',
    tags: ['lead'],
    locationId: 'loc-main',
  });
  expect(String(body.contact?.['id'])).toMatch(/^[0-9A-Za-z]{20}$/);
});

it('refuses a duplicate with the id and the field that are in the way', async () => {
  const id = await createContact(location.api);
  const byEmail = await api('POST', '/contacts/', { ...LOCATION, email: GUEST.email });
  expect(byEmail).toMatchObject({
    status: 400,
    body: {
      message: 'This location does not allow duplicated contacts.',
      meta: { contactId: id, matchingField: 'email' },
    },
  });
  const byPhone = await api('POST', '/contacts/', { ...LOCATION, phone: GUEST.phone });
  expect(byPhone.body.meta).toMatchObject({ contactId: id, contactName: 'Dana Sample', matchingField: 'phone' });
  expect(violations()).toBe(0);
});

it('takes duplicates where the location allows them', async () => {
  location.ghl.changeSettings({ allowDuplicateContact: true });
  const ids = [await createContact(location.api), await createContact(location.api)];
  expect(new Set(ids).size).toBe(2);
  const always = await upsert({ ...GUEST, createNewIfDuplicateAllowed: true });
  expect(always.body).toMatchObject({ new: true });
  expect(await upsert(GUEST)).toMatchObject({ status: 200, body: { new: false, contact: { id: ids[0] } } });
});

it('upserts: 201 and new, then 200 with the same contact', async () => {
  const first = await upsert(GUEST);
  expect(first).toMatchObject({ status: 201, body: { new: true } });
  const second = await upsert({ email: GUEST.email, lastName: 'Example' });
  expect(second).toMatchObject({
    status: 200,
    body: { new: false, contact: { id: first.body.contact?.['id'], firstName: 'Dana', lastName: 'Example' } },
  });
});

it('makes one contact and one opportunity out of twenty calls at once', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => upsert(GUEST)));
  const ids = new Set(answers.map(({ body }) => body.contact?.['id']));
  expect([ids.size, answers.filter(({ body }) => body['new'] === true).length]).toEqual([1, 1]);
  const fields = anOpportunity(String([...ids][0]));
  const cards = await Promise.all(Array.from({ length: 20 }, () => api('POST', '/opportunities/', fields)));
  const made = cards.find(({ status }) => status === 201)?.body.opportunity?.['id'];
  const refused = cards.filter(({ status }) => status === 400).map(({ body }) => body.meta?.['existingId']);
  expect(refused).toEqual(Array(19).fill(made));
});

it('answers an upsert that creates with 200 where the setting says so', async () => {
  location.ghl.changeSettings({ upsertCreatedStatus: 200 });
  expect(await upsert(GUEST)).toMatchObject({ status: 200, body: { new: true } });
});

it.each([
  ['email', ['email', 'phone']],
  ['phone', ['phone', 'email']],
] as const)(
  'an upsert that matches two contacts keeps to the %s and drops the other identity silently',
  async (_f, order) => {
    location.ghl.changeSettings({ matchingOrder: [...order] });
    const byEmail = await createContact(location.api, { email: GUEST.email });
    const byPhone = await createContact(location.api, { phone: GUEST.phone });
    const { status, body } = await upsert(GUEST);
    const winner = order[0] === 'email' ? byEmail : byPhone;
    expect(status).toBe(200);
    expect(body.contact).toMatchObject({ id: winner, firstName: 'Dana' });
    expect(body.contact).not.toHaveProperty(order[1]);
    expect(await get(byEmail)).not.toHaveProperty('phone');
  },
);

it('an upsert replaces all tags when it sends them, the own calls add and remove', async () => {
  const id = await createContact(location.api, { ...GUEST, tags: ['one', 'two'] });
  expect(await api('POST', `/contacts/${id}/tags`, { tags: ['Three', 'two'] })).toMatchObject({
    status: 201,
    body: { tags: ['one', 'two', 'three'] },
  });
  expect((await api('DELETE', `/contacts/${id}/tags`, { tags: ['ONE'] })).body).toEqual({ tags: ['two', 'three'] });
  expect((await upsert({ email: GUEST.email })).body.contact).toMatchObject({ tags: ['two', 'three'] });
  expect((await upsert({ email: GUEST.email, tags: ['four'] })).body.contact).toMatchObject({ tags: ['four'] });
});

it('changes by id; null clears, tags are replaced, a locationId is refused and counted', async () => {
  const id = await createContact(location.api, { ...GUEST, tags: ['one'] });
  const changed = await api('PUT', `/contacts/${id}`, { phone: null, tags: ['two'] });
  expect(changed.body).toMatchObject({ succeeded: true, contact: { id, tags: ['two'] } });
  expect(await get(id)).not.toHaveProperty('phone');
  const refused = await api('PUT', `/contacts/${id}`, { ...LOCATION, firstName: 'X' });
  expect(refused).toMatchObject({ status: 422, body: { message: ['property locationId should not exist'] } });
  expect(location.ghl.state().violationReasons).toEqual({ 'property locationId should not exist': 1 });
});

it("refuses a change to another contact's e-mail", async () => {
  await createContact(location.api);
  const other = await createContact(location.api, { firstName: 'Other' });
  const { status, body } = await api('PUT', `/contacts/${other}`, { email: GUEST.email });
  expect([status, body.meta?.['matchingField']]).toEqual([400, 'email']);
});

it('deletes a contact with its appointments and opportunities', async () => {
  const id = await createContact(location.api);
  await api('POST', '/calendars/events/appointments', anAppointment(id));
  expect((await api('DELETE', `/contacts/${id}`)).body).toEqual({ succeeded: true });
  expect((await api('GET', `/contacts/${id}`)).status).toBe(400);
  expect(location.ghl.state().events).toMatchObject([{ isDeleted: true }]);
  location.ghl.changeSettings({ notFoundStatus: 404 });
  expect((await api('GET', `/contacts/${id}`)).status).toBe(404);
  expect(await createContact(location.api)).not.toBe(id);
});

it('finds duplicates by e-mail first, then by number, at once unless the setting lets it lag', async () => {
  const byEmail = await createContact(location.api, { email: GUEST.email });
  const byPhone = await createContact(location.api, { phone: GUEST.phone });
  const find = async (query: string) =>
    (await api('GET', `/contacts/search/duplicate?locationId=loc-main&${query}`)).body.contact?.['id'];
  const email = `email=${encodeURIComponent(GUEST.email)}`;
  const number = `number=${encodeURIComponent(GUEST.phone)}`;
  expect(await find(`${email}&${number}`)).toBe(byEmail);
  expect(await find(number)).toBe(byPhone);
  expect(await find('email=nobody@example.com')).toBeUndefined();
  location.ghl.changeSettings({ duplicateLagMs: 5_000 });
  expect(await find(number)).toBeUndefined();
  location.clock.nowMs += 5_000;
  expect(await find(number)).toBe(byPhone);
});

describe('POST /contacts/search', () => {
  const search = (fields: object) => api('POST', '/contacts/search', { ...LOCATION, pageLimit: 20, ...fields });
  const byEmail = { filters: [{ field: 'email', operator: 'eq', value: GUEST.email }] };

  it('shows what was written ten seconds ago', async () => {
    const id = await createContact(location.api);
    expect((await search(byEmail)).body).toMatchObject({ contacts: [], total: 0 });
    location.clock.nowMs += 10_000;
    expect((await search(byEmail)).body).toMatchObject({ contacts: [{ id, phone: GUEST.phone }], total: 1 });
    await api('PUT', `/contacts/${id}`, { email: 'new@example.com' });
    expect((await search(byEmail)).body.total).toBe(1);
    location.clock.nowMs += 10_000;
    expect((await search(byEmail)).body.total).toBe(0);
  });

  it('knows filters, groups, text, pages, and can hide phones', async () => {
    location.ghl.changeSettings({ searchLagMs: 0 });
    await createContact(location.api, { ...GUEST, tags: ['vip'] });
    for (const n of [1, 2, 3]) await createContact(location.api, { firstName: `Guest ${n}` });
    const count = async (fields: object) => (await search(fields)).body.total;
    expect(await count({})).toBe(4);
    expect((await search({ pageLimit: 3, page: 2 })).body.contacts).toHaveLength(1);
    expect(await count({ query: 'guest 2' })).toBe(1);
    expect(await count({ filters: [{ field: 'tags', operator: 'contains', value: 'vip' }] })).toBe(1);
    expect(await count({ filters: [{ field: 'email', operator: 'not_exists' }] })).toBe(3);
    const either = [
      { field: 'phone', operator: 'eq', value: GUEST.phone },
      { field: 'firstNameLowerCase', operator: 'eq', value: 'guest 1' },
    ];
    expect(await count({ filters: [{ group: 'OR', filters: either }] })).toBe(2);
    location.ghl.changeSettings({ searchHidesPhones: true });
    expect(await count({ filters: [{ group: 'OR', filters: either }] })).toBe(1);
  });

  it.each([
    ['no pageLimit', { pageLimit: undefined }],
    ['an unknown field', { filters: [{ field: 'mail', operator: 'eq', value: 'a' }] }],
    ['an unknown operator', { filters: [{ field: 'email', operator: '==', value: 'a' }] }],
  ])('refuses %s', async (_what, fields) => {
    expect((await search(fields)).status).toBe(422);
    expect(violations()).toBe(1);
  });
});

it('keeps notes and tasks of a contact', async () => {
  const id = await createContact(location.api);
  const note = await api('POST', `/contacts/${id}/notes`, { body: 'Booked: Tuesday', userId: 'user-host' });
  expect(note.status).toBe(201);
  const noteId = String((note.body['note'] as Json)['id']);
  await api('PUT', `/contacts/${id}/notes/${noteId}`, { body: 'Moved: Wednesday' });
  expect((await api('GET', `/contacts/${id}/notes`)).body.notes).toMatchObject([
    { id: noteId, body: 'Moved: Wednesday' },
  ]);
  const task = { title: 'Call back', dueDate: '2026-11-25T09:00:00Z', completed: false };
  const { body } = await api('POST', `/contacts/${id}/tasks`, task);
  const taskId = String((body['task'] as Json)['id']);
  await api('PUT', `/contacts/${id}/tasks/${taskId}/completed`, { completed: true });
  await api('PUT', `/contacts/${id}/tasks/${taskId}`, { title: 'Called back' });
  expect((await api('GET', `/contacts/${id}/tasks`)).body['tasks']).toMatchObject([
    { id: taskId, title: 'Called back', completed: true },
  ]);
});

it("lists a contact's appointments at once, in wall time without a zone", async () => {
  const id = await createContact(location.api);
  await api('POST', '/calendars/events/appointments', anAppointment(id, { description: 'ref a:1' }));
  expect((await api('GET', `/contacts/${id}/appointments`)).body.events).toMatchObject([
    { contactId: id, startTime: '2026-11-24 10:00:00', endTime: '2026-11-24 10:30:00', notes: 'ref a:1' },
  ]);
  location.ghl.changeSettings({ listsShowNotes: false });
  expect((await api('GET', `/contacts/${id}/appointments`)).body.events?.[0]).not.toHaveProperty('notes');
});

it('answers a creation without the whole name under a dated version, and with it under the newest', async () => {
  const made = await api('POST', '/contacts/', { ...LOCATION, ...GUEST }, { version: '2021-07-28' });
  expect(made.body.contact).toMatchObject({ firstName: 'Dana', fullNameLowerCase: 'dana sample' });
  expect(made.body.contact).not.toHaveProperty('name');
  const other = { ...LOCATION, firstName: 'Robin', lastName: 'Sample' };
  expect((await api('POST', '/contacts/', other)).body.contact).toMatchObject({ name: 'Robin Sample' });
});

it('writes custom fields by id or key, per wire, and refuses those that are not there', async () => {
  const id = await createContact(location.api, { customFields: [{ key: 'roof_age', fieldValue: 12 }] });
  const changed = { customFields: [{ id: 'field-roof-age', field_value: '13' }] };
  expect((await get(id))['customFields']).toEqual([{ id: 'field-roof-age', value: 12 }]);
  await api('PUT', `/contacts/${id}`, changed, { version: '2021-07-28' });
  expect((await get(id))['customFields']).toEqual([{ id: 'field-roof-age', value: '13' }]);
  expect(violations()).toBe(0);
  expect((await api('PUT', `/contacts/${id}`, changed)).status).toBe(422);
  expect(violations()).toBe(1);
  const gone = await api('PUT', `/contacts/${id}`, { customFields: [{ id: 'field-gone', fieldValue: 'x' }] });
  expect([gone.status, violations()]).toEqual([422, 1]);
});

it.each([
  ['an unknown field', { emial: 'a@example.com' }, 422, 1],
  ['a number as a name', { firstName: 7 }, 422, 1],
  ['an e-mail that is none, which is not the caller’s fault', { email: 'dana' }, 422, 0],
  ['a phone that is none, which is not the caller’s fault', { phone: '12' }, 400, 0],
  ['a user who is not there', { assignedTo: 'user-gone' }, 422, 0],
])('refuses %s', async (_what, fields, status, counted) => {
  const refused = await api('POST', '/contacts/', { ...LOCATION, ...fields });
  expect([refused.status, violations()]).toEqual([status, counted]);
  expect(location.ghl.state().contacts).toEqual([]);
});

it("refuses another location's contacts", async () => {
  const { status, body } = await api('POST', '/contacts/', { ...GUEST, locationId: 'loc-other' });
  expect([status, body['message']]).toEqual([403, 'The token does not have access to this location.']);
});
