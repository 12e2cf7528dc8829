/**
 * What an account's own settings allow or refuse, both ways: keys that are unique, duplicates, and searches that show less.
 */
import { appointment, call, guest, opportunity, synced } from './crm-under-test';
import { gohighlevelUnderTest } from './gohighlevel-under-test';
import { hubspotUnderTest } from './hubspot-under-test';
import { useCrm } from './crms';

describe('HubSpot', () => {
  const used = useCrm(hubspotUnderTest);

  it.each([
    ['takes unique properties on meetings: one key, one meeting', true],
    ['refuses unique properties on meetings: the caller has to look first', false],
  ])('%s', async (_title, uniqueMeetingProperties) => {
    const { account, simulators } = used;
    simulators.hubspot.changeSettings({ uniqueMeetingProperties });
    const crm = account.adapter();
    const { missing } = await crm.ensureSetup(call);
    expect(missing).toHaveLength(uniqueMeetingProperties ? 0 : 1);
    const { personId, appointmentId } = await synced(account, crm);
    const again = await crm.createAppointment(appointment(personId, { status: 'showed' }), call);
    expect(again.id === appointmentId).toBe(uniqueMeetingProperties);
    expect(account.appointments()).toHaveLength(uniqueMeetingProperties ? 1 : 2);
    // The older one is the one to keep.
    expect(await crm.findAppointment(appointment(personId).externalKey, personId, call)).toEqual({
      id: appointmentId,
    });
    if (uniqueMeetingProperties) expect(account.appointments()[0]?.status).toBe('COMPLETED');
  });
});

describe('HighLevel', () => {
  const used = useCrm(gohighlevelUnderTest);

  it.each([
    ['allows one opportunity per pipeline: the second create adopts it', false],
    ['allows several: the caller has to look first', true],
  ])('%s', async (_title, allowDuplicateOpportunity) => {
    const { account, simulators } = used;
    simulators.gohighlevel.changeSettings({ allowDuplicateOpportunity });
    const crm = account.adapter();
    expect((await crm.ensureSetup(call)).missing).toHaveLength(allowDuplicateOpportunity ? 1 : 0);
    const { personId, opportunityId } = await synced(account, crm);
    expect(await crm.findOpportunity(personId, account.pipelineId, call)).toMatchObject({ id: opportunityId });
    const again = await crm.createOpportunity(opportunity(account, personId), call);
    expect(again.created).toBe(allowDuplicateOpportunity);
    expect(account.opportunities()).toHaveLength(allowDuplicateOpportunity ? 2 : 1);
  });

  it.each([
    ['allows no duplicate contacts', false],
    ['allows duplicate contacts', true],
  ])('%s: an upsert adopts who is there all the same', async (_title, allowDuplicateContact) => {
    const { account, simulators } = used;
    simulators.gohighlevel.changeSettings({ allowDuplicateContact });
    const crm = account.adapter();
    expect((await crm.ensureSetup(call)).missing).toHaveLength(allowDuplicateContact ? 1 : 0);
    const { id } = await crm.createPerson(guest, call);
    const again = await crm.createPerson(guest, call);
    expect(again).toEqual({ id, created: false, dropped: [] });
    expect(account.people()).toHaveLength(1);
  });

  it.each([
    [['email', 'phone'], 'phone'],
    [['phone', 'email'], 'email'],
  ] as const)('that matches by %s first says which address it dropped', async (matchingOrder, dropped) => {
    const { account, simulators } = used;
    simulators.gohighlevel.changeSettings({ matchingOrder: [...matchingOrder] });
    const crm = account.adapter();
    await crm.createPerson({ ...guest, phone: null }, call);
    await crm.createPerson({ ...guest, email: null, lastName: 'Other' }, call);
    expect(await crm.createPerson(guest, call)).toMatchObject({ created: false, dropped: [dropped] });
    expect(account.people()).toHaveLength(2);
  });
});
