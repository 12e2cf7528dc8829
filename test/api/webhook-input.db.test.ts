/** Hostile and broken webhook input against the real server and a real database. */
import http from 'node:http';
import { createPool } from '../../db/pool';
import { SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { send, sendAndHangUp, sendRaw, type Reply, type Sent } from './http';
import { tcpGate } from './tcp-gate';
import { signedWebhook, testApi, TOKEN, WEBHOOK_PATH, type TestApi } from './test-api';

let database: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  database = await testDatabase();
  api = await testApi(database.pool);
  await api.opened;
});

const good = (n: number | string): Sent =>
  signedWebhook(JSON.stringify({ triggerEvent: 'BOOKING_CREATED', payload: { uid: `uid-${n}` } }));
const deliver = (sent: Sent): Promise<Reply> => send(api.port, sent);

async function storedCount(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM delivery');
  return rows[0]!.count;
}

describe('signed input that nobody can read', () => {
  const nested = 100_000;
  it.each([
    ['broken JSON', '{"triggerEvent": "BOOKING_CREATED", '],
    ['no JSON at all', 'BOOKING_CREATED uid=1'],
    ['JSON of a wrong shape', '[1, null, "x"]'],
    ['a number', '17'],
    ['an unknown trigger', '{"triggerEvent": "NOT_KNOWN", "payload": {}}'],
    ['a NUL character', '{"triggerEvent": "BOOKING_CREATED\\u0000", "payload": {"uid": "a\\u0000b"}}'],
    ['raw NUL bytes', Buffer.from('{"a":"\0"}')],
    ['lone surrogates', '{"triggerEvent": "BOOKING_CREATED", "payload": {"title": "\\ud800 and \\udc00"}}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a byte order mark', '\ufeff{"triggerEvent": "BOOKING_CREATED"}'],
    ['a __proto__ key', '{"__proto__": {"isAdmin": true}, "constructor": {"prototype": {"isAdmin": true}}}'],
    ['100,000 nested arrays', `${'['.repeat(nested)}${']'.repeat(nested)}`],
    ['100,000 opened objects', '{"a":'.repeat(nested)],
    ['a number beyond all bounds', '{"payload": {"price": 1e400, "n": 123456789012345678901234567890}}'],
    ['the same key twice', '{"triggerEvent": "BOOKING_CREATED", "triggerEvent": "BOOKING_CANCELLED"}'],
    ['only blanks', '   '],
  ])('is stored and answered 202: %s', async (_what, body) => {
    const reply = await deliver(signedWebhook(body));
    expect([reply.status, reply.json<{ status: string }>().status]).toEqual([202, 'stored']);

    const { delivery } = reply.json<{ delivery: string }>();
    const shown = await api.ask('GET', `/api/v1/deliveries/${delivery}`);
    expect([shown.status, shown.json<{ state: string }>().state]).toEqual([200, 'stored']);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('input that is not accepted', () => {
  const { headers, body } = signedWebhook('{"triggerEvent": "BOOKING_CREATED"}');
  const signature = headers[SIGNATURE_HEADER] ?? '';
  const flipped = `${signature.slice(0, -1)}${signature.endsWith('0') ? '1' : '0'}`;

  it.each<[string, Partial<Sent>, number]>([
    ['a body that was changed after it was signed', { body: Buffer.concat([body, Buffer.from(' ')]) }, 401],
    ['a signature with one digit changed', { headers: { ...headers, [SIGNATURE_HEADER]: flipped } }, 401],
    ['a signature cut short', { headers: { ...headers, [SIGNATURE_HEADER]: signature.slice(0, 32) } }, 401],
    ['a signature that is no hex', { headers: { ...headers, [SIGNATURE_HEADER]: 'z'.repeat(64) } }, 401],
    ['an empty signature', { headers: { ...headers, [SIGNATURE_HEADER]: '' } }, 401],
    ['the literal no-secret-provided', { headers: { ...headers, [SIGNATURE_HEADER]: 'no-secret-provided' } }, 401],
    ['the signature of an empty secret', { headers: { ...headers, [SIGNATURE_HEADER]: 'N/A' } }, 401],
    ['unsigned broken JSON', { headers: { 'content-type': 'application/json' }, body: '{{{' }, 401],
    ['an unknown connection', { path: '/webhooks/calcom-other' }, 404],
    ['a connection that is a CRM', { path: '/webhooks/hubspot-main' }, 404],
    ['a path that climbs', { path: '/webhooks/../webhooks/calcom-sales' }, 404],
    ['the wrong method', { method: 'PUT' }, 405],
    ['an image', { headers: { ...headers, 'content-type': 'image/png' } }, 415],
    ['a compressed body', { headers: { ...headers, 'content-encoding': 'gzip' } }, 415],
    ['2 MiB', signedWebhook(Buffer.alloc(2 * 1024 * 1024, 0x20)), 413],
    ['an empty body', { body: '' }, 400],
  ])('gets a clear 4xx and leaves no trace in the database: %s', async (_what, sent, status) => {
    const before = await storedCount();
    const reply = await deliver({ path: WEBHOOK_PATH, headers, body, ...sent });
    expect(reply.status).toBe(status);
    expect(reply.json()).toEqual({ error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String) } });
    expect(await storedCount()).toBe(before);
  });

  it('a body that trickles is cut off with 408', async () => {
    const head = `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\n${SIGNATURE_HEADER}: ${signature}\r\ncontent-length: 500\r\n\r\n{`;
    expect(await sendRaw(api.port, head)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('neighbours', () => {
  it('are all stored, once each, when good and bad input arrives at the same time', async () => {
    const before = await storedCount();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
    const bad: Sent[] = [
      { ...good('x'), headers: { 'content-type': 'application/json' } },
      { ...good('x'), path: '/webhooks/nobody' },
      signedWebhook(''),
      signedWebhook(Buffer.alloc(2 * 1024 * 1024)),
    ];
    const sent = Array.from({ length: 200 }, (_, n) => [good(`mix-${n}`), bad[n % bad.length]!]).flat();
    const hangUps = Array.from({ length: 20 }, () =>
      sendAndHangUp(api.port, `POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{"a"`),
    );
    const replies = await Promise.all(sent.map((one) => send(api.port, { ...one, agent })));
    await Promise.all(hangUps);
    agent.destroy();

    const accepted = replies.filter((_, n) => n % 2 === 0).map((reply) => reply.status);
    const refused = replies.filter((_, n) => n % 2 === 1).map((reply) => reply.status);
    expect(accepted).toEqual(Array.from({ length: 200 }, () => 202));
    expect([...new Set(refused)].sort()).toEqual([400, 401, 404, 413]);
    expect(await storedCount()).toBe(before + 200);
  });

  it('that are equal are one delivery: the first is stored, the others are its duplicates', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => deliver(good('same'))));
    const bodies = replies.map((reply) => reply.json<{ delivery: string; status: string }>());
    expect(new Set(bodies.map((one) => one.delivery)).size).toBe(1);
    expect(bodies.filter((one) => one.status === 'stored')).toHaveLength(1);
  });
});

describe('a database that is away', () => {
  it('makes Cal.com send again, and the delivery is taken when it is back', async () => {
    const url = new URL(database.url);
    const gate = await tcpGate({ host: url.hostname, port: Number(url.port) });
    url.port = String(gate.port);
    const pool = createPool(url.href);
    const gated = await testApi(pool);
    cleanUp(async () => {
      await gated.close();
      await pool.end();
    });
    await eventually(async () => (await send(gated.port, good('before'))).status === 202);

    gate.shut();
    const refused = await send(gated.port, good('during'));
    expect([refused.status, refused.headers['retry-after'], refused.json().error.code]).toEqual([
      503,
      '5',
      'not_stored',
    ]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const listed = await send(gated.port, { method: 'GET', path: '/api/v1/bookings', headers });
    expect([listed.status, listed.json().error.code]).toEqual([503, 'database_unavailable']);
    expect((await send(gated.port, { method: 'GET', path: '/healthz' })).status).toBe(200);
    expect((await send(gated.port, { method: 'GET', path: '/readyz' })).status).toBe(503);
    const metrics = await send(gated.port, { method: 'GET', path: '/metrics' });
    expect(metrics.text).toContain('booksync_database_up 0');

    gate.open();
    const taken = await eventually(async () => {
      const reply = await send(gated.port, good('during'));
      return reply.status === 202 && reply;
    });
    // Duplicate when the cut hit between commit and answer: stored either way.
    expect(['stored', 'duplicate']).toContain(taken.json<{ status: string }>().status);
    expect((await send(gated.port, { method: 'GET', path: '/metrics' })).text).toContain('booksync_database_up 1');
  });
});

it('nothing that was sent is in the log', () => {
  const text = api.log.join('');
  expect(text).toContain('webhook signature refused');
  expect(text).not.toMatch(/uid-|BOOKING_CREATED|isAdmin/);
});
