/**
 * The ledger of writes to a source: one row per decision that it has to be told.
 * Invariant: the intent is committed before the call, so a write whose answer was lost is read back and never repeated blindly.
 */
import type { SourceAction } from '../domain/source-picture';
import type { Db } from './pool';

/** `needless`: the source showed it before we wrote. `skipped`: a person decided to leave the source as it is. */
export type SourceWriteState = 'intent' | 'done' | 'needless' | 'refused' | 'skipped';

export interface SourceWriteKey {
  readonly bookingId: string;
  /** Id of the fact that decided it. */
  readonly cause: string;
  readonly action: SourceAction;
}

export interface SourceWrite {
  readonly state: SourceWriteState;
  /** The appointment that is written to; for a move that was applied, the uid that it has from then on. */
  readonly uid: string;
  readonly atMs: number;
}

export async function readSourceWrite(db: Db, key: SourceWriteKey): Promise<SourceWrite | null> {
  const { rows } = await db.query<{ state: SourceWriteState; uid: string; at: Date }>(
    'SELECT state, uid, at FROM source_write WHERE booking_id = $1 AND cause = $2 AND action = $3',
    [key.bookingId, key.cause, key.action],
  );
  return rows[0] ? { state: rows[0].state, uid: rows[0].uid, atMs: rows[0].at.getTime() } : null;
}

/**
 * Commits the intention to write. False: it is settled already, or the booking was merged into another one; look again.
 * The lock makes a merge wait, or this one see it.
 */
export async function writeSourceIntent(
  db: Db,
  intent: SourceWriteKey & { uid: string; nowMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH alive AS (SELECT id FROM booking WHERE id = $1 AND merged_into IS NULL FOR SHARE)
     INSERT INTO source_write (booking_id, cause, action, uid, state, at)
     SELECT id, $2, $3, $4, 'intent', $5 FROM alive
     ON CONFLICT (booking_id, cause, action) DO UPDATE SET uid = $4, at = $5, reason = NULL
     WHERE source_write.state = 'intent'`,
    [intent.bookingId, intent.cause, intent.action, intent.uid, new Date(intent.nowMs)],
  );
  return rowCount === 1;
}

/** A move was applied: the source told the new uid, which is still to be read. */
export async function noteMovedTo(db: Db, key: SourceWriteKey, uid: string): Promise<void> {
  await db.query(
    `UPDATE source_write SET uid = $4 WHERE booking_id = $1 AND cause = $2 AND action = $3 AND state = 'intent'`,
    [key.bookingId, key.cause, key.action, uid],
  );
}

/** Takes back an intent that is proven not to have been applied. */
export async function dropSourceIntent(db: Db, key: SourceWriteKey): Promise<void> {
  await db.query(`DELETE FROM source_write WHERE booking_id = $1 AND cause = $2 AND action = $3 AND state = 'intent'`, [
    key.bookingId,
    key.cause,
    key.action,
  ]);
}

/** Says what became of it, for good. `reason`: a class or our own words, never a vendor's text. */
export async function settleSourceWrite(
  db: Db,
  settled: SourceWriteKey & {
    uid: string;
    state: Exclude<SourceWriteState, 'intent'>;
    reason: string | null;
    nowMs: number;
  },
): Promise<void> {
  await db.query(
    `INSERT INTO source_write (booking_id, cause, action, uid, state, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (booking_id, cause, action) DO UPDATE SET uid = $4, state = $5, reason = $6, at = $7`,
    [
      ...[settled.bookingId, settled.cause, settled.action, settled.uid, settled.state, settled.reason],
      new Date(settled.nowMs),
    ],
  );
}

/** The seat by which a source knows one guest of a shared uid; null when the uid is the guest's own. */
export async function readSeat(
  db: Db,
  of: { connection: string; uid: string; bookingId: string },
): Promise<{ readonly seatId: string | null } | null> {
  const { rows } = await db.query<{ seat_id: string | null }>(
    'SELECT seat_id FROM participation WHERE connection = $1 AND uid = $2 AND booking_id = $3',
    [of.connection, of.uid, of.bookingId],
  );
  return rows[0] ? { seatId: rows[0].seat_id } : null;
}
