/**
 * `/console/tasks`: the queue, and the same decision about several of a kind.
 * Invariant: several are decided one by one, and what became of each is said.
 */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { listTasks, type TaskPosition } from '../../db/task-view';
import { TASK_KINDS, type TaskKind } from '../../domain/tasks';
import { decideTasks, type DecidedOne } from '../acts/decide-task';
import { decodeCursor, pageOf } from '../v1/cursor';
import { validate } from '../v1/validate';
import { answer, frameOf, visitOf, type ConsoleDeps } from './console';
import { namedTasks } from './people';
import { fieldsOf } from './sign-in';
import type { Said } from './views/layout';
import { QUEUES, tasksView } from './views/tasks-view';
import { counted } from './views/words';

const SHOWN = 50;

const kindShape = z.enum(TASK_KINDS as readonly [TaskKind, ...TaskKind[]]);
const listQuery = z.object({
  state: z.enum(QUEUES.map(({ state }) => state)).catch('open'),
  kind: kindShape.optional().catch(undefined),
  cursor: z.string().max(500).optional().catch(undefined),
});
const decideBody = z.object({
  ids: z.preprocess((value) => (typeof value === 'string' ? [value] : (value ?? [])), z.array(z.guid()).max(SHOWN)),
  kind: kindShape,
  decision: z.string().max(50),
});
const positionShape: z.ZodType<TaskPosition> = z.object({ dueAtMs: z.number().int(), id: z.guid() });

type Query = z.output<typeof listQuery>;

export function taskQueueRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.get('/tasks', (request, response) =>
    show(deps, { request, response, query: validate(listQuery, request.query, 'query') }),
  );
  router.post('/tasks', async (request, response) => {
    const { ids, kind, decision } = validate(decideBody, fieldsOf(request), 'body');
    const results = await decideTasks(deps, { ids, decision: { decision }, by: visitOf(response).operator });
    await show(deps, { request, response, query: { state: 'open', kind }, said: saidOf(results), results });
  });
  return router;
}

function saidOf(results: readonly DecidedOne[]): Said {
  const refused = results.filter(({ refusal }) => refusal !== null).length;
  const decided = results.length - refused;
  if (results.length === 0)
    return { text: 'Nothing was chosen. Tick the tasks that the decision is about.', isBad: true };
  const text = `${counted(decided, 'task')} decided.${refused === 0 ? '' : ` ${counted(refused, 'task')} could not be; see why below.`}`;
  return { text, isBad: refused > 0 };
}

async function show(
  deps: ConsoleDeps,
  shown: {
    request: Request;
    response: Response;
    query: Query;
    said?: Said;
    /** Of what was decided just now. */
    results?: readonly DecidedOne[];
  },
): Promise<void> {
  const { request, response, query, said, results = [] } = shown;
  const { state, kind, cursor } = query;
  const frame = frameOf(deps, request, response, said);
  const rests = { is: state === 'resting', nowMs: frame.nowMs };
  const isOpen = state === 'open' || state === 'resting';
  const rows = await listTasks(deps.db, {
    filter: isOpen ? { state: 'open', kind, rests } : { state, kind },
    after: decodeCursor(cursor, positionShape),
    limit: SHOWN + 1,
  });
  const { page, nextCursor } = pageOf(rows, SHOWN, ({ dueAtMs, id }): TaskPosition => ({ dueAtMs, id }));
  const refused = results.flatMap(({ id, refusal }) => (refusal === null ? [] : [{ id, why: refusal.message }]));
  const body = tasksView(frame, {
    tasks: await namedTasks(deps, page),
    state,
    kind: kind ?? null,
    cursor: cursor ?? null,
    nextCursor,
    refused,
  });
  answer(response, frame, { title: 'Tasks', section: 'tasks', body });
}
