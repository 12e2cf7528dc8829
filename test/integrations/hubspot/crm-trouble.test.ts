/**
 * The adapter against the HubSpot simulator: every call meets every kind of trouble, and settles to one record.
 */
import type { Crm } from '../../../integrations/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import { appointment } from './canned-transport';
import { call, failure, guest, opportunity, synced, usePortal, type Ids } from './simulated-portal';

const portal = usePortal();

interface Trouble {
  readonly name: string;
  readonly fault: Pick<HttpFaultInput, 'connection' | 'status' | 'apply' | 'truncate' | 'delayMs'>;
}
const APPLIED: readonly Trouble[] = [
  { name: 'applied, then the connection cut', fault: { connection: 'reset_after' } },
  { name: 'applied, then 500', fault: { status: 500, apply: true } },
  { name: 'applied, then a gateway page', fault: { status: 504, apply: true } },
  { name: 'applied, then half an answer', fault: { truncate: true } },
  { name: 'applied, then no answer in time', fault: { delayMs: 1_500 } },
];
const NOT_APPLIED: readonly Trouble[] = [
  { name: 'cut before it was applied', fault: { connection: 'reset_before' } },
  { name: 'refused with 503', fault: { status: 503 } },
];
/** For the call that meets the trouble; only the held-back answer needs a short deadline. */
const troubled = ({ delayMs }: Trouble['fault']): Crm =>
  portal.adapter(delayMs === undefined ? {} : { requestTimeoutMs: 300 });

interface Create {
  readonly name: 'createPerson' | 'createAppointment' | 'createOpportunity';
  readonly type: 'contacts' | 'meetings' | 'deals';
  readonly create: (crm: Crm, personId: string) => Promise<{ readonly id: string }>;
  /** How a caller settles an unknown outcome. */
  readonly settle: (crm: Crm, personId: string) => Promise<{ readonly id: string } | null>;
}
const creates: readonly Create[] = [
  {
    name: 'createPerson',
    type: 'contacts',
    create: (crm) => crm.createPerson({ ...guest, email: 'second@example.com' }, call),
    settle: async (crm) => {
      const match = await crm.resolvePerson({ linkedId: null, emails: ['second@example.com'], phones: [] }, call);
      return match.kind === 'one' ? match.person : null;
    },
  },
  {
    name: 'createAppointment',
    type: 'meetings',
    create: (crm, personId) => crm.createAppointment(appointment({ personId }), call),
    settle: (crm, personId) => crm.findAppointment(appointment().externalKey, personId, call),
  },
  {
    name: 'createOpportunity',
    type: 'deals',
    create: (crm, personId) => crm.createOpportunity(opportunity(personId), call),
    settle: (crm, personId) => crm.findOpportunity(personId, 'default', call),
  },
];

describe.each(creates)('$name', ({ type, create, settle }) => {
  const path = `^/crm/objects/2026-09/${type}$`;

  it.each(APPLIED)('is unknown when $name, and settles to the record that is there', async ({ fault }) => {
    const crm = portal.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const before = portal.live(type).length;
    portal.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
    expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
    expect(portal.hubspot.faultsLeft()).toEqual([]);
    expect(await settle(crm, personId)).toMatchObject({ id: portal.live(type).at(-1)?.id });
    expect(portal.live(type)).toHaveLength(before + 1);
  });

  it.each(NOT_APPLIED)('is unknown when $name, settles to nothing, and is created by the repeat', async ({ fault }) => {
    const crm = portal.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const before = portal.live(type).length;
    portal.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
    expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
    expect(await settle(crm, personId)).toBeNull();
    const { id } = await create(crm, personId);
    expect(await settle(crm, personId)).toMatchObject({ id });
    expect(portal.live(type)).toHaveLength(before + 1);
  });
});

describe.each(creates.filter(({ type }) => type !== 'contacts'))('$name, with the key property', (given) => {
  const { type, create, settle } = given;
  const path = `^/crm/objects/2026-09/${type}$`;
  const begin = async (): Promise<{ crm: Crm; personId: string }> => {
    const crm = portal.adapter();
    expect((await crm.ensureSetup(call)).missing).toEqual([]);
    return { crm, personId: (await crm.createPerson(guest, call)).id };
  };

  it.each([...APPLIED, ...NOT_APPLIED])(
    'may be repeated blindly when $name: there is one record',
    async ({ fault }) => {
      const { crm, personId } = await begin();
      portal.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
      expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
      const { id } = await create(crm, personId);
      expect(await create(portal.adapter(), personId)).toMatchObject({ id });
      expect(portal.live(type).map((record) => record.id)).toEqual([id]);
      expect(await settle(crm, personId)).toMatchObject({ id });
      expect(portal.hubspot.state().violations).toBe(0);
    },
  );
});

