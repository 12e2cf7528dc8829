/**
 * Whose a task is, and what happens to it while nobody decides: reminded, handed on to the next of the chain, woken after a rest.
 * Invariant: spans are business time; a rest moves everything that is still to come by as much business time as was left.
 */
import { afterBusinessTime, businessTimeBetween, type BusinessTime } from './business-hours';
import { appointmentSubjectOf } from './crm-appointment';
import { crmSubjectOf } from './crm-conflicts';
import { sourceOfBooking } from './ids';
import type { TaskSettings } from './settings';
import type { TaskKind } from './tasks';

/** The end of every chain: whoever has an address is told. */
export const EVERYONE = 'everyone';

export interface TaskStep {
  readonly atMs: number;
  readonly what: 'remind' | 'escalate' | 'wake';
  /** Of `escalate`: the next owner. */
  readonly to?: string;
}

export interface TaskPlan {
  readonly owner: string;
  readonly remindAtMs: number;
  readonly dueAtMs: number;
}

export interface TaskSubject {
  readonly kind: TaskKind;
  /** Null: it is about the connection that `about` names. */
  readonly bookingId: string | null;
  readonly about: string;
}

/** The longest rest. */
export const MAX_REST_MS = 90 * 86_400_000;
/** Between two owners of the chain there is at least so much. */
const MIN_TURN_MS = 60_000;

export function planTask(task: TaskSubject, settings: TaskSettings, from: { nowMs: number } & BusinessTime): TaskPlan {
  return {
    owner: ownerOf(task, settings),
    remindAtMs: afterBusinessTime(from.nowMs, settings.remindAfterMs, from),
    dueAtMs: afterBusinessTime(from.nowMs, settings.dueAfterMs, from),
  };
}

function ownerOf(task: TaskSubject, settings: TaskSettings): string {
  const connections = [
    appointmentSubjectOf(task.about)?.connection ??
      crmSubjectOf(task.about).connection.replace(/^undo-([^/]*).*$/, '$1'),
    ...(task.bookingId === null ? [] : [sourceOfBooking(task.bookingId)]),
  ];
  const rule = settings.owners?.find(
    ({ kind, connection }) =>
      (kind === undefined || kind === task.kind) && (connection === undefined || connections.includes(connection)),
  );
  return rule?.owner ?? settings.owner;
}

/** What is still to come of a task that was just opened. Each owner of the chain has as long as was between reminder and due time. */
export function taskSteps(
  { remindAtMs, dueAtMs }: Pick<TaskPlan, 'remindAtMs' | 'dueAtMs'>,
  settings: TaskSettings,
  time: BusinessTime,
): TaskStep[] {
  const turnMs = Math.max(settings.dueAfterMs - settings.remindAfterMs, MIN_TURN_MS);
  let atMs = dueAtMs;
  const escalations = settings.escalateTo.map((to): TaskStep => {
    const step = { atMs, what: 'escalate', to } as const;
    atMs = afterBusinessTime(atMs, turnMs, time);
    return step;
  });
  return [{ atMs: remindAtMs, what: 'remind' }, ...escalations];
}

/** Where something to come stands after a rest from `fromMs` to `untilMs`: as much business time is left as there was before. */
export function afterRest(
  atMs: number,
  { fromMs, untilMs, ...time }: { fromMs: number; untilMs: number } & BusinessTime,
): number {
  return afterBusinessTime(untilMs, businessTimeBetween(fromMs, atMs, time), time);
}

/** Null when the task may rest until then, else a sentence that says why not. */
export function whyRestIsRefused(untilMs: number, nowMs: number): string | null {
  if (!Number.isSafeInteger(untilMs)) return 'the end of a rest is an instant';
  if (untilMs <= nowMs) return 'the end of a rest lies in the future';
  return untilMs - nowMs > MAX_REST_MS ? 'a task rests for 90 days at most' : null;
}
