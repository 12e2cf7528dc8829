/** The operator API against a real database: what it answers, and that every answer is as the OpenAPI document says. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { DecisionSent, Engine } from '../../../api/engine';
import * as schemas from '../../../api/v1/schemas';
import { addAliases, insertBooking, mergeBookings } from '../../../db/bookings';
import { markDead } from '../../../db/deliveries';
import { insertMessages } from '../../../db/messages';
import { settleTask } from '../../../db/tasks';
import type { TaskDecision } from '../../../domain/tasks';
import { testDatabase, type TestDatabase } from '../../support/postgres';
import { send, type Reply } from '../http';
import { CONNECTION, idleEngine, signedWebhook, testApi, TOKEN, type TestApi } from '../test-api';
import { HOUR_MS, seedBooking, seedFact, seedTask, slotAt, T0_MS } from './seed';

let database: TestDatabase;
let api: TestApi;
let nowMs: number;
let decide: Engine['decide'];

beforeAll(async () => {
  database = await testDatabase();
  const engine: Engine = { ...idleEngine, decide: (task, decision) => decide(task, decision) };
  api = await testApi(database.pool, { engine, nowMs: () => nowMs });
  await api.opened;
});

beforeEach(() => {
  nowMs = T0_MS - HOUR_MS;
  decide = idleEngine.decide;
});

afterEach(() => database.pool.query('TRUNCATE booking, delivery, person, audit_entry CASCADE'));

/** The answer, checked against the schema: nothing missing, nothing undeclared. */
async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  return checked(await api.ask('GET', path), schema);
}
function checked<S extends z.ZodType>(reply: Reply, schema: S): z.output<S> {
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  const body: unknown = reply.json();
  const parsed = schema.parse(body);
  expect(parsed).toEqual(body);
  return parsed;
}
function refusalOf(reply: Reply): [number, string] {
  expect(schemas.errorSchema.safeParse(reply.json()).success).toBe(true);
  return [reply.status, reply.json().error.code];
}

