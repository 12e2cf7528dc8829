import { cannedCrm, failure, refusal, type Canned } from './canned-transport';

const STAGE = { pipelineId: 'pipe-1', stageId: 'stage-1' } as const;
const fields = { externalKey: 'o:1', personId: 'contact-1', name: 'Sample', ownerId: null, ...STAGE };
const card = (id: string, more: object = {}) => ({
  id,
  contactId: 'contact-1',
  pipelineId: 'pipe-1',
  pipelineStageId: 'stage-1',
  status: 'open',
  ...more,
});
const CREATE = 'POST /opportunities/';
const SEARCH = 'GET /opportunities/search';
const found = (...cards: object[]): Canned => ({ json: { opportunities: cards, meta: { total: cards.length } } });
const noDuplicate = (meta: object) =>
  refusal(400, 'Can not create duplicate opportunity for the contact.', { code: 'OPPORTUNITY_NO_DUPLICATE', meta });

describe('creating an opportunity in HighLevel', () => {
  it('creates an open card, with its owner where one is known', async () => {
    const { crm, call, sent } = cannedCrm({ [CREATE]: { status: 201, json: { opportunity: { id: 'card-1' } } } });
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: 'card-1', created: true });
    await crm.createOpportunity({ ...fields, ownerId: 'user-1' }, call);
    const body = {
      locationId: 'loc-1',
      contactId: 'contact-1',
      pipelineId: 'pipe-1',
      pipelineStageId: 'stage-1',
      name: 'Sample',
      status: 'open',
    };
    expect(sent.map((one) => one.body)).toEqual([body, { ...body, assignedTo: 'user-1' }]);
  });

  it('adopts the card that is in the way, and does not touch it', async () => {
    const { crm, call, sent } = cannedCrm({ [CREATE]: noDuplicate({ existingId: 'card-7' }) });
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: 'card-7', created: false });
    expect(sent).toHaveLength(1);
  });

  it('looks for the card that is in the way where the refusal does not name it', async () => {
    const routes = { [CREATE]: noDuplicate({}), [SEARCH]: found(card('card-7', { status: 'lost' })) };
    const { crm, call } = cannedCrm(routes);
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: 'card-7', created: false });
  });

  it.each<[string, Canned, string]>([
    ['a duplicate that nobody can name', noDuplicate({}), 'crm_rule'],
    ['a contact that is gone', refusal(400, 'Contact not found'), 'target_gone'],
    ['a stage that is gone', refusal(400, 'The pipeline stage id is invalid.'), 'mapping_invalid'],
    ['an outage', { status: 502, text: '<html></html>' }, 'unknown_outcome'],
  ])('passes on %s', async (_what, answer, errorClass) => {
    const { crm, call } = cannedCrm({ [CREATE]: answer, [SEARCH]: found() });
    expect((await failure(crm.createOpportunity(fields, call))).errorClass).toBe(errorClass);
  });
});

describe('finding an opportunity in HighLevel', () => {
  it.each([
    ['v3', 'locationId=loc-1&contactId=contact-1&pipelineId=pipe-1'],
    ['dated', 'location_id=loc-1&contact_id=contact-1&pipeline_id=pipe-1'],
  ] as const)('asks for all statuses of contact and pipeline, version %s', async (apiVersion, query) => {
    const { crm, call, sent } = cannedCrm({ [SEARCH]: found() }, { apiVersion });
    expect(await crm.findOpportunity('contact-1', 'pipe-1', call)).toBeNull();
    expect(sent[0]?.path).toBe(`/opportunities/search?${query}&status=all&limit=100`);
  });

  it('prefers open to closed, then the newest, and ignores what it did not ask for', async () => {
    const { crm, call } = cannedCrm({
      [SEARCH]: found(
        card('card-1', { createdAt: '2026-11-01T00:00:00Z' }),
        card('card-2', { createdAt: '2026-11-03T00:00:00Z', pipelineStageId: 'stage-9' }),
        card('card-3', { createdAt: '2026-11-04T00:00:00Z', status: 'won' }),
        card('card-4', { createdAt: '2026-11-05T00:00:00Z', contactId: 'contact-2' }),
        card('card-5', { createdAt: '2026-11-05T00:00:00Z', pipelineId: 'pipe-2' }),
      ),
    });
    expect(await crm.findOpportunity('contact-1', 'pipe-1', call)).toEqual({
      id: 'card-2',
      pipelineId: 'pipe-1',
      stageId: 'stage-9',
      closed: false,
      archived: false,
    });
  });

  it.each(['won', 'lost', 'abandoned'])('takes one that is %s where there is no other', async (status) => {
    const { crm, call } = cannedCrm({ [SEARCH]: found(card('card-1', { status })) });
    expect(await crm.findOpportunity('contact-1', 'pipe-1', call)).toMatchObject({ id: 'card-1', closed: true });
  });
});

describe('reading and moving an opportunity in HighLevel', () => {
  it('reads stage and pipeline, and null where it is gone', async () => {
    const routes = { 'GET /opportunities/card-1': { json: { opportunity: card('card-1') } } };
    const { crm, call } = cannedCrm({ ...routes, 'GET /opportunities/card-2': refusal(400, 'Opportunity not found') });
    expect(await crm.readOpportunity('card-1', call)).toEqual({
      id: 'card-1',
      ...STAGE,
      closed: false,
      archived: false,
    });
    expect(await crm.readOpportunity('card-2', call)).toBeNull();
  });

  it('moves the stage and leaves the status', async () => {
    const { crm, call, sent } = cannedCrm({ 'PUT /opportunities/card-1': { json: { opportunity: card('card-1') } } });
    await crm.moveOpportunity('card-1', STAGE, call);
    expect(sent[0]?.body).toEqual({ pipelineId: 'pipe-1', pipelineStageId: 'stage-1' });
  });

  it('says that another card is in the way of a move to another pipeline', async () => {
    const { crm, call } = cannedCrm({ 'PUT /opportunities/card-1': noDuplicate({ existingId: 'card-2' }) });
    const error = await failure(crm.moveOpportunity('card-1', STAGE, call));
    expect(error).toMatchObject({ errorClass: 'crm_rule', fields: ['pipelineId'] });
  });
});
