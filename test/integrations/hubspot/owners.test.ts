import { cannedCrm } from './canned-transport';

const owner = (id: string, email: string, archived = false) => ({ id, email, archived, userId: 9 });
const OWNERS = 'GET /crm/owners/2026-09?email=host%40example.com';

describe('owners in HubSpot', () => {
  const find = (...results: object[]) => {
    const { crm, call } = cannedCrm({ [OWNERS]: { json: { results } } });
    return crm.findOwner('Host@Example.com', call);
  };

  it('are found by e-mail, whatever its case', async () => {
    expect(await find(owner('77', 'HOST@example.com'))).toEqual({ id: '77' });
  });

  it('are not found when deactivated, or when the answer is about somebody else', async () => {
    expect(await find(owner('77', 'host@example.com', true), owner('78', 'another@example.com'))).toBeNull();
  });

  it('are asked for once in ten minutes, found or not, and at once if that failed', async () => {
    let nowMs = 1_000_000;
    const { crm, call, sent } = cannedCrm(
      {
        [OWNERS]: [
          { status: 503, json: {} },
          { status: 503, json: {} },
          { json: { results: [owner('77', 'host@example.com')] } },
          { json: { results: [owner('78', 'host@example.com')] } },
        ],
        'GET /crm/owners/2026-09?email=nobody%40example.com': { json: { results: [] } },
      },
      { now: () => nowMs },
    );
    await expect(crm.findOwner('host@example.com', call)).rejects.toMatchObject({ errorClass: 'unavailable' });
    const both = await Promise.all([crm.findOwner('host@example.com', call), crm.findOwner(' HOST@example.com', call)]);
    expect(both).toEqual([{ id: '77' }, { id: '77' }]);
    nowMs += 599_999;
    expect(await crm.findOwner('host@example.com', call)).toEqual({ id: '77' });
    expect(sent).toHaveLength(3);
    nowMs += 1;
    expect(await crm.findOwner('host@example.com', call)).toEqual({ id: '78' });
    expect([await crm.findOwner('nobody@example.com', call), await crm.findOwner('nobody@example.com', call)]).toEqual([
      null,
      null,
    ]);
    expect(sent).toHaveLength(5);
  });

  it('are not kept for a probe, which asks each time', async () => {
    const { crm, call, sent } = cannedCrm({ 'GET /crm/owners/2026-09?limit=1': { json: { results: [] } } });
    await crm.probe(call);
    await crm.probe(call);
    expect(sent).toHaveLength(2);
  });
});
