/**
 * Tokens of connections that renew themselves: one sealed row per connection.
 * Invariant: only one process at a time renews a connection's tokens, and nobody sees tokens that are not stored.
 */
import type { Pool } from 'pg';
import { withTransaction, type Db } from './pool';
import { VaultError, type Vault } from './vault';

/** One chain of renewals. Instants are epoch ms; `grant` names the configured token that the chain began with. */
export interface StoredTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
  readonly grant: string;
}

export interface TokenStore {
  /** Null when nothing was stored yet. Throws `VaultError` when the row does not open. */
  read(): Promise<StoredTokens | null>;
  /**
   * Runs `obtain` with what is stored while no other process can, stores its result unless it is what was there, and resolves
   * once that is committed. What `obtain` throws is passed on and leaves the row as it was.
   */
  exchange(obtain: (stored: StoredTokens | null) => Promise<StoredTokens>): Promise<StoredTokens>;
}

/** `obtain` is one request to the vendor, with a time limit well below that of an idle transaction (60 s). */
export function tokenStore(deps: { readonly pool: Pool; readonly vault: Vault }, connection: string): TokenStore {
  const { pool, vault } = deps;
  const name = `credential/${connection}`;
  const open = (sealed: Buffer | undefined): StoredTokens | null =>
    sealed === undefined || sealed.length === 0 ? null : parse(vault.openSecret(name, sealed), name);
  return {
    async read() {
      const { rows } = await pool.query<{ sealed: Buffer }>('SELECT sealed FROM credential WHERE connection = $1', [
        connection,
      ]);
      return open(rows[0]?.sealed);
    },
    exchange: (obtain) =>
      withTransaction(pool, async (tx) => {
        const stored = open(await lockRow(tx, connection));
        const obtained = await obtain(stored);
        if (obtained !== stored) {
          await tx.query('UPDATE credential SET sealed = $2, updated_at = clock_timestamp() WHERE connection = $1', [
            connection,
            vault.sealSecret(name, JSON.stringify(obtained)),
          ]);
        }
        return obtained;
      }),
  };
}

/** The first renewal has no row to lock, so an empty one is put there; it goes again if the renewal fails. */
async function lockRow(tx: Db, connection: string): Promise<Buffer | undefined> {
  await tx.query(`INSERT INTO credential (connection, sealed) VALUES ($1, '') ON CONFLICT (connection) DO NOTHING`, [
    connection,
  ]);
  const { rows } = await tx.query<{ sealed: Buffer }>(
    'SELECT sealed FROM credential WHERE connection = $1 FOR UPDATE',
    [connection],
  );
  return rows[0]?.sealed;
}

function parse(text: string, name: string): StoredTokens {
  const value = JSON.parse(text) as Partial<Record<keyof StoredTokens, unknown>>;
  const { accessToken, refreshToken, expiresAtMs, grant } = value;
  if (
    typeof accessToken === 'string' &&
    typeof refreshToken === 'string' &&
    typeof expiresAtMs === 'number' &&
    typeof grant === 'string'
  ) {
    return { accessToken, refreshToken, expiresAtMs, grant };
  }
  throw new VaultError(`What is stored for "${name}" holds no tokens. Delete the row and connect the source again.`);
}
