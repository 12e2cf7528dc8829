import { createServer, type AddressInfo } from 'node:net';
import { z } from 'zod';
import { createCalcomClient, type CalcomRequest } from '../../../integrations/calcom/client';
import { SourceError } from '../../../integrations/ports';
import { scriptedServer, type Reply } from '../scripted-server';
import { failure, success, VENDOR_TEXT } from './envelopes';

const answer = z.object({ data: z.object({ uid: z.string() }) });
type Request = CalcomRequest<z.infer<typeof answer>>;

const reading: Request = {
  operation: 'readBooking',
  effect: 'safe',
  area: 'bookings',
  method: 'GET',
  path: ['bookings', 'a/b c'],
  schema: answer,
};
const writing: Request = { ...reading, operation: 'cancel', effect: 'write', method: 'POST', body: { why: 'x' } };

async function clientFor(reply: (n: number) => Reply, options: { maxWaitMs?: number; now?: () => number } = {}) {
  const server = await scriptedServer((_asked, n) => reply(n));
  const api = { baseUrl: `${server.url}/`, apiKey: 'cal_test' };
  return { server, client: createCalcomClient({ api, tokens: null, requestTimeoutMs: 200, ...options }) };
}

async function errorOf(reply: Reply, request: Request): Promise<SourceError> {
  const { client } = await clientFor(() => reply);
  const error: unknown = await client.request(request).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw new Error('expected a SourceError');
  return error;
}

