/** Opportunities: one per contact and pipeline, stages, statuses, searches, what leads notice. */
import { LOCATION, anOpportunity, createContact, startLocation } from './location-client';
import type { Json, TestLocation } from './location-client';

let location: TestLocation;
let contactId: string;
beforeEach(async () => {
  location = await startLocation();
  contactId = await createContact(location.api);
});
afterEach(async () => {
  const problems = location.contractProblems();
  await location.close();
  expect(problems).toEqual([]);
});

const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const create = (changes: object = {}) => api('POST', '/opportunities/', anOpportunity(contactId, changes));
const upsert = (fields: object) =>
  api('POST', '/opportunities/upsert', { ...LOCATION, pipelineId: 'pipe-main', ...fields });
const idOf = (body: Json): string => String(body.opportunity?.['id']);
const read = async (id: string): Promise<Json> => (await api('GET', `/opportunities/${id}`)).body.opportunity ?? {};
const counts = () => location.ghl.state().sideEffects.counts;
const violations = (): number => location.ghl.state().violations;

it('creates one in the first stage unless told another', async () => {
  const { status, body } = await create({ pipelineStageId: undefined });
  expect(status).toBe(201);
  expect(body.opportunity).toMatchObject({ pipelineStageId: 'stage-new', status: 'open', contact: { id: contactId } });
  expect(counts()).toMatchObject({ opportunity_created: 1, stage_moved: 0 });
});

it('refuses a second one of the contact in the pipeline, also when the first is closed', async () => {
  const first = idOf((await create()).body);
  await api('PUT', `/opportunities/${first}/status`, { status: 'lost', lostReasonId: 'lost-price' });
  expect(await create()).toMatchObject({
    status: 400,
    body: { code: 'OPPORTUNITY_NO_DUPLICATE', meta: { existingId: first }, error: 'Bad Request' },
  });
  expect(violations()).toBe(0);
  location.ghl.changeSettings({ allowDuplicateOpportunity: true });
  expect((await create()).status).toBe(201);
});

it('takes a new one after the old one was deleted', async () => {
  const first = idOf((await create()).body);
  expect((await api('DELETE', `/opportunities/${first}`)).body).toEqual({ succeded: true });
  expect((await create()).status).toBe(201);
  expect((await api('GET', `/opportunities/${first}`)).status).toBe(400);
});

it('counts each move of a stage, and none when nothing moves', async () => {
  const id = idOf((await create()).body);
  const move = { pipelineId: 'pipe-main', pipelineStageId: 'stage-showed' };
  location.clock.nowMs += 1_000;
  expect((await api('PUT', `/opportunities/${id}`, move)).body.opportunity).toMatchObject({
    pipelineStageId: 'stage-showed',
    lastStageChangeAt: '2026-11-23T16:00:01.000Z',
    lastStatusChangeAt: '2026-11-23T16:00:00.000Z',
  });
  await api('PUT', `/opportunities/${id}`, { ...move, name: 'Kitchen and bath', monetaryValue: 500 });
  expect(counts()).toMatchObject({ stage_moved: 1, status_changed: 0 });
  await api('PUT', `/opportunities/${id}/status`, { status: 'won' });
  expect(counts()).toMatchObject({ stage_moved: 1, status_changed: 1 });
  expect(await read(id)).toMatchObject({ status: 'won', pipelineStageId: 'stage-showed', monetaryValue: 500 });
});

it('an upsert makes one, then rewrites stage and status of the card that is there', async () => {
  const fields = { contactId, name: 'Kitchen', status: 'open', pipelineStageId: 'stage-booked' };
  const first = await upsert(fields);
  expect(first).toMatchObject({ status: 200, body: { new: true } });
  await api('PUT', `/opportunities/${idOf(first.body)}`, { status: 'won', pipelineStageId: 'stage-won' });
  const second = await upsert(fields);
  expect(second.body).toMatchObject({
    new: false,
    opportunity: { id: idOf(first.body), status: 'open', pipelineStageId: 'stage-booked' },
  });
  expect(counts().stage_moved).toBe(2);
  const followed = { followers: ['user-host'], isRemoveAllFollowers: false, followersActionType: 'add' };
  expect((await upsert({ id: idOf(first.body), ...followed })).body).toMatchObject({ new: false });
  expect((await upsert({ name: 'Kitchen' })).status).toBe(422);
});

