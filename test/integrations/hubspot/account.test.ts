/**
 * The adapter against the HubSpot simulator: what the account was set up for, and who we are in it.
 */
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import type { Crm } from '../../../integrations/ports';
import { appointment, memoryStore } from './canned-transport';
import { call, failure, guest, opportunity, synced, usePortal } from './simulated-portal';

const portal = usePortal();
const requestsSince = (before: number) =>
  portal.hubspot
    .requests()
    .slice(before)
    .map(({ method, path }) => `${method} ${path.replace(/\d{4,}/g, 'n')}`);

describe('a HubSpot account that was set up', () => {
  it('keeps the keys of a booking’s meeting and deal, and finds the meeting by its own in one call', async () => {
    const crm = portal.adapter();
    expect((await crm.ensureSetup(call)).missing).toEqual([]);
    const { personId, meetingId } = await synced(crm);
    expect(portal.live('meetings')[0]?.properties).toMatchObject({ booksync_key: appointment().externalKey });
    expect(portal.live('deals')[0]?.properties).toMatchObject({ booksync_key: opportunity(personId).externalKey });
    const before = portal.hubspot.requests().length;
    expect(await crm.findAppointment(appointment().externalKey, personId, call)).toEqual({ id: meetingId });
    expect(requestsSince(before)).toHaveLength(1);
    expect(portal.hubspot.state().violations).toBe(0);
  });

  it('shows no key of ours among the fields that a mapping may name', async () => {
    const crm = portal.adapter();
    await crm.ensureSetup(call);
    expect((await crm.describe(call)).personFields.map(({ id }) => id)).toEqual(['lead_source']);
  });

  it('still finds a meeting that was made before the set-up', async () => {
    const crm = portal.adapter();
    const { personId, meetingId } = await synced(crm);
    await crm.ensureSetup(call);
    expect(await crm.findAppointment(appointment().externalKey, personId, call)).toEqual({ id: meetingId });
  });

  it('takes the same two creates at once for one', async () => {
    await portal.adapter().ensureSetup(call);
    const [one, other] = [portal.adapter(), portal.adapter()];
    const { id: personId } = await one.createPerson(guest, call);
    const [first, second] = await Promise.all(
      [one, other].map((crm) => crm.createAppointment(appointment({ personId }), call)),
    );
    expect(first).toEqual(second);
    expect(portal.live('meetings')).toHaveLength(1);
  });

  it('is asked about its properties once per process, not once per booking', async () => {
    const crm = portal.adapter();
    await synced(crm);
    const before = portal.hubspot.requests().length;
    const { id: personId } = await crm.createPerson({ ...guest, email: 'second@example.com' }, call);
    await crm.createOpportunity({ ...opportunity(personId), externalKey: 'o:2' }, call);
    await crm.createAppointment(appointment({ personId, externalKey: 'a:2' }), call);
    expect(requestsSince(before)).toHaveLength(3);
  });
});

describe('a HubSpot account that refuses a part of the set-up', () => {
  it('is reported, and works without', async () => {
    portal.hubspot.changeSettings({ uniqueMeetingProperties: false });
    const crm = portal.adapter();
    const report = await crm.ensureSetup(call);
    expect([report.done.length, report.missing.length]).toEqual([1, 1]);
    const { personId, meetingId } = await synced(crm);
    expect(portal.live('deals')[0]?.properties).toHaveProperty('booksync_key');
    expect(await crm.findAppointment(appointment().externalKey, personId, call)).toEqual({ id: meetingId });
    expect(portal.hubspot.state().violations).toBe(0);
  });

  it('names the scopes that are missing', async () => {
    const missingScopes = ['crm.schemas.meetings.write', 'crm.schemas.deals.write'];
    portal.hubspot.changeSettings({ missingScopes });
    const { done, missing } = await portal.adapter().ensureSetup(call);
    expect(done).toEqual([]);
    for (const [index, scope] of missingScopes.entries()) expect(missing[index]).toContain(scope);
  });
});

describe('a HubSpot account that was connected with OAuth', () => {
  /** What the admin's browser and our callback do once; resolves with the first refresh token. */
  async function connect(): Promise<string> {
    const { clientId, clientSecret } = portal.hubspot.settings();
    const redirect_uri = 'http://127.0.0.1:9/callback';
    const scopes = ['contacts', 'deals', 'owners'].flatMap((name) => [`crm.objects.${name}.read`]);
    const post = (path: string, form: Readonly<Record<string, string>>) =>
      fetch(`${portal.url()}${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) });
    const granted = await post('/oauth/authorize', {
      client_id: clientId,
      redirect_uri,
      scope: scopes.join(' '),
      decision: 'grant',
    });
    const code = new URL(granted.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const answer = await post('/oauth/2026-03/token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri,
      code,
    });
    return ((await answer.json()) as { refresh_token: string }).refresh_token;
  }
  async function connected(now: () => number = Date.now): Promise<Crm> {
    const { clientId, clientSecret } = portal.hubspot.settings();
    const oauth = { clientId, clientSecret, refreshToken: await connect() };
    return createHubspotCrm({ baseUrl: portal.url(), oauth, now }, memoryStore());
  }

  it('is worked in with tokens that renew themselves before and after their time', async () => {
    let aheadMs = 0;
    portal.hubspot.changeSettings({ refreshTokens: 'rotated' });
    const crm = await connected(() => Date.now() + aheadMs);
    const refreshes = () => portal.hubspot.requests().filter(({ path }) => path.startsWith('/oauth/2026-03')).length;
    const before = refreshes();
    await crm.probe(call);
    await crm.probe(call);
    expect(refreshes() - before).toBe(1);
    aheadMs = 1_790_000;
    await crm.probe(call);
    expect(refreshes() - before).toBe(2);
    portal.hubspot.setFaults([{ path: '^/crm/owners', status: 401, body: { category: 'EXPIRED_AUTHENTICATION' } }]);
    await crm.probe(call);
    expect(refreshes() - before).toBe(3);
    expect(portal.hubspot.state().violations).toBe(0);
  });

  it('asks for a person when the client’s secret changed, and names a scope that was not granted', async () => {
    const crm = await connected();
    expect(await failure(crm.createPerson(guest, call))).toMatchObject({
      errorClass: 'scope_missing',
      fields: ['crm.objects.contacts.write'],
    });
    const another = await connected();
    portal.breaksContract(/wrong client secret/);
    portal.hubspot.changeSettings({ clientSecret: 'another' });
    expect((await failure(another.probe(call))).errorClass).toBe('reauth_required');
  });
});
