/** Rules that an admin of the portal made, and what is out of use: refused without blaming the caller. */
import { CONTACTS, DEALS, MEETINGS, aDeal, aMeeting, createContact, createRecord, startPortal } from './portal-client';
import type { ApiAnswer, TestPortal } from './portal-client';

let portal: TestPortal;
beforeEach(async () => {
  portal = await startPortal();
});
afterEach(async () => {
  expect(portal.hubspot.state().violations).toBe(0);
  await portal.close();
});

const moveTo = (id: string, dealstage: string): Promise<ApiAnswer> =>
  portal.api('PATCH', `${DEALS}/${id}`, { properties: { dealstage } });

test('a property that the create form asks for is named, at creation only', async () => {
  const id = await createContact(portal.api, { firstname: 'Sample' });
  portal.hubspot.changeSettings({ requiredProperties: [{ objectType: 'contacts', property: 'jobtitle' }] });
  const refused = await portal.api('POST', CONTACTS, { properties: { firstname: 'Sample' } });
  expect(refused).toMatchObject({
    status: 400,
    body: {
      message: 'A value for jobtitle must be provided',
      errors: [{ code: 'MISSING_REQUIRED_PROPERTY', context: { propertyName: ['jobtitle'] } }],
    },
  });
  await expect(createContact(portal.api, { firstname: 'Sample', jobtitle: 'Roofer' })).resolves.toMatch(/^\d+$/);
  expect((await portal.api('PATCH', `${CONTACTS}/${id}`, { properties: { lastname: 'Guest' } })).status).toBe(200);
});

test('a pipeline that forbids moving backwards refuses that and nothing else', async () => {
  portal.hubspot.changeSettings({ pipelineRules: [{ pipeline: 'default', noBackwards: true }] });
  const id = await createRecord(portal.api, DEALS, aDeal({ dealstage: 'contractsent' }));
  expect(await moveTo(id, 'qualifiedtobuy')).toMatchObject({
    status: 400,
    body: { errors: [{ code: 'PIPELINE_RULE_VIOLATED', context: { propertyName: ['dealstage'] } }] },
  });
  expect((await moveTo(id, 'contractsent')).status).toBe(200);
  expect((await moveTo(id, 'closedlost')).status).toBe(200);
});

test('a pipeline that forbids skipping lets deals go on by one stage, or be closed', async () => {
  portal.hubspot.changeSettings({ pipelineRules: [{ pipeline: 'default', noSkipping: true }] });
  const id = await createRecord(portal.api, DEALS, aDeal());
  expect((await moveTo(id, 'presentationscheduled')).status).toBe(400);
  expect((await moveTo(id, 'qualifiedtobuy')).status).toBe(200);
  expect((await moveTo(id, 'appointmentscheduled')).status).toBe(200);
  expect((await moveTo(id, 'closedlost')).status).toBe(200);
});

test('a pipeline may say in which stages deals begin', async () => {
  const rule = { pipeline: 'default', creationStages: ['appointmentscheduled'] };
  portal.hubspot.changeSettings({ pipelineRules: [rule] });
  expect((await portal.api('POST', DEALS, aDeal({ dealstage: 'contractsent' }))).status).toBe(400);
  const id = await createRecord(portal.api, DEALS, aDeal());
  expect((await moveTo(id, 'contractsent')).status).toBe(200);
});

test('an archived stage is shown as such and takes no deals; those in it stay', async () => {
  const id = await createRecord(portal.api, DEALS, aDeal({ dealstage: 'contractsent' }));
  portal.hubspot.changeSettings({ archivedStages: ['contractsent'] });
  const { body } = await portal.api('GET', '/crm/pipelines/2026-09/deals');
  const archived = body.results?.[0]?.stages?.filter((stage) => stage.archived === true);
  expect(archived?.map((stage) => stage.id)).toEqual(['contractsent']);
  const refused = await portal.api('POST', DEALS, aDeal({ dealstage: 'contractsent' }));
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 'INVALID_OPTION' }] } });
  const renamed = { properties: { dealname: 'Roof', dealstage: 'contractsent' } };
  expect((await portal.api('PATCH', `${DEALS}/${id}`, renamed)).status).toBe(200);
  expect((await moveTo(id, 'closedwon')).status).toBe(200);
  expect((await moveTo(id, 'contractsent')).status).toBe(400);
});

test('an archived owner is listed only when asked for, and nothing can be given to them', async () => {
  portal.hubspot.changeSettings({ archivedOwners: ['77001'] });
  const ids = async (query: string): Promise<unknown> =>
    (await portal.api('GET', `/crm/owners/2026-09${query}`)).body.results?.map(({ id }) => id);
  expect(await ids('')).toEqual(['77002']);
  expect(await ids('?archived=true')).toEqual(['77001']);
  expect(await ids('?email=host@example.com')).toEqual([]);
  expect((await portal.api('GET', '/crm/owners/2026-09/77001')).status).toBe(404);
  expect((await portal.api('GET', '/crm/owners/2026-09/77001?archived=true')).body.archived).toBe(true);
  const refused = await portal.api('POST', MEETINGS, aMeeting({ hubspot_owner_id: '77001' }));
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 'INVALID_OWNER_ID' }] } });
});

test('stage moves and lifecycle changes by apps are counted per record; creations and repetitions are none', async () => {
  const dealId = await createRecord(portal.api, DEALS, aDeal());
  const contactId = await createContact(portal.api, { firstname: 'Sample', lifecyclestage: 'lead' });
  expect(portal.hubspot.state().automations).toEqual({});
  for (const stage of ['qualifiedtobuy', 'qualifiedtobuy', 'closedwon']) await moveTo(dealId, stage);
  await portal.api('PATCH', `${CONTACTS}/${contactId}`, { properties: { lifecyclestage: 'customer' } });
  portal.hubspot.act({ action: 'moveStage', dealId, stageId: 'closedlost' });
  expect(portal.hubspot.state().automations).toEqual({
    [dealId]: { stageMoves: 2, lifecycleChanges: 0 },
    [contactId]: { stageMoves: 0, lifecycleChanges: 1 },
  });
});
