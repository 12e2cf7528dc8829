/**
 * snoozeTask: puts a task to rest until an instant, or wakes it, and moves what is still to come of it.
 * Invariant: the new times follow from the workflow's own ones, so a repeated attempt moves nothing twice; the row says the same.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { withTransaction } from '../db/pool';
import { addAuditEntry, lockTask, restTask } from '../db/tasks';
import { afterRest, type TaskStep } from '../domain/task-steps';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { businessTime } from './open-task';

/** What is still to come of a task. */
export interface TaskTimes {
  readonly steps: readonly TaskStep[];
  readonly dueAtMs: number;
  readonly remindAtMs: number;
}

export interface SnoozeTaskInput {
  readonly taskId: string;
  readonly by: string;
  /** From when the task's times do not count: now, or the end of the rest that it has. */
  readonly fromMs: number;
  /** Null: it wakes. */
  readonly untilMs: number | null;
  /** From when they count again. */
  readonly wakeAtMs: number;
  /** As the workflow has them. */
  readonly times: TaskTimes;
}

export function createSnoozeTask(deps: ActivityDeps) {
  return async function snoozeTask(input: SnoozeTaskInput): Promise<TaskTimes> {
    const { taskId, by, untilMs, times } = input;
    const rest = { fromMs: input.fromMs, untilMs: input.wakeAtMs, ...businessTime(deps) };
    const moved: TaskTimes = {
      steps: times.steps.map((step) => ({ ...step, atMs: afterRest(step.atMs, rest) })),
      dueAtMs: afterRest(times.dueAtMs, rest),
      remindAtMs: afterRest(times.remindAtMs, rest),
    };
    await withTransaction(deps.pool, async (tx) => {
      const task = await lockTask(tx, taskId);
      if (task?.state !== 'open') throw ApplicationFailure.nonRetryable('The task is not open any more', 'TaskSettled');
      await restTask(tx, { id: taskId, untilMs, ...moved });
      await addAuditEntry(tx, {
        nowMs: engineNow(),
        actor: by,
        action: untilMs === null ? 'task.woken' : 'task.snoozed',
        subject: taskId,
        detail: untilMs === null ? {} : { until: new Date(untilMs).toISOString() },
      });
    });
    return moved;
  };
}
