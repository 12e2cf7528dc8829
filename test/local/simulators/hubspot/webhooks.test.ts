/** What the portal tells the app: which changes, by whom, signed how, and what becomes of it on the way. */
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureOf } from '../../../../local/simulators/hubspot/webhook-post';
import { startApp } from './app-endpoint';
import type { AppEndpoint, SentEvent } from './app-endpoint';
import {
  CONTACTS,
  DEALS,
  MEETINGS,
  NOTES,
  START_MS,
  aDeal,
  aMeeting,
  createContact,
  createRecord,
  startPortal,
} from './portal-client';
import type { TestPortal } from './portal-client';

let portal: TestPortal;
let app: AppEndpoint;
let looked = 0;
beforeEach(async () => {
  looked = 0;
  app = await startApp();
  portal = await startPortal();
  portal.hubspot.changeSettings({ webhookUrl: app.url });
});
afterEach(async () => {
  await portal.close();
  await app.close();
});

const events = (): readonly SentEvent[] => app.received.flatMap((request) => request.events);
const named = ({ subscriptionType, propertyName }: SentEvent): string =>
  propertyName === undefined ? subscriptionType : `${subscriptionType} ${propertyName}`;
const patch = (path: string, properties: Record<string, string>) => portal.api('PATCH', path, { properties });
/** What was told since the last look. */
async function news(): Promise<readonly SentEvent[]> {
  await portal.hubspot.flush();
  const told = events().slice(looked);
  looked += told.length;
  return told;
}

test('a write of an app is told as an integration, with where it happened and when', async () => {
  const id = await createRecord(portal.api, MEETINGS, aMeeting());
  await patch(`${MEETINGS}/${id}`, { hs_meeting_outcome: 'NO_SHOW' });
  await portal.hubspot.flush();
  expect(events()).toEqual([
    expect.objectContaining({ subscriptionType: 'object.creation', objectTypeId: '0-47', changeFlag: 'CREATED' }),
    {
      eventId: expect.any(Number),
      subscriptionId: expect.any(Number),
      portalId: 62515,
      appId: 54321,
      occurredAt: START_MS,
      subscriptionType: 'object.propertyChange',
      attemptNumber: 0,
      objectId: Number(id),
      objectTypeId: '0-47',
      propertyName: 'hs_meeting_outcome',
      propertyValue: 'NO_SHOW',
      isSensitive: false,
      changeSource: 'INTEGRATION',
      sourceId: '54321',
    },
  ]);
});

test('what a rep does is told as done in the CRM', async () => {
  const meetingId = await createRecord(portal.api, MEETINGS, aMeeting());
  await news();
  portal.hubspot.act({ action: 'setOutcome', meetingId, outcome: 'COMPLETED' });
  expect(await news()).toMatchObject([{ propertyValue: 'COMPLETED', changeSource: 'CRM_UI', sourceId: 'userId:9001' }]);
});

test('a meeting that is moved tells both times as epoch milliseconds, in one request', async () => {
  const meetingId = await createRecord(portal.api, MEETINGS, aMeeting());
  await portal.hubspot.flush();
  const startMs = Date.UTC(2026, 10, 25, 17);
  portal.hubspot.act({ action: 'moveMeeting', meetingId, startMs });
  await portal.hubspot.flush();
  expect(app.received).toHaveLength(2);
  expect(app.received[1]?.events.map((event) => [named(event), event.propertyValue])).toEqual([
    ['object.propertyChange hs_meeting_start_time', String(startMs)],
    ['object.propertyChange hs_meeting_end_time', String(startMs + 1_800_000)],
  ]);
});

test('contacts and deals are told by their own names, deletions and merges too, notes not at all', async () => {
  const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
  const otherId = await createContact(portal.api, { email: 'other.guest@example.com' });
  const dealId = await createRecord(portal.api, DEALS, aDeal());
  await createRecord(portal.api, NOTES, { properties: { hs_timestamp: '2026-11-24T17:00:00Z' } });
  await patch(`${CONTACTS}/${contactId}`, { phone: '+1 202 555 0101', jobtitle: 'Roofer' });
  await patch(`${DEALS}/${dealId}`, { dealstage: 'closedwon', amount: '5' });
  expect((await news()).map(named)).toEqual([
    ...['contact.creation', 'contact.creation', 'deal.creation'],
    ...['contact.propertyChange phone', 'deal.propertyChange dealstage'],
  ]);
  const [survivor] = portal.hubspot.act({ action: 'mergeContacts', primaryId: contactId, otherId });
  expect(await news()).toMatchObject([
    {
      subscriptionType: 'contact.merge',
      primaryObjectId: Number(contactId),
      mergedObjectIds: [Number(contactId), Number(otherId)],
      newObjectId: Number(survivor?.id),
      changeSource: 'CRM_UI',
    },
  ]);
  await portal.api('DELETE', `${CONTACTS}/${survivor?.id}`);
  await portal.api('DELETE', `${DEALS}/${dealId}`);
  expect((await news()).map(named)).toEqual(['contact.deletion', 'deal.deletion']);
});

