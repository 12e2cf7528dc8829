/**
 * Human tasks as people act on them: what the JSON API and the console do with a decision or a new owner.
 * Invariant: a task that is settled is never decided again, and the caller learns what became of it.
 */
import { findTask, type TaskDetail } from '../../db/task-view';
import { whyRestIsRefused } from '../../domain/task-steps';
import { whyDecisionIsRefused, type TaskDecision } from '../../domain/tasks';
import type { DecisionSent } from '../engine';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';

type Deps = Pick<ApiDeps, 'db' | 'engine'>;

/** Waits until the decision is stored. Throws `HttpError`: 404, 409 (settled already), 422 (refused), 503 (may or may not have been taken). */
export async function decideTask(
  deps: Deps,
  to: { readonly id: string; readonly decision: TaskDecision; readonly by: string },
): Promise<TaskDetail> {
  const task = await openTaskOrRefusal(deps, to.id);
  const refusal = whyDecisionIsRefused(task.kind, to.decision, task.about);
  if (refusal !== null) throw new HttpError({ status: 422, code: 'decision_refused', message: refusal });
  await takenOrRefusal(deps, task.id, await deps.engine.decide(task, to.decision, to.by));
  return taskOr404(deps, to.id);
}

/** Gives an open task to somebody else. `owner` and `by` are opaque ids. Throws like `decideTask`. */
export async function reassignTask(
  deps: Deps,
  to: { readonly id: string; readonly owner: string; readonly by: string },
): Promise<TaskDetail> {
  const task = await openTaskOrRefusal(deps, to.id);
  await takenOrRefusal(deps, task.id, await deps.engine.reassign(task, { owner: to.owner, by: to.by }));
  return taskOr404(deps, to.id);
}

/** Puts an open task to rest until then; null wakes it. Throws like `decideTask`. */
export async function snoozeTask(
  deps: Deps & Pick<ApiDeps, 'nowMs'>,
  to: { readonly id: string; readonly untilMs: number | null; readonly by: string },
): Promise<TaskDetail> {
  const task = await openTaskOrRefusal(deps, to.id);
  const { untilMs, by } = to;
  const refusal = untilMs === null ? null : whyRestIsRefused(untilMs, deps.nowMs());
  if (refusal !== null)
    throw new HttpError({ status: 422, code: 'decision_refused', message: `Not taken: ${refusal}.` });
  await takenOrRefusal(deps, task.id, await deps.engine.snooze(task, { untilMs, by }));
  return taskOr404(deps, to.id);
}

/** What became of one task of several. `refusal` null: it is decided. */
export interface DecidedOne {
  readonly id: string;
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

/** The same decision about several tasks, one after the other; one that is refused keeps no other from being decided. */
export async function decideTasks(
  deps: Deps,
  to: { readonly ids: readonly string[]; readonly decision: TaskDecision; readonly by: string },
): Promise<DecidedOne[]> {
  const results: DecidedOne[] = [];
  for (const id of new Set(to.ids)) {
    try {
      await decideTask(deps, { id, decision: to.decision, by: to.by });
      results.push({ id, refusal: null });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      results.push({ id, refusal: { code: error.code, message: error.message } });
    }
  }
  return results;
}

async function takenOrRefusal(deps: Deps, id: string, result: DecisionSent): Promise<void> {
  if (result.kind === 'accepted') return;
  // Somebody else may have been faster: then that is the reason, whatever the workflow answered.
  await openTaskOrRefusal(deps, id);
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

export async function taskOr404(deps: Pick<ApiDeps, 'db'>, id: string): Promise<TaskDetail> {
  const task = await findTask(deps.db, id);
  if (task) return task;
  throw new HttpError({
    status: 404,
    code: 'task_not_found',
    message: `No task has the id ${id}. List them with GET /api/v1/tasks?state=open.`,
  });
}
