/**
 * The adapter against the HubSpot simulator, over real sockets: a whole life, and every call meeting every kind of trouble.
 */
import { createHubspotCrm, type HubspotCrmSettings } from '../../../integrations/hubspot/crm';
import { CrmError, type Crm, type CrmCall, type PersonFields } from '../../../integrations/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import { startSimulators, type Simulators } from '../../../local/simulators/server';
import { appointment } from './canned-fetch';

let simulators: Simulators;
beforeAll(async () => {
  simulators = await startSimulators({ port: 0 });
});
afterAll(() => simulators.close());
beforeEach(() => {
  simulators.hubspot.reset();
  simulators.hubspot.changeSettings({ searchLagMs: 0 });
});

const call: CrmCall = { operationKey: 'op-1', signal: new AbortController().signal };
const guest: PersonFields = { email: 'guest@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' };
const PIPELINE = { pipelineId: 'default', stageId: 'appointmentscheduled' } as const;

function adapter(more: Partial<HubspotCrmSettings> = {}): Crm {
  return createHubspotCrm({
    baseUrl: `${simulators.url}/hubspot`,
    token: 'pat-demo',
    requestsPerSecond: 1_000,
    ...more,
  });
}
const opportunity = (personId: string) => ({
  externalKey: 'o:calcom-sales:uid-1',
  personId,
  name: 'Sample deal',
  ownerId: null,
  ...PIPELINE,
});

async function failure(promise: Promise<unknown>): Promise<CrmError> {
  const thrown: unknown = await promise.then(
    () => new Error('expected a failure'),
    (error: unknown) => error,
  );
  if (thrown instanceof CrmError) return thrown;
  throw thrown;
}

/** A contact, a deal and a meeting, as a sync leaves them. */
async function synced(crm: Crm) {
  const { id: personId } = await crm.createPerson({ ...guest, lastName: null }, call);
  const { id: dealId } = await crm.createOpportunity(opportunity(personId), call);
  const { id: meetingId } = await crm.createAppointment(appointment({ personId, opportunityId: dealId }), call);
  return { personId, dealId, meetingId };
}
const live = (type: 'contacts' | 'meetings' | 'deals') =>
  simulators.hubspot.state().objects[type].filter(({ archived }) => !archived);

describe('one booking’s life in HubSpot', () => {
  it('leaves one contact, one deal and one meeting, linked, and breaks no rule of the contract', async () => {
    const crm = adapter();
    const wanted = { linkedId: null, emails: ['guest@example.com'], phones: ['+12025550143'] };
    await crm.probe(call);
    expect(await crm.resolvePerson(wanted, call)).toEqual({ kind: 'none' });
    const { personId, dealId, meetingId } = await synced(crm);
    expect(await crm.resolvePerson(wanted, call)).toEqual({ kind: 'one', id: personId, matchedOn: 'email' });
    expect(await crm.resolvePerson({ ...wanted, emails: [] }, call)).toEqual({
      kind: 'one',
      id: personId,
      matchedOn: 'phone',
    });
    expect(await crm.resolvePerson({ ...wanted, linkedId: personId }, call)).toMatchObject({ matchedOn: 'link' });
    expect(await crm.createPerson(guest, call)).toEqual({ id: personId, created: false });
    expect(await crm.findOpenOpportunity(personId, 'default', call)).toMatchObject({ id: dealId, ...PIPELINE });
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
    expect(await crm.findOpenOpportunity(personId, 'default', call)).toBeNull();
    await crm.cancelAppointment(meetingId, 'Merged into another booking.', call);
    expect(await crm.readAppointment(meetingId, call)).toMatchObject({ status: 'canceled', startMs: slot.startMs });

    const state = simulators.hubspot.state();
    expect([live('contacts'), live('deals'), live('meetings')].map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(state.associations.map(({ typeId }) => typeId)).toEqual(expect.arrayContaining([3, 200, 212]));
    expect(live('meetings')[0]?.properties).toMatchObject({
      hubspot_owner_id: '77001',
      hs_meeting_outcome: 'CANCELED',
    });
    expect(live('meetings')[0]?.properties['hs_meeting_body']).toContain('Merged into another booking.');
    expect(simulators.hubspot.requests().filter(({ violation }) => violation !== null)).toEqual([]);
    expect(state.violations).toBe(0);
  });

  it('describes the pipelines', async () => {
    const { pipelines } = await adapter().describe(call);
    expect(pipelines[0]).toMatchObject({ id: 'default' });
    expect(pipelines[0]?.stages.map(({ id }) => id)).toContain('appointmentscheduled');
  });

  it('reads what was never there as null', async () => {
    const crm = adapter();
    expect(await crm.readAppointment('999999', call)).toBeNull();
    expect(await crm.readOpportunity('999999', call)).toBeNull();
    expect(await crm.findOwner('nobody@example.com', call)).toBeNull();
  });
});

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
  adapter(delayMs === undefined ? {} : { requestTimeoutMs: 300 });

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
      return match.kind === 'one' ? match : null;
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
    settle: (crm, personId) => crm.findOpenOpportunity(personId, 'default', call),
  },
];

