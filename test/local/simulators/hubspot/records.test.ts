/** Records, their links and strong reads. */
import {
  CONTACTS,
  DEALS,
  MEETINGS,
  NOTES,
  START_MS,
  aDeal,
  aMeeting,
  createContact,
  linkTo,
  startPortal,
} from './portal-client';
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

describe('contacts', () => {
  test('an e-mail is unique whatever its case, and the conflict names the id that has it', async () => {
    const id = await createContact(portal.api, { email: 'Sample.Guest@Example.com' });
    const again = await portal.api('POST', CONTACTS, { properties: { email: 'sample.guest@example.COM' } });
    expect(again).toMatchObject({
      status: 409,
      body: { category: 'CONFLICT', message: `Contact already exists. Existing ID: ${id}` },
    });
    const other = await createContact(portal.api, { email: 'other.guest@example.com' });
    const taken = await portal.api('PATCH', `${CONTACTS}/${other}`, {
      properties: { email: 'sample.guest@example.com' },
    });
    expect(taken.status).toBe(409);
    expect(portal.hubspot.state().objects.contacts).toHaveLength(2);
  });

  test('two creates at the same time make one contact', async () => {
    const body = { properties: { email: 'sample.guest@example.com' } };
    const answers = await Promise.all([portal.api('POST', CONTACTS, body), portal.api('POST', CONTACTS, body)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('a read by e-mail is strong, also right after the write', async () => {
    const id = await createContact(portal.api, { email: 'sample.guest@example.com', firstname: 'Sample' });
    const { body } = await portal.api(
      'GET',
      `${CONTACTS}/SAMPLE.guest%40example.com?idProperty=email&properties=firstname`,
    );
    expect(body).toMatchObject({ id, archived: false, properties: { firstname: 'Sample', hs_object_id: id } });
    expect(body.properties).not.toHaveProperty('email');
  });

  test('an e-mail that was given up can be taken by someone else', async () => {
    const id = await createContact(portal.api, { email: 'sample.guest@example.com', firstname: 'Sample' });
    const cleared = await portal.api('PATCH', `${CONTACTS}/${id}`, { properties: { email: '' } });
    expect(cleared.body.properties?.['email']).toBeNull();
    expect((await portal.api('GET', `${CONTACTS}/sample.guest@example.com?idProperty=email`)).status).toBe(404);
    await createContact(portal.api, { email: 'sample.guest@example.com' });
  });

  test('an archived contact is gone for reads and frees its e-mail', async () => {
    const id = await createContact(portal.api, { email: 'sample.guest@example.com' });
    expect((await portal.api('DELETE', `${CONTACTS}/${id}`)).status).toBe(204);
    expect((await portal.api('GET', `${CONTACTS}/${id}`)).status).toBe(404);
    expect((await portal.api('GET', `${CONTACTS}/${id}?archived=true`)).body).toMatchObject({ id, archived: true });
    expect((await portal.api('PATCH', `${CONTACTS}/${id}`, { properties: { firstname: 'A' } })).status).toBe(404);
    await createContact(portal.api, { email: 'sample.guest@example.com' });
  });
});

describe('associations', () => {
  test('made with the record are visible from both sides, strongly', async () => {
    const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
    const deal = await portal.api('POST', DEALS, { ...aDeal(), associations: [linkTo(contactId, 3)] });
    const dealId = deal.body.id ?? '';
    const meeting = await portal.api('POST', MEETINGS, {
      ...aMeeting(),
      associations: [linkTo(contactId, 200), linkTo(dealId, 212)],
    });
    const meetingId = meeting.body.id ?? '';
    const read = await portal.api('POST', '/crm/associations/2026-09/contacts/meetings/batch/read', {
      inputs: [{ id: contactId }],
    });
    expect(read).toMatchObject({
      status: 200,
      body: {
        results: [
          {
            from: { id: contactId },
            to: [{ toObjectId: meetingId, associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 199 }] }],
          },
        ],
      },
    });
    const inline = await portal.api('GET', `${MEETINGS}/${meetingId}?associations=contacts,deals`);
    expect(inline.body.associations).toEqual({
      contacts: { results: [{ id: contactId, type: 'meeting_event_to_contact' }] },
      deals: { results: [{ id: dealId, type: 'meeting_event_to_deal' }] },
    });
    const batch = await portal.api('POST', `${MEETINGS}/batch/read`, {
      inputs: [{ id: meetingId }, { id: '1' }],
      properties: ['hs_meeting_outcome'],
      propertiesWithHistory: [],
    });
    expect(batch).toMatchObject({
      status: 207,
      body: {
        results: [{ id: meetingId, properties: { hs_meeting_outcome: 'SCHEDULED' } }],
        errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['1'] } }],
      },
    });
  });

  test('made with the default PUT twice are one link with two directions', async () => {
    const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
    const noteId = (await portal.api('POST', NOTES, { properties: { hs_timestamp: String(START_MS) } })).body.id;
    const put = () => portal.api('PUT', `${NOTES}/${noteId}/associations/default/contacts/${contactId}`);
    expect((await put()).status).toBe(200);
    expect((await put()).status).toBe(200);
    const note = { type: 'notes', id: noteId };
    const contact = { type: 'contacts', id: contactId };
    expect(portal.hubspot.state().associations).toEqual([
      { from: note, to: contact, typeId: 202 },
      { from: contact, to: note, typeId: 201 },
    ]);
    expect((await portal.api('DELETE', `${NOTES}/${noteId}/associations/contacts/${contactId}`)).status).toBe(204);
    expect(portal.hubspot.state().associations).toEqual([]);
  });

  test('that do not exist are an error row of a 207, as in HubSpot', async () => {
    const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
    const read = await portal.api('POST', '/crm/associations/2026-09/contacts/meetings/batch/read', {
      inputs: [{ id: contactId }],
    });
    expect(read.status).toBe(207);
    expect(read.body.errors?.[0]?.subCategory).toBe('crm.associations.NO_ASSOCIATIONS_FOUND');
  });

  test('to a record that is gone refuse the whole create', async () => {
    const answer = await portal.api('POST', MEETINGS, { ...aMeeting(), associations: [linkTo('999', 200)] });
    expect(answer).toMatchObject({ status: 404, body: { category: 'OBJECT_NOT_FOUND' } });
    expect(portal.hubspot.state().objects.meetings).toEqual([]);
  });

  test('end when a record is archived', async () => {
    const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
    await portal.api('POST', DEALS, { ...aDeal(), associations: [linkTo(contactId, 3)] });
    await portal.api('DELETE', `${CONTACTS}/${contactId}`);
    expect(portal.hubspot.state().associations).toEqual([]);
  });
});