test('a write that changes nothing, and one that was refused, is told to nobody', async () => {
  const contactId = await createContact(portal.api, { email: 'sample.guest@example.com' });
  await news();
  await patch(`${CONTACTS}/${contactId}`, { email: 'sample.guest@example.com' });
  await patch(`${CONTACTS}/${contactId}`, { phone: '+1 202 555 0101', lifecyclestage: 'nope' });
  const rows = [{ properties: { firstname: 'A' } }, { properties: { email: 'sample.guest@example.com' } }];
  expect((await portal.api('POST', `${CONTACTS}/batch/create`, { inputs: rows })).status).toBe(409);
  expect(await news()).toEqual([]);
});

test('the app hears of its own write also when it never hears the answer', async () => {
  portal.hubspot.setFaults([{ method: 'POST', connection: 'reset_after' }]);
  await expect(createContact(portal.api, { firstname: 'Sample' })).rejects.toThrow('fetch failed');
  expect((await news()).map(named)).toEqual(['contact.creation']);
});

test('requests are signed over method, URL as decoded, body and the time of the portal', async () => {
  await createContact(portal.api, { firstname: 'Zoë' });
  await portal.hubspot.flush();
  const [request] = app.received;
  const timestamp = request?.headers['x-hubspot-request-timestamp'];
  expect(timestamp).toBe(String(START_MS));
  const signed = `POST${app.url.replace('%3A', ':')}${request?.text}${String(timestamp)}`;
  const expected = createHmac('sha256', 'hubspot-demo-secret').update(signed).digest('base64');
  expect(request?.headers['x-hubspot-signature-v3']).toBe(expected);
});

interface Vector {
  readonly version: string;
  readonly secret: string;
  readonly method: string;
  readonly requestUrl: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

test("the signatures are those of HubSpot's vectors", () => {
  const file = join(__dirname, '../../../../../shared/contracts/hubspot/derived/signature-vectors.json');
  if (!existsSync(file)) {
    process.stdout.write('Skipped: ../shared/contracts/hubspot is not here, so no signatures are compared.\n');
    return;
  }
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };
  const third = vectors.filter(({ version }) => version === 'v3');
  expect(third.length).toBeGreaterThan(1);
  for (const { secret, method, requestUrl: url, body, headers } of third) {
    const timestampMs = Number(headers['X-HubSpot-Request-Timestamp']);
    expect(signatureOf(secret, { method, url, body, timestampMs })).toBe(headers['X-HubSpot-Signature-v3']);
  }
});

describe('on the way', () => {
  const createMany = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await createContact(portal.api, { firstname: `Sample ${n}` });
  };

  test('what waits together leaves together, a hundred at a time', async () => {
    portal.hubspot.changeSettings({ webhookDelayMs: 1_000, rateLimits: null });
    const inputs = Array.from({ length: 60 }, (_, n) => ({ properties: { firstname: `Sample ${n}` } }));
    for (let n = 0; n < 2; n += 1) await portal.api('POST', `${CONTACTS}/batch/create`, { inputs });
    expect(portal.hubspot.webhooks().pending).toHaveLength(120);
    expect(app.received).toEqual([]);
    portal.clock.nowMs += 1_000;
    portal.hubspot.tick();
    await portal.hubspot.idle();
    expect(app.received.map((request) => request.events.length)).toEqual([100, 20]);
  });

  test('some events are lost, some come twice under the same id, as the seed says', async () => {
    portal.hubspot.changeSettings({ webhookLoss: 0.3, webhookDuplicate: 0.3 });
    await createMany(20);
    await portal.hubspot.flush();
    const ids = events().map(({ eventId }) => eventId);
    const { lost } = portal.hubspot.webhooks();
    expect(lost).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(20 - lost);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    const lastBefore = ids.length;
    portal.hubspot.reset();
    portal.hubspot.changeSettings({ webhookUrl: app.url, webhookLoss: 0.3, webhookDuplicate: 0.3 });
    await createMany(20);
    await portal.hubspot.flush();
    expect(
      events()
        .slice(lastBefore)
        .map(({ eventId }) => eventId),
    ).toEqual(ids);
  });

  test('what is not answered with 2xx is sent once more, later', async () => {
    app.answers.push(500, 503);
    await createContact(portal.api, { firstname: 'Sample' });
    await portal.hubspot.idle();
    expect(portal.hubspot.webhooks()).toMatchObject({
      pending: [{ attemptNumber: 1, dueAtMs: START_MS + 60_000 }],
      sent: [{ answer: 500 }],
    });
    portal.clock.nowMs += 60_000;
    portal.hubspot.tick();
    await portal.hubspot.idle();
    expect(events().map(({ attemptNumber }) => attemptNumber)).toEqual([0, 1]);
    expect(new Set(events().map(({ eventId }) => eventId)).size).toBe(1);
    expect(portal.hubspot.webhooks()).toMatchObject({ pending: [], sent: [{ answer: 503 }, { answer: 500 }] });
  });

  test('an app that nobody reaches is noted as that', async () => {
    await app.close();
    await createContact(portal.api, { firstname: 'Sample' });
    await portal.hubspot.idle();
    expect(portal.hubspot.webhooks().sent).toMatchObject([{ answer: 'no answer' }]);
    app = await startApp();
  });

  test('without an address nothing is kept', async () => {
    portal.hubspot.changeSettings({ webhookUrl: null });
    await createContact(portal.api, { firstname: 'Sample' });
    expect(portal.hubspot.webhooks()).toEqual({ sent: [], pending: [], lost: 0 });
  });
});
