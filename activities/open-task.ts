/**
 * Opens a question to a person: whose it is and when it is due, by the settings, and what its workflow has to know.
 * Invariant: everything about zones and business hours is worked out here; the workflow gets instants.
 */
import type { Db } from '../db/pool';
import { openTask, type TaskRow } from '../db/tasks';
import type { BusinessTime } from '../domain/business-hours';
import { connectionTaskWorkflowId, taskWorkflowId } from '../domain/ids';
import { planTask, taskSteps, type TaskStep, type TaskSubject } from '../domain/task-steps';
import type { TaskKind } from '../domain/tasks';
import type { ActivityDeps } from './deps';

/** A task as the workflow that starts it is told. */
export interface OpenTask {
  readonly id: string;
  readonly workflowId: string;
  readonly kind: TaskKind;
  readonly about: string;
  readonly owner: string;
  readonly dueAtMs: number;
  readonly remindAtMs: number;
  readonly escalateTo: readonly string[];
  /** What happens while nobody decides, earliest first. */
  readonly steps: readonly TaskStep[];
  /** Its owners are told. */
  readonly tells: boolean;
}

type Deps = Pick<ActivityDeps, 'settings' | 'wallClock'>;

/** Opens the task, or returns the one that is open already. */
export function askPerson(
  tx: Db,
  deps: Deps,
  question: TaskSubject & { readonly evidence: Readonly<Record<string, unknown>>; readonly nowMs: number },
): Promise<TaskRow> {
  const { kind, bookingId, about, nowMs } = question;
  return openTask(tx, {
    ...question,
    plan: planTask(question, deps.settings.tasks, { nowMs, ...businessTime(deps) }),
    workflowId: (n) =>
      bookingId === null
        ? connectionTaskWorkflowId({ kind, connection: about, n })
        : taskWorkflowId({ kind, bookingId, about, n }),
  });
}

export function openedTask(deps: Deps, task: TaskRow): OpenTask {
  const { id, workflowId, kind, about, owner, dueAtMs, remindAtMs } = task;
  const { tasks } = deps.settings;
  const { notices } = tasks;
  const woken = task.snoozedUntilMs === null ? [] : [{ atMs: task.snoozedUntilMs, what: 'wake' } as const];
  const steps = [...woken, ...taskSteps(task, tasks, businessTime(deps))];
  const tells = notices !== undefined && (notices.slack || Object.keys(notices.emails).length > 0);
  return { id, workflowId, kind, about, owner, dueAtMs, remindAtMs, escalateTo: tasks.escalateTo, steps, tells };
}

export function businessTime({ settings, wallClock }: Deps): BusinessTime {
  return { hours: settings.tasks.businessHours ?? null, clock: wallClock };
}
