/**
 * What the rehearsed booking has done, read back from the database: the diary that is printed at the end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';

export interface Rehearsed {
  readonly status: string;
  readonly chain: number;
  readonly closed: boolean;
  readonly sent: number;
  readonly crmState: string | null;
  /** Id of the open no-show review, or null. */
  readonly openReview: string | null;
}

const PATIENCE_MS = 90_000;

/** The newest state of the only booking in the rehearsal's database; null before it is recorded. */
export async function readRehearsed(pool: Pool): Promise<Rehearsed | null> {
  const { rows } = await pool.query<Rehearsed>(
    `SELECT b.status, jsonb_array_length(b.picture->'chain')::int AS chain, b.closed_at IS NOT NULL AS closed,
       (SELECT count(*)::int FROM message m WHERE m.booking_id = b.id AND m.state = 'sent') AS sent,
       (SELECT state FROM crm_sync s WHERE s.booking_id = b.id AND s.written_version = b.version) AS "crmState",
       (SELECT t.id FROM task t WHERE t.booking_id = b.id AND t.state = 'open' AND t.kind = 'no_show_review') AS "openReview"
     FROM booking b WHERE b.status IS NOT NULL`,
  );
  return rows[0] ?? null;
}

/** Waits until the booking looks as described. Throws with what it looks like when that takes too long. */
export async function waitForBooking(
  pool: Pool,
  what: string,
  looks: (seen: Rehearsed) => boolean,
): Promise<Rehearsed> {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(100)) {
    const seen = await readRehearsed(pool);
    if (seen && looks(seen)) return seen;
    if (Date.now() > until) throw new Error(`The booking should be "${what}", but it is ${JSON.stringify(seen)}`);
  }
}

/** One line per thing that was heard, written, sent or asked, in the booking's own time. */
export async function readDiary(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ at: Date; what: string }>(
    `SELECT settled_at AS at, 'e-mail ' || state || ': ' || kind || coalesce(' (' || reason || ')', '') AS what
       FROM message WHERE settled_at IS NOT NULL
     UNION ALL SELECT due_at, 'e-mail skipped: ' || kind || ' (' || coalesce(reason, '') || ')' FROM message WHERE state = 'skipped'
     UNION ALL SELECT at, 'CRM ' || action || ' ' || type || coalesce(': ' || (after->>'status'), ': ' || (after->>'stageId'), '')
       FROM crm_write
     UNION ALL SELECT opened_at, 'task opened: ' || kind || ' for ' || owner FROM task
     UNION ALL SELECT decided_at, 'task ' || state || ': ' || coalesce(decision->>'decision', '') FROM task WHERE decided_at IS NOT NULL
     UNION ALL SELECT closed_at, 'booking closed' FROM booking WHERE closed_at IS NOT NULL
     ORDER BY 1`,
  );
  return rows.map(({ at, what }) => `${at.toISOString().slice(0, 16).replace('T', ' ')}Z  ${what}`).join('\n');
}
