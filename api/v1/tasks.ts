/** `/api/v1/tasks`: the queue of human work, and the decision that lets a booking go on. */
import express, { Router } from 'express';
import { z } from 'zod';
import { findTask, listTasks, type TaskDetail, type TaskPosition } from '../../db/task-view';
import { TASK_DECISIONS, whyDecisionIsRefused, type TaskDecision } from '../../domain/tasks';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { decodeCursor, pageOf } from './cursor';
import { isoInstant } from './instant';
import { decisionBody, idParams, listTasksQuery, type taskSchema } from './schemas';
import { validate } from './validate';

const positionShape: z.ZodType<TaskPosition> = z.object({ dueAtMs: z.number().int(), id: z.guid() });

export function taskRoutes(deps: Pick<ApiDeps, 'db' | 'engine'>): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { cursor, limit, ...filter } = validate(listTasksQuery, request.query, 'query');
    const rows = await listTasks(deps.db, { filter, after: decodeCursor(cursor, positionShape), limit: limit + 1 });
    const { page, nextCursor } = pageOf(rows, limit, ({ dueAtMs, id }): TaskPosition => ({ dueAtMs, id }));
    response.json({ tasks: page.map(presentTask), nextCursor });
  });

  router.get('/:id', async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    response.json(presentTask(await taskOr404(deps, id)));
  });

  router.post('/:id/decision', express.json({ limit: '16kb' }), async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const decision = validate(decisionBody, request.body, 'body');
    const task = await openTaskOrRefusal(deps, id);
    const refusal = whyDecisionIsRefused(task.kind, decision);
    if (refusal !== null) throw new HttpError({ status: 422, code: 'decision_refused', message: refusal });
    await decideAndExplain(deps, task, decision);
    response.json({ task: presentTask(await taskOr404(deps, id)) });
  });

  return router;
}

async function decideAndExplain(
  deps: Pick<ApiDeps, 'db' | 'engine'>,
  task: TaskDetail,
  decision: TaskDecision,
): Promise<void> {
  const result = await deps.engine.decide(task, decision);
  if (result.kind === 'accepted') return;
  // Somebody else may have been faster: then that is the reason, whatever the workflow answered.
  await openTaskOrRefusal(deps, task.id);
  if (result.kind === 'settled') {
    const message = 'Another decision about this task is being carried out right now.';
    throw new HttpError({ status: 409, code: 'task_being_decided', message });
  }
  if (result.kind === 'refused') throw new HttpError({ status: 422, code: 'decision_refused', message: result.reason });
  throw new HttpError({
    status: 503,
    code: 'decision_not_confirmed',
    message: `The decision could not be confirmed: ${result.reason}. It is safe to send the same decision again.`,
    headers: { 'retry-after': '5' },
  });
}

async function openTaskOrRefusal(deps: Pick<ApiDeps, 'db'>, id: string): Promise<TaskDetail> {
  const task = await taskOr404(deps, id);
  if (task.state === 'open') return task;
  const became =
    task.state === 'withdrawn'
      ? `was withdrawn: its ${task.bookingId === null ? 'connection' : 'booking'} no longer needs it`
      : `is already decided: ${task.decision?.decision ?? 'unknown'}`;
  throw new HttpError({ status: 409, code: `task_${task.state}`, message: `This task ${became}.` });
}

async function taskOr404(deps: Pick<ApiDeps, 'db'>, id: string): Promise<TaskDetail> {
  const task = await findTask(deps.db, id);
  if (task) return task;
  throw new HttpError({
    status: 404,
    code: 'task_not_found',
    message: `No task has the id ${id}. List them with GET /api/v1/tasks?state=open.`,
  });
}

/** A task in the API's words. */
export function presentTask(task: TaskDetail): z.input<typeof taskSchema> {
  return {
    id: task.id,
    kind: task.kind,
    state: task.state,
    owner: task.owner,
    bookingId: task.bookingId,
    connection: task.bookingId === null ? task.about : null,
    about: task.about,
    openedAt: isoInstant(task.openedAtMs),
    dueAt: isoInstant(task.dueAtMs),
    evidence: { ...task.evidence },
    decisions: [...(TASK_DECISIONS[task.kind] as readonly string[])],
    decision: task.decision && presentDecision(task.decision),
    decidedBy: task.decidedBy,
    decidedAt: task.decidedAtMs === null ? null : isoInstant(task.decidedAtMs),
  };
}

function presentDecision({ decision, personId }: TaskDecision): { decision: string; personId?: string } {
  return personId === undefined ? { decision } : { decision, personId };
}
