/** Giving tasks away, letting them rest, and deciding several, on the console's pages and under the API; and the link of a notice. */
import type pg from 'pg';
import type { ApiOptions } from '../../../api/start';
import { linkToken } from '../../../db/signed-links';
import { settleTask } from '../../../db/tasks';
import { openVault, parseMasterKeys } from '../../../db/vault';
import { testDatabase } from '../../support/postgres';
import { send } from '../http';
import { idleEngine, MASTER_KEY, testApi, TOKEN, type TestApi } from '../test-api';
import { HOUR_MS, seedBooking, seedTask, T0_MS } from '../v1/seed';
import { Browser } from './browser';

const NOW_MS = T0_MS + 10 * 60_000;
let pool: pg.Pool;
let api: TestApi;
let browser: Browser;
let asked: unknown[];

const engine: ApiOptions['engine'] = {
  ...idleEngine,
  decide: async (task, decision, by) => {
    asked.push([decision.decision, by]);
    await settleTask(pool, { id: task.id, state: 'decided', decision, by, nowMs: NOW_MS });
    return { kind: 'accepted' };
  },
  snooze: async (task, { untilMs, by }) => {
    asked.push([untilMs, by]);
    const until = untilMs === null ? null : new Date(untilMs);
    await pool.query('UPDATE task SET snoozed_until = $2 WHERE workflow_id = $1', [task.workflowId, until]);
    return { kind: 'accepted' };
  },
  reassign: async (task, { owner }) => {
    await pool.query('UPDATE task SET owner = $2 WHERE workflow_id = $1', [task.workflowId, owner]);
    return { kind: 'accepted' };
  },
};

beforeAll(async () => {
  ({ pool } = await testDatabase());
  const console = {
    zone: 'America/Denver',
    reportZone: 'America/Denver',
    connections: [],
    mapping: {},
    temporalUi: null,
  };
  api = await testApi(pool, { engine, console, nowMs: () => NOW_MS });
  await api.opened;
  browser = new Browser(api.port);
  await browser.signIn(TOKEN);
});
beforeEach(() => (asked = []));
afterEach(() => pool.query('TRUNCATE booking CASCADE'));

async function aTask(uid: string): Promise<string> {
  return (await seedTask(pool, { bookingId: await seedBooking(pool, { chain: [uid] }) })).id;
}
const at = (text: string): number => Date.parse(text);

describe('a rest', () => {
  it.each([
    [{ rest: 'hour' }, NOW_MS + HOUR_MS],
    [{ rest: 'tomorrow' }, at('2026-11-25T16:00:00Z')],
    [{ rest: 'week' }, NOW_MS + 7 * 24 * HOUR_MS],
    [{ rest: 'until', until: '2026-11-30T08:30' }, at('2026-11-30T15:30:00Z')],
  ])('of %j ends at the right instant, in the zone of the account', async (fields, untilMs) => {
    const id = await aTask('u1');
    await browser.get(`/console/tasks/${id}`);
    const reply = await browser.post(`/console/tasks/${id}`, { act: 'snooze', ...fields });
    expect([reply.status, reply.headers.location]).toEqual([303, `/console/tasks/${id}?said=snoozed`]);
    expect(asked).toEqual([[untilMs, 'anna-1']]);
  });

  it('takes the task out of the queue, into a list of its own, and back when it is woken', async () => {
    const id = await aTask('u1');
    const queue = async (state: string) => (await browser.get(`/console/tasks?state=${state}`)).text.includes(id);
    await browser.post(`/console/tasks/${id}`, { act: 'snooze', rest: 'week' });
    expect([await queue('open'), await queue('resting')]).toEqual([false, true]);
    expect((await browser.get('/console')).text).toContain('Nothing waits for a person.');
    expect((await browser.get(`/console/tasks/${id}`)).text).toContain('Wake it now');
    await browser.post(`/console/tasks/${id}`, { act: 'snooze', rest: 'none' });
    expect([await queue('open'), await queue('resting')]).toEqual([true, false]);
  });

  it.each([
    ['past', '2020-01-01T00:00'],
    ['too far away', '2030-01-01T00:00'],
  ])('that ends %s is refused in words', async (_what, until) => {
    const id = await aTask('u1');
    const reply = await browser.post(`/console/tasks/${id}`, { act: 'snooze', rest: 'until', until });
    expect([reply.status, reply.text]).toEqual([422, expect.stringContaining('Not taken')]);
    expect(asked).toEqual([]);
  });
});

