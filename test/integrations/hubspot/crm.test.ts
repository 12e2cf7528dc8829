/**
 * The adapter against the HubSpot simulator, over real sockets: what only HubSpot refuses, and its limits.
 * What every CRM does alike is in test/integrations/crm.
 */
import { appointment } from './canned-transport';
import { call, failure, guest, opportunity, synced, usePortal } from './simulated-portal';

const portal = usePortal();

describe('what HubSpot refuses', () => {
  it('blames the mapping for a stage, a pipeline or an owner that does not exist', async () => {
    portal.breaksContract(/is not the id of/);
    const crm = portal.adapter();
    const { personId, dealId, meetingId } = await synced(crm);
    const moves = [
      { pipelineId: 'default', stageId: 'nowhere' },
      { pipelineId: 'nowhere', stageId: 'appointmentscheduled' },
    ];
    for (const move of moves)
      expect((await failure(crm.moveOpportunity(dealId, move, call))).errorClass).toBe('mapping_invalid');
    const owned = appointment({ personId, ownerId: '9999' });
    expect(await failure(crm.updateAppointment(meetingId, owned, call))).toMatchObject({
      errorClass: 'mapping_invalid',
      fields: ['hubspot_owner_id'],
    });
    expect(
      (await failure(crm.createOpportunity({ ...opportunity(personId), stageId: 'nowhere' }, call))).errorClass,
    ).toBe('mapping_invalid');
    expect(portal.live('deals')).toHaveLength(1);
  });

  it('blames the mapping for a stage and an owner who are out of use', async () => {
    const crm = portal.adapter();
    const { personId, dealId, meetingId } = await synced(crm);
    portal.hubspot.changeSettings({ archivedStages: ['qualifiedtobuy'], archivedOwners: ['77001'] });
    const move = crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'qualifiedtobuy' }, call);
    expect(await failure(move)).toMatchObject({ errorClass: 'mapping_invalid', fields: ['dealstage'] });
    const owned = crm.updateAppointment(meetingId, appointment({ personId, ownerId: '77001' }), call);
    expect(await failure(owned)).toMatchObject({ errorClass: 'mapping_invalid', fields: ['hubspot_owner_id'] });
    expect(await crm.findOwner('host@example.com', call)).toBeNull();
    const stages = (await crm.describe(call)).pipelines[0]?.stages.map(({ id }) => id);
    expect(stages).not.toContain('qualifiedtobuy');
  });

  it('tells a rule of the pipeline from a mapping that is wrong', async () => {
    const crm = portal.adapter();
    const { dealId } = await synced(crm);
    portal.hubspot.changeSettings({ pipelineRules: [{ pipeline: 'default', noSkipping: true }] });
    const move = crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'contractsent' }, call);
    expect(await failure(move)).toMatchObject({ errorClass: 'crm_rule', fields: ['dealstage'] });
  });

  it('asks to wait where a record is locked or the account is being moved', async () => {
    const crm = portal.adapter();
    portal.hubspot.changeSettings({ lockMs: 60_000 });
    const { id } = await crm.createPerson(guest, call);
    const locked = await failure(crm.writePerson(id, { lastName: 'Other' }, call));
    expect(locked).toMatchObject({ errorClass: 'rate_limited', httpStatus: 423, retryAfterMs: 2_000 });
    portal.hubspot.changeSettings({ migratingSeconds: 90 });
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'unavailable', retryAfterMs: 90_000 });
  });

  it('asks to wait an hour at the daily limit, whose end is not told', async () => {
    portal.hubspot.changeSettings({ rateLimits: { tenSecondly: 100, searchPerSecond: 5, daily: 1 } });
    const crm = portal.adapter();
    await crm.probe(call);
    expect(await failure(portal.adapter().probe(call))).toMatchObject({
      errorClass: 'rate_limited',
      retryAfterMs: 3_600_000,
    });
  });

  it('stops before the limit is overrun, because the answers say how much is left', async () => {
    portal.hubspot.changeSettings({ rateLimits: { tenSecondly: 3, searchPerSecond: 5 } });
    const crm = portal.adapter();
    const ask = () => crm.readAppointment('1', call);
    for (let n = 0; n < 3; n += 1) await ask();
    expect(await failure(ask())).toMatchObject({ errorClass: 'rate_limited', httpStatus: null });
    expect(portal.hubspot.requests().filter(({ status }) => status === 429)).toEqual([]);
  });

  it('keeps searches within their own limit', async () => {
    const crm = portal.adapter();
    const query = { linkedId: null, emails: [], phones: ['+12025550143'] };
    await Promise.all(Array.from({ length: 7 }, () => crm.resolvePerson(query, call)));
    expect(portal.hubspot.requests().map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
  });
});
