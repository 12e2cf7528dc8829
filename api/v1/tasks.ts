/** `/api/v1/tasks`: the queue of human work, and the decision that lets a booking go on. */
import express, { Router } from 'express';
import { z } from 'zod';
import { listTasks, type TaskDetail, type TaskPosition } from '../../db/task-view';
import { appointmentSubjectOf } from '../../domain/crm-appointment';
import { decisionsOf, type TaskDecision } from '../../domain/tasks';
import { decideTask, decideTasks, reassignTask, snoozeTask, taskOr404 } from '../acts/decide-task';
import type { ApiDeps } from '../deps';
import { operatorOf } from './auth';
import { decodeCursor, pageOf } from './cursor';
import { isoInstant } from './instant';
import { decisionBody, idParams, listTasksQuery, type taskSchema } from './schemas';
import { decisionsBody, reassignBody, snoozeBody } from './task-schemas';
import { validate } from './validate';

const positionShape: z.ZodType<TaskPosition> = z.object({ dueAtMs: z.number().int(), id: z.guid() });

export function taskRoutes(deps: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { cursor, limit, ...filter } = validate(listTasksQuery, request.query, 'query');
    const rows = await listTasks(deps.db, { filter, after: decodeCursor(cursor, positionShape), limit: limit + 1 });
    const { page, nextCursor } = pageOf(rows, limit, ({ dueAtMs, id }): TaskPosition => ({ dueAtMs, id }));
    response.json({ tasks: page.map(presentTask), nextCursor });
  });

  router.post('/decisions', express.json({ limit: '16kb' }), async (request, response) => {
    const { ids, decision } = validate(decisionsBody, request.body, 'body');
    response.json({ results: await decideTasks(deps, { ids, decision: { decision }, by: operatorOf(response) }) });
  });

  router.get('/:id', async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    response.json(presentTask(await taskOr404(deps, id)));
  });

  router.post('/:id/decision', express.json({ limit: '16kb' }), async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const decision = validate(decisionBody, request.body, 'body');
    response.json({ task: presentTask(await decideTask(deps, { id, decision, by: operatorOf(response) })) });
  });

  router.post('/:id/reassign', express.json({ limit: '16kb' }), async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const { owner } = validate(reassignBody, request.body, 'body');
    response.json({ task: presentTask(await reassignTask(deps, { id, owner, by: operatorOf(response) })) });
  });

  router.post('/:id/snooze', express.json({ limit: '16kb' }), async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    const { until } = validate(snoozeBody, request.body, 'body');
    const untilMs = until === null ? null : Date.parse(until);
    response.json({ task: presentTask(await snoozeTask(deps, { id, untilMs, by: operatorOf(response) })) });
  });

  return router;
}

/** A task in the API's words. */
export function presentTask(task: TaskDetail): z.input<typeof taskSchema> {
  return {
    id: task.id,
    kind: task.kind,
    state: task.state,
    owner: task.owner,
    bookingId: task.bookingId,
    connection: task.bookingId === null ? (appointmentSubjectOf(task.about)?.connection ?? task.about) : null,
    about: task.about,
    openedAt: isoInstant(task.openedAtMs),
    dueAt: isoInstant(task.dueAtMs),
    snoozedUntil: task.snoozedUntilMs === null ? null : isoInstant(task.snoozedUntilMs),
    evidence: { ...task.evidence },
    decisions: [...decisionsOf(task)],
    decision: task.decision && presentDecision(task.decision),
    decidedBy: task.decidedBy,
    decidedAt: task.decidedAtMs === null ? null : isoInstant(task.decidedAtMs),
  };
}

function presentDecision({ decision, personId }: TaskDecision): { decision: string; personId?: string } {
  return personId === undefined ? { decision } : { decision, personId };
}