interface Repeatable {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly run: (crm: Crm, ids: Ids) => Promise<unknown>;
}
const repeatables: readonly Repeatable[] = [
  { name: 'describe', method: 'GET', path: '^/crm/pipelines/', run: (crm) => crm.describe(call) },
  {
    name: 'describe (fields)',
    method: 'GET',
    path: '^/crm/properties/2026-09/contacts$',
    run: (crm) => crm.describe(call),
  },
  {
    name: 'ensureSetup (reading)',
    method: 'GET',
    path: '^/crm/properties/',
    run: (crm) => crm.ensureSetup(call),
  },
  {
    name: 'ensureSetup (group)',
    method: 'POST',
    path: '^/crm/properties/2026-09/deals/groups$',
    run: (crm) => crm.ensureSetup(call),
  },
  {
    name: 'ensureSetup (property)',
    method: 'POST',
    path: '^/crm/properties/2026-09/meetings$',
    run: (crm) => crm.ensureSetup(call),
  },
  { name: 'probe', method: 'GET', path: '^/crm/owners/', run: (crm) => crm.probe(call) },
  { name: 'findOwner', method: 'GET', path: '^/crm/owners/', run: (crm) => crm.findOwner('host@example.com', call) },
  {
    name: 'resolvePerson (link)',
    method: 'GET',
    path: '/contacts/\\d+',
    run: (crm, { personId }) => crm.resolvePerson({ linkedId: personId, emails: [], phones: [] }, call),
  },
  {
    name: 'resolvePerson (e-mail)',
    method: 'GET',
    path: 'idProperty=email',
    run: (crm) => crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call),
  },
  {
    name: 'resolvePerson (phone)',
    method: 'POST',
    path: '/contacts/search$',
    run: (crm) => crm.resolvePerson({ linkedId: null, emails: [], phones: ['+12025550143'] }, call),
  },
  {
    name: 'findPeopleByName',
    method: 'POST',
    path: '/contacts/search$',
    run: (crm) => crm.findPeopleByName({ first: 'Ada', last: 'Sample' }, call),
  },
  {
    name: 'writePerson',
    method: 'PATCH',
    path: '/contacts/\\d+$',
    run: (crm, { personId }) => crm.writePerson(personId, { lastName: guest.lastName }, call),
  },
  {
    name: 'writePersonFields',
    method: 'PATCH',
    path: '/contacts/\\d+$',
    run: (crm, { personId }) => crm.writePersonFields(personId, { company: 'Sample Roofing' }, call),
  },
  {
    name: 'updateAppointment',
    method: 'PATCH',
    path: '/meetings/\\d+$',
    run: (crm, { personId, meetingId }) =>
      crm.updateAppointment(meetingId, appointment({ personId, status: 'showed' }), call),
  },
  {
    name: 'updateAppointment (link to the deal)',
    method: 'PUT',
    path: '/meetings/\\d+/associations/default/deals/',
    run: (crm, { personId, dealId, meetingId }) =>
      crm.updateAppointment(meetingId, appointment({ personId, opportunityId: dealId }), call),
  },
  {
    name: 'cancelAppointment (reading)',
    method: 'GET',
    path: '/meetings/\\d+',
    run: (crm, { meetingId }) => crm.cancelAppointment(meetingId, 'Merged.', call),
  },
  {
    name: 'cancelAppointment',
    method: 'PATCH',
    path: '/meetings/\\d+$',
    run: (crm, { meetingId }) => crm.cancelAppointment(meetingId, 'Merged.', call),
  },
  {
    name: 'readAppointment',
    method: 'GET',
    path: '/meetings/\\d+',
    run: (crm, { meetingId }) => crm.readAppointment(meetingId, call),
  },
  {
    name: 'findAppointment (links)',
    method: 'POST',
    path: '/crm/associations/',
    run: (crm, { personId }) => crm.findAppointment(appointment().externalKey, personId, call),
  },
  {
    name: 'findAppointment (meetings)',
    method: 'POST',
    path: '/meetings/batch/read$',
    run: (crm, { personId }) => crm.findAppointment(appointment().externalKey, personId, call),
  },
  {
    name: 'findOpportunity (deals)',
    method: 'POST',
    path: '/deals/batch/read$',
    run: (crm, { personId }) => crm.findOpportunity(personId, 'default', call),
  },
  {
    name: 'readOpportunity',
    method: 'GET',
    path: '/deals/\\d+',
    run: (crm, { dealId }) => crm.readOpportunity(dealId, call),
  },
  {
    name: 'moveOpportunity',
    method: 'PATCH',
    path: '/deals/\\d+$',
    run: (crm, { dealId }) => crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'qualifiedtobuy' }, call),
  },
];

describe.each(repeatables)('$name', ({ method, path, run }) => {
  /** What a run without trouble answers and leaves. */
  async function undisturbed(): Promise<{ answer: unknown; state: string }> {
    const crm = portal.adapter();
    const answer = await run(crm, await synced(crm));
    const state = picture();
    portal.reset();
    return { answer, state };
  }
  /** The records without the vendor's own timestamps, which differ from run to run. */
  const picture = (): string =>
    JSON.stringify(portal.hubspot.state(), (key, value: unknown) =>
      /^(createdate|lastmodifieddate|hs_createdate|hs_lastmodifieddate|hs_unique_creation_key)$/.test(key)
        ? null
        : value,
    );

  it.each([...APPLIED, ...NOT_APPLIED])(
    'may be repeated when $name, and then says and leaves the same as without trouble',
    async ({ fault }) => {
      const expected = await undisturbed();
      const crm = portal.adapter();
      const ids = await synced(crm);
      portal.hubspot.setFaults([{ method, path, ...fault }]);
      expect((await failure(run(troubled(fault), ids))).errorClass).toBe('unavailable');
      expect(portal.hubspot.faultsLeft()).toEqual([]);
      expect(await run(crm, ids)).toEqual(expected.answer);
      expect(picture()).toBe(expected.state);
    },
  );
});