describe('meetings and deals', () => {
  test('instants come back in one form, whichever way they were written', async () => {
    const start = String(Date.UTC(2026, 10, 24, 17));
    const { body } = await portal.api(
      'POST',
      MEETINGS,
      aMeeting({ hs_timestamp: start, hs_meeting_start_time: start }),
    );
    expect(body.properties).toMatchObject({
      hs_timestamp: '2026-11-24T17:00:00Z',
      hs_meeting_start_time: '2026-11-24T17:00:00Z',
      hs_meeting_end_time: '2026-11-24T17:30:00Z',
    });
  });

  test('a change is stamped, and what was not named stays', async () => {
    const { body } = await portal.api('POST', MEETINGS, aMeeting());
    portal.clock.nowMs += 5_000;
    await portal.api('PATCH', `${MEETINGS}/${body.id}`, { properties: { hs_meeting_outcome: 'NO_SHOW' } });
    expect(portal.hubspot.state().objects.meetings).toMatchObject([
      {
        id: body.id,
        archived: false,
        properties: {
          hs_meeting_title: 'Intro call',
          hs_meeting_outcome: 'NO_SHOW',
          hs_createdate: new Date(START_MS).toISOString().replace('.000Z', 'Z'),
          hs_lastmodifieddate: new Date(START_MS + 5_000).toISOString().replace('.000Z', 'Z'),
        },
      },
    ]);
  });

  test('a deal knows whether its stage is closed', async () => {
    const { body } = await portal.api('POST', DEALS, aDeal({ dealstage: 'closedlost' }));
    expect(body.properties).toMatchObject({ hs_is_closed: 'true', hs_is_closed_won: 'false', pipeline: 'default' });
  });
});

test('the portal is seeded with the pipeline of the example mapping and two owners', async () => {
  const { body } = await portal.api('GET', '/crm/pipelines/2026-09/deals');
  const [pipeline] = body.results as unknown as { id: string; stages: { id: string }[] }[];
  expect(pipeline?.id).toBe('default');
  expect(pipeline?.stages.map(({ id }) => id)).toEqual([
    'appointmentscheduled',
    'qualifiedtobuy',
    'presentationscheduled',
    'decisionmakerboughtin',
    'contractsent',
    'closedwon',
    'closedlost',
  ]);
  expect((await portal.api('GET', '/crm/owners/2026-09?email=Host%40example.com')).body.results).toMatchObject([
    { id: '77001', email: 'host@example.com' },
  ]);
  expect((await portal.api('GET', '/crm/owners/2026-09?email=nobody%40example.com')).body.results).toEqual([]);
  expect((await portal.api('GET', '/crm/owners/2026-09')).body.results).toHaveLength(2);
});