/** Where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a request', () => {
  it('carries key, version and escaped path, and nothing that it does not need', async () => {
    const { server, client } = await clientFor(() => success({ uid: 'x', more: 'is ignored' }));
    expect(await client.request({ ...reading, query: { take: '1' } })).toEqual({ data: { uid: 'x' } });
    const [asked] = server.asked;
    expect([asked?.method, asked?.url, asked?.body]).toEqual(['GET', '/v2/bookings/a%2Fb%20c?take=1', undefined]);
    expect(asked?.headers).toMatchObject({ authorization: 'Bearer cal_test', 'cal-api-version': '2024-08-13' });
    expect(asked?.headers['content-type']).toBeUndefined();
  });

  it('has no version header in an area without one', async () => {
    const { server, client } = await clientFor(() => success({ uid: 'x' }));
    await client.request({ ...reading, area: 'webhooks' });
    expect(server.asked[0]?.headers['cal-api-version']).toBeUndefined();
  });

  it.each(['', ' ', '.', '..'])('is not sent for the id %p, which would address something else', async (id) => {
    const { server, client } = await clientFor(() => success({ uid: 'x' }));
    await expect(client.request({ ...reading, path: ['bookings', id] })).rejects.toMatchObject({
      errorClass: 'refused',
    });
    expect(server.asked).toHaveLength(0);
  });
});

describe('what goes wrong', () => {
  it.each<readonly [string, Reply, string, string]>([
    ['a 400', failure(400), 'refused', 'refused'],
    ['a 401', failure(401), 'reauth_required', 'reauth_required'],
    ['a 403', failure(403), 'reauth_required', 'refused'],
    ['a 404', failure(404), 'refused', 'refused'],
    ['a 408', failure(408), 'unavailable', 'unknown_outcome'],
    ['a 409', failure(409), 'refused', 'refused'],
    ['a 422', failure(422), 'refused', 'refused'],
    ['a 429', failure(429), 'rate_limited', 'rate_limited'],
    ['a 500', failure(500), 'unavailable', 'unknown_outcome'],
    ['a 503', failure(503), 'unavailable', 'unknown_outcome'],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      'contract_violation',
      'contract_violation',
    ],
    ['no answer', 'hang', 'unavailable', 'unknown_outcome'],
    ['a cut connection', 'reset', 'unavailable', 'unknown_outcome'],
    ['half an answer', 'cut', 'unavailable', 'unknown_outcome'],
    ['a page instead of JSON', { status: 200, text: '<html>' }, 'contract_violation', 'unknown_outcome'],
    ['an answer without uid', success({ id: 1 }), 'contract_violation', 'unknown_outcome'],
    [
      'an error in a 200',
      { status: 200, json: { status: 'error', data: { uid: 'x' } } },
      'contract_violation',
      'unknown_outcome',
    ],
  ])('%s is for a read and for a write what the caller can act upon', async (_title, reply, forRead, forWrite) => {
    const classes = [await errorOf(reply, reading), await errorOf(reply, writing)].map((error) => error.errorClass);
    expect(classes).toEqual([forRead, forWrite]);
  });

  it('says nothing was applied when the connection was never made, even for a write', async () => {
    const client = createCalcomClient({ api: { baseUrl: await closedAddress(), apiKey: 'k' }, tokens: null });
    await expect(client.request(writing)).rejects.toMatchObject({ errorClass: 'unavailable' });
  });

  it('says where an answer differs, and keeps the vendor text out of the message', async () => {
    const wrong = await errorOf(success({ uid: 7, name: VENDOR_TEXT }), reading);
    expect(wrong.message).toContain('at data.uid');
    const refusal = await errorOf(failure(400), writing);
    expect([refusal.httpStatus, refusal.vendorText]).toEqual([400, expect.stringContaining(VENDOR_TEXT)]);
    for (const { message } of [wrong, refusal]) expect(message).not.toContain('example.com');
  });
});

describe('rate limits', () => {
  const limited = async (headers: Record<string, string>) =>
    (await errorOf(failure(429, headers), reading)).retryAfterMs;

  it.each([
    ['Retry-After', { 'retry-after': '7' }, 7_000],
    [
      'the reset of the limit that is used up, in seconds',
      { 'x-ratelimit-remaining-default': '0', 'x-ratelimit-reset-default': '42' },
      42_000,
    ],
    ['a reset in milliseconds', { 'x-ratelimit-remaining-default': '0', 'x-ratelimit-reset-default': '42500' }, 42_500],
    ["the block's length, when nothing is said", {}, 60_000],
    ['a limit with another name', { 'x-ratelimit-remaining-short': '0', 'x-ratelimit-reset-short': '9' }, 9_000],
    ['at most ten minutes', { 'retry-after': '86400' }, 600_000],
  ])('make the caller wait as told by %s', async (_title, headers, waitMs) => {
    expect(await limited(headers)).toBe(waitMs);
  });

  it('are not asked again while they are used up: the second request is not sent', async () => {
    let atMs = 1_000_000;
    const { server, client } = await clientFor(
      () => ({
        status: 200,
        json: { status: 'success', data: { uid: 'x' } },
        headers: { 'X-RateLimit-Remaining-Default': '0', 'X-RateLimit-Reset-Default': '30' },
      }),
      { now: () => atMs },
    );
    await client.request(reading);
    await expect(client.request(reading)).rejects.toMatchObject({ errorClass: 'rate_limited', retryAfterMs: 30_000 });
    expect(server.asked).toHaveLength(1);
    atMs += 30_000;
    await client.request(reading);
    expect(server.asked).toHaveLength(2);
  });

  it('are waited for when the wait is short', async () => {
    const { server, client } = await clientFor((n) =>
      n === 1
        ? {
            status: 200,
            json: { status: 'success', data: { uid: 'x' } },
            headers: { 'x-ratelimit-remaining-default': '0', 'x-ratelimit-reset-default': '0.05' },
          }
        : success({ uid: 'y' }),
    );
    await client.request(reading);
    expect(await client.request(reading)).toEqual({ data: { uid: 'y' } });
    expect(server.asked).toHaveLength(2);
  });

  it('of which something remains hold nobody back', async () => {
    const { client } = await clientFor(() => ({
      status: 200,
      json: { status: 'success', data: { uid: 'x' } },
      headers: { 'x-ratelimit-remaining-default': '1', 'x-ratelimit-reset-default': '60' },
    }));
    await client.request(reading);
    await expect(client.request(reading)).resolves.toBeDefined();
  });
});
