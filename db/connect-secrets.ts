/**
 * Secrets that serve once: the link to connect an account, and the state of an authorization under way.
 * Invariant: only hashes are stored, and of two takers one gets it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Db } from './pool';

export type ConnectSecretKind = 'link' | 'state';
const LIFE_MS = 10 * 60_000;

export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Returns the secret, for ten minutes. `browser`: hash of the cookie that it has to come back with. */
export async function makeConnectSecret(
  db: Db,
  of: { kind: ConnectSecretKind; connection: string; nowMs: number; sealed?: Buffer; browser?: Buffer | null },
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await db.query('DELETE FROM connect_secret WHERE expires_at < $1', [new Date(of.nowMs - 24 * 60 * LIFE_MS)]);
  await db.query(
    'INSERT INTO connect_secret (hash, kind, connection, sealed, browser, expires_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [...[hashOf(secret), of.kind, of.connection, of.sealed ?? null, of.browser ?? null], new Date(of.nowMs + LIFE_MS)],
  );
  return secret;
}

export type TakenSecret =
  | {
      readonly kind: 'taken';
      readonly connection: string;
      readonly sealed: Buffer | null;
      readonly browser: Buffer | null;
    }
  | { readonly kind: 'unknown' | 'expired' | 'used' };

/** Uses it up. */
export async function takeConnectSecret(
  db: Db,
  of: { kind: ConnectSecretKind; secret: string; nowMs: number },
): Promise<TakenSecret> {
  const now = new Date(of.nowMs);
  const { rows } = await db.query<{ connection: string; sealed: Buffer | null; browser: Buffer | null }>(
    `UPDATE connect_secret SET used_at = $3 WHERE hash = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3
     RETURNING connection, sealed, browser`,
    [hashOf(of.secret), of.kind, now],
  );
  if (rows[0]) return { kind: 'taken', ...rows[0] };
  const { rows: known } = await db.query<{ used: boolean }>(
    'SELECT used_at IS NOT NULL AS used FROM connect_secret WHERE hash = $1 AND kind = $2',
    [hashOf(of.secret), of.kind],
  );
  if (!known[0]) return { kind: 'unknown' };
  return { kind: known[0].used ? 'used' : 'expired' };
}
