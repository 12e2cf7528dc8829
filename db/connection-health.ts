/**
 * Whether a connection answers, since when it does not and why, and until when it is left alone.
 * Invariant: one row per connection; the newest word counts.
 */
import type { Db } from './pool';

export interface ConnectionHealth {
  readonly state: 'up' | 'down';
  readonly reason: string | null;
  /** Nothing is sent before, epoch ms; null: it may be tried at any time. */
  readonly untilMs: number | null;
}

const UP: ConnectionHealth = { state: 'up', reason: null, untilMs: null };

export async function readHealth(db: Db, connection: string): Promise<ConnectionHealth> {
  const { rows } = await db.query<{ state: 'up' | 'down'; reason: string | null; until: Date | null }>(
    'SELECT state, reason, until FROM connection_health WHERE connection = $1',
    [connection],
  );
  const [row] = rows;
  return row ? { state: row.state, reason: row.reason, untilMs: row.until?.getTime() ?? null } : UP;
}

/** Of two instants until which it is left alone the later one counts, as long as it is down. */
export async function saveHealth(
  db: Db,
  health: ConnectionHealth & { readonly connection: string; readonly nowMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO connection_health (connection, state, reason, since, until) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (connection) DO UPDATE SET state = $2, reason = $3, probes = connection_health.probes + 1,
       until = CASE WHEN $2 = 'down' THEN greatest(connection_health.until, $5) END,
       since = CASE WHEN connection_health.state = $2 THEN connection_health.since ELSE $4 END`,
    [
      ...[health.connection, health.state, health.reason, new Date(health.nowMs)],
      health.untilMs === null ? null : new Date(health.untilMs),
    ],
  );
}
