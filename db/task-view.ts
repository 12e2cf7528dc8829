/**
 * Human tasks as the operator API shows them. Invariant: reads only; a task's evidence holds CRM ids and our own words, no personal data.
 */
import type { TaskDecision, TaskKind, TaskState } from '../domain/tasks';
import type { Db } from './pool';

export interface TaskDetail {
  readonly id: string;
  readonly workflowId: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly owner: string;
  /** Null: it is about the connection that `about` names. */
  readonly bookingId: string | null;
  /** CRM connection, or the field in question. */
  readonly about: string;
  readonly openedAtMs: number;
  readonly dueAtMs: number;
  /** Until then it rests; null: it never did. */
  readonly snoozedUntilMs: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly decision: TaskDecision | null;
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
}

/** Where a page of tasks ends: the last one's due time and id. */
export interface TaskPosition {
  readonly dueAtMs: number;
  readonly id: string;
}

/** Whether a task has to rest at the instant, or must not. */
export interface TaskRest {
  readonly is: boolean;
  readonly nowMs: number;
}

interface RawTask {
  id: string;
  workflow_id: string;
  kind: TaskKind;
  state: TaskState;
  owner: string;
  booking_id: string | null;
  about: string;
  opened_at: Date;
  due_at: Date;
  snoozed_until: Date | null;
  evidence: Record<string, unknown>;
  decision: TaskDecision | null;
  decided_by: string | null;
  decided_at: Date | null;
}

const COLUMNS =
  'id, workflow_id, kind, state, owner, booking_id, about, opened_at, due_at, snoozed_until, evidence, decision, decided_by, decided_at';

function fromRaw(raw: RawTask): TaskDetail {
  return {
    id: raw.id,
    workflowId: raw.workflow_id,
    kind: raw.kind,
    state: raw.state,
    owner: raw.owner,
    bookingId: raw.booking_id,
    about: raw.about,
    openedAtMs: raw.opened_at.getTime(),
    dueAtMs: raw.due_at.getTime(),
    snoozedUntilMs: raw.snoozed_until?.getTime() ?? null,
    evidence: raw.evidence,
    decision: raw.decision,
    decidedBy: raw.decided_by,
    decidedAtMs: raw.decided_at?.getTime() ?? null,
  };
}

/** Earliest due first; at most `limit` of them, after the given position. */
export async function listTasks(
  db: Db,
  page: {
    filter: { state?: TaskState | undefined; kind?: TaskKind | undefined; rests?: TaskRest | undefined };
    after: TaskPosition | null;
    limit: number;
  },
): Promise<TaskDetail[]> {
  const { filter, after } = page;
  const { rows } = await db.query<RawTask>(
    `SELECT ${COLUMNS} FROM task
     WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
       AND ($6::boolean IS NULL OR coalesce(snoozed_until > $7, false) = $6)
       AND ($4::uuid IS NULL OR (due_at, id) > ($3::timestamptz, $4::uuid))
     ORDER BY due_at, id LIMIT $5`,
    [
      ...[filter.state ?? null, filter.kind ?? null, after && new Date(after.dueAtMs), after?.id ?? null, page.limit],
      ...[filter.rests?.is ?? null, filter.rests ? new Date(filter.rests.nowMs) : null],
    ],
  );
  return rows.map(fromRaw);
}

export async function findTask(db: Db, id: string): Promise<TaskDetail | null> {
  const { rows } = await db.query<RawTask>(`SELECT ${COLUMNS} FROM task WHERE id = $1`, [id]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

/** Those that rest are not counted. */
export async function countOpenTasks(db: Db, nowMs: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM task WHERE state = 'open' AND (snoozed_until IS NULL OR snoozed_until <= $1)`,
    [new Date(nowMs)],
  );
  return rows[0]?.count ?? 0;
}
