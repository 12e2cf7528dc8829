/**
 * E-mails to the team: one alert per connection and outage, one report per subscriber and week.
 * Invariant: `sending` is committed before anything is sent, and only `planned` becomes `sending`: none is ever sent twice.
 */
import type { Db } from './pool';

export type AlertState = 'planned' | 'sending' | 'sent' | 'refused' | 'unknown';

/** False: it was planned before. */
export async function planAlert(
  db: Db,
  alert: { key: string; connection: string; reason: string; nowMs: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO alert (key, connection, reason, state, at) VALUES ($1, $2, $3, 'planned', $4) ON CONFLICT DO NOTHING`,
    [alert.key, alert.connection, alert.reason, new Date(alert.nowMs)],
  );
  return rowCount === 1;
}

/** False: somebody else sends it, or it was sent. */
export async function claimAlert(db: Db, key: string): Promise<boolean> {
  const { rowCount } = await db.query(`UPDATE alert SET state = 'sending' WHERE key = $1 AND state = 'planned'`, [key]);
  return rowCount === 1;
}

export async function setAlertState(db: Db, key: string, state: AlertState): Promise<void> {
  await db.query('UPDATE alert SET state = $2 WHERE key = $1', [key, state]);
}
