/** Who may use the operator API, what its document says, and how it fails. */
import { randomUUID } from 'node:crypto';
import { send } from '../http';
import { testApi, TOKEN } from '../test-api';
import { operatorOfThisFile, refusalOf } from './operator';
import { seedBooking, seedTask } from './seed';

const operator = operatorOfThisFile();

describe('who may ask', () => {
  it.each([
    ['nobody', undefined],
    ['a wrong token', 'Bearer wrong'],
    ['the beginning of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another scheme', `Basic ${TOKEN}`],
    ['an empty token', 'Bearer '],
  ])('is answered 401: %s', async (_who, authorization) => {
    for (const path of ['/api/v1/bookings', '/api/v1/tasks', '/api/v1/deliveries', '/api/v1/nothing']) {
      const reply = await send(operator().api.port, {
        method: 'GET',
        path,
        headers: authorization ? { authorization } : {},
      });
      expect(refusalOf(reply)).toEqual([401, 'unauthorized']);
      expect(reply.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it('nobody may while no token is configured', async () => {
    const closed = await testApi(operator().pool, { apiToken: null });
    const reply = await send(closed.port, {
      method: 'GET',
      path: '/api/v1/tasks',
      headers: { authorization: 'Bearer null' },
    });
    expect(refusalOf(reply)).toEqual([401, 'unauthorized']);
    await closed.close();
  });
});

describe('the OpenAPI document', () => {
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  }
  const read = async () =>
    (await send(operator().api.port, { method: 'GET', path: '/api/v1/openapi.json' })).json<Document>();

  it('is open to everybody and describes only operations that exist', async () => {
    const document = await read();
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    expect(operations).toHaveLength(20);
    for (const { method, path } of operations) {
      const real = path
        .replace('{id}', randomUUID())
        .replace('{connection}', 'calcom-sales')
        .replace('{uid}', 'u')
        .replace('{participation}', '0a1b2c3d4e5f');
      const reply = await operator().api.ask(
        method as 'GET' | 'POST',
        real,
        method === 'POST' ? { decision: 'retry' } : undefined,
      );
      const code = reply.status === 200 ? 'ok' : reply.json().error.code;
      expect([method, path, code]).not.toEqual([method, path, 'unknown_route']);
      expect(reply.status).toBeLessThan(500);
    }
  });
});

describe('errors', () => {
  it('of unknown paths and methods are JSON', async () => {
    expect(refusalOf(await operator().api.ask('GET', '/api/v1/nothing'))).toEqual([404, 'unknown_route']);
    expect(refusalOf(await operator().api.ask('POST', '/api/v1/bookings'))).toEqual([404, 'unknown_route']);
    expect(refusalOf(await send(operator().api.port, { method: 'GET', path: '/nothing' }))).toEqual([
      404,
      'unknown_route',
    ]);
  });

  it('that nobody foresaw say nothing but an id, which the log has too', async () => {
    const bookingId = await seedBooking(operator().pool, { chain: ['t'] });
    const task = await seedTask(operator().pool, { bookingId });
    operator().decide = () => Promise.reject(new TypeError('pat@example.com is not a function'));
    const reply = await operator().api.ask('POST', `/api/v1/tasks/${task.id}/decision`, { decision: 'no_contact' });
    expect(refusalOf(reply)).toEqual([500, 'internal']);
    const errorId = /[0-9a-f-]{36}/.exec(reply.text)?.[0] ?? 'none';
    const line = operator().api.log.find((one) => one.includes(errorId));
    expect(line).toContain('TypeError');
    expect(reply.text + operator().api.log.join('')).not.toContain('pat@');
  });
});