describe.each(creates)('$name', ({ type, create, settle }) => {
  const path = `^/crm/objects/2026-09/${type}$`;

  it.each(APPLIED)('is unknown when $name, and settles to the record that is there', async ({ fault }) => {
    const crm = adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const before = live(type).length;
    simulators.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
    expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
    expect(simulators.hubspot.faultsLeft()).toEqual([]);
    expect(await settle(crm, personId)).toMatchObject({ id: live(type).at(-1)?.id });
    expect(live(type)).toHaveLength(before + 1);
  });

  it.each(NOT_APPLIED)('is unknown when $name, settles to nothing, and is created by the repeat', async ({ fault }) => {
    const crm = adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const before = live(type).length;
    simulators.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
    expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
    expect(await settle(crm, personId)).toBeNull();
    const { id } = await create(crm, personId);
    expect(await settle(crm, personId)).toMatchObject({ id });
    expect(live(type)).toHaveLength(before + 1);
  });
});

interface Ids {
  readonly personId: string;
  readonly dealId: string;
  readonly meetingId: string;
}
interface Repeatable {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly run: (crm: Crm, ids: Ids) => Promise<unknown>;
}
const repeatables: readonly Repeatable[] = [
  { name: 'describe', method: 'GET', path: '^/crm/pipelines/', run: (crm) => crm.describe(call) },
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
    name: 'fillPerson (reading)',
    method: 'GET',
    path: '/contacts/\\d+',
    run: (crm, { personId }) => crm.fillPerson(personId, guest, call),
  },
  {
    name: 'fillPerson',
    method: 'PATCH',
    path: '/contacts/\\d+$',
    // What was filled is not compared: the repeat of an applied call rightly finds nothing left to fill.
    run: async (crm, { personId }) => void (await crm.fillPerson(personId, guest, call)),
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
    name: 'findOpenOpportunity (deals)',
    method: 'POST',
    path: '/deals/batch/read$',
    run: (crm, { personId }) => crm.findOpenOpportunity(personId, 'default', call),
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
    const crm = adapter();
    const answer = await run(crm, await synced(crm));
    const state = picture();
    simulators.hubspot.reset();
    simulators.hubspot.changeSettings({ searchLagMs: 0 });
    return { answer, state };
  }
  /** The records without the vendor's own timestamps, which differ from run to run. */
  const picture = (): string =>
    JSON.stringify(simulators.hubspot.state(), (key, value: unknown) =>
      /^(createdate|lastmodifieddate|hs_createdate|hs_lastmodifieddate|hs_unique_creation_key)$/.test(key)
        ? null
        : value,
    );

  it.each([...APPLIED, ...NOT_APPLIED])(
    'may be repeated when $name, and then says and leaves the same as without trouble',
    async ({ fault }) => {
      const expected = await undisturbed();
      const crm = adapter();
      const ids = await synced(crm);
      simulators.hubspot.setFaults([{ method, path, ...fault }]);
      expect((await failure(run(troubled(fault), ids))).errorClass).toBe('unavailable');
      expect(simulators.hubspot.faultsLeft()).toEqual([]);
      expect(await run(crm, ids)).toEqual(expected.answer);
      expect(picture()).toBe(expected.state);
    },
  );
});

