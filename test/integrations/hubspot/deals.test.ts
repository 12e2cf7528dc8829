import { cannedCrm, links, record, salesPipelines, withKeys } from './canned-transport';

const DEALS = '/crm/objects/2026-09/deals';
const LINKS = '/crm/associations/2026-09/contacts';
const CONFLICT = { status: 409, json: { status: 'error', category: 'CONFLICT', message: 'taken' } };

describe('an opportunity in HubSpot', () => {
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
      'GET /crm/pipelines/2026-09/deals': salesPipelines,
    });
    return crm.findOpportunity('101', 'sales', call);
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
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: '301', created: true });
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
    expect(result).toEqual({ id: '2', pipelineId: 'sales', stageId: 'second', closed: false, archived: false });
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
      'GET /crm/pipelines/2026-09/deals': salesPipelines,
    });
    await expect(crm.findOpportunity('101', 'nowhere', call)).rejects.toMatchObject({
      errorClass: 'mapping_invalid',
      fields: ['pipeline'],
    });
  });

  it('moves with its pipeline', async () => {
    const { crm, call, sent } = cannedCrm({ [`PATCH ${DEALS}/301`]: { json: record('301') } });
    await crm.moveOpportunity('301', { pipelineId: 'sales', stageId: 'second' }, call);
    expect(sent[0]?.body).toEqual({ properties: { pipeline: 'sales', dealstage: 'second' } });
  });

  it('is only asked about pipelines again after ten minutes, or for a stage that is not known', async () => {
    let nowMs = 1_000_000;
    const { crm, call, sent } = cannedCrm(
      {
        [`POST ${LINKS}/deals/batch/read`]: { json: links(['1']) },
        [`POST ${DEALS}/batch/read`]: [
          { json: { results: [deal('1', 'first')] } },
          { json: { results: [deal('1', 'second')] } },
          { json: { results: [deal('1', 'newly-made')] } },
          { json: { results: [deal('1', 'first')] } },
        ],
        'GET /crm/pipelines/2026-09/deals': salesPipelines,
      },
      { now: () => nowMs },
    );
    const asked = async () => {
      await crm.findOpportunity('101', 'sales', call);
      return sent.filter(({ path }) => path.startsWith('/crm/pipelines')).length;
    };
    expect(await asked()).toBe(1);
    expect(await asked()).toBe(1);
    expect(await asked()).toBe(2);
    nowMs += 600_000;
    expect(await asked()).toBe(3);
  });

  it.each([
    ['first', false],
    ['won', true],
    ['lost', true],
    ['unheard-of', false],
  ])('in the stage %s is closed: %s, as far as that costs no call', async (stageId, closed) => {
    const { crm, call, sent } = cannedCrm({
      [`GET ${DEALS}/1`]: { json: deal('1', stageId) },
      'GET /crm/properties/2026-09/contacts': { json: { results: [] } },
      'GET /crm/pipelines/2026-09/deals': salesPipelines,
    });
    expect(await crm.readOpportunity('1', call)).toMatchObject({ closed: false });
    expect(sent).toHaveLength(1);
    await crm.describe(call);
    expect(await crm.readOpportunity('1', call)).toMatchObject({ stageId, closed });
  });

  it('that a former call made under the same key is found again instead of made twice, and left as it is', async () => {
    const { crm, call, sent } = cannedCrm({
      ...withKeys(),
      [`POST ${DEALS}`]: CONFLICT,
      [`GET ${DEALS}/o%3A1?idProperty=booksync_key`]: { json: record('301') },
    });
    const place = { pipelineId: 'sales', stageId: 'first' };
    const fields = { externalKey: 'o:1', personId: '101', ...place, name: 'Sample deal', ownerId: null };
    expect(await crm.createOpportunity(fields, call)).toEqual({ id: '301', created: false });
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    expect(sent[1]?.body).toMatchObject({ properties: { booksync_key: 'o:1' } });
  });
});
