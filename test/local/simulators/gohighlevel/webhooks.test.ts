/** Webhooks: what is told, how it is signed, what becomes of it on the way. */
import { createPublicKey, verify } from 'node:crypto';
import {
  GUEST,
  MINUTE,
  START_TIME,
  anAppointment,
  anOpportunity,
  createContact,
  startListener,
  startLocation,
} from './location-client';
import type { Json, TestLocation } from './location-client';

let location: TestLocation;
let listener: Awaited<ReturnType<typeof startListener>>;
beforeEach(async () => {
  location = await startLocation();
  listener = await startListener();
  location.ghl.changeSettings({ webhookUrl: listener.url });
});
afterEach(async () => {
  await location.close();
  await listener.close();
});

const APPOINTMENTS = '/calendars/events/appointments';
const api = (...given: Parameters<TestLocation['api']>) => location.api(...given);
const types = async (): Promise<readonly unknown[]> => {
  await location.ghl.idle();
  return listener.heard.map(({ body }) => body['type']);
};

it('tells of an appointment that is made, moved and deleted, with the times and no person', async () => {
  const contactId = await createContact(location.api);
  await location.ghl.idle();
  listener.heard.length = 0;
  const { body } = await api('POST', APPOINTMENTS, anAppointment(contactId, { title: 'Estimate' }));
  const id = String(body['id']);
  location.clock.nowMs += MINUTE;
  await api('PUT', `${APPOINTMENTS}/${id}`, { startTime: '2026-11-25T10:00:00-07:00', ignoreFreeSlotValidation: true });
  await api('DELETE', `/calendars/events/${id}`);
  expect(await types()).toEqual(['AppointmentCreate', 'AppointmentUpdate', 'AppointmentDelete']);
  const [created, moved] = listener.heard.map((heard) => heard.body);
  expect(created).toMatchObject({
    locationId: 'loc-main',
    timestamp: '2026-11-23T16:00:00.000Z',
    appointment: { id, contactId, startTime: START_TIME, appointmentStatus: 'confirmed', source: 'third_party' },
  });
  expect(moved).toMatchObject({
    appointment: { id, startTime: '2026-11-25T10:00:00-07:00', dateUpdated: '2026-11-23T16:01:00.000Z' },
  });
  expect(listener.heard[0]?.raw.toString()).not.toContain(GUEST.email);
  expect(new Set(listener.heard.map((heard) => heard.body['webhookId'])).size).toBe(3);
});

it('tells of contacts, their tags, notes, and of each change of an opportunity', async () => {
  const contactId = await createContact(location.api);
  await api('POST', `/contacts/${contactId}/tags`, { tags: ['booked'] });
  await api('POST', `/contacts/${contactId}/notes`, { body: 'Booked' });
  const { body } = await api('POST', '/opportunities/', anOpportunity(contactId));
  const path = `/opportunities/${String(body.opportunity?.['id'])}`;
  await api('PUT', path, { pipelineStageId: 'stage-won', status: 'won' });
  await api('PUT', `/contacts/${contactId}`, { lastName: 'Example' });
  await api('DELETE', `/contacts/${contactId}`);
  expect(await types()).toEqual([
    ...['ContactCreate', 'ContactTagUpdate', 'NoteCreate', 'OpportunityCreate', 'OpportunityUpdate'],
    ...['OpportunityStageUpdate', 'OpportunityStatusUpdate', 'ContactUpdate', 'OpportunityDelete', 'ContactDelete'],
  ]);
  expect(listener.heard[0]?.body).toMatchObject({ id: contactId, email: GUEST.email, tags: [] });
  expect(listener.heard[5]?.body).toMatchObject({ pipelineStageId: 'stage-won', status: 'won', contactId });
});

