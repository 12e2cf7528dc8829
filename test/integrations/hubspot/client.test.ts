import { z } from 'zod';
import type { ClientOptions, CrmRequest } from '../../../integrations/crm-client';
import { createHubspotClient } from '../../../integrations/hubspot/client';
import { CrmError, type CrmCall } from '../../../integrations/ports';
import { scriptedServer, type Reply } from '../scripted-server';
import { memoryStore } from './canned-transport';

const TOKEN = 'pat-test';

const call = (signal: AbortSignal = new AbortController().signal): CrmCall => ({ operationKey: 'op-1', signal });
const schema = z.object({ id: z.string() });
const read: CrmRequest<{ id: string }> = {
  operation: 'readThing',
  method: 'GET',
  path: ['things', '1'],
  effect: 'safe',
  schema,
};
const create: CrmRequest<{ id: string }> = {
  operation: 'createThing',
  method: 'POST',
  path: ['things'],
  body: { a: 1 },
  effect: 'create',
  schema,
};
const client = (url: string, more: ClientOptions & { token?: string; requestsPerSecond?: number } = {}) =>
  createHubspotClient({ baseUrl: url, token: TOKEN, ...more });

async function failure(promise: Promise<unknown>): Promise<CrmError> {
  const thrown: unknown = await promise.then(
    () => new Error('expected a failure'),
    (error: unknown) => error,
  );
  if (thrown instanceof CrmError) return thrown;
  throw thrown;
}

