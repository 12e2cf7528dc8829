/** The score of a booking. Invariant: a number; the answers that it was made from are sealed elsewhere. */
import type { Db } from './pool';

/** Keeps the score, or with null the one that is there. Returns what is kept; null: none yet. */
export async function saveLeadScore(tx: Db, bookingId: string, score: number | null): Promise<number | null> {
  const { rows } = await tx.query<{ lead_score: number | null }>(
    `WITH changed AS (UPDATE booking SET lead_score = $2::int WHERE id = $1 AND lead_score IS DISTINCT FROM coalesce($2::int, lead_score))
     SELECT coalesce($2::int, lead_score) AS lead_score FROM booking WHERE id = $1`,
    [bookingId, score],
  );
  return rows[0]?.lead_score ?? null;
}

export async function readLeadScore(db: Db, bookingId: string): Promise<number | null> {
  const { rows } = await db.query<{ lead_score: number | null }>('SELECT lead_score FROM booking WHERE id = $1', [
    bookingId,
  ]);
  return rows[0]?.lead_score ?? null;
}