it('finds by contact and pipeline ten seconds later, per wire', async () => {
  const id = idOf((await create()).body);
  const v3 = () => api('GET', `/opportunities/search?locationId=loc-main&contactId=${contactId}&pipelineId=pipe-main`);
  expect((await v3()).body).toMatchObject({ opportunities: [], meta: { total: 0 } });
  location.clock.nowMs += 10_000;
  expect((await v3()).body).toMatchObject({ opportunities: [{ id }], meta: { total: 1, currentPage: 1 } });
  const dated = `/opportunities/search?location_id=loc-main&contact_id=${contactId}&status=open`;
  expect((await api('GET', dated, undefined, { version: '2021-07-28' })).body.opportunities).toMatchObject([{ id }]);
  expect(violations()).toBe(0);
  expect((await api('GET', dated)).status).toBe(422);
  expect(Object.keys(location.ghl.state().violationReasons)[0]).toContain('property location_id should not exist');
  const none = `/opportunities/search?locationId=loc-main&status=won`;
  expect((await api('GET', none)).body.opportunities).toEqual([]);
});

it('searches by body, which wants all its fields', async () => {
  location.ghl.changeSettings({ searchLagMs: 0 });
  const id = idOf((await create()).body);
  const details = { notes: false, tasks: false, calendarEvents: false, unReadConversations: false };
  const body = { ...LOCATION, query: 'dana.sample@', limit: 20, page: 1, searchAfter: [], additionalDetails: details };
  expect((await api('POST', '/opportunities/search', body)).body).toMatchObject({ opportunities: [{ id }], total: 1 });
  expect((await api('POST', '/opportunities/search', { ...body, searchAfter: undefined })).status).toBe(422);
});

it('lists pipelines with the stages that are left, and reasons for a loss', async () => {
  const stages = async () => {
    const { body } = await api('GET', '/opportunities/pipelines?locationId=loc-main');
    return (body['pipelines'] as { stages: { id: string }[] }[]).flatMap((one) => one.stages.map((stage) => stage.id));
  };
  expect(await stages()).toContain('stage-no-show');
  location.ghl.changeSettings({ removedStages: ['stage-no-show'] });
  expect(await stages()).not.toContain('stage-no-show');
  expect((await create({ pipelineStageId: 'stage-no-show' })).status).toBe(400);
  expect(violations()).toBe(0);
  expect((await api('GET', '/opportunities/lost-reason?locationId=loc-main')).body['total']).toBe(2);
});

it.each([
  ['the status of searches', { status: 'all' }, 422, 1],
  ['an unknown field', { stageId: 'stage-new' }, 422, 1],
  ['no name', { name: undefined }, 422, 1],
  ['a value that is text', { monetaryValue: '5' }, 422, 1],
  ['a contact that is not there', { contactId: 'gone' }, 400, 0],
  ['a pipeline that is not there', { pipelineId: 'gone' }, 400, 0],
])('refuses %s', async (_what, changes, status, counted) => {
  expect([(await create(changes)).status, violations()]).toEqual([status, counted]);
  expect(location.ghl.state().opportunities).toEqual([]);
});

it('refuses the dated wire the fields that only the newest has', async () => {
  const refused = await create({ forecastProbability: 50 });
  expect(refused.status).toBe(201);
  const dated = await api('POST', '/opportunities/', anOpportunity(contactId, { forecastProbability: 50 }), {
    version: '2021-07-28',
  });
  expect([dated.status, violations()]).toEqual([422, 1]);
});
