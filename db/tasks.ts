/**
 * Human tasks. Invariant: at most one open task per booking (or connection), kind and subject, held by a unique index and not by care.
 */
import { randomUUID } from 'node:crypto';
import type { TaskPlan } from '../domain/task-steps';
import type { TaskDecision, TaskKind, TaskState } from '../domain/tasks';
import type { Db } from './pool';

export interface TaskRow {
  readonly id: string;
  readonly workflowId: string;
  readonly kind: TaskKind;
  /** Null: the task is about the connection that `about` names. */
  readonly bookingId: string | null;
  readonly about: string;
  readonly state: TaskState;
  readonly owner: string;
  readonly dueAtMs: number;
  readonly remindAtMs: number;
  /** Until then it rests; null: it never did. */
  readonly snoozedUntilMs: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly decision: TaskDecision | null;
}

interface RawTask {
  id: string;
  workflow_id: string;
  kind: TaskKind;
  booking_id: string | null;
  about: string;
  state: TaskState;
  owner: string;
  due_at: Date;
  remind_at: Date;
  snoozed_until: Date | null;
  evidence: Record<string, unknown>;
  decision: TaskDecision | null;
}

const COLUMNS =
  'id, workflow_id, kind, booking_id, about, state, owner, due_at, remind_at, snoozed_until, evidence, decision';

/** Of $1 to $3: the booking (null: a connection as a whole), the kind, and what it is about. */
const SUBJECT = '(booking_id = $1 OR ($1::text IS NULL AND booking_id IS NULL)) AND kind = $2 AND about = $3';

function fromRaw(raw: RawTask): TaskRow {
  return {
    id: raw.id,
    workflowId: raw.workflow_id,
    kind: raw.kind,
    bookingId: raw.booking_id,
    about: raw.about,
    state: raw.state,
    owner: raw.owner,
    dueAtMs: raw.due_at.getTime(),
    remindAtMs: raw.remind_at.getTime(),
    snoozedUntilMs: raw.snoozed_until?.getTime() ?? null,
    evidence: raw.evidence,
    decision: raw.decision,
  };
}

/** Opens a task, or returns the one that is open already. `workflowId` names its workflow from the number it gets. */
export async function openTask(
  tx: Db,
  task: {
    kind: TaskKind;
    bookingId: string | null;
    about: string;
    evidence: Readonly<Record<string, unknown>>;
    plan: TaskPlan;
    nowMs: number;
    workflowId: (n: number) => string;
  },
): Promise<TaskRow> {
  const known = await findOpenTask(tx, task);
  if (known) return known;
  const { rows: counted } = await tx.query<{ n: number }>(
    `SELECT coalesce(max(n), 0)::int + 1 AS n FROM task WHERE ${SUBJECT}`,
    [task.bookingId, task.kind, task.about],
  );
  const n = counted[0]!.n;
  const { rows } = await tx.query<RawTask>(
    `INSERT INTO task (id, workflow_id, kind, booking_id, about, n, owner, opened_at, due_at, remind_at, evidence)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [
      randomUUID(),
      task.workflowId(n),
      task.kind,
      task.bookingId,
      task.about,
      n,
      task.plan.owner,
      new Date(task.nowMs),
      new Date(task.plan.dueAtMs),
      new Date(task.plan.remindAtMs),
      JSON.stringify(task.evidence),
    ],
  );
  const row = rows[0] ? fromRaw(rows[0]) : await findOpenTask(tx, task);
  if (!row)
    throw new Error(
      `Task ${task.kind} of ${task.bookingId ?? task.about} was neither opened nor found; it is tried again`,
    );
  return row;
}

async function findOpenTask(
  db: Db,
  task: { kind: TaskKind; bookingId: string | null; about: string },
): Promise<TaskRow | null> {
  const { rows } = await db.query<RawTask>(`SELECT ${COLUMNS} FROM task WHERE ${SUBJECT} AND state = 'open'`, [
    task.bookingId,
    task.kind,
    task.about,
  ]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

export async function readOpenTasks(db: Db, bookingId: string): Promise<TaskRow[]> {
  const { rows } = await db.query<RawTask>(
    `SELECT ${COLUMNS} FROM task WHERE booking_id = $1 AND state = 'open' ORDER BY opened_at, id`,
    [bookingId],
  );
  return rows.map(fromRaw);
}

export async function lockTask(tx: Db, id: string): Promise<TaskRow | null> {
  const { rows } = await tx.query<RawTask>(`SELECT ${COLUMNS} FROM task WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

export async function settleTask(
  tx: Db,
  settle: { id: string; state: 'decided' | 'withdrawn'; decision: TaskDecision | null; by: string; nowMs: number },
): Promise<void> {
  await tx.query(
    `UPDATE task SET state = $2, decision = $3, decided_by = $4, decided_at = $5 WHERE id = $1 AND state = 'open'`,
    [settle.id, settle.state, settle.decision && JSON.stringify(settle.decision), settle.by, new Date(settle.nowMs)],
  );
}

/** Withdraws what is open about a subject of a booking: its question has been answered otherwise. */
export async function withdrawTasksAbout(
  db: Db,
  subject: { bookingId: string; about: string; by: string; nowMs: number },
): Promise<void> {
  await db.query(
    `UPDATE task SET state = 'withdrawn', decided_by = $3, decided_at = $4
     WHERE booking_id = $1 AND about = $2 AND state = 'open'`,
    [subject.bookingId, subject.about, subject.by, new Date(subject.nowMs)],
  );
}

/** Withdraws what is open about a connection as a whole. Returns the ids of the tasks' workflows. */
export async function withdrawConnectionTasks(
  db: Db,
  of: { connection: string; by: string; nowMs: number },
): Promise<string[]> {
  const { rows } = await db.query<{ workflow_id: string }>(
    `UPDATE task SET state = 'withdrawn', decided_by = $2, decided_at = $3
     WHERE booking_id IS NULL AND about = $1 AND state = 'open' RETURNING workflow_id`,
    [of.connection, of.by, new Date(of.nowMs)],
  );
  return rows.map((row) => row.workflow_id);
}

export async function reassignTask(db: Db, id: string, owner: string): Promise<void> {
  await db.query(`UPDATE task SET owner = $2 WHERE id = $1 AND state = 'open'`, [id, owner]);
}

/** Puts a task to rest until then (null: wakes it), with the due times that follow. */
export async function restTask(
  tx: Db,
  rest: { id: string; untilMs: number | null; dueAtMs: number; remindAtMs: number },
): Promise<void> {
  await tx.query(`UPDATE task SET snoozed_until = $2, due_at = $3, remind_at = $4 WHERE id = $1 AND state = 'open'`, [
    rest.id,
    rest.untilMs === null ? null : new Date(rest.untilMs),
    new Date(rest.dueAtMs),
    new Date(rest.remindAtMs),
  ]);
}

export async function addAuditEntry(
  tx: Db,
  entry: { nowMs: number; actor: string; action: string; subject: string; detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  await tx.query('INSERT INTO audit_entry (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)', [
    new Date(entry.nowMs),
    entry.actor,
    entry.action,
    entry.subject,
    JSON.stringify(entry.detail),
  ]);
}