describe('who may ask', () => {
  it.each([
    ['nobody', undefined],
    ['a wrong token', 'Bearer wrong'],
    ['the beginning of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another scheme', `Basic ${TOKEN}`],
    ['an empty token', 'Bearer '],
  ])('is answered 401: %s', async (_who, authorization) => {
    for (const path of ['/api/v1/bookings', '/api/v1/tasks', '/api/v1/deliveries', '/api/v1/nothing']) {
      const reply = await send(api.port, { method: 'GET', path, headers: authorization ? { authorization } : {} });
      expect(refusalOf(reply)).toEqual([401, 'unauthorized']);
      expect(reply.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it('nobody may while no token is configured', async () => {
    const closed = await testApi(database.pool, { apiToken: null });
    const reply = await send(closed.port, { method: 'GET', path: '/api/v1/tasks', headers: { authorization: 'Bearer null' } });
    expect(refusalOf(reply)).toEqual([401, 'unauthorized']);
    await closed.close();
  });
});

describe('one booking', () => {
  it('is shown with everything that is known, by any uid of its chain', async () => {
    const personId = randomUUID();
    await database.pool.query(`INSERT INTO person (id, wrapped_key, sealed) VALUES ($1, '', '')`, [personId]);
    const id = await seedBooking(database.pool, { chain: ['uid-a', 'uid-b/1'], picture: { personId } });
    await seedFact(database.pool, {
      bookingId: id,
      connection: CONNECTION,
      fact: { type: 'scheduled', uid: 'uid-a', receivedAtMs: T0_MS - 3 },
      why: 'scheduled',
    });
    await seedFact(database.pool, {
      bookingId: id,
      connection: CONNECTION,
      fact: { type: 'crm_decided', uid: 'uid-a', receivedAtMs: T0_MS - 2, by: 'operator' },
    });
    await database.pool.query(`INSERT INTO crm_sync (booking_id, connection, state) VALUES ($1, 'hubspot-main', 'synced')`, [id]);
    await database.pool.query(
      `INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state, last_written) VALUES
       ('hubspot-main', 'person', $2, NULL, '7', 'done', NULL),
       ('hubspot-main', 'appointment', 'a:' || $1, $1, '8', 'done', '{"status": "scheduled"}'),
       ('hubspot-main', 'opportunity', 'o:' || $1, $1, '9', 'done', '{"stageId": "appointmentscheduled"}')`,
      [id, `p:${personId}`],
    );
    await insertMessages(database.pool, id, [
      {
        key: 'reminder/1',
        kind: 'reminder',
        recipient: 'guest',
        slotKey: 'k',
        dueAtMs: T0_MS - 24 * HOUR_MS,
        state: 'skipped',
        reason: 'booked inside the window',
      },
    ]);
    const task = await seedTask(database.pool, { bookingId: id });

    const byRoot = await get('/api/v1/bookings/calcom-sales/uid-a', schemas.bookingSchema);
    expect(byRoot).toEqual({
      id: 'calcom-sales/uid-a',
      source: 'calcom-sales',
      status: 'scheduled',
      slot: { start: '2026-11-24T17:00:00.000Z', end: '2026-11-24T18:00:00.000Z', zone: 'America/New_York' },
      chain: ['uid-a', 'uid-b/1'],
      version: 1,
      contactMatch: 'pending',
      crm: [
        {
          connection: 'hubspot-main',
          state: 'synced',
          personId: '7',
          appointmentId: '8',
          opportunityId: '9',
          stage: 'appointmentscheduled',
          outcome: 'scheduled',
        },
      ],
      messages: [
        {
          kind: 'reminder',
          channel: 'email',
          dueAt: '2026-11-23T17:00:00.000Z',
          state: 'skipped',
          reason: 'booked inside the window',
        },
      ],
      tasks: [{ id: task.id, kind: 'match_contact', state: 'open', owner: 'front-desk', dueAt: '2026-11-24T18:00:00.000Z' }],
      timeline: [
        { at: '2026-11-24T16:59:59.997Z', type: 'scheduled', source: 'calcom-sales', outcome: 'applied', why: 'scheduled' },
        { at: '2026-11-24T16:59:59.998Z', type: 'crm_decided', source: 'operator', outcome: 'pending', why: null },
      ],
    });
    expect(await get('/api/v1/bookings/calcom-sales/uid-b%2F1', schemas.bookingSchema)).toEqual(byRoot);
  });

  it('awaits its outcome once its slot has passed, recorded or not', async () => {
    await seedBooking(database.pool, { chain: ['past'] });
    const statusAt = async (atMs: number) => {
      nowMs = atMs;
      return (await get('/api/v1/bookings/calcom-sales/past', schemas.bookingSchema)).status;
    };
    expect(await statusAt(T0_MS + HOUR_MS - 1)).toBe('scheduled');
    expect(await statusAt(T0_MS + HOUR_MS)).toBe('awaiting_outcome');
    const { bookings } = await get('/api/v1/bookings?status=awaiting_outcome', schemas.bookingListSchema);
    expect(bookings.map((booking) => booking.id)).toEqual(['calcom-sales/past']);
    expect((await get('/api/v1/bookings?status=scheduled', schemas.bookingListSchema)).bookings).toEqual([]);
  });

  it('is shown from its facts before anybody recorded it', async () => {
    await seedBooking(database.pool, { chain: ['new'], picture: null, factTypes: ['scheduled'] });
    await seedBooking(database.pool, { chain: ['asked'], picture: null, factTypes: ['requested'] });
    const fresh = await get('/api/v1/bookings/calcom-sales/new', schemas.bookingSchema);
    expect(fresh).toMatchObject({ status: 'scheduled', slot: null, chain: ['new'], version: 0, crm: [] });
    expect((await get('/api/v1/bookings/calcom-sales/asked', schemas.bookingSchema)).status).toBe('requested');
  });

  it('is the survivor when its uid belonged to a booking that was merged into another', async () => {
    const into = await seedBooking(database.pool, { chain: ['older'] });
    const from = await seedBooking(database.pool, { chain: ['newer'] });
    await mergeBookings(database.pool, { from, into });
    expect((await get('/api/v1/bookings/calcom-sales/newer', schemas.bookingSchema)).id).toBe(into);
    const { bookings } = await get('/api/v1/bookings', schemas.bookingListSchema);
    expect(bookings.map((booking) => booking.id)).toEqual([into]);
  });

  it('that is unknown is answered 404 with what was looked for', async () => {
    const reply = await api.ask('GET', '/api/v1/bookings/calcom-sales/nobody%20knows');
    expect(refusalOf(reply)).toEqual([404, 'booking_not_found']);
    expect(reply.json().error.message).toContain('"calcom-sales" is known by the uid "nobody knows"');
  });

  it.each([
    ['NUL', '%00'],
    ['NUL in the middle', 'a%00b'],
    ['a broken escape', '%E0%A4%A'],
    ['501 characters', 'x'.repeat(501)],
  ])('with an impossible uid is answered 400: %s', async (_what, uid) => {
    expect(refusalOf(await api.ask('GET', `/api/v1/bookings/calcom-sales/${uid}`))).toEqual([400, 'invalid_request']);
  });
});

describe('the list of bookings', () => {
  const ids = async (query: string): Promise<string[]> =>
    (await get(`/api/v1/bookings${query}`, schemas.bookingListSchema)).bookings.map((booking) => booking.id.split('/')[1]!);

  it('is latest slot first, those without a slot last, and filters by status, source and start', async () => {
    await seedBooking(database.pool, { chain: ['b'], picture: { slot: slotAt(T0_MS + HOUR_MS) } });
    await seedBooking(database.pool, { chain: ['a'] });
    await seedBooking(database.pool, { chain: ['c'], picture: { status: 'canceled', slot: slotAt(T0_MS + 2 * HOUR_MS) } });
    await seedBooking(database.pool, { chain: ['none'], picture: { status: 'requested', slot: null } });
    await seedBooking(database.pool, { chain: ['d'], connection: 'other' });
    expect(await ids('')).toEqual(['c', 'b', 'a', 'd', 'none']);
    expect(await ids('?status=canceled')).toEqual(['c']);
    expect(await ids('?source=other')).toEqual(['d']);
    expect(await ids('?from=2026-11-24T18:00:00Z')).toEqual(['c', 'b']);
    expect(await ids('?to=2026-11-24T13:00:00-05:00')).toEqual(['a', 'd']);
    expect(await ids('?from=2026-11-25')).toEqual([]);
    expect(await ids('?to=2026-11-25&from=2026-11-24')).toEqual(['c', 'b', 'a', 'd']);
  });

  it('is given in pages that miss nothing and repeat nothing, across equal starts and missing slots', async () => {
    for (let n = 0; n < 7; n += 1) {
      const slot = n < 5 ? slotAt(T0_MS + Math.floor(n / 2) * HOUR_MS) : null;
      await seedBooking(database.pool, { chain: [`p${n}`], picture: { slot } });
    }
    const whole = await ids('');
    for (const limit of [1, 2, 3, 7]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const path: string = `/api/v1/bookings?limit=${limit}${cursor && `&cursor=${cursor}`}`;
        const page: z.output<typeof schemas.bookingListSchema> = await get(path, schemas.bookingListSchema);
        expect(page.bookings.length).toBeLessThanOrEqual(limit);
        seen.push(...page.bookings.map((booking) => booking.id.split('/')[1]!));
        cursor = page.nextCursor;
      }
      expect([limit, seen]).toEqual([limit, whole]);
    }
  });

  it.each(['?status=completed', '?limit=0', '?limit=201', '?limit=x', '?from=yesterday', '?stat=open', '?status=a&status=b'])(
    'refuses a question that it does not understand: %s',
    async (query) => {
      expect(refusalOf(await api.ask('GET', `/api/v1/bookings${query}`))).toEqual([400, 'invalid_request']);
    },
  );

  it('refuses a cursor that is not its own', async () => {
    const forTasks = Buffer.from(JSON.stringify({ dueAtMs: 1, id: randomUUID() })).toString('base64url');
    for (const cursor of ['x', forTasks]) {
      expect(refusalOf(await api.ask('GET', `/api/v1/bookings?cursor=${cursor}`))).toEqual([400, 'bad_cursor']);
    }
  });
});

describe('tasks', () => {
  it('are listed by due time, filtered, in pages, and shown one by one with evidence and allowed decisions', async () => {
    const bookingId = await seedBooking(database.pool, { chain: ['t'] });
    const late = await seedTask(database.pool, { bookingId, kind: 'crm_refused', dueAtMs: T0_MS + 9 * HOUR_MS });
    const soon = await seedTask(database.pool, { bookingId, dueAtMs: T0_MS + HOUR_MS });
    const done = await seedTask(database.pool, { bookingId, kind: 'no_show_review', about: 'outcome' });
    await settleTask(database.pool, { id: done.id, state: 'decided', decision: { decision: 'showed' }, by: 'operator', nowMs: T0_MS });

    const open = await get('/api/v1/tasks?state=open', schemas.taskListSchema);
    expect(open.tasks.map((task) => task.id)).toEqual([soon.id, late.id]);
    const kind = await get('/api/v1/tasks?kind=crm_refused', schemas.taskListSchema);
    expect(kind.tasks.map((task) => task.id)).toEqual([late.id]);
    const first = await get('/api/v1/tasks?state=open&limit=1', schemas.taskListSchema);
    const second = await get(`/api/v1/tasks?state=open&limit=1&cursor=${first.nextCursor}`, schemas.taskListSchema);
    expect([...first.tasks, ...second.tasks].map((task) => task.id)).toEqual([soon.id, late.id]);
    expect(second.nextCursor).toBeNull();

    expect(await get(`/api/v1/tasks/${soon.id}`, schemas.taskSchema)).toMatchObject({
      bookingId,
      about: 'hubspot-main',
      evidence: { candidates: ['101', '102'] },
      decisions: ['use_contact', 'create_contact', 'no_contact'],
      decision: null,
    });
    expect(await get(`/api/v1/tasks/${done.id}`, schemas.taskSchema)).toMatchObject({
      state: 'decided',
      decision: { decision: 'showed' },
      decidedBy: 'operator',
      decidedAt: '2026-11-24T17:00:00.000Z',
    });
  });

  it('that do not exist are answered 404, and ids that can not be 400', async () => {
    expect(refusalOf(await api.ask('GET', `/api/v1/tasks/${randomUUID()}`))).toEqual([404, 'task_not_found']);
    expect(refusalOf(await api.ask('GET', '/api/v1/tasks/17'))).toEqual([400, 'invalid_request']);
  });
});

describe('a decision', () => {
  let taskId: string;
  let sent: { workflowId: string; decision: TaskDecision }[];
  const post = (body: unknown) => api.ask('POST', `/api/v1/tasks/${taskId}/decision`, body);

  beforeEach(async () => {
    const bookingId = await seedBooking(database.pool, { chain: ['t'] });
    taskId = (await seedTask(database.pool, { bookingId })).id;
    sent = [];
    decide = async (task, decision) => {
      sent.push({ workflowId: task.workflowId, decision });
      await settleTask(database.pool, { id: task.id, state: 'decided', decision, by: 'operator', nowMs: T0_MS });
      return { kind: 'accepted' };
    };
  });

  it("is handed to the task's workflow, and the decided task is answered", async () => {
    const { task } = checked(await post({ decision: 'use_contact', personId: '101' }), schemas.decidedTaskSchema);
    expect(task).toMatchObject({ id: taskId, state: 'decided', decision: { decision: 'use_contact', personId: '101' } });
    expect(sent).toEqual([
      { workflowId: 'task/match_contact/calcom-sales/t/hubspot-main/1', decision: { decision: 'use_contact', personId: '101' } },
    ]);
  });

  it.each([
    ['unknown to its kind', { decision: 'showed' }, 'allowed are use_contact, create_contact, no_contact'],
    ['without the contact that it needs', { decision: 'use_contact' }, 'use_contact needs "personId"'],
    ['with a contact that it has no use for', { decision: 'no_contact', personId: '101' }, 'only goes with use_contact'],
  ])('%s is refused with the sentence that says why', async (_what, body, sentence) => {
    const reply = await post(body);
    expect(refusalOf(reply)).toEqual([422, 'decision_refused']);
    expect(reply.json().error.message).toContain(sentence);
    expect(sent).toEqual([]);
  });

  it.each([
    ['no body', undefined],
    ['no decision', {}],
    ['a list', []],
    ['an unknown field', { decision: 'no_contact', by: 'somebody else' }],
    ['a contact id with NUL', { decision: 'use_contact', personId: 'a\0b' }],
    ['a contact id with a lone surrogate', { decision: 'use_contact', personId: '\ud800' }],
  ])('that is malformed is refused before anything else: %s', async (_what, body) => {
    expect(refusalOf(await post(body))).toEqual([400, 'invalid_request']);
    expect(sent).toEqual([]);
  });

  it('in broken JSON, or in too much of it, is refused', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
    const path = `/api/v1/tasks/${taskId}/decision`;
    expect(refusalOf(await send(api.port, { path, headers, body: '{"decision":' }))).toEqual([400, 'invalid_request']);
    const big = JSON.stringify({ decision: 'x'.repeat(20_000) });
    expect(refusalOf(await send(api.port, { path, headers, body: big }))).toEqual([413, 'too_large']);
  });

  it('about a decided or withdrawn task is answered 409', async () => {
    checked(await post({ decision: 'no_contact' }), schemas.decidedTaskSchema);
    const again = await post({ decision: 'no_contact' });
    expect(refusalOf(again)).toEqual([409, 'task_decided']);
    expect(again.json().error.message).toContain('no_contact');
    await database.pool.query(`UPDATE task SET state = 'withdrawn'`);
    expect(refusalOf(await post({ decision: 'no_contact' }))).toEqual([409, 'task_withdrawn']);
    expect(sent).toHaveLength(1);
  });

  it.each<[DecisionSent, [number, string]]>([
    [{ kind: 'unconfirmed', reason: 'the workflow engine can not be reached' }, [503, 'decision_not_confirmed']],
    [{ kind: 'refused', reason: 'the task is being withdrawn' }, [422, 'decision_refused']],
    [{ kind: 'settled' }, [409, 'task_being_decided']],
  ])('that the engine did not take is answered clearly: %j', async (result, expected) => {
    decide = () => Promise.resolve(result);
    const reply = await post({ decision: 'no_contact' });
    expect(refusalOf(reply)).toEqual(expected);
    if ('reason' in result) expect(reply.json().error.message).toContain(result.reason);
    if (reply.status === 503) expect(reply.headers['retry-after']).toBe('5');
  });

  it('that came second is answered 409, whatever the engine said', async () => {
    decide = async (task) => {
      await settleTask(database.pool, { id: task.id, state: 'decided', decision: { decision: 'no_contact' }, by: 'operator', nowMs: T0_MS });
      return { kind: 'refused', reason: 'too late' };
    };
    expect(refusalOf(await post({ decision: 'create_contact' }))).toEqual([409, 'task_decided']);
  });
});

describe('deliveries', () => {
  const body = JSON.stringify({ triggerEvent: 'BOOKING_CREATED', payload: { attendees: [{ email: 'pat@example.com' }] } });
  const store = async (text: string) => (await send(api.port, signedWebhook(text))).json<{ delivery: string }>().delivery;

  it('are listed newest first, by state, in pages', async () => {
    const first = await store('1');
    const second = await store('2');
    await markDead(database.pool, first, { trigger: null, reason: 'no JSON object' });
    const all = await get('/api/v1/deliveries', schemas.deliveryListSchema);
    expect(all.deliveries.map((delivery) => delivery.id)).toEqual([second, first]);
    const dead = await get('/api/v1/deliveries?state=dead', schemas.deliveryListSchema);
    expect(dead.deliveries).toMatchObject([{ id: first, source: CONNECTION, state: 'dead', reason: 'no JSON object' }]);
    const page = await get('/api/v1/deliveries?limit=1', schemas.deliveryListSchema);
    const next = await get(`/api/v1/deliveries?limit=1&cursor=${page.nextCursor}`, schemas.deliveryListSchema);
    expect([...page.deliveries, ...next.deliveries].map((delivery) => delivery.id)).toEqual([second, first]);
    expect(refusalOf(await api.ask('GET', '/api/v1/deliveries?cursor=17'))).toEqual([400, 'bad_cursor']);
  });

  it('show the shape of their body, never a value of it', async () => {
    const id = await store(body);
    const reply = await api.ask('GET', `/api/v1/deliveries/${id}`);
    expect(checked(reply, schemas.deliveryDetailSchema)).toMatchObject({
      headers: { 'content-type': 'application/json' },
      body: { kind: 'json', bytes: body.length, shape: { payload: { attendees: [{ email: 'string' }] } } },
    });
    expect(reply.text).not.toContain('pat@example.com');
  });

  it('that are dead go back to the dispatcher when they are replayed, once, with an audit entry', async () => {
    const id = await store(body);
    await markDead(database.pool, id, { trigger: null, reason: 'unknown version' });
    const replay = async () => checked(await api.ask('POST', `/api/v1/deliveries/${id}/replay`), schemas.replayedDeliverySchema);
    expect(await replay()).toMatchObject({ replayed: true, delivery: { id, state: 'stored', reason: null } });
    expect(await replay()).toMatchObject({ replayed: false, delivery: { id, state: 'stored' } });
    const { rows } = await database.pool.query(`SELECT actor, action, subject FROM audit_entry`);
    expect(rows).toEqual([{ actor: 'operator', action: 'delivery.replayed', subject: id }]);
  });

  it('that do not exist are answered 404', async () => {
    const id = randomUUID();
    expect(refusalOf(await api.ask('GET', `/api/v1/deliveries/${id}`))).toEqual([404, 'delivery_not_found']);
    expect(refusalOf(await api.ask('POST', `/api/v1/deliveries/${id}/replay`))).toEqual([404, 'delivery_not_found']);
  });
});

describe('the OpenAPI document', () => {
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  }
  const read = async () => (await send(api.port, { method: 'GET', path: '/api/v1/openapi.json' })).json<Document>();

  it('is open to everybody and describes only operations that exist', async () => {
    const document = await read();
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    expect(operations).toHaveLength(8);
    for (const { method, path } of operations) {
      const real = path.replace('{id}', randomUUID()).replace('{connection}', 'calcom-sales').replace('{uid}', 'u');
      const reply = await api.ask(method as 'GET' | 'POST', real, method === 'POST' ? { decision: 'retry' } : undefined);
      const code = reply.status === 200 ? 'ok' : reply.json().error.code;
      expect([method, path, code]).not.toEqual([method, path, 'unknown_route']);
      expect(reply.status).toBeLessThan(500);
    }
  });
});

describe('errors', () => {
  it('of unknown paths and methods are JSON', async () => {
    expect(refusalOf(await api.ask('GET', '/api/v1/nothing'))).toEqual([404, 'unknown_route']);
    expect(refusalOf(await api.ask('POST', '/api/v1/bookings'))).toEqual([404, 'unknown_route']);
    expect(refusalOf(await send(api.port, { method: 'GET', path: '/' }))).toEqual([404, 'unknown_route']);
  });

  it('that nobody foresaw say nothing but an id, which the log has too', async () => {
    const bookingId = await seedBooking(database.pool, { chain: ['t'] });
    const task = await seedTask(database.pool, { bookingId });
    decide = () => Promise.reject(new TypeError('pat@example.com is not a function'));
    const reply = await api.ask('POST', `/api/v1/tasks/${task.id}/decision`, { decision: 'no_contact' });
    expect(refusalOf(reply)).toEqual([500, 'internal']);
    const errorId = /[0-9a-f-]{36}/.exec(reply.text)?.[0] ?? 'none';
    const line = api.log.find((one) => one.includes(errorId));
    expect(line).toContain('TypeError');
    expect(reply.text + api.log.join('')).not.toContain('pat@');
  });
});

it('a booking that the source named and nobody described is not invented', async () => {
  await insertBooking(database.pool, { id: 'calcom-sales/bare', connection: CONNECTION, rootUid: 'bare' });
  await addAliases(database.pool, { bookingId: 'calcom-sales/bare', connection: CONNECTION, uids: ['bare'], iCalUid: null });
  expect(await get('/api/v1/bookings/calcom-sales/bare', schemas.bookingSchema)).toMatchObject({ status: 'requested', timeline: [] });
});
