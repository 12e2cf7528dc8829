import { z } from 'zod';
import { createCalcomClient, type CalcomClient } from '../../../integrations/calcom/client';
import type { TokenStore } from '../../../integrations/oauth-tokens';
import { memoryStore } from '../../support/memory-token-store';
import { scriptedServer, type Asked, type Reply, type ScriptedServer } from '../scripted-server';
import { failure, success } from './envelopes';

const GRANTED = 'refresh-0';

/** Cal.com with OAuth: the newest access token is good for half an hour, every refresh token for one use. */
async function vendor(answer: (token: string, asked: Asked) => Reply = () => success({ uid: 'x' })) {
  let issued = 0;
  const revoked = new Set<string>();
  const server = await scriptedServer((asked) => {
    if (asked.path === '/v2/auth/oauth2/token') {
      const body = asked.body as Readonly<Record<string, string>>;
      if (body['refresh_token'] !== `refresh-${issued}`) return { status: 400, json: { error: 'invalid_grant' } };
      issued += 1;
      const tokens = { access_token: `access-${issued}`, refresh_token: `refresh-${issued}` };
      return { status: 200, json: { ...tokens, token_type: 'bearer', expires_in: 1800 } };
    }
    const token = (asked.headers.authorization ?? '').replace('Bearer ', '');
    return revoked.has(token) ? failure(401) : answer(token, asked);
  });
  return { server, revoked };
}

function clientOf(
  server: ScriptedServer,
  store: TokenStore,
  options: { now?: () => number; refreshToken?: string } = {},
): CalcomClient {
  const oauth = { clientId: 'client', clientSecret: 's3cret', refreshToken: options.refreshToken ?? GRANTED };
  const api = { baseUrl: server.url, oauth };
  return createCalcomClient({ api, tokens: store, ...(options.now === undefined ? {} : { now: options.now }) });
}

const ask = (client: CalcomClient) =>
  client.request({
    operation: 'readBooking',
    effect: 'safe',
    area: 'bookings',
    method: 'GET',
    path: ['bookings', 'x'],
    schema: z.object({ data: z.object({ uid: z.string() }) }),
  });
const refreshes = (server: ScriptedServer): number => server.asked.filter((one) => one.method === 'POST').length;
const tokensUsed = (server: ScriptedServer) =>
  server.asked.filter((one) => one.method === 'GET').map((one) => one.headers.authorization);

describe('OAuth tokens', () => {
  it('are obtained once, stored, and used until they end', async () => {
    let atMs = Date.parse('2027-03-01T00:00:00Z');
    const { server } = await vendor();
    const store = memoryStore();
    const client = clientOf(server, store, { now: () => atMs });
    await ask(client);
    await ask(client);
    expect(server.asked[0]?.body).toEqual({
      grant_type: 'refresh_token',
      client_id: 'client',
      client_secret: 's3cret',
      refresh_token: GRANTED,
    });
    expect(store.stored).toMatchObject({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresAtMs: atMs + 1_800_000,
    });
    atMs += 1_790_000;
    await ask(client);
    expect(tokensUsed(server)).toEqual(['Bearer access-1', 'Bearer access-1', 'Bearer access-2']);
    expect(refreshes(server)).toBe(2);
  });

  it('are renewed once when several requests of one process find them ended', async () => {
    const { server } = await vendor();
    const client = clientOf(server, memoryStore());
    await Promise.all([ask(client), ask(client), ask(client)]);
    expect(refreshes(server)).toBe(1);
  });

  it('are renewed once when two processes find them ended at the same time', async () => {
    const { server } = await vendor();
    const store = memoryStore();
    const processes = [clientOf(server, store), clientOf(server, store)];
    await Promise.all(processes.map(ask));
    expect(refreshes(server)).toBe(1);
    expect(tokensUsed(server)).toEqual(['Bearer access-1', 'Bearer access-1']);
  });

  it('are taken from the store by a process that starts later', async () => {
    const { server } = await vendor();
    const store = memoryStore();
    await ask(clientOf(server, store));
    await ask(clientOf(server, store));
    expect(refreshes(server)).toBe(1);
  });

  it('that are refused are renewed, and the request is sent once more', async () => {
    const { server, revoked } = await vendor();
    const client = clientOf(server, memoryStore());
    await ask(client);
    revoked.add('access-1');
    await ask(client);
    expect(tokensUsed(server)).toEqual(['Bearer access-1', 'Bearer access-1', 'Bearer access-2']);
  });

  it('that are refused here are not renewed when another process did so already', async () => {
    const { server, revoked } = await vendor();
    const store = memoryStore();
    const [one, other] = [clientOf(server, store), clientOf(server, store)];
    await Promise.all([ask(one), ask(other)]);
    revoked.add('access-1');
    await ask(one);
    await ask(other);
    expect(refreshes(server)).toBe(2);
  });

  it('that are refused even when they are new need a person, and are not asked for in circles', async () => {
    const { server } = await vendor(() => failure(401));
    const client = clientOf(server, memoryStore());
    await expect(ask(client)).rejects.toMatchObject({ errorClass: 'reauth_required' });
    expect([refreshes(server), tokensUsed(server).length]).toEqual([2, 2]);
  });

  it('that can not be renewed need a person, and nothing is stored', async () => {
    const { server } = await vendor();
    const store = memoryStore();
    await expect(ask(clientOf(server, store, { refreshToken: 'dead' }))).rejects.toMatchObject({
      errorClass: 'reauth_required',
      httpStatus: 400,
      message: expect.stringContaining('connect the source again') as string,
    });
    expect(store.stored).toBeNull();
  });

  it('begin anew when the account was connected again, whatever is stored', async () => {
    const { server } = await vendor();
    const store = memoryStore();
    await ask(clientOf(server, store));
    await ask(clientOf(server, store, { refreshToken: 'refresh-1' }));
    expect(tokensUsed(server)).toEqual(['Bearer access-1', 'Bearer access-2']);
  });

  it.each<readonly [string, Reply, string]>([
    ['is away', failure(503), 'unavailable'],
    ['cuts the connection', 'reset', 'unavailable'],
    ['has had enough', failure(429), 'rate_limited'],
    ['answers without tokens', { status: 200, json: { access_token: 'secret-access' } }, 'contract_violation'],
  ])('are asked for again later when the token endpoint %s', async (_title, reply, errorClass) => {
    const server = await scriptedServer(() => reply);
    const error: unknown = await ask(clientOf(server, memoryStore())).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ errorClass });
    expect(JSON.stringify(error)).not.toContain('secret-access');
  });

  it('need a store', () => {
    const oauth = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' };
    expect(() => createCalcomClient({ api: { baseUrl: 'http://127.0.0.1:1', oauth }, tokens: null })).toThrow('store');
  });
});
