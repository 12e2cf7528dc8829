/**
 * Who is signed in to the console, its one-time links, and attempts to sign in.
 * Invariant: only keyed hashes are stored, so neither the table nor a backup of it lets anybody in.
 */
import type { Db } from './pool';

export interface ConsoleSession {
  readonly idHash: Buffer;
  /** The opaque id under which the operator decides. */
  readonly operator: string;
}

export async function addSession(
  db: Db,
  session: { idHash: Buffer; operator: string; nowMs: number; untilMs: number },
): Promise<void> {
  await db.query('DELETE FROM console_session WHERE expires_at <= $1', [new Date(session.nowMs)]);
  await db.query('INSERT INTO console_session (id_hash, operator, created_at, expires_at) VALUES ($1, $2, $3, $4)', [
    session.idHash,
    session.operator,
    new Date(session.nowMs),
    new Date(session.untilMs),
  ]);
}

/** By any of the hashes that its id may be stored under. Null: there is none, it was ended, or it has expired. */
export async function readSession(
  db: Db,
  by: { idHashes: readonly Buffer[]; nowMs: number },
): Promise<ConsoleSession | null> {
  const { rows } = await db.query<ConsoleSession>(
    'SELECT id_hash AS "idHash", operator FROM console_session WHERE id_hash = ANY ($1) AND expires_at > $2',
    [by.idHashes, new Date(by.nowMs)],
  );
  return rows[0] ?? null;
}

export async function endSession(db: Db, idHashes: readonly Buffer[]): Promise<void> {
  await db.query('DELETE FROM console_session WHERE id_hash = ANY ($1)', [idHashes]);
}

export async function addSignInLink(db: Db, link: { secretHash: Buffer; untilMs: number }): Promise<void> {
  await db.query('INSERT INTO console_link (secret_hash, expires_at) VALUES ($1, $2)', [
    link.secretHash,
    new Date(link.untilMs),
  ]);
}

/** True once: the link was there and had not expired. Of two at once, one gets it. */
export async function useSignInLink(db: Db, by: { secretHash: Buffer; nowMs: number }): Promise<boolean> {
  const { rows } = await db.query<{ expires_at: Date }>(
    'DELETE FROM console_link WHERE secret_hash = $1 RETURNING expires_at',
    [by.secretHash],
  );
  return rows[0] !== undefined && rows[0].expires_at.getTime() > by.nowMs;
}

/**
 * Counts an attempt before it is judged, so that many at once count as many. Returns how many that client has made since
 * `sinceMs`, this one included; older ones are forgotten.
 */
export async function countAttempt(
  db: Db,
  attempt: { client: Buffer; nowMs: number; sinceMs: number },
): Promise<number> {
  await db.query('DELETE FROM console_attempt WHERE at <= $1', [new Date(attempt.sinceMs)]);
  await db.query('INSERT INTO console_attempt (client, at) VALUES ($1, $2)', [attempt.client, new Date(attempt.nowMs)]);
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM console_attempt WHERE client = $1',
    [attempt.client],
  );
  return rows[0]?.count ?? 0;
}

export async function forgetAttempts(db: Db, client: Buffer): Promise<void> {
  await db.query('DELETE FROM console_attempt WHERE client = $1', [client]);
}
