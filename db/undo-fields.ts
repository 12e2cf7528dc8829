/**
 * Undo runs of records whose fields go back one by one: which writes they are, and what the ledger says afterwards.
 * Invariant: of values only times, outcomes and words of a mapping are in the clear.
 */
import { fieldWriteOf, type FieldWrite, type WrittenLine } from '../domain/undo-fields';
import { openWords } from './ledger-words';
import type { Db } from './pool';
import { settleUndoItem, type PlannedUndo, type UndoKey } from './undo';
import type { Vault } from './vault';

export interface WriteToUndo {
  readonly write: FieldWrite;
  /** What the ledger says of the record before it, and after. */
  readonly writtenBefore: WrittenLine['before'];
  readonly writtenAfter: WrittenLine['after'];
}

interface RawWrite extends WrittenLine {
  words_of: string | null;
  words: Buffer | null;
}

/** The writes of a planned record, oldest first. */
export async function readWrites(db: Db, vault: Vault, item: PlannedUndo): Promise<WriteToUndo[]> {
  const { rows } = await db.query<RawWrite>(
    'SELECT type, before, after, words_of, words FROM crm_write WHERE id = ANY ($1::bigint[]) ORDER BY id',
    [item.writeIds],
  );
  const writes: WriteToUndo[] = [];
  for (const { words_of: personId, words: sealed, ...line } of rows) {
    const words = personId && sealed ? await openWords(db, vault, { ...item, personId, sealed }) : null;
    writes.push({ write: fieldWriteOf(line, words), writtenBefore: line.before, writtenAfter: line.after });
  }
  return writes;
}

/** What the record's link says from now on: on top of what it said, or instead of it. */
export interface LinkSays {
  readonly how: 'merge' | 'replace';
  readonly written: Readonly<Record<string, unknown>> | null;
}

/** Of $4 and $5. */
const SAYS = `CASE WHEN $5 = 'replace' THEN $4::jsonb ELSE coalesce(last_written, '{}') || $4::jsonb END`;
const valuesOf = ({ connection, type, crmId }: PlannedUndo, { how, written }: LinkSays): unknown[] => [
  ...[connection, type, crmId, written && JSON.stringify(written), how],
];

/** Before the CRM is written: if its answer is lost, what it left is known to be ours. */
export async function noteUndoAttempt(db: Db, item: PlannedUndo, link: LinkSays): Promise<void> {
  await db.query(
    `UPDATE crm_link SET attempted = attempted || jsonb_build_array(${SAYS})
     WHERE connection = $1 AND type = $2 AND crm_id = $3 AND state = 'done'`,
    valuesOf(item, link),
  );
}

/**
 * These fields are as they were. `isWhole`: all that was asked for, so the writes are marked; else the rest is asked about.
 */
export async function recordFieldsUndone(
  tx: Db,
  of: {
    readonly key: UndoKey;
    readonly item: PlannedUndo;
    readonly fields: readonly string[];
    readonly link: LinkSays;
    readonly isWhole: boolean;
    readonly nowMs: number;
  },
): Promise<void> {
  const { key, item } = of;
  const { connection, type, crmId } = item;
  if (of.isWhole) {
    await tx.query('UPDATE crm_write SET undone_by = $1 WHERE id = ANY ($2::bigint[])', [key.undoId, item.writeIds]);
    await settleUndoItem(tx, key, { state: 'reverted', reason: null });
  }
  await tx.query(
    `INSERT INTO crm_write (booking_id, connection, type, action, crm_id, version, after, at, undone_by)
     SELECT id, $2, $3, 'undo', $4, version, $5, $6, $7 FROM booking WHERE id = $1`,
    [item.bookingId, connection, type, crmId, JSON.stringify({ fields: of.fields }), new Date(of.nowMs), key.undoId],
  );
  await tx.query(
    `UPDATE crm_link SET last_hash = NULL, attempted = '[]', last_written = ${SAYS}, updated_at = now()
     WHERE connection = $1 AND type = $2 AND crm_id = $3 AND state = 'done'`,
    valuesOf(item, of.link),
  );
}