/** A clock that moves only when the client waits. */
function fakeTime() {
  let nowMs = 1_000_000;
  const waits: number[] = [];
  return {
    waits,
    advance: (ms: number) => void (nowMs += ms),
    now: () => nowMs,
    sleep: (ms: number) => {
      waits.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  };
}

describe('the HubSpot client', () => {
  it('sends the token, JSON, and escaped paths below the base URL', async () => {
    const server = await scriptedServer(() => ({ status: 200, json: { id: '5' } }));
    const request = {
      ...create,
      path: ['things', 'a+b/c@example.com'],
      query: { properties: ['x', 'y'], idProperty: 'email' },
    };
    await client(`${server.url}/base/`).request(request, call());
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      path: '/base/things/a%2Bb%2Fc%40example.com',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: { a: 1 },
    });
    expect(server.asked[0]?.url).toMatch(/\?properties=x&properties=y&idProperty=email$/);
  });

  it.each<[string, Reply]>([
    ['is not JSON', { status: 200, text: '<html>hello</html>' }],
    ['is empty', { status: 200, text: '' }],
    ['breaks off', 'cut'],
    ['never comes because the connection is cut', 'reset'],
    ['is a gateway page', { status: 504, text: '<html>504</html>' }],
  ])('asks to repeat a read, and to settle a create, whose answer %s', async (_what, reply) => {
    const server = await scriptedServer(() => reply);
    expect((await failure(client(server.url).request(read, call()))).errorClass).toBe('unavailable');
    expect((await failure(client(server.url).request(create, call()))).errorClass).toBe('unknown_outcome');
    // The read was repeated once.
    expect(server.asked).toHaveLength(3);
  });

  it('names the part of an answer that is outside the contract', async () => {
    const server = await scriptedServer(() => ({ status: 200, json: { id: 7 } }));
    const error = await failure(client(server.url).request(read, call()));
    expect(error).toMatchObject({ errorClass: 'contract_violation', fields: ['id'] });
    expect((await failure(client(server.url).request(create, call()))).errorClass).toBe('unknown_outcome');
  });

  it('knows that a refused connection sent nothing', async () => {
    const server = await scriptedServer(() => ({ status: 200 }));
    await server.close();
    expect((await failure(client(server.url).request(create, call()))).errorClass).toBe('unavailable');
  });

  it('gives up after its timeout without knowing about a create', async () => {
    const server = await scriptedServer(() => 'hang');
    const error = await failure(client(server.url, { requestTimeoutMs: 30 }).request(create, call()));
    expect(error).toMatchObject({ errorClass: 'unknown_outcome' });
    expect(error.message).toContain('timeout');
  });

  it('stops when the caller stops, and sends nothing once it has', async () => {
    const stop = new AbortController();
    const server = await scriptedServer(() => {
      stop.abort();
      return 'hang';
    });
    const hubspot = client(server.url);
    expect((await failure(hubspot.request(create, call(stop.signal)))).errorClass).toBe('unknown_outcome');
    expect((await failure(hubspot.request(create, call(stop.signal)))).errorClass).toBe('unavailable');
    expect(server.asked).toHaveLength(1);
  });

  it('repeats no create, no probe, nothing that took long and nothing that was canceled meanwhile', async () => {
    const stop = new AbortController();
    let startMs = Date.now();
    const answers: readonly (() => void)[] = [
      () => undefined,
      () => undefined,
      () => (startMs += 3_001),
      () => stop.abort(),
    ];
    const server = await scriptedServer(() => {
      answers[server.asked.length - 1]?.();
      return { status: 503 };
    });
    const hubspot = client(server.url, { now: () => startMs });
    for (const request of [create, { ...read, probe: true }, read]) await failure(hubspot.request(request, call()));
    await failure(hubspot.request(read, call(stop.signal)));
    expect(server.asked).toHaveLength(4);
  });

  it('spreads requests over the second, and searches apart from them', async () => {
    const server = await scriptedServer(() => ({ status: 200, json: { id: '1' } }));
    const time = fakeTime();
    const hubspot = client(server.url, { ...time, requestsPerSecond: 2 });
    for (let n = 0; n < 3; n += 1) await hubspot.request(read, call());
    expect(time.waits).toEqual([1_000]);
    for (let n = 0; n < 6; n += 1) await hubspot.request({ ...read, search: true }, call());
    expect(time.waits).toEqual([1_000, 1_100]);
  });

  it('hands a long wait back instead of sitting on the caller’s deadline', async () => {
    const server = await scriptedServer(() => ({
      status: 200,
      json: { id: '1' },
      headers: { 'X-HubSpot-RateLimit-Remaining': '0', 'X-HubSpot-RateLimit-Interval-Milliseconds': '10000' },
    }));
    const time = fakeTime();
    const hubspot = client(server.url, time);
    await hubspot.request(read, call());
    expect(await failure(hubspot.request(create, call()))).toMatchObject({
      errorClass: 'rate_limited',
      retryAfterMs: 10_000,
    });
    expect(server.asked).toHaveLength(1);
    time.advance(9_000);
    await hubspot.request(read, call());
    expect(time.waits).toEqual([1_000]);
  });

  it('holds back after a 429, for searches only where the search limit was hit', async () => {
    const server = await scriptedServer((request) =>
      request.path.endsWith('search')
        ? {
            status: 429,
            json: { message: 'You have reached your ten_secondly_rolling limit.', policyName: 'TEN_SECONDLY_ROLLING' },
          }
        : { status: 200, json: { id: '1' } },
    );
    const hubspot = client(server.url, fakeTime());
    const search = { ...read, path: ['search'], search: true };
    expect((await failure(hubspot.request(search, call()))).errorClass).toBe('rate_limited');
    expect((await failure(hubspot.request(search, call()))).httpStatus).toBeNull();
    await hubspot.request(read, call());
    expect(server.asked).toHaveLength(2);
  });

  it('waits until the date that a Retry-After names', async () => {
    const time = fakeTime();
    const at = new Date(time.now() + 8_000).toUTCString();
    const server = await scriptedServer((_request, n) =>
      n === 1
        ? { status: 429, json: { policyName: 'SECONDLY' }, headers: { 'Retry-After': at } }
        : { status: 200, json: { id: '1' } },
    );
    const hubspot = client(server.url, time);
    const error = await failure(hubspot.request(read, call()));
    expect(error).toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 8_000 });
    time.advance(7_000);
    await hubspot.request(read, call());
    expect(time.waits).toEqual([1_000]);
  });

  it('sends a DELETE without a body', async () => {
    const server = await scriptedServer(() => ({ status: 200, json: { id: '5' } }));
    expect(await client(server.url).request({ ...read, method: 'DELETE' }, call())).toEqual({ id: '5' });
    expect(server.asked[0]).toMatchObject({ method: 'DELETE', body: undefined });
  });

  it('never renews a token that stays', async () => {
    const server = await scriptedServer(() => ({ status: 401, json: { category: 'EXPIRED_AUTHENTICATION' } }));
    expect((await failure(client(server.url).request(read, call()))).errorClass).toBe('reauth_required');
    expect(server.asked).toHaveLength(1);
  });

  it('sends a create once more only because its token had run out, which HubSpot says before it does anything', async () => {
    const oauth = { clientId: 'client', clientSecret: 's3cret', refreshToken: 'refresh-0' };
    let issued = 0;
    const server = await scriptedServer(({ path, headers }) => {
      if (path.startsWith('/oauth')) {
        issued += 1;
        return { status: 200, json: { access_token: `access-${issued}`, expires_in: 1800 } };
      }
      if (headers.authorization === 'Bearer access-1')
        return { status: 401, json: { category: 'EXPIRED_AUTHENTICATION' } };
      return { status: 503 };
    });
    const hubspot = createHubspotClient({ baseUrl: server.url, oauth }, memoryStore());
    expect((await failure(hubspot.request(create, call()))).errorClass).toBe('unknown_outcome');
    expect(server.asked.filter(({ path }) => path === '/things')).toHaveLength(2);
    expect(issued).toBe(2);
  });

  it('keeps the token out of an error about it', async () => {
    const error = await failure(client('http://127.0.0.1:9', { token: 'bad\ntoken-canary' }).request(read, call()));
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('canary');
  });
});
