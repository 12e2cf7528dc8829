/** Two contacts that become one: what survives, and what the lost ids still find. */
import {
  CONTACTS,
  DEALS,
  aDeal,
  aKey,
  createContact,
  createRecord,
  linkTo,
  propertiesOf,
  startPortal,
} from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
let [primaryId, otherId, dealId] = ['', '', ''];
beforeEach(async () => {
  portal = await startPortal();
  await portal.api('POST', propertiesOf('contacts'), aKey('booking_key'));
  primaryId = await createContact(portal.api, { email: 'sample.guest@example.com', firstname: 'Sample' });
  otherId = await createContact(portal.api, {
    email: 'other.address@example.com',
    firstname: 'Other',
    phone: '+1 202 555 0101',
    booking_key: 'p:1',
  });
  dealId = await createRecord(portal.api, DEALS, { ...aDeal(), associations: [linkTo(otherId, 3)] });
});
afterEach(() => portal.close());

const merge = (): Promise<ApiAnswer> =>
  portal.api('POST', `${CONTACTS}/merge`, { primaryObjectId: primaryId, objectIdToMerge: otherId });
const read = (key: string): Promise<ApiAnswer> => portal.api('GET', `${CONTACTS}/${key}`);

test('the survivor has a new id, the values of both, and the links of both', async () => {
  const { status, body } = await merge();
  expect(status).toBe(200);
  expect([primaryId, otherId]).not.toContain(body.id);
  expect(body.properties).toMatchObject({
    email: 'sample.guest@example.com',
    firstname: 'Sample',
    phone: '+1 202 555 0101',
    booking_key: 'p:1',
    hs_additional_emails: 'other.address@example.com',
    hs_merged_object_ids: `${primaryId};${otherId}`,
  });
  const links = await portal.api('GET', `${DEALS}/${dealId}?associations=contacts`);
  expect(links.body.associations?.['contacts']?.results.map(({ id }) => id)).toEqual([body.id]);
  expect((await read('p:1?idProperty=booking_key')).body.id).toBe(body.id);
});

test('the lost ids answer 404, or lead to the survivor, as the settings say', async () => {
  const { body } = await merge();
  expect((await read(primaryId)).status).toBe(404);
  expect((await read(`${otherId}?archived=true`)).status).toBe(404);
  portal.hubspot.changeSettings({ mergedIds: 'redirected' });
  expect((await read(primaryId)).body.id).toBe(body.id);
  const changed = await portal.api('PATCH', `${CONTACTS}/${otherId}`, { properties: { lastname: 'Guest' } });
  expect(changed.body).toMatchObject({ id: body.id, properties: { lastname: 'Guest' } });
  await portal.api('DELETE', `${CONTACTS}/${otherId}`);
  expect((await read(body.id ?? '')).status).toBe(200);
});

test('a lost id that leads to the survivor does so for links too', async () => {
  const { body } = await merge();
  portal.hubspot.changeSettings({ mergedIds: 'redirected' });
  const second = await createRecord(portal.api, DEALS, aDeal());
  await portal.api('PUT', `${DEALS}/${second}/associations/default/contacts/${primaryId}`);
  const path = '/crm/associations/2026-09/contacts/deals/batch/read';
  const links = await portal.api('POST', path, { inputs: [{ id: otherId }] });
  expect(links.body.results?.[0]?.to?.map(({ toObjectId }) => toObjectId)).toEqual([dealId, second]);
  const read = await portal.api('GET', `${DEALS}/${second}?associations=contacts`);
  expect(read.body.associations?.['contacts']?.results.map(({ id }) => id)).toEqual([body.id]);
});

test('the primary record keeps its id where the settings say so', async () => {
  portal.hubspot.changeSettings({ mergeSurvivor: 'primary' });
  const { body } = await merge();
  expect(body).toMatchObject({ id: primaryId, properties: { hs_merged_object_ids: otherId } });
  expect((await read(otherId)).status).toBe(404);
});

test('the other address stays taken, and finds the survivor only where the settings say so', async () => {
  const { body } = await merge();
  const again = await portal.api('POST', CONTACTS, { properties: { email: 'other.address@example.com' } });
  expect(again).toMatchObject({ status: 409, body: { message: `Contact already exists. Existing ID: ${body.id}` } });
  expect((await read('other.address@example.com?idProperty=email')).status).toBe(404);
  portal.hubspot.changeSettings({ additionalEmailsAreKeys: true });
  expect((await read('other.address@example.com?idProperty=email')).body.id).toBe(body.id);
});

test('a merge of a merge remembers all ids', async () => {
  const first = await merge();
  const third = await createContact(portal.api, { firstname: 'Third' });
  const second = await portal.api('POST', `${CONTACTS}/merge`, {
    primaryObjectId: third,
    objectIdToMerge: first.body.id,
  });
  expect(second.body.properties?.['hs_merged_object_ids']?.split(';').sort()).toEqual(
    [primaryId, otherId, first.body.id, third].sort(),
  );
  portal.hubspot.changeSettings({ mergedIds: 'redirected' });
  expect((await read(primaryId)).body.id).toBe(second.body.id);
});

test('a contact is not merged with itself or with what is gone', async () => {
  const self = { primaryObjectId: primaryId, objectIdToMerge: primaryId };
  expect((await portal.api('POST', `${CONTACTS}/merge`, self)).status).toBe(400);
  await portal.api('DELETE', `${CONTACTS}/${otherId}`);
  expect((await merge()).status).toBe(404);
});
