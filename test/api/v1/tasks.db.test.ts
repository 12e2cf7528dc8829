/** `/api/v1/tasks` against a real database; the engine does as a test says. */
import { randomUUID } from 'node:crypto';
import type { DecisionSent } from '../../../api/engine';
import * as schemas from '../../../api/v1/schemas';
import { settleTask } from '../../../db/tasks';
import type { TaskDecision } from '../../../domain/tasks';
import { send } from '../http';
import { TOKEN } from '../test-api';
import { checked, operatorOfThisFile, refusalOf } from './operator';
import { HOUR_MS, seedBooking, seedTask, T0_MS } from './seed';

const operator = operatorOfThisFile();

describe('tasks', () => {
  it('are listed by due time, filtered, in pages, and shown one by one with evidence and allowed decisions', async () => {
    const bookingId = await seedBooking(operator().pool, { chain: ['t'] });
    const late = await seedTask(operator().pool, { bookingId, kind: 'crm_refused', dueAtMs: T0_MS + 9 * HOUR_MS });
    const soon = await seedTask(operator().pool, { bookingId, dueAtMs: T0_MS + HOUR_MS });
    const done = await seedTask(operator().pool, { bookingId, kind: 'no_show_review', about: 'outcome' });
    await settleTask(operator().pool, {
      id: done.id,
      state: 'decided',
      decision: { decision: 'showed' },
      by: 'operator',
      nowMs: T0_MS,
    });

    const open = await operator().get('/api/v1/tasks?state=open', schemas.taskListSchema);
    expect(open.tasks.map((task) => task.id)).toEqual([soon.id, late.id]);
    const kind = await operator().get('/api/v1/tasks?kind=crm_refused', schemas.taskListSchema);
    expect(kind.tasks.map((task) => task.id)).toEqual([late.id]);
    const first = await operator().get('/api/v1/tasks?state=open&limit=1', schemas.taskListSchema);
    const second = await operator().get(
      `/api/v1/tasks?state=open&limit=1&cursor=${first.nextCursor}`,
      schemas.taskListSchema,
    );
    expect([...first.tasks, ...second.tasks].map((task) => task.id)).toEqual([soon.id, late.id]);
    expect(second.nextCursor).toBeNull();

    expect(await operator().get(`/api/v1/tasks/${soon.id}`, schemas.taskSchema)).toMatchObject({
      bookingId,
      about: 'hubspot-main',
      evidence: { candidates: ['101', '102'] },
      decisions: ['use_contact', 'create_contact', 'no_contact'],
      decision: null,
    });
    expect(await operator().get(`/api/v1/tasks/${done.id}`, schemas.taskSchema)).toMatchObject({
      state: 'decided',
      decision: { decision: 'showed' },
      decidedBy: 'operator',
      decidedAt: '2026-11-24T17:00:00.000Z',
    });
  });

  it('about a connection as a whole name it, and no booking', async () => {
    const { id } = await seedTask(operator().pool, { bookingId: null, kind: 'reauthorize' });
    expect(await operator().get(`/api/v1/tasks/${id}`, schemas.taskSchema)).toMatchObject({
      kind: 'reauthorize',
      bookingId: null,
      connection: 'hubspot-main',
      about: 'hubspot-main',
      decisions: ['reconnected'],
    });
    await expect(seedTask(operator().pool, { bookingId: null, kind: 'reauthorize' })).resolves.toMatchObject({ id });
  });

  it('that do not exist are answered 404, and ids that can not be 400', async () => {
    expect(refusalOf(await operator().api.ask('GET', `/api/v1/tasks/${randomUUID()}`))).toEqual([
      404,
      'task_not_found',
    ]);
    expect(refusalOf(await operator().api.ask('GET', '/api/v1/tasks/17'))).toEqual([400, 'invalid_request']);
  });
});

describe('a decision', () => {
  let taskId: string;
  let sent: { workflowId: string; decision: TaskDecision }[];
  const post = (body: unknown) => operator().api.ask('POST', `/api/v1/tasks/${taskId}/decision`, body);

  beforeEach(async () => {
    const bookingId = await seedBooking(operator().pool, { chain: ['t'] });
    taskId = (await seedTask(operator().pool, { bookingId })).id;
    sent = [];
    operator().decide = async (task, decision) => {
      sent.push({ workflowId: task.workflowId, decision });
      await settleTask(operator().pool, { id: task.id, state: 'decided', decision, by: 'operator', nowMs: T0_MS });
      return { kind: 'accepted' };
    };
  });

  it("is handed to the task's workflow, and the decided task is answered", async () => {
    const { task } = checked(await post({ decision: 'use_contact', personId: '101' }), schemas.decidedTaskSchema);
    expect(task).toMatchObject({
      id: taskId,
      state: 'decided',
      decision: { decision: 'use_contact', personId: '101' },
    });
    expect(sent).toEqual([
      {
        workflowId: 'task/match_contact/calcom-sales/t/hubspot-main/1',
        decision: { decision: 'use_contact', personId: '101' },
      },
    ]);
  });

  it.each([
    ['unknown to its kind', { decision: 'showed' }, 'allowed are use_contact, create_contact, no_contact'],
    ['without the contact that it needs', { decision: 'use_contact' }, 'use_contact needs "personId"'],
    [
      'with a contact that it has no use for',
      { decision: 'no_contact', personId: '101' },
      'only goes with use_contact',
    ],
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
    expect(refusalOf(await send(operator().api.port, { path, headers, body: '{"decision":' }))).toEqual([
      400,
      'invalid_request',
    ]);
    const big = JSON.stringify({ decision: 'x'.repeat(20_000) });
    expect(refusalOf(await send(operator().api.port, { path, headers, body: big }))).toEqual([413, 'too_large']);
  });

  it('about a decided or withdrawn task is answered 409', async () => {
    checked(await post({ decision: 'no_contact' }), schemas.decidedTaskSchema);
    const again = await post({ decision: 'no_contact' });
    expect(refusalOf(again)).toEqual([409, 'task_decided']);
    expect(again.json().error.message).toContain('no_contact');
    await operator().pool.query(`UPDATE task SET state = 'withdrawn'`);
    expect(refusalOf(await post({ decision: 'no_contact' }))).toEqual([409, 'task_withdrawn']);
    expect(sent).toHaveLength(1);
  });

  it.each<[DecisionSent, [number, string]]>([
    [{ kind: 'unconfirmed', reason: 'the workflow engine can not be reached' }, [503, 'decision_not_confirmed']],
    [{ kind: 'refused', reason: 'the task is being withdrawn' }, [422, 'decision_refused']],
    [{ kind: 'settled' }, [409, 'task_being_decided']],
  ])('that the engine did not take is answered clearly: %j', async (result, expected) => {
    operator().decide = () => Promise.resolve(result);
    const reply = await post({ decision: 'no_contact' });
    expect(refusalOf(reply)).toEqual(expected);
    if ('reason' in result) expect(reply.json().error.message).toContain(result.reason);
    if (reply.status === 503) expect(reply.headers['retry-after']).toBe('5');
  });

  it('that came second is answered 409, whatever the engine said', async () => {
    operator().decide = async (task) => {
      await settleTask(operator().pool, {
        id: task.id,
        state: 'decided',
        decision: { decision: 'no_contact' },
        by: 'operator',
        nowMs: T0_MS,
      });
      return { kind: 'refused', reason: 'too late' };
    };
    expect(refusalOf(await post({ decision: 'create_contact' }))).toEqual([409, 'task_decided']);
  });
});
