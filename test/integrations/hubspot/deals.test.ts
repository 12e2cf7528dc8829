import { cannedCrm, links, record } from './canned-transport';

const DEALS = '/crm/objects/2026-09/deals';
const LINKS = '/crm/associations/2026-09/contacts';

describe('an opportunity in HubSpot', () => {
  const stage = (id: string, metadata: object, more: object = {}) => ({
    id,
    label: id,
    displayOrder: 1,
    metadata,
    archived: false,
    ...more,
  });
  const pipelines = {
    json: {
      results: [
        {
          id: 'sales',
          label: 'Sales',
          displayOrder: 1,
          archived: false,
          stages: [
            stage('won', { probability: '1.0' }, { displayOrder: 3 }),
            stage('lost', { isClosed: 'true', probability: '0.0' }, { displayOrder: 4 }),
            stage('first', { isClosed: 'false', probability: '0.0' }, { displayOrder: 0 }),
            stage('second', { probability: '0.2' }, { displayOrder: 2 }),
            stage('old', { probability: '0.3' }, { archived: true }),
          ],
        },
        { id: 'early', label: 'Early', displayOrder: 0, archived: false, stages: [] },
        { id: 'gone', label: 'Gone', displayOrder: 2, archived: true, stages: [] },
      ],
    },
  };
  const deal = (
    id: string,
    dealstage: string,
    more: { pipeline?: string; createdAt?: string; archived?: boolean } = {},
  ) => {
    const { pipeline = 'sales', ...rest } = more;
    return record(id, { pipeline, dealstage }, rest);
  };
  const findOpen = (...deals: object[]) => {
    const { crm, call } = cannedCrm({
      [`POST ${LINKS}/deals/batch/read`]: { json: links(['1', '2', '3']) },
      [`POST ${DEALS}/batch/read`]: { json: { results: deals } },
      'GET /crm/pipelines/2026-09/deals': pipelines,
    });
    return crm.findOpenOpportunity('101', 'sales', call);
  };

  it('is created in its stage, linked to the person, with the reference in its description', async () => {
    const { crm, call, sent } = cannedCrm({ [`POST ${DEALS}`]: { status: 201, json: { id: '301' } } });
    const fields = {
      externalKey: 'o:1',
      personId: '101',
      pipelineId: 'sales',
      stageId: 'first',
      name: 'Sample deal',
      ownerId: null,
    };
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: '301' });
    expect(sent[0]?.body).toEqual({
      properties: {
        dealname: 'Sample deal',
        pipeline: 'sales',
        dealstage: 'first',
        description: 'Booking reference: o:1',
      },
      associations: [{ to: { id: '101' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }] }],
    });
  });

  it('is the newest open deal of the pipeline', async () => {
    const result = await findOpen(
      deal('1', 'first', { createdAt: '2026-11-01T00:00:00Z' }),
      deal('2', 'second', { createdAt: '2026-11-02T00:00:00Z' }),
      deal('3', 'first', { createdAt: '2026-11-03T00:00:00Z', pipeline: 'other' }),
    );
    expect(result).toEqual({ id: '2', pipelineId: 'sales', stageId: 'second', archived: false });
  });

  it.each(['won', 'lost', 'unheard-of'])('is never a deal whose stage is %s', async (stageId) => {
    expect(await findOpen(deal('1', stageId))).toBeNull();
  });

  it('is never an archived deal', async () => {
    expect(await findOpen(deal('1', 'first', { archived: true }))).toBeNull();
  });

  it('asks for a better mapping when the pipeline does not exist', async () => {
    const { crm, call } = cannedCrm({
      [`POST ${LINKS}/deals/batch/read`]: { json: links(['1']) },
      [`POST ${DEALS}/batch/read`]: { json: { results: [deal('1', 'first', { pipeline: 'nowhere' })] } },
      'GET /crm/pipelines/2026-09/deals': pipelines,
    });
    await expect(crm.findOpenOpportunity('101', 'nowhere', call)).rejects.toMatchObject({
      errorClass: 'mapping_invalid',
      fields: ['pipeline'],
    });
  });

  it('moves with its pipeline', async () => {
    const { crm, call, sent } = cannedCrm({ [`PATCH ${DEALS}/301`]: { json: record('301') } });
    await crm.moveOpportunity('301', { pipelineId: 'sales', stageId: 'second' }, call);
    expect(sent[0]?.body).toEqual({ properties: { pipeline: 'sales', dealstage: 'second' } });
  });

  it('is described by the pipelines and stages in use, in their order', async () => {
    const { crm, call } = cannedCrm({ 'GET /crm/pipelines/2026-09/deals': pipelines });
    const { pipelines: shown } = await crm.describe(call);
    expect(shown.map(({ id }) => id)).toEqual(['early', 'sales']);
    expect(shown[1]?.stages.map(({ id }) => id)).toEqual(['first', 'second', 'won', 'lost']);
  });
});

describe('owners in HubSpot', () => {
  const owner = (id: string, email: string, archived = false) => ({ id, email, archived, userId: 9 });
  const find = (...results: object[]) => {
    const { crm, call } = cannedCrm({ 'GET /crm/owners/2026-09?email=host%40example.com': { json: { results } } });
    return crm.findOwner('Host@Example.com', call);
  };

  it('are found by e-mail, whatever its case', async () => {
    expect(await find(owner('77', 'HOST@example.com'))).toEqual({ id: '77' });
  });

  it('are not found when deactivated, or when the answer is about somebody else', async () => {
    expect(await find(owner('77', 'host@example.com', true), owner('78', 'another@example.com'))).toBeNull();
  });
});
