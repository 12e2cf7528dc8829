import pino from 'pino';
import { createApiMetrics } from '../../../api/metrics';
import { listen, type ApiServer } from '../../../api/server';
import { createWebhookHandler, type DeliveryStore, type ReceiverDeps } from '../../../api/webhooks/receive';
import type { BookingSource } from '../../../integrations/ports';
import { send, sendAndHangUp, sendRaw } from '../http';

type Stored = Parameters<DeliveryStore['store']>[0];

/** Signs with the plain text of the first secret, so that a test sees at a glance whether a request is signed. */
const source: BookingSource = {
  kind: 'test',
  verifySignature: (_body, header, secrets) =>
    secrets.includes(header('x-signature') ?? '') ? { ok: true } : { ok: false, reason: 'not signed' },
  deliveryId: (header) => header('x-delivery') ?? null,
  keptHeaders: ['x-version', 'content-type'],
  read: () => ({ kind: 'ignored', trigger: 'test', reason: 'test' }),
  onTrouble: { status: 503, retryAfterSeconds: 30 },
};

const signed = { 'x-signature': 'right', 'content-type': 'application/json' };
const path = '/webhooks/desk';
let server: ApiServer;
let deps: ReceiverDeps;
let stored: Stored[];
let store: DeliveryStore['store'];

beforeEach(async () => {
  stored = [];
  store = (delivery) => {
    stored.push(delivery);
    return Promise.resolve({ id: `delivery-${stored.length}`, status: 'stored' });
  };
  deps = {
    sources: new Map([['desk', { source, secrets: ['right', 'newer'] }]]),
    store: { store: (delivery) => store(delivery), again: () => Promise.resolve() },
    metrics: createApiMetrics({ processMetrics: false }),
    logger: pino({ level: 'silent' }),
    limits: { maxBytes: 1024 * 1024, timeoutMs: 300, storeTimeoutMs: 300 },
  };
  server = await listen({
    webhooks: createWebhookHandler(deps),
    app: (_request, response) => response.writeHead(418).end(),
    host: '127.0.0.1',
    port: 0,
  });
});

afterEach(() => server.close({ graceMs: 1_000 }));

const post = (sent: Partial<Parameters<typeof send>[1]> = {}) =>
  send(server.port, { path, headers: signed, body: '{"a":1}', ...sent });
const metricsText = () => deps.metrics.registry.metrics();

