/**
 * Undo runs: what was asked to be taken back, and what became of each record.
 * Invariant: a write that was taken back names its run, and the planner never sees it again.
 */
import { randomUUID } from 'node:crypto';
import {
  MAPPED_KINDS,
  planUndo,
  UNDO_KINDS,
  type DealPlace,
  type LedgerLine,
  type UndoItem,
  type UndoKind,
  type UndoPlan,
} from '../domain/undo';
import type { Db } from './pool';

/** Which writes. Of one booking, or all that were made under a mapping within a time. */
export type UndoSelection = (
  | {
      readonly bookingId: string;
      /** Absent or null: every CRM connection. */
      readonly connection?: string | null;
    }
  | {
      readonly mappingVersion: string;
      /** Epoch ms, both included. */
      readonly fromMs: number;
      readonly toMs: number;
      /** Null: every CRM connection. */
      readonly connection: string | null;
    }
) & {
  /** Of which kinds of records; absent: all of a booking, and of a mapping those that it decides. */
  readonly kinds?: readonly UndoKind[];
};

const COLUMNS = 'id::text AS id, booking_id AS "bookingId", connection, type, action, crm_id AS "crmId", before, after';

/** What taking back the selected writes would mean, by the ledger alone. */
export async function previewUndo(db: Db, selection: UndoSelection): Promise<UndoItem[]> {
  const [where, values] = conditionOf(selection);
  const { rows: selected } = await db.query<{ id: string; connection: string; type: string; crm_id: string }>(
    `SELECT id::text AS id, connection, type, crm_id FROM crm_write
     WHERE undone_by IS NULL AND crm_id IS NOT NULL AND ${where}`,
    values,
  );
  if (selected.length === 0) return [];
  const { rows: lines } = await db.query<LedgerLine>(
    `SELECT ${COLUMNS} FROM crm_write w WHERE undone_by IS NULL AND EXISTS (
       SELECT 1 FROM UNNEST($1::text[], $2::text[], $3::text[]) AS about (connection, type, crm_id)
       WHERE about.connection = w.connection AND about.type = w.type AND about.crm_id = w.crm_id)
     ORDER BY w.id`,
    [selected.map((row) => row.connection), selected.map((row) => row.type), selected.map((row) => row.crm_id)],
  );
  const { kinds = 'bookingId' in selection ? UNDO_KINDS : MAPPED_KINDS } = selection;
  return planUndo(lines, new Set(selected.map(({ id }) => id)), kinds);
}

function conditionOf(selection: UndoSelection): [where: string, values: unknown[]] {
  if ('bookingId' in selection) {
    const values = [selection.bookingId, selection.connection ?? null];
    return ['booking_id = $1 AND ($2::text IS NULL OR connection = $2)', values];
  }
  const { mappingVersion, fromMs, toMs, connection } = selection;
  const values = [mappingVersion, new Date(fromMs), new Date(toMs), connection];
  return ['mapping_version = $1 AND at BETWEEN $2 AND $3 AND ($4::text IS NULL OR connection = $4)', values];
}

/** Writes the plan down, to be carried out by its workflow. Returns the run's id. */
export async function startUndo(
  tx: Db,
  run: { readonly selection: UndoSelection; readonly items: readonly UndoItem[]; readonly by: string; nowMs: number },
): Promise<string> {
  const id = randomUUID();
  await tx.query('INSERT INTO undo_run (id, selection, requested_by, requested_at) VALUES ($1, $2, $3, $4)', [
    ...[id, JSON.stringify(run.selection), run.by, new Date(run.nowMs)],
  ]);
  await tx.query(
    `INSERT INTO undo_item (undo_id, ordinal, booking_id, connection, type, crm_id, state, reason, item)
     SELECT $1, ordinality, item->>'bookingId', item->>'connection', item->>'type', item->>'crmId',
       CASE WHEN item#>>'{plan,kind}' = 'leave' THEN 'left' ELSE 'planned' END, item#>>'{plan,why}', item
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS each (item)`,
    [id, JSON.stringify(run.items)],
  );
  return id;
}

/** The next records that wait to be taken back. */
export async function listPlanned(
  db: Db,
  undoId: string,
  limit: number,
): Promise<{ ordinal: number; connection: string }[]> {
  const { rows } = await db.query<{ ordinal: number; connection: string }>(
    `SELECT ordinal, connection FROM undo_item WHERE undo_id = $1 AND state = 'planned' ORDER BY ordinal LIMIT $2`,
    [undoId, limit],
  );
  return rows;
}

