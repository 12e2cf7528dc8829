/** A CRM's endpoint under attack, against the real server and a real database: forged, stale, doubled, reordered, oversized. */
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { SIGNATURE_HEADER as GHL_SIGNATURE } from '../../integrations/gohighlevel/signature';
import { sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../../integrations/hubspot/signature';
import { crmWebhooksOf } from '../../integrations/registry';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { send, type Reply, type Sent } from './http';
import { testApi, TOKEN, type TestApi } from './test-api';

const NOW = Date.UTC(2026, 10, 21, 12);
const HUBSPOT_PATH = '/webhooks/hubspot-main';
const GHL_PATH = '/webhooks/ghl-main';
/** As HubSpot calls it; the request itself comes from a proxy and says otherwise. */
const URL = `https://hooks.example.com${HUBSPOT_PATH}?tenant=a%3Ab`;
const SECRET = 'client-secret';
const ed25519 = generateKeyPairSync('ed25519');

let database: TestDatabase;
let api: TestApi;
let nowMs = NOW;

beforeAll(async () => {
  database = await testDatabase();
  const hubspot = { kind: 'hubspot', webhookSecrets: ['older-secret', SECRET], webhookUrl: URL, portalId: null };
  const webhookKeys = [ed25519.publicKey.export({ type: 'spki', format: 'pem' }).toString()];
  const highLevel = { kind: 'gohighlevel', locationId: 'loc', webhookKeys };
  const crmWebhooks = new Map([
    ['hubspot-main', crmWebhooksOf(hubspot, () => nowMs)!],
    ['ghl-main', crmWebhooksOf(highLevel)!],
  ]);
  api = await testApi(database.pool, { crmWebhooks });
  await api.opened;
});
afterEach(() => (nowMs = NOW));

const event = (objectId: number, given: Readonly<Record<string, unknown>> = {}) => ({
  eventId: 1,
  portalId: 1,
  subscriptionType: 'object.propertyChange',
  objectTypeId: '0-47',
  objectId,
  occurredAt: NOW,
  ...given,
});
function signed(events: unknown, { secret = SECRET, atMs = NOW, url = URL } = {}): Sent {
  const body = Buffer.from(JSON.stringify(events));
  const timestamp = String(atMs);
  const headers = {
    [SIGNATURE_HEADER]: sign({ url, rawBody: body, timestamp }, secret),
    [TIMESTAMP_HEADER]: timestamp,
  };
  return { path: HUBSPOT_PATH, headers: { 'content-type': 'application/json', ...headers }, body };
}
function fromHighLevel(given: Readonly<Record<string, unknown>>): Sent {
  const body = Buffer.from(
    JSON.stringify({ type: 'OpportunityStageUpdate', locationId: 'loc', id: 'opp-1', ...given }),
  );
  const signature = signBytes(null, body, ed25519.privateKey).toString('base64');
  return { path: GHL_PATH, headers: { 'content-type': 'application/json', [GHL_SIGNATURE]: signature }, body };
}
const deliver = (sent: Sent): Promise<Reply> => send(api.port, sent);
const statusOf = async (sent: Sent): Promise<unknown> => {
  const reply = await deliver(sent);
  return reply.status === 202 ? reply.json<{ status: string }>().status : reply.status;
};
async function storedCount(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM delivery');
  return rows[0]!.count;
}

test('what either secret signed is stored, also behind a proxy that calls us by another name', async () => {
  expect(await statusOf(signed([event(1)]))).toBe('stored');
  expect(await statusOf(signed([event(2)], { secret: 'older-secret' }))).toBe('stored');
});

describe('refused with 401, and nothing is stored', () => {
  const good = signed([event(3)]);
  const { [SIGNATURE_HEADER]: signature = '', ...unsigned } = good.headers!;
  test.each<[string, Sent]>([
    ['a forged body', { ...good, body: Buffer.from(JSON.stringify([event(4)])) }],
    ['a forged timestamp', { ...good, headers: { ...good.headers, [TIMESTAMP_HEADER]: String(NOW + 1) } }],
    ['no signature', { ...good, headers: unsigned }],
    ['the older signature only', { ...good, headers: { ...unsigned, 'x-hubspot-signature': signature } }],
    ['another secret', signed([event(3)], { secret: 'guessed' })],
    ['another address', signed([event(3)], { url: `https://hooks.example.com${GHL_PATH}` })],
    ['an age of six minutes', signed([event(3)], { atMs: NOW - 360_000 })],
    ['HighLevel with N/A', { ...fromHighLevel({}), headers: { [GHL_SIGNATURE]: 'N/A' } }],
    ['HighLevel without a signature', { ...fromHighLevel({}), headers: {} }],
    ['HighLevel with the older header', { ...fromHighLevel({}), headers: { 'x-wh-signature': signature } }],
    ['HighLevel with what HubSpot signed', { ...good, path: GHL_PATH }],
  ])('%s', async (_title, sent) => {
    const before = await storedCount();
    expect(await statusOf(sent)).toBe(401);
    expect(await storedCount()).toBe(before);
  });

  test('a replay after five minutes', async () => {
    const sent = signed([event(5)]);
    expect(await statusOf(sent)).toBe('stored');
    nowMs = NOW + 300_001;
    expect(await statusOf(sent)).toBe(401);
  });
});

test('a replay within five minutes, and twenty at once, are one delivery', async () => {
  const before = await storedCount();
  const sent = signed([event(6)]);
  const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(sent)));
  expect(statuses.filter((status) => status === 'stored')).toHaveLength(1);
  expect(await statusOf(sent)).toBe('duplicate');
  expect(await storedCount()).toBe(before + 1);
});