describe('what HubSpot refuses', () => {
  it('asks to reconnect when the token is dead, and names a scope that is missing', async () => {
    const crm = adapter();
    simulators.hubspot.changeSettings({ token: 'expired' });
    expect((await failure(crm.probe(call))).errorClass).toBe('reauth_required');
    simulators.hubspot.changeSettings({ token: 'accepted', missingScopes: ['crm.objects.contacts.write'] });
    expect(await failure(crm.createPerson(guest, call))).toMatchObject({
      errorClass: 'reauth_required',
      fields: ['crm.objects.contacts.write'],
    });
  });

  it('blames the mapping for a stage, a pipeline or an owner that does not exist', async () => {
    const crm = adapter();
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
    expect(live('deals')).toHaveLength(1);
  });

  it('blames the mapping, and names the property, when a rule of the account demands one', async () => {
    const crm = adapter();
    const { dealId } = await synced(crm);
    simulators.hubspot.changeSettings({
      conditionalRules: [{ objectType: 'deals', property: 'dealstage', value: 'closedwon', requires: 'amount' }],
    });
    const error = await failure(crm.moveOpportunity(dealId, { pipelineId: 'default', stageId: 'closedwon' }, call));
    expect(error).toMatchObject({ errorClass: 'mapping_invalid', fields: ['amount'] });
  });

  it('blames the data for an address that is none, without repeating it', async () => {
    const error = await failure(adapter().createPerson({ ...guest, email: 'canary at example' }, call));
    expect(error).toMatchObject({ errorClass: 'invalid_data', fields: ['email'] });
    expect(error.message).not.toContain('canary');
  });

  it('says that a record is gone', async () => {
    const crm = adapter();
    expect((await failure(crm.updateAppointment('999999', appointment(), call))).errorClass).toBe('target_gone');
    expect((await failure(crm.createAppointment(appointment({ personId: '999999' }), call))).errorClass).toBe(
      'target_gone',
    );
  });

  it('asks to wait at a limit', async () => {
    simulators.hubspot.setFaults([{ status: 429 }]);
    expect(await failure(adapter().probe(call))).toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 10_000 });
  });

  it('stops before the limit is overrun, because the answers say how much is left', async () => {
    simulators.hubspot.changeSettings({ rateLimits: { tenSecondly: 3, searchPerSecond: 5 } });
    const crm = adapter();
    for (let n = 0; n < 3; n += 1) await crm.probe(call);
    expect(await failure(crm.probe(call))).toMatchObject({ errorClass: 'rate_limited', httpStatus: null });
    expect(simulators.hubspot.requests().filter(({ status }) => status === 429)).toEqual([]);
  });

  it('keeps searches within their own limit', async () => {
    const crm = adapter();
    const query = { linkedId: null, emails: [], phones: ['+12025550143'] };
    await Promise.all(Array.from({ length: 7 }, () => crm.resolvePerson(query, call)));
    expect(simulators.hubspot.requests().map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
  });
});

describe('HubSpot’s lagging search', () => {
  it('misses a new contact by phone for a while, and never by e-mail', async () => {
    simulators.hubspot.changeSettings({ searchLagMs: 60_000 });
    const crm = adapter();
    const { id } = await crm.createPerson(guest, call);
    expect(await crm.resolvePerson({ linkedId: null, emails: [], phones: ['+12025550143'] }, call)).toEqual({
      kind: 'none',
    });
    expect(await crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call)).toMatchObject({
      id,
    });
  });
});
