/** Users and the location: who works there, custom fields, tags, time zones; and the vendor's own client's version of it all. */
import { GUEST, anAppointment, anOpportunity, createContact, startLocation } from './location-client';
import type { TestLocation } from './location-client';

let location: TestLocation;
beforeEach(async () => {
  location = await startLocation();
});
afterEach(async () => {
  const problems = location.contractProblems();
  await location.close();
  expect(problems).toEqual([]);
});

const PLACE = '/locations/loc-main';
const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);

it('knows users, the location’s settings, custom fields, tags and time zones', async () => {
  const search = '/users/search?companyId=company-main&locationId=loc-main&query=estimator@example.com';
  expect((await api('GET', search)).body.users).toMatchObject([{ id: 'user-estimator' }]);
  expect((await api('GET', '/users/user-host')).body).toMatchObject({ email: 'host@example.com' });
  expect((await api('GET', '/users/gone')).status).toBe(400);
  expect((await api('GET', PLACE)).body['location']).toMatchObject({
    companyId: 'company-main',
    timezone: 'America/Denver',
    settings: { allowDuplicateContact: false },
  });
  const field = { name: 'Booking reference', dataType: 'TEXT' };
  const made = await api('POST', `${PLACE}/customFields`, field);
  expect(made).toMatchObject({ status: 201, body: { customField: { fieldKey: 'contact.booking_reference' } } });
  expect((await api('POST', `${PLACE}/customFields`, field)).status).toBe(400);
  expect((await api('GET', `${PLACE}/customFields?model=all`)).body['customFields']).toHaveLength(2);
  await createContact(location.api, { ...GUEST, tags: ['booked'] });
  expect((await api('POST', `${PLACE}/tags`, { name: 'VIP' })).body['tag']).toMatchObject({ name: 'vip' });
  expect((await api('GET', `${PLACE}/tags`)).body['tags']).toMatchObject([{ name: 'booked' }, { name: 'vip' }]);
  expect((await api('GET', `${PLACE}/timezones`)).status).toBe(200);
  expect((await api('GET', '/locations/loc-other')).status).toBe(403);
});

it('plays a whole story under the version that the vendor’s own client sends, in the older names', async () => {
  location.ghl.changeSettings({ searchLagMs: 0 });
  const client = (method: string, path: string, body?: unknown) => api(method, path, body, { version: '2023-02-21' });
  const { contact } = (await client('POST', '/contacts/upsert', { locationId: 'loc-main', ...GUEST })).body;
  const contactId = String(contact?.['id']);
  await client('PUT', `/contacts/${contactId}`, { customFields: [{ id: 'field-roof-age', field_value: '9' }] });
  await client('POST', `/contacts/${contactId}/tags`, { tags: ['booked'] });
  await client('POST', `/contacts/${contactId}/notes`, { body: 'Booked' });
  await client('POST', '/opportunities/', anOpportunity(contactId));
  const search = `/opportunities/search?location_id=loc-main&contact_id=${contactId}`;
  const [found] = (await client('GET', search)).body.opportunities ?? [];
  await client('PUT', `/opportunities/${String(found?.['id'])}`, { pipelineStageId: 'stage-won' });
  const made = (await client('POST', '/calendars/events/appointments', anAppointment(contactId))).body;
  const path = `/calendars/events/appointments/${String(made['id'])}`;
  await client('PUT', path, { appointmentStatus: 'showed', toNotify: false });
  expect((await client('GET', path)).body.event).toMatchObject({ appointmentStatus: 'showed' });
  expect((await client('GET', `/contacts/${contactId}`)).body.contact).toMatchObject({
    tags: ['booked'],
    customFields: [{ id: 'field-roof-age', value: '9' }],
  });
  expect((await client('GET', '/users/?locationId=loc-main')).body.users).toHaveLength(2);
  expect(location.ghl.state()).toMatchObject({ violations: 0, opportunities: [{ pipelineStageId: 'stage-won' }] });
});
