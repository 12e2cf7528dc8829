/**
 * How many requests a booking costs at each CRM, counted at its simulator, through the calls that a sync makes.
 * The same through the real activities: test/workflows/crm-economy.wf.test.ts.
 */
import type { Crm } from '../../../integrations/ports';
import { aDayLater, appointment, call, guest, opportunity, type CrmUnderTest } from './crm-under-test';
import { CRMS, useCrm } from './crms';

/** Requests that a new booking of a known person may cost, from the issue. */
const MOST: Readonly<Record<string, number>> = { hubspot: 6, gohighlevel: 7 };

describe.each(CRMS)('%s', (_name, make) => {
  const used = useCrm(make);
  const { counted } = used;

  it('a new booking of a known person, its move and its outcome stay within the budget', async () => {
    const { account } = used;
    if (account.isSetUp) await account.adapter().ensureSetup(call);
    await account.adapter().createPerson({ ...guest, phone: null }, call);
    const crm = account.adapter();
    // What a process asks once, whatever the booking.
    await warmedUp(account, crm);
    let ids = { personId: '', opportunityId: '', appointmentId: '' };
    const first = await counted(async () => void (ids = await booked(account, crm)));
    expect(first).toBeLessThanOrEqual(MOST[crm.kind] ?? 0);

    const { personId, opportunityId, appointmentId } = ids;
    const fields = appointment(personId, { ownerId: account.owner.id });
    const moved = await counted(async () => {
      await crm.findOwner(account.owner.email, call);
      await crm.updateAppointment(appointmentId, aDayLater(fields), call);
    });
    expect(moved).toBeLessThanOrEqual(2);
    const ended = await counted(async () => {
      await crm.findOwner(account.owner.email, call);
      await crm.updateAppointment(appointmentId, { ...aDayLater(fields), status: 'showed' }, call);
      await crm.readOpportunity(opportunityId, call);
      await crm.moveOpportunity(opportunityId, { pipelineId: account.pipelineId, stageId: account.nextStageId }, call);
    });
    expect(ended).toBeLessThanOrEqual(4);
  });
});

/** Somebody else's booking. */
async function warmedUp(account: CrmUnderTest, crm: Crm): Promise<void> {
  const { id } = await crm.createPerson({ ...guest, email: 'earlier@example.com', phone: null }, call);
  await crm.createOpportunity({ ...opportunity(account, id), externalKey: 'o:earlier' }, call);
  await crm.findOpportunity(id, account.pipelineId, call);
  await crm.createAppointment(appointment(id, { externalKey: 'a:earlier' }), call);
}

/** What a sync calls for a guest whom the CRM knows by e-mail, and who leaves a phone that it lacks. */
async function booked(account: CrmUnderTest, crm: Crm) {
  const match = await crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call);
  const personId = match.kind === 'one' ? match.person.id : '';
  await crm.writePerson(personId, { phone: guest.phone }, call);
  const ownerId = (await crm.findOwner(account.owner.email, call))?.id ?? null;
  expect(await crm.findOpportunity(personId, account.pipelineId, call)).toBeNull();
  const { id: opportunityId } = await crm.createOpportunity({ ...opportunity(account, personId), ownerId }, call);
  const { id: appointmentId } = await crm.createAppointment(appointment(personId, { opportunityId, ownerId }), call);
  return { personId, opportunityId, appointmentId };
}