describe('a webhook that is accepted', () => {
  it('is stored with its raw bytes and only the headers that the source keeps, and answered 202 with its id', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const reply = await post({ body, headers: { ...signed, 'x-version': '7', cookie: 'secret=1' } });
    expect(reply.status).toBe(202);
    expect(reply.json()).toEqual({ delivery: 'delivery-1', status: 'stored' });
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({
      connection: 'desk',
      headers: { 'x-version': '7', 'content-type': 'application/json' },
    });
    expect(stored[0]!.body.equals(body)).toBe(true);
    expect(Object.keys(stored[0]!.headers)).toEqual(['x-version', 'content-type']);
  });

  it('is answered only after it is committed', async () => {
    let commit: () => void = () => undefined;
    const isAsked = new Promise<void>((asked) => {
      store = () =>
        new Promise((resolve) => {
          commit = () => resolve({ id: 'late', status: 'stored' });
          asked();
        });
    });
    let isAnswered = false;
    const reply = post().then((result) => {
      isAnswered = true;
      return result;
    });
    await isAsked;
    // A second round trip over the same loop: an early answer to the first would have arrived by then.
    await send(server.port, { path: '/webhooks/nobody' });
    expect(isAnswered).toBe(false);
    commit();
    expect((await reply).status).toBe(202);
  });

  it('is answered 202 as a duplicate, and counted as one', async () => {
    store = () => Promise.resolve({ id: 'known', status: 'duplicate' });
    const reply = await post();
    expect(reply.json()).toEqual({ delivery: 'known', status: 'duplicate' });
    const text = await metricsText();
    expect(text).toContain('booksync_webhooks_duplicate_total{connection="desk"} 1');
    expect(text).toContain('booksync_webhook_ack_seconds_count{connection="desk"} 1');
  });

  it('has one key per body, and another when the provider names another delivery', async () => {
    await post();
    await post();
    await post({ headers: { ...signed, 'x-delivery': 'd-1' } });
    const keys = stored.map((delivery) => delivery.dedupeKey.toString('hex'));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('may be signed with any live secret, have no content type, be a form, text, or vendor JSON with a charset', async () => {
    const types = [
      undefined,
      'application/x-www-form-urlencoded',
      'text/plain; charset=utf-8',
      'application/vnd.x+json',
    ];
    for (const type of types) {
      const reply = await post({ headers: { 'x-signature': 'newer', ...(type ? { 'content-type': type } : {}) } });
      expect([type, reply.status]).toEqual([type, 202]);
    }
  });

  it('arrives whole when it is sent in chunks without a length', async () => {
    const chunks = '3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n';
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nx-signature: right\r\nconnection: close\r\n`;
    expect(await sendRaw(server.port, `${head}transfer-encoding: chunked\r\n\r\n${chunks}`)).toMatch(/^HTTP\/1.1 202 /);
    expect(stored[0]!.body.toString()).toBe('{"a":1}');
  });
});

describe('a webhook that is refused', () => {
  it.each([
    ['an unknown connection', { path: '/webhooks/nobody' }, 404, 'unknown_connection'],
    ['no connection', { path: '/webhooks/' }, 404, 'unknown_connection'],
    ['a deeper path', { path: '/webhooks/desk/more' }, 404, 'unknown_connection'],
    ['a name of every object', { path: '/webhooks/__proto__' }, 404, 'unknown_connection'],
    ['a broken escape', { path: '/webhooks/%E0%A4%A' }, 404, 'unknown_connection'],
    ['a binary content type', { headers: { ...signed, 'content-type': 'image/png' } }, 415, 'unsupported_media_type'],
    [
      'a multipart form',
      { headers: { ...signed, 'content-type': 'multipart/form-data; boundary=x' } },
      415,
      'unsupported_media_type',
    ],
    ['a compressed body', { headers: { ...signed, 'content-encoding': 'gzip' } }, 415, 'unsupported_encoding'],
    ['an empty body', { body: '' }, 400, 'empty_body'],
    ['no signature', { headers: { 'content-type': 'application/json' } }, 401, 'bad_signature'],
    ['a wrong signature', { headers: { ...signed, 'x-signature': 'wrong' } }, 401, 'bad_signature'],
    ['a doubled signature', { headers: { ...signed, 'x-signature': ['right', 'right'] } }, 401, 'bad_signature'],
    ['unsigned junk', { headers: {}, body: '{{{{' }, 401, 'bad_signature'],
  ])('for %s says so and stores nothing', async (_what, sent, status, code) => {
    const reply = await post(sent);
    expect([reply.status, reply.json().error.code]).toEqual([status, code]);
    expect(reply.json().error.message).toMatch(/\.$/);
    expect(stored).toEqual([]);
  });

  it('for any method but POST names the right one', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const reply = await send(server.port, { path, method });
      expect([method, reply.status, reply.headers.allow]).toEqual([method, 405, 'POST']);
    }
  });

  it('is counted by reason, without the name that a stranger sent', async () => {
    await post({ headers: {} });
    await post({ path: '/webhooks/some-secret-name' });
    const text = await metricsText();
    expect(text).toContain('booksync_webhooks_refused_total{connection="desk",reason="bad_signature"} 1');
    expect(text).toContain('booksync_webhooks_refused_total{connection="unknown",reason="unknown_connection"} 1');
    expect(text).not.toContain('some-secret-name');
  });

  it('for a size beyond 1 MiB answers 413, whether the size is announced or found out', async () => {
    const body = Buffer.alloc(2 * 1024 * 1024, 0x20);
    const announced = await post({ body, headers: { ...signed, 'content-length': body.length } });
    const chunked = await post({ body, headers: { ...signed, 'transfer-encoding': 'chunked' } });
    expect([announced.status, announced.json().error.code]).toEqual([413, 'too_large']);
    expect([chunked.status, chunked.json().error.code]).toEqual([413, 'too_large']);
    expect(announced.headers.connection).toBe('close');
    expect(stored).toEqual([]);
  });

  it('takes exactly 1 MiB', async () => {
    expect((await post({ body: Buffer.alloc(1024 * 1024, 0x20) })).status).toBe(202);
  });

  it('for a body that trickles answers 408 and ends the connection', async () => {
    const reply = await sendRaw(
      server.port,
      `POST ${path} HTTP/1.1\r\nhost: x\r\nx-signature: right\r\ncontent-length: 100\r\n\r\n{"a"`,
    );
    expect(reply).toMatch(/^HTTP\/1.1 408 /);
    expect(reply).toContain('"too_slow"');
  });

  it('for broken HTTP answers 400 in JSON', async () => {
    const reply = await sendRaw(server.port, 'POST /webhooks/desk HTTP/1.1\r\nhost: x\r\nno colon here\r\n\r\n');
    expect(reply).toMatch(/^HTTP\/1.1 400 /);
    expect(reply).toContain('"broken_http"');
  });

  it('for headers beyond 16 KiB answers 431 in JSON', async () => {
    const reply = await sendRaw(
      server.port,
      `POST ${path} HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(20_000)}\r\n\r\n`,
    );
    expect(reply).toMatch(/^HTTP\/1.1 431 /);
    expect(reply).toContain('"headers_too_large"');
  });

  it('because its sender hung up half-way is counted, and harms nobody else', async () => {
    await sendAndHangUp(
      server.port,
      `POST ${path} HTTP/1.1\r\nhost: x\r\nx-signature: right\r\ncontent-length: 100\r\n\r\n{"a"`,
    );
    let text = '';
    while (!text.includes('reason="broken_body"} 1')) {
      expect((await post()).status).toBe(202);
      text = await metricsText();
    }
  });
});

describe('trouble on our side', () => {
  it.each([
    ['the database is away', () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1 pat@example.com'))],
    [
      'the store has a bug',
      () => {
        throw new TypeError('pat@example.com');
      },
    ],
    ['the commit takes too long', () => new Promise<never>(() => undefined)],
  ])('when %s, makes the vendor send again, and says nothing of the cause', async (_what, failing) => {
    store = failing;
    const reply = await post();
    expect([reply.status, reply.headers['retry-after'], reply.json().error.code]).toEqual([503, '30', 'not_stored']);
    expect(reply.text).not.toMatch(/ECONNREFUSED|example/);
    expect(await metricsText()).toContain('reason="not_stored"} 1');
  });

  it('answers what the source asks for', async () => {
    await server.close();
    const rate: BookingSource = { ...source, onTrouble: { status: 429, retryAfterSeconds: 5 } };
    store = () => Promise.reject(new Error('away'));
    const webhooks = createWebhookHandler({
      ...deps,
      sources: new Map([['desk', { source: rate, secrets: ['right'] }]]),
    });
    server = await listen({ webhooks, app: (_request, response) => response.end(), host: '127.0.0.1', port: 0 });
    const reply = await post();
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '5']);
  });
});

describe('closing the server', () => {
  it('answers a delivery that is being committed before it ends', async () => {
    let commit: () => void = () => undefined;
    const isAsked = new Promise<void>((asked) => {
      store = () =>
        new Promise((resolve) => {
          commit = () => resolve({ id: 'last', status: 'stored' });
          asked();
        });
    });
    const reply = post();
    await isAsked;
    const closed = server.close();
    await expect(post()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    commit();
    expect((await reply).status).toBe(202);
    await closed;
  });
});
