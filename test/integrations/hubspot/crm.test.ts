/**
 * The adapter against the HubSpot simulator, over real sockets: a whole life, and what HubSpot refuses.
 */
import { appointment } from './canned-transport';
import { call, failure, FIRST_STAGE, guest, opportunity, synced, usePortal } from './simulated-portal';

const portal = usePortal();

describe('one booking’s life in HubSpot', () => {
  it('leaves one contact, one deal and one meeting, linked, and breaks no rule of the contract', async () => {
    const crm = portal.adapter();
    const wanted = { linkedId: null, emails: ['guest@example.com'], phones: ['+12025550143'] };
    await crm.probe(call);
    expect(await crm.resolvePerson(wanted, call)).toEqual({ kind: 'none' });
    const { personId, dealId, meetingId } = await synced(crm);
    expect(await crm.resolvePerson(wanted, call)).toMatchObject({
      ...{ kind: 'one', person: { id: personId, current: { email: 'guest@example.com' } }, matchedOn: 'email' },
    });
    expect(await crm.resolvePerson({ ...wanted, emails: [] }, call)).toMatchObject({
      ...{ kind: 'one', person: { id: personId }, matchedOn: 'phone' },
    });
    expect(await crm.resolvePerson({ ...wanted, linkedId: personId }, call)).toMatchObject({ matchedOn: 'link' });
    expect(await crm.createPerson(guest, call)).toEqual({ id: personId, created: false, dropped: [] });
    expect(await crm.findOpportunity(personId, 'default', call)).toMatchObject({ id: dealId, ...FIRST_STAGE });
    expect(await crm.findAppointment(appointment().externalKey, personId, call)).toEqual({ id: meetingId });
    expect(await crm.findAppointment('a:calcom-sales:another', personId, call)).toBeNull();

    const owner = await crm.findOwner('host@example.com', call);
    const slot = { startMs: Date.UTC(2026, 10, 25, 9), endMs: Date.UTC(2026, 10, 25, 10), zone: 'Europe/Berlin' };
    await crm.updateAppointment(
      meetingId,
      appointment({ personId, opportunityId: dealId, slot, ownerId: owner?.id ?? null }),
      call,
    );
    expect(await crm.readAppointment(meetingId, call)).toEqual({
      id: meetingId,
      startMs: slot.startMs,
      endMs: slot.endMs,
      status: 'scheduled',
      archived: false,
    });
    await crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'closedwon' }, call);
    expect(await crm.readOpportunity(dealId, call)).toMatchObject({ stageId: 'closedwon' });
    expect(await crm.findOpportunity(personId, 'default', call)).toBeNull();
    await crm.cancelAppointment(meetingId, 'Merged into another booking.', call);
    expect(await crm.readAppointment(meetingId, call)).toMatchObject({ status: 'canceled', startMs: slot.startMs });

    const state = portal.hubspot.state();
    expect(
      [portal.live('contacts'), portal.live('deals'), portal.live('meetings')].map(({ length }) => length),
    ).toEqual([1, 1, 1]);
    expect(state.associations.map(({ typeId }) => typeId)).toEqual(expect.arrayContaining([3, 200, 212]));
    expect(portal.live('meetings')[0]?.properties).toMatchObject({
      hubspot_owner_id: '77001',
      hs_meeting_outcome: 'CANCELED',
    });
    expect(portal.live('meetings')[0]?.properties['hs_meeting_body']).toContain('Merged into another booking.');
    expect(portal.hubspot.requests().filter(({ violation }) => violation !== null)).toEqual([]);
    expect(state.violations).toBe(0);
  });

  it('describes the pipelines', async () => {
    const { pipelines } = await portal.adapter().describe(call);
    expect(pipelines[0]).toMatchObject({ id: 'default' });
    expect(pipelines[0]?.stages.map(({ id }) => id)).toContain('appointmentscheduled');
  });

  it('reads what was never there as null', async () => {
    const crm = portal.adapter();
    expect(await crm.readAppointment('999999', call)).toBeNull();
    expect(await crm.readOpportunity('999999', call)).toBeNull();
    expect(await crm.findOwner('nobody@example.com', call)).toBeNull();
  });
});

describe('what HubSpot refuses', () => {
  it('asks to reconnect when the token is dead, and names a scope that is missing', async () => {
    const crm = portal.adapter();
    portal.hubspot.changeSettings({ token: 'expired' });
    expect((await failure(crm.probe(call))).errorClass).toBe('reauth_required');
    portal.hubspot.changeSettings({ token: 'accepted', missingScopes: ['crm.objects.contacts.write'] });
    expect(await failure(crm.createPerson(guest, call))).toMatchObject({
      errorClass: 'scope_missing',
      fields: ['crm.objects.contacts.write'],
    });
  });

  it('blames the mapping for a stage, a pipeline or an owner that does not exist', async () => {
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

  it('names the property that a rule of the account demands', async () => {
    const crm = portal.adapter();
    const { dealId } = await synced(crm);
    portal.hubspot.changeSettings({
      conditionalRules: [{ objectType: 'deals', property: 'dealstage', value: 'closedwon', requires: 'amount' }],
    });
    const error = await failure(crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'closedwon' }, call));
    expect(error).toMatchObject({ errorClass: 'crm_rule', fields: ['amount'] });
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
      ...{ errorClass: 'rate_limited', retryAfterMs: 3_600_000 },
    });
  });

  it('blames the data for an address that is none, without repeating it', async () => {
    const error = await failure(portal.adapter().createPerson({ ...guest, email: 'canary at example' }, call));
    expect(error).toMatchObject({ errorClass: 'invalid_data', fields: ['email'] });
    expect(error.message).not.toContain('canary');
  });

  it('says that a record is gone', async () => {
    const crm = portal.adapter();
    expect((await failure(crm.updateAppointment('999999', appointment(), call))).errorClass).toBe('target_gone');
    expect((await failure(crm.createAppointment(appointment({ personId: '999999' }), call))).errorClass).toBe(
      'target_gone',
    );
  });

  it('asks to wait at a limit', async () => {
    portal.hubspot.setFaults([{ status: 429 }]);
    expect(await failure(portal.adapter().probe(call))).toMatchObject({
      errorClass: 'rate_limited',
      retryAfterMs: 10_000,
    });
  });

  it('stops before the limit is overrun, because the answers say how much is left', async () => {
    portal.hubspot.changeSettings({ rateLimits: { tenSecondly: 3, searchPerSecond: 5 } });
    const crm = portal.adapter();
    for (let n = 0; n < 3; n += 1) await crm.probe(call);
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'rate_limited', httpStatus: null });
    expect(portal.hubspot.requests().filter(({ status }) => status === 429)).toEqual([]);
  });

  it('keeps searches within their own limit', async () => {
    const crm = portal.adapter();
    const query = { linkedId: null, emails: [], phones: ['+12025550143'] };
    await Promise.all(Array.from({ length: 7 }, () => crm.resolvePerson(query, call)));
    expect(portal.hubspot.requests().map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
  });
});

describe('HubSpot’s lagging search', () => {
  it('misses a new contact by phone for a while, and never by e-mail', async () => {
    portal.hubspot.changeSettings({ searchLagMs: 60_000 });
    const crm = portal.adapter();
    const { id } = await crm.createPerson(guest, call);
    expect(await crm.resolvePerson({ linkedId: null, emails: [], phones: ['+12025550143'] }, call)).toEqual({
      kind: 'none',
    });
    expect(await crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call)).toMatchObject({
      person: { id },
    });
  });
});
