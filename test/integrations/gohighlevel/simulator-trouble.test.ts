import type { TokenStore } from '../../../integrations/oauth-tokens';
import type { Crm } from '../../../integrations/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import { appointment, failure, guest, memoryStore } from './canned-transport';
import { call, FIRST_STAGE, useLocation } from './simulated-location';

const location = useLocation();
const opportunity = (personId: string) => ({
  externalKey: 'o:calcom-sales:uid-1',
  personId,
  name: 'Sample card',
  ownerId: null,
  ...FIRST_STAGE,
});
const live = () => location.gohighlevel.state();

/** Everything that went wrong after the write was applied. */
const APPLIED: readonly [string, Omit<HttpFaultInput, 'path'>][] = [
  ['the connection is cut', { connection: 'reset_after' }],
  ['the gateway gives up', { status: 504, apply: true }],
  ['the answer breaks off', { truncate: true }],
  ['the answer is a page', { status: 200, body: '<html>hello</html>', apply: true }],
  ['there is no answer in time', { delayMs: 600_000 }],
];

describe('a create whose outcome is not known', () => {
  const creates: readonly [string, string, (crm: Crm, personId: string) => Promise<unknown>][] = [
    [
      'contact',
      '/contacts/upsert',
      (crm) => crm.createPerson({ ...guest, email: 'new@example.com', phone: null }, call),
    ],
    [
      'appointment',
      '/calendars/events/appointments',
      (crm, personId) => crm.createAppointment(appointment({ personId }), call),
    ],
    ['opportunity', '/opportunities', (crm, personId) => crm.createOpportunity(opportunity(personId), call)],
  ];
  const settle: Record<string, (crm: Crm, personId: string) => Promise<{ readonly id: string } | null>> = {
    contact: async (crm) => {
      const match = await crm.resolvePerson({ linkedId: null, emails: ['new@example.com'], phones: [] }, call);
      return match.kind === 'one' ? { id: match.person.id } : null;
    },
    appointment: (crm, personId) => crm.findAppointment('a:calcom-sales:uid-1', personId, call),
    opportunity: (crm, personId) => crm.findOpportunity(personId, 'pipe-main', call),
  };

  describe.each(creates)('%s', (what, path, create) => {
    it.each(APPLIED)('is found again when it was applied and %s', async (_what, fault) => {
      const crm = location.adapter();
      const { id: personId } = await crm.createPerson(guest, call);
      location.gohighlevel.setFaults([{ ...fault, method: 'POST', path }]);
      const hasty = fault.delayMs === undefined ? crm : location.adapter({ requestTimeoutMs: 500 });
      const error = await failure(create(hasty, personId));
      expect(error).toMatchObject({ errorClass: 'unknown_outcome' });
      expect(location.gohighlevel.faultsLeft()).toEqual([]);
      expect(await settle[what]?.(crm, personId)).toMatchObject({ id: expect.any(String) as string });
    });

    it('is said not to be there when it was not applied', async () => {
      const crm = location.adapter();
      const { id: personId } = await crm.createPerson(guest, call);
      location.gohighlevel.setFaults([{ connection: 'reset_before', method: 'POST', path }]);
      expect((await failure(create(crm, personId))).errorClass).toBe('unknown_outcome');
      expect(await settle[what]?.(crm, personId)).toBeNull();
    });
  });

  it('needs no search for an opportunity: a second create adopts the first', async () => {
    location.gohighlevel.changeSettings({ searchLagMs: 60_000 });
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    location.gohighlevel.setFaults([{ connection: 'reset_after', path: '/opportunities' }]);
    expect((await failure(crm.createOpportunity(opportunity(personId), call))).errorClass).toBe('unknown_outcome');
    expect(await crm.findOpportunity(personId, 'pipe-main', call)).toBeNull();
    expect(await crm.createOpportunity(opportunity(personId), call)).toMatchObject({ created: false });
    expect(live().opportunities).toHaveLength(1);
  });
});

describe('twenty at once', () => {
  it('share one contact and one opportunity', async () => {
    const crm = location.adapter();
    const calls = Array.from({ length: 20 }, () => ({ ...call, signal: new AbortController().signal }));
    const people = await Promise.all(calls.map((one) => crm.createPerson(guest, one)));
    expect(new Set(people.map(({ id }) => id)).size).toBe(1);
    const personId = people[0]?.id ?? '';
    const cards = await Promise.all(calls.map((one) => crm.createOpportunity(opportunity(personId), one)));
    expect(new Set(cards.map(({ id }) => id)).size).toBe(1);
    expect(cards.filter(({ created }) => created)).toHaveLength(1);
  });
});

