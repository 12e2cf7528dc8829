import type { Crm } from '../../../integrations/ports';
import { appointment, failure, guest } from './canned-transport';
import { call, FIRST_STAGE, useLocation } from './simulated-location';

const location = useLocation();
const opportunity = (personId: string) => ({
  externalKey: 'o:calcom-sales:uid-1',
  personId,
  name: 'Sample card',
  ownerId: 'user-host',
  ...FIRST_STAGE,
});
const live = () => location.gohighlevel.state();

describe.each(['v3', 'dated'] as const)('the adapter against the simulated location, version %s', (apiVersion) => {
  it('keeps one booking right from the first write to the outcome, and tells the guest nothing', async () => {
    const crm = location.adapter({ apiVersion });
    expect(await crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call)).toEqual({
      kind: 'none',
    });
    const { id: personId, created, dropped } = await crm.createPerson(guest, call);
    expect({ created, dropped }).toEqual({ created: true, dropped: [] });
    const owner = await crm.findOwner('HOST@example.com', call);
    expect(owner).toEqual({ id: 'user-host' });
    const { id: cardId } = await crm.createOpportunity(opportunity(personId), call);
    const fields = appointment({ personId, ownerId: 'user-host', location: '12 Sample Street' });
    const { id } = await crm.createAppointment(fields, call);
    const moved = { ...fields.slot, startMs: fields.slot.startMs + 86_400_000, endMs: fields.slot.endMs + 86_400_000 };
    await crm.updateAppointment(id, { ...fields, slot: moved, status: 'no_show' }, call);
    await crm.moveOpportunity(cardId, { pipelineId: 'pipe-main', stageId: 'stage-no-show' }, call);
    expect(await crm.readAppointment(id, call)).toEqual({
      id,
      startMs: moved.startMs,
      endMs: moved.endMs,
      status: 'no_show',
      archived: false,
      title: 'Roof inspection',
      ownerId: 'user-host',
    });
    expect(await crm.readOpportunity(cardId, call)).toEqual({
      id: cardId,
      pipelineId: 'pipe-main',
      stageId: 'stage-no-show',
      closed: false,
      archived: false,
    });
    expect(await crm.findAppointment(fields.externalKey, personId, call)).toEqual({ id });
    expect(live().sideEffects.counts).toMatchObject({ guest_notified: 0 });
    expect(live().events).toHaveLength(1);
  });

  it('finds a person by id, by e-mail and by phone, and nobody else', async () => {
    const crm = location.adapter({ apiVersion });
    const { id } = await crm.createPerson(guest, call);
    const resolve = (query: { linkedId?: string; emails?: string[]; phones?: string[] }) =>
      crm.resolvePerson({ linkedId: null, emails: [], phones: [], ...query }, call);
    expect(await resolve({ linkedId: id })).toMatchObject({ kind: 'one', matchedOn: 'link', person: { id } });
    expect(await resolve({ linkedId: 'gone', emails: ['GUEST@example.com'] })).toMatchObject({ matchedOn: 'email' });
    expect(await resolve({ emails: ['b@example.com'], phones: ['+12025550143'] })).toMatchObject({
      kind: 'one',
      matchedOn: 'phone',
      person: { id, current: guest },
    });
    expect(await resolve({ emails: ['b@example.com'], phones: ['+12025550144'] })).toEqual({ kind: 'none' });
    expect(await crm.findPeopleByName({ first: 'ada', last: 'SAMPLE' }, call)).toMatchObject([{ id }]);
    expect(await crm.findPeopleByName({ first: 'ada', last: 'Other' }, call)).toEqual([]);
  });

  it('writes custom fields and tags without touching the others', async () => {
    const crm = location.adapter({ apiVersion });
    const { id } = await crm.createPerson(guest, call);
    await crm.writePersonFields(id, { 'field-roof-age': '12' }, call);
    await crm.changeTags(id, { add: ['Booked', 'vip'], remove: [] }, call);
    await crm.changeTags(id, { add: ['no-show'], remove: ['booked'] }, call);
    const [contact] = live().contacts;
    expect(contact?.tags).toEqual(['vip', 'no-show']);
    expect(contact?.customFields).toEqual([{ id: 'field-roof-age', value: '12' }]);
    expect(contact?.texts).toMatchObject(guest);
  });
});

describe('the adapter against the simulated location', () => {
  const twoPeople = async (crm: Crm): Promise<{ byEmail: string; byPhone: string }> => {
    const { id: byEmail } = await crm.createPerson({ ...guest, phone: null }, call);
    const { id: byPhone } = await crm.createPerson({ ...guest, email: null, lastName: 'Other' }, call);
    return { byEmail, byPhone };
  };

  it('reports the identity that an upsert drops without a word', async () => {
    const crm = location.adapter();
    const { byEmail } = await twoPeople(crm);
    expect(await crm.createPerson(guest, call)).toEqual({ id: byEmail, created: false, dropped: ['phone'] });
  });

  it('writes the rest when an identity belongs to another contact', async () => {
    const crm = location.adapter();
    const { byEmail } = await twoPeople(crm);
    const changes = { phone: guest.phone, lastName: 'Renamed' };
    expect(await crm.writePerson(byEmail, changes, call)).toEqual({ dropped: ['phone'] });
    expect(live().contacts.find(({ id }) => id === byEmail)?.texts).toMatchObject({ phone: null, lastName: 'Renamed' });
  });

  it('creates somebody who has a name only', async () => {
    const crm = location.adapter();
    const { created } = await crm.createPerson({ ...guest, email: null, phone: null }, call);
    expect(created).toBe(true);
    expect(location.requests()).toEqual(['POST /contacts/']);
  });

  it('adopts the closed card that the search does not show yet, and leaves it as it is', async () => {
    location.gohighlevel.changeSettings({ searchLagMs: 60_000 });
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const first = await crm.createOpportunity(opportunity(personId), call);
    await crm.moveOpportunity(first.id, { pipelineId: 'pipe-main', stageId: 'stage-proposal' }, call);
    location.gohighlevel.act({ action: 'setStatus', id: first.id, status: 'lost' });
    expect(await crm.findOpportunity(personId, 'pipe-main', call)).toBeNull();
    expect(await crm.createOpportunity(opportunity(personId), call)).toEqual({ id: first.id, created: false });
    expect(await crm.readOpportunity(first.id, call)).toMatchObject({ stageId: 'stage-proposal', closed: true });
  });

  it('marks a surplus appointment as canceled with the reason, once', async () => {
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const { id } = await crm.createAppointment(appointment({ personId }), call);
    await crm.cancelAppointment(id, 'Continued elsewhere.', call);
    await crm.cancelAppointment(id, 'Continued elsewhere.', call);
    expect(live().events[0]).toMatchObject({
      status: 'cancelled',
      description: 'Sample appointment\n\nBooking reference: a:calcom-sales:uid-1\n\nContinued elsewhere.',
    });
    expect(await crm.findAppointment('a:calcom-sales:uid-1', personId, call)).toEqual({ id });
  });

  it.each(['shown', 'gone'] as const)('takes a deleted appointment that is %s for gone', async (deletedEvents) => {
    location.gohighlevel.changeSettings({ deletedEvents });
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const { id } = await crm.createAppointment(appointment({ personId }), call);
    location.gohighlevel.act({ action: 'deleteAppointment', id });
    expect(await crm.readAppointment(id, call)).toBeNull();
    expect(await crm.findAppointment('a:calcom-sales:uid-1', personId, call)).toBeNull();
    expect(await failure(crm.updateAppointment(id, appointment({ personId }), call))).toMatchObject({
      errorClass: 'target_gone',
    });
  });
});