describe('several at once', () => {
  it('are decided one by one, and what became of each is said', async () => {
    const [one, other, settled] = [await aTask('u1'), await aTask('u2'), await aTask('u3')];
    expect((await browser.get('/console/tasks?state=open&kind=match_contact')).text).toContain(
      'Decide all that are chosen',
    );
    await settleTask(pool, { id: settled, state: 'withdrawn', decision: null, by: 'booking', nowMs: NOW_MS });
    const fields = new URLSearchParams({ formToken: browser.formToken, kind: 'match_contact', decision: 'no_contact' });
    for (const id of [one, other, settled]) fields.append('ids', id);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await send(api.port, { path: '/console/tasks', headers, body: fields.toString() });
    expect(reply.text).toContain('2 tasks decided. 1 task could not be; see why below.');
    expect(reply.text).toContain(`href="/console/tasks/${settled}"`);
    expect(asked).toEqual([
      ['no_contact', 'anna-1'],
      ['no_contact', 'anna-1'],
    ]);
  });

  it('without any that is chosen, nothing is decided', async () => {
    await aTask('u1');
    const reply = await browser.post('/console/tasks', { kind: 'match_contact', decision: 'no_contact' });
    expect(reply.text).toContain('Nothing was chosen.');
    expect(asked).toEqual([]);
  });

  it('can be decided under the API, which has a result for each', async () => {
    const ids = [await aTask('u1'), '5e0d7c0a-0000-4000-8000-000000000001'];
    const reply = await api.ask('POST', '/api/v1/tasks/decisions', { ids, decision: 'create_contact' });
    expect(reply.json()).toEqual({
      results: [
        { id: ids[0], refusal: null },
        { id: ids[1], refusal: { code: 'task_not_found', message: expect.any(String) } },
      ],
    });
    const named = await api.ask('POST', '/api/v1/tasks/decisions', { ids, decision: 'use_contact' });
    expect(named.json()).toMatchObject({ results: [{ refusal: { code: 'task_decided' } }, {}] });
  });
});

describe('under the API', () => {
  it('a task is given to somebody else, and put to rest', async () => {
    const id = await aTask('u1');
    const given = await api.ask('POST', `/api/v1/tasks/${id}/reassign`, { owner: 'manager' });
    expect(given.json()).toMatchObject({ task: { id, owner: 'manager', snoozedUntil: null } });
    const rests = await api.ask('POST', `/api/v1/tasks/${id}/snooze`, { until: '2026-11-30T08:30:00-07:00' });
    expect(rests.json()).toMatchObject({ task: { snoozedUntil: '2026-11-30T15:30:00.000Z' } });
    const awake = await api.ask('POST', `/api/v1/tasks/${id}/snooze`, { until: null });
    expect(awake.json()).toMatchObject({ task: { snoozedUntil: null } });
  });

  it.each([
    ['reassign', { owner: 'jane@example.com' }],
    ['snooze', { until: 'tomorrow' }],
    ['snooze', {}],
  ])('%s with %j is refused before anybody is asked', async (act, body) => {
    expect((await api.ask('POST', `/api/v1/tasks/${await aTask('u1')}/${act}`, body)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it('nothing of it is there without the token', async () => {
    const id = await aTask('u1');
    for (const path of [`/${id}/reassign`, `/${id}/snooze`, '/decisions']) {
      const headers = { 'content-type': 'application/json' };
      expect((await send(api.port, { path: `/api/v1/tasks${path}`, headers, body: '{}' })).status).toBe(401);
    }
  });
});

describe('the link of a notice', () => {
  const linkOf = async (id: string, purpose: 'open_task' | 'host_answer' = 'open_task') => {
    const vault = await openVault(pool, parseMasterKeys(MASTER_KEY));
    return `/task/${linkToken(vault, { purpose, subject: [id], decision: null, untilMs: NOW_MS + HOUR_MS })}`;
  };
  const open = (path: string, method = 'GET') => send(api.port, { method, path });

  it('shows a stranger the question, and the way to the sign-in', async () => {
    const id = await aTask('u1');
    const reply = await open(await linkOf(id));
    expect([reply.status, reply.headers['x-frame-options']]).toEqual([200, 'DENY']);
    expect(reply.text).toContain('Who in the CRM is this guest?');
    expect(reply.text).toContain(`href="/console/tasks/${id}"`);
    expect(reply.text).not.toMatch(/<form|hubspot-main|u1</);
    expect((await open(`/console/tasks/${id}`)).headers.location).toMatch(/sign-in/);
  });

  it('decides nothing, and one that is changed or for something else shows nothing', async () => {
    const [id, other] = [await aTask('u1'), await aTask('u2')];
    expect((await open(await linkOf(id), 'POST')).status).toBe(404);
    const [body] = (await linkOf(other)).split('.');
    const [, signature] = (await linkOf(id)).split('.');
    for (const path of [`${body}.${signature}`, await linkOf(id, 'host_answer'), '/task/x']) {
      const reply = await open(path);
      expect([reply.status, reply.text]).toEqual([404, expect.stringContaining('This link does not fit')]);
    }
  });
});
