/**
 * The questions that a booking asks by itself: opened when their time has come, withdrawn when the booking has answered them.
 * Invariant: a function of the picture and the clock; asking twice opens nothing twice.
 */
import type { BookingRow } from '../db/bookings';
import type { Db } from '../db/pool';
import { settleTask, type TaskRow } from '../db/tasks';
import type { Picture } from '../domain/booking';
import { reviewDueAtMs, staleDueAtMs } from '../domain/deadlines';
import type { TaskKind } from '../domain/tasks';
import type { ActivityDeps } from './deps';
import { askPerson } from './open-task';

export interface AskingBooking {
  readonly booking: BookingRow;
  readonly picture: Picture;
  /** The tasks that are open. */
  readonly tasks: readonly TaskRow[];
  readonly nowMs: number;
  /** Nobody knows how to ask the host how it went. */
  readonly hostIsUnknown: boolean;
}

/** Returns the tasks that are open afterwards. */
export async function keepTasks(tx: Db, deps: ActivityDeps, from: AskingBooking): Promise<TaskRow[]> {
  const questions = questionsOf(deps, from);
  const open: TaskRow[] = [];
  for (const task of from.tasks) {
    const question = questions.find(({ kind }) => kind === task.kind);
    if (question && !question.isAsked(from.nowMs)) await withdraw(tx, task, from.nowMs);
    else open.push(task);
  }
  for (const { kind, about, evidence, dueAtMs } of questions) {
    const isOpen = open.some((task) => task.kind === kind);
    if (isOpen || dueAtMs === null || from.nowMs < dueAtMs) continue;
    open.push(await ask(tx, deps, { kind, about, evidence, from }));
  }
  return open;
}

export function isAsked(tasks: readonly TaskRow[], kind: TaskKind): boolean {
  return tasks.some((task) => task.kind === kind);
}

interface Question {
  readonly kind: 'no_show_review' | 'stale_reschedule';
  readonly about: string;
  readonly dueAtMs: number | null;
  /** Does an open task still make sense? */
  readonly isAsked: (nowMs: number) => boolean;
  readonly evidence: Readonly<Record<string, number | null>>;
}

function questionsOf({ settings, wallClock }: ActivityDeps, from: AskingBooking): readonly Question[] {
  const { picture } = from;
  const slotEndMs = picture.slot?.endMs ?? null;
  const staleAtMs = staleDueAtMs(picture, settings.outcome, wallClock);
  return [
    {
      kind: 'no_show_review',
      about: 'outcome',
      dueAtMs: reviewDueAtMs(picture, settings.outcome, from),
      isAsked: () => picture.status === 'awaiting_outcome',
      evidence: { noShowSuspectedAtMs: picture.noShowSuspectedAtMs, slotEndMs },
    },
    {
      kind: 'stale_reschedule',
      about: 'new_time',
      dueAtMs: staleAtMs,
      // The hold may have begun anew while the question was open.
      isAsked: (nowMs) => staleAtMs !== null && nowMs >= staleAtMs,
      evidence: { holdSinceMs: picture.holdSinceMs, agreedStartMs: picture.agreedSlot?.startMs ?? null, slotEndMs },
    },
  ];
}

function withdraw(tx: Db, task: TaskRow, nowMs: number): Promise<unknown> {
  return settleTask(tx, { id: task.id, state: 'withdrawn', decision: null, by: 'booking', nowMs });
}

function ask(
  tx: Db,
  deps: ActivityDeps,
  to: Pick<Question, 'kind' | 'about' | 'evidence'> & { from: AskingBooking },
): Promise<TaskRow> {
  const { kind, about, evidence, from } = to;
  return askPerson(tx, deps, { kind, bookingId: from.booking.id, about, evidence, nowMs: from.nowMs });
}
