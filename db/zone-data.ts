/**
 * By which release of the zone data the open bookings were planned last.
 * Invariant: an older release than the newest known never counts, so two versions of the application side by side don't take turns.
 */
import type { Db } from './pool';

/** `version`: '2026b' and the like, whose order is that of their letters. */
export async function isNewZoneData(db: Db, version: string): Promise<boolean> {
  const { rows } = await db.query<{ is_known: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM zone_data WHERE version COLLATE "C" >= $1) AS is_known',
    [version],
  );
  return !rows[0]!.is_known;
}

/** Every open booking was told. */
export async function saveZoneData(db: Db, version: string): Promise<void> {
  await db.query('INSERT INTO zone_data (version) VALUES ($1) ON CONFLICT (version) DO NOTHING', [version]);
}