describe('what a person has to mend', () => {
  it.each([
    ['a private token that was withdrawn', { privateTokens: [] }, 'reauth_required'],
    ['a scope that is missing', { missingScopes: ['calendars/events.write'] }, 'scope_missing'],
    ['a calendar that was removed', { removedCalendars: ['cal-main'] }, 'mapping_invalid'],
    [
      'a calendar that was removed, said with 404',
      { removedCalendars: ['cal-main'], notFoundStatus: 404 as const },
      'mapping_invalid',
    ],
    [
      'a limit that is used up',
      { rateLimits: { max: 1, intervalMs: 10_000, daily: 100, namesDailyReset: true } },
      'rate_limited',
    ],
    [
      'a day that is used up',
      { rateLimits: { max: 10, intervalMs: 10_000, daily: 1, namesDailyReset: false } },
      'rate_limited',
    ],
  ])('%s', async (_what, patch, errorClass) => {
    const { id: personId } = await location.adapter().createPerson(guest, call);
    location.gohighlevel.changeSettings(patch);
    // A client of its own, so that it is the answer that tells, and not the headers of the one before.
    const error = await failure(location.adapter().createAppointment(appointment({ personId }), call));
    expect(error).toMatchObject({ errorClass, correlationId: expect.any(String) as string });
    expect(error.message).not.toContain('@');
  });

  it('a stage that was removed', async () => {
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    const { id } = await crm.createOpportunity(opportunity(personId), call);
    location.gohighlevel.changeSettings({ removedStages: ['stage-showed'] });
    const to = { pipelineId: 'pipe-main', stageId: 'stage-showed' };
    expect(await failure(crm.moveOpportunity(id, to, call))).toMatchObject({
      errorClass: 'mapping_invalid',
      fields: ['pipelineStageId'],
    });
  });

  it('a host who is not on the calendar’s team', async () => {
    const crm = location.adapter({ calendarId: 'cal-estimates' });
    const { id: personId } = await crm.createPerson(guest, call);
    const fields = appointment({ personId, ownerId: 'user-host' });
    expect(await failure(crm.createAppointment(fields, call))).toMatchObject({
      errorClass: 'mapping_invalid',
      fields: ['assignedUserId'],
    });
  });

  it('a contact that was deleted meanwhile', async () => {
    const crm = location.adapter();
    const { id: personId } = await crm.createPerson(guest, call);
    location.gohighlevel.act({ action: 'deleteContact', id: personId });
    expect((await failure(crm.createAppointment(appointment({ personId }), call))).errorClass).toBe('target_gone');
    expect((await failure(crm.createOpportunity(opportunity(personId), call))).errorClass).toBe('target_gone');
    expect((await failure(crm.writePerson(personId, { lastName: 'X' }, call))).errorClass).toBe('target_gone');
    expect(await crm.resolvePerson({ linkedId: personId, emails: ['guest@example.com'], phones: [] }, call)).toEqual({
      kind: 'none',
    });
  });
});

describe('setting up against the simulated location', () => {
  it('finds everything, and says what is missing', async () => {
    expect(await location.adapter().ensureSetup(call)).toMatchObject({ missing: [] });
    location.gohighlevel.changeSettings({ removedCalendars: ['cal-main'], missingScopes: ['users.readonly'] });
    expect((await location.adapter().ensureSetup(call)).missing).toHaveLength(2);
    const { pipelines, personFields } = await location.adapter().describe(call);
    expect(pipelines).toMatchObject([
      { id: 'pipe-main', stages: [{ id: 'stage-new', order: 0 }, { id: 'stage-booked' }, {}, {}, {}, {}, {}] },
    ]);
    expect(personFields).toEqual([]);
  });
});

describe.each(['v3', 'dated'] as const)('OAuth against the simulated location, version %s', (apiVersion) => {
  const connect = () => location.gohighlevel.act({ action: 'issueTokens' }).refreshToken ?? '';
  const connected = (refreshToken: string, store: TokenStore) =>
    location.adapter(
      { apiVersion },
      { oauth: { clientId: 'ghl-demo-client', clientSecret: 'ghl-demo-secret', refreshToken } },
      store,
    );
  const renewals = () => location.requests().filter((line) => line === 'POST /oauth/token').length;

  it('renews tokens that are over, each refresh token once', async () => {
    const crm = connected(connect(), memoryStore());
    await crm.probe(call);
    await crm.probe(call);
    expect(renewals()).toBe(1);
    location.gohighlevel.act({ action: 'expireTokens' });
    await Promise.all([crm.probe(call), crm.probe(call), crm.probe(call)]);
    expect(renewals()).toBe(2);
  });

  it('sends a write whose token was over once', async () => {
    const crm = connected(connect(), memoryStore());
    await crm.probe(call);
    location.gohighlevel.act({ action: 'expireTokens' });
    expect(await crm.createPerson(guest, call)).toMatchObject({ created: true });
    expect(live().contacts).toHaveLength(1);
  });

  it('goes on with what another client stored', async () => {
    const [refreshToken, store] = [connect(), memoryStore()];
    await connected(refreshToken, store).probe(call);
    await connected(refreshToken, store).probe(call);
    expect(renewals()).toBe(1);
  });

  it('stops when the app was thrown out, and when the location is suspended', async () => {
    const crm = connected(connect(), memoryStore());
    await crm.probe(call);
    location.gohighlevel.changeSettings({ location: 'inactive' });
    location.gohighlevel.act({ action: 'expireTokens' });
    expect((await failure(crm.probe(call))).errorClass).toBe('account_inactive');
    location.gohighlevel.changeSettings({ location: 'active' });
    await crm.probe(call);
    location.gohighlevel.act({ action: 'revokeTokens' });
    expect((await failure(crm.probe(call))).errorClass).toBe('reauth_required');
  });
});

describe('how many requests it takes', () => {
  it('is at most seven for a new booking of a known person, and one for a change', async () => {
    const crm = location.adapter();
    await crm.createPerson({ ...guest, phone: null }, call);
    const before = location.requests().length;
    const match = await crm.resolvePerson({ linkedId: null, emails: ['guest@example.com'], phones: [] }, call);
    const personId = match.kind === 'one' ? match.person.id : '';
    const ownerId = (await crm.findOwner('host@example.com', call))?.id ?? null;
    await crm.writePerson(personId, { phone: guest.phone }, call);
    await crm.findOpportunity(personId, 'pipe-main', call);
    await crm.createOpportunity(opportunity(personId), call);
    const { id } = await crm.createAppointment(appointment({ personId, ownerId }), call);
    expect(location.requests().length - before).toBe(7);
    await crm.updateAppointment(id, appointment({ personId, ownerId }), call);
    expect(location.requests().length - before).toBe(8);
  });
});