export type UndoState = 'planned' | 'reverted' | 'conflict' | 'left';

export interface UndoOutcome {
  readonly bookingId: string;
  readonly connection: string;
  readonly type: string;
  readonly crmId: string;
  readonly state: UndoState;
  readonly reason: string | null;
}

export async function readUndo(db: Db, undoId: string): Promise<UndoOutcome[]> {
  const { rows } = await db.query<UndoOutcome>(
    `SELECT booking_id AS "bookingId", connection, type, crm_id AS "crmId", state, reason FROM undo_item
     WHERE undo_id = $1 ORDER BY ordinal`,
    [undoId],
  );
  return rows;
}

export interface PlannedUndo extends UndoItem {
  readonly plan: Exclude<UndoPlan, { kind: 'leave' }>;
}

export type PlannedDeal = UndoItem & { readonly plan: Extract<UndoPlan, { kind: 'revert' }> };

/** Null: it was settled before. */
export async function readPlanned(db: Db, key: UndoKey): Promise<PlannedUndo | null> {
  const { rows } = await db.query<{ item: PlannedUndo }>(
    `SELECT item FROM undo_item WHERE undo_id = $1 AND ordinal = $2 AND state = 'planned'`,
    [key.undoId, key.ordinal],
  );
  return rows[0]?.item ?? null;
}

export interface UndoKey {
  readonly undoId: string;
  readonly ordinal: number;
}

export async function settleUndoItem(
  db: Db,
  key: UndoKey,
  to: { readonly state: Exclude<UndoState, 'planned'>; readonly reason: string | null },
): Promise<void> {
  await db.query('UPDATE undo_item SET state = $3, reason = $4 WHERE undo_id = $1 AND ordinal = $2', [
    ...[key.undoId, key.ordinal, to.state, to.reason],
  ]);
}

/** A person decided that it goes back from where somebody else had put it. */
export async function planAgain(
  tx: Db,
  of: { readonly undoId: string; readonly ordinal: number; readonly shown: DealPlace | null },
): Promise<void> {
  await tx.query(
    `UPDATE undo_item SET state = 'planned', reason = NULL,
       item = jsonb_set(item, '{plan}', (item->'plan') || jsonb_build_object('decided', true) ||
         CASE WHEN $3::jsonb IS NULL THEN '{}' ELSE jsonb_build_object('expect', $3::jsonb) END)
     WHERE undo_id = $1 AND ordinal = $2 AND state = 'conflict'`,
    [of.undoId, of.ordinal, of.shown && json(of.shown)],
  );
}

/**
 * The deal stands where it stood before: its writes are marked, the ledger says so, and what was written last is what it was
 * then. The bookings are not written again by themselves: their version counts as written until a fact makes a new one.
 */
export async function recordUndone(
  tx: Db,
  of: { readonly key: UndoKey; readonly item: PlannedDeal; readonly nowMs: number },
): Promise<void> {
  const { key, item } = of;
  const { expect, restore, lastWritten } = item.plan;
  await tx.query('UPDATE crm_write SET undone_by = $1 WHERE id = ANY ($2::bigint[])', [key.undoId, item.writeIds]);
  await tx.query(
    `INSERT INTO crm_write (booking_id, connection, type, action, crm_id, version, before, after, at, undone_by)
     SELECT id, $2, $3, 'undo', $4, version, $5, $6, $7, $8 FROM booking WHERE id = $1`,
    [
      ...[item.bookingId, item.connection, item.type, item.crmId, json(expect), json(restore)],
      ...[new Date(of.nowMs), key.undoId],
    ],
  );
  await tx.query(
    `UPDATE crm_link SET last_written = $4, last_hash = NULL, updated_at = now()
     WHERE connection = $1 AND type = $2 AND crm_id = $3 AND state = 'done'`,
    [item.connection, item.type, item.crmId, lastWritten && json(lastWritten)],
  );
  await settleUndoItem(tx, key, { state: 'reverted', reason: null });
}

const json = (place: DealPlace): string => JSON.stringify(place);

/** Whether the CRM shows the booking's newest version: while a write is under way nothing of it is taken back. */
export async function isWritten(db: Db, of: { bookingId: string; connection: string }): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM crm_sync s JOIN booking b ON b.id = s.booking_id WHERE s.booking_id = $1 AND s.connection = $2
       AND s.state IN ('synced', 'skipped') AND s.written_version >= b.version`,
    [of.bookingId, of.connection],
  );
  return rows.length > 0;
}