it('signs the raw bytes with the key that the state shows', async () => {
  await createContact(location.api);
  await location.ghl.idle();
  const [heard] = listener.heard;
  if (heard === undefined) throw new Error('Nothing was heard.');
  const { headers, raw } = heard;
  const state = (await (await fetch(`${location.baseUrl}/_admin/state`)).json()) as { publicKeyPem: string };
  const key = createPublicKey(state.publicKeyPem);
  const signature = Buffer.from(String(headers['x-ghl-signature']), 'base64');
  expect(verify(null, raw, key, signature)).toBe(true);
  expect(verify(null, Buffer.concat([raw, Buffer.from(' ')]), key, signature)).toBe(false);
  expect(headers).not.toHaveProperty('x-wh-signature');
});

it('can send N/A as its signature, or none, and bodies without a timestamp', async () => {
  location.ghl.changeSettings({ signature: 'N/A', namesDelivery: false });
  await createContact(location.api, {});
  location.ghl.changeSettings({ signature: 'absent' });
  await createContact(location.api, {});
  await location.ghl.idle();
  expect(listener.heard.map(({ headers }) => headers['x-ghl-signature'])).toEqual(['N/A', undefined]);
  expect(listener.heard[0]?.body).not.toHaveProperty('timestamp');
});

it('loses, doubles and delays as it is told', async () => {
  location.ghl.changeSettings({ loss: 1 });
  await createContact(location.api, {});
  expect(await types()).toEqual([]);
  expect(location.ghl.state().webhooks).toMatchObject({ lost: 1, sent: [{ type: 'ContactCreate', answer: 'lost' }] });
  location.ghl.changeSettings({ loss: 0, duplicate: 1 });
  await createContact(location.api, {});
  expect(await types()).toHaveLength(2);
  expect(listener.heard[0]?.raw.equals(listener.heard[1]?.raw ?? Buffer.of())).toBe(true);
  location.ghl.changeSettings({ duplicate: 0, delayMs: MINUTE });
  await createContact(location.api, {});
  expect(await types()).toHaveLength(2);
  expect(location.ghl.pendingWebhooks()).toMatchObject([{ type: 'ContactCreate', attempt: 1 }]);
  location.clock.nowMs += MINUTE;
  await api('GET', '/users/user-host');
  expect(await types()).toHaveLength(3);
});

it('lets a later one overtake when it is told to send out of order', async () => {
  location.ghl.changeSettings({ reorder: 1 });
  const first = await createContact(location.api, {});
  location.ghl.changeSettings({ reorder: 0 });
  const later = [
    await createContact(location.api, {}),
    await createContact(location.api, {}),
    await createContact(location.api, {}),
  ];
  await location.ghl.idle();
  const heard = listener.heard.map(({ body }) => body['id']);
  expect([...heard].sort()).toEqual([first, ...later].sort());
  expect(heard[0]).toBe(later[0]);
});

it('tries again after 429, six times at ten minutes’ distance, and after nothing else', async () => {
  listener.answers.push(500);
  await createContact(location.api, {});
  await location.ghl.idle();
  expect(location.ghl.pendingWebhooks()).toEqual([]);
  listener.answers.push(...Array<number>(7).fill(429));
  await createContact(location.api, {});
  await location.ghl.idle();
  expect(location.ghl.pendingWebhooks()).toMatchObject([{ attempt: 2, dueAtMs: location.clock.nowMs + 10 * MINUTE }]);
  await location.ghl.flush();
  expect(location.ghl.sentWebhooks().filter(({ answer }) => answer === 429)).toHaveLength(7);
  expect(location.ghl.pendingWebhooks()).toEqual([]);
});

it('says that the app was uninstalled, and its tokens are dead', async () => {
  const { accessToken = '' } = location.ghl.act({ action: 'issueTokens' });
  location.ghl.act({ action: 'uninstall' });
  expect(await types()).toEqual(['UNINSTALL']);
  expect((await api('GET', '/users/user-host', undefined, { token: accessToken })).status).toBe(401);
});

it('tells nobody while no URL is set', async () => {
  location.ghl.changeSettings({ webhookUrl: null });
  await createContact(location.api, {});
  expect(await types()).toEqual([]);
  const answer = (await (await fetch(`${location.baseUrl}/_admin/webhooks`)).json()) as Json;
  expect(answer).toEqual({ sent: [], pending: [], lost: 0 });
});