test('2 MiB are refused with 413, and an unknown CRM with 404', async () => {
  expect(await statusOf({ ...signed([]), body: Buffer.alloc(2 * 1024 * 1024, 0x20) })).toBe(413);
  expect(await statusOf({ ...signed([event(7)]), path: '/webhooks/hubspot-other' })).toBe(404);
});

test('signed and unreadable is stored, for a person to see it', async () => {
  expect(await statusOf(signed({ not: 'a list' }))).toBe('stored');
  expect(await statusOf(signed([1, null, 'x']))).toBe('stored');
});

test('what is kept holds ids and names of fields, and no value', async () => {
  const canary = { propertyName: 'email', propertyValue: 'canary@example.com' };
  const reply = await deliver(signed([event(8, { subscriptionType: 'contact.propertyChange', ...canary })]));
  const { delivery } = reply.json<{ delivery: string }>();
  const { rows } = await database.pool.query('SELECT headers FROM delivery WHERE id = $1', [delivery]);
  expect(rows).toEqual([{ headers: {} }]);
  const shown = await send(api.port, {
    method: 'GET',
    path: `/api/v1/deliveries/${delivery}`,
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(shown.status).toBe(200);
  expect(shown.text).not.toContain('canary');
});

describe('of HighLevel, a body without an id of its own', () => {
  const stateOf = async (id: string): Promise<unknown> => {
    const { rows } = await database.pool.query<{ state: string }>('SELECT state FROM delivery WHERE id = $1', [id]);
    return rows[0]?.state;
  };
  const settle = (id: string) => database.pool.query(`UPDATE delivery SET state = 'done' WHERE id = $1`, [id]);

  test('is dispatched again when it comes again: to a stage, away, and back to it', async () => {
    const sent = fromHighLevel({ pipelineStageId: 'a' });
    const { delivery } = (await deliver(sent)).json<{ delivery: string }>();
    await settle(delivery);
    await deliver(fromHighLevel({ pipelineStageId: 'b', contactId: 'c' }));
    expect(await statusOf(sent)).toBe('duplicate');
    expect(await stateOf(delivery)).toBe('stored');
  });

  test('with an id of its own it is a repeat, and nothing more', async () => {
    const sent = fromHighLevel({ pipelineStageId: 'a', webhookId: 'wh-1' });
    const { delivery } = (await deliver(sent)).json<{ delivery: string }>();
    await settle(delivery);
    expect(await statusOf(sent)).toBe('duplicate');
    expect(await stateOf(delivery)).toBe('done');
  });
});

test('while the database is away, HighLevel is answered 429 and HubSpot 503: what makes each of them repeat', async () => {
  const { pool } = database;
  const away = await testApi(
    Object.create(pool, { query: { value: () => Promise.reject(new Error('away')) } }) as typeof pool,
    {
      crmWebhooks: new Map([
        [
          'hubspot-main',
          crmWebhooksOf({ kind: 'hubspot', webhookSecrets: [SECRET], webhookUrl: URL, portalId: null }, () => NOW)!,
        ],
        [
          'ghl-main',
          crmWebhooksOf({
            kind: 'gohighlevel',
            locationId: 'loc',
            webhookKeys: [ed25519.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
          })!,
        ],
      ]),
    },
  );
  expect((await send(away.port, signed([event(9)]))).status).toBe(503);
  expect((await send(away.port, fromHighLevel({ id: 'x' }))).status).toBe(429);
});
