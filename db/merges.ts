/**
 * Makes one booking out of two that turned out to be the same.
 * Invariant: the survivor has everything of both, one live appointment per CRM, and each message once as far as it lies with us;
 * the other keeps its row, which points to the survivor.
 */
import { randomUUID } from 'node:crypto';
import { taskWorkflowId } from '../domain/ids';
import type { Db } from './pool';
import { excludeMerged } from './report-bookings';

/**
 * Everything of `from` is re-pointed to `into`, at any moment of either life: a closed survivor is opened, one that is closing
 * stays open, because a merge is a version of its own. Repeating it changes nothing. Both workflows have to be woken afterwards.
 */
export async function mergeBookings(tx: Db, merge: { from: string; into: string }): Promise<void> {
  const { rows } = await tx.query<{ id: string; merged_into: string | null }>(
    'SELECT id, merged_into FROM booking WHERE id = ANY($1) ORDER BY id FOR UPDATE',
    [[merge.from, merge.into]],
  );
  const { from } = merge;
  const into = rows.find((row) => row.id === merge.into)?.merged_into ?? merge.into;
  if (from === into || rows.find((row) => row.id === from)?.merged_into !== null) return;
  await repointIds(tx, [from, into]);
  await repointFacts(tx, [from, into]);
  await repointLedgers(tx, [from, into]);
  await mergeMessages(tx, [from, into]);
  await mergeTasks(tx, from, into);
  await tx.query(
    'UPDATE booking SET merged_into = $2, closed_at = coalesce(closed_at, clock_timestamp()) WHERE id = $1',
    [from, into],
  );
  await excludeMerged(tx, from);
  await tx.query('UPDATE booking SET merged_into = $2 WHERE merged_into = $1', [from, into]);
  await tx.query('UPDATE booking SET closed_at = NULL, version = version + 1 WHERE id = $1', [into]);
}

/** Ids of the bookings that turned out to be this one. */
export async function listMergedInto(db: Db, id: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>('SELECT id FROM booking WHERE merged_into = $1 ORDER BY id', [id]);
  return rows.map((row) => row.id);
}

/** From and into. */
type Pair = [string, string];

async function repointIds(tx: Db, pair: Pair): Promise<void> {
  await tx.query('UPDATE booking_alias SET booking_id = $2 WHERE booking_id = $1', pair);
  await tx.query('UPDATE calendar_use SET booking_id = $2 WHERE booking_id = $1', pair);
  await tx.query(
    `WITH moved AS (DELETE FROM participation WHERE booking_id = $1 RETURNING connection, uid, seat_id, person_id)
     INSERT INTO participation AS known (connection, uid, booking_id, seat_id, person_id)
     SELECT connection, uid, $2, seat_id, person_id FROM moved
     ON CONFLICT (connection, uid, booking_id) DO UPDATE
       SET seat_id = coalesce(known.seat_id, excluded.seat_id), person_id = coalesce(known.person_id, excluded.person_id)`,
    pair,
  );
}

async function repointFacts(tx: Db, pair: Pair): Promise<void> {
  // What was said of a uid that both share is in both.
  await tx.query(
    'DELETE FROM booking_event f USING booking_event s WHERE f.booking_id = $1 AND s.booking_id = $2 AND f.slot_fact = s.slot_fact',
    pair,
  );
  await tx.query(
    'UPDATE booking_event SET booking_id = $2, merged_from = coalesce(merged_from, $1) WHERE booking_id = $1',
    pair,
  );
}

/** A CRM appointment or deal that both have keeps the survivor's; the other becomes `surplus`, to be canceled by the next sync. */
async function repointLedgers(tx: Db, pair: Pair): Promise<void> {
  await tx.query(
    `UPDATE crm_link SET booking_id = $2,
       external_key = CASE WHEN movable AND NOT taken THEN left(external_key, 2) || $2 ELSE external_key END,
       state = CASE WHEN movable AND taken AND state = 'done' THEN 'surplus' ELSE state END
     FROM (SELECT l.connection AS c, l.type AS t, l.external_key AS k,
             -- A create that is under way keeps its key: the CRM's record carries it (activities/crm-inherited.ts settles it).
             l.state IN ('done', 'tombstone') AND l.external_key = left(l.external_key, 2) || $1 AS movable,
             EXISTS (SELECT 1 FROM crm_link s WHERE s.connection = l.connection AND s.type = l.type
                     AND s.external_key = left(l.external_key, 2) || $2) AS taken
           FROM crm_link l WHERE l.booking_id = $1) AS loser
     WHERE connection = loser.c AND type = loser.t AND external_key = loser.k`,
    pair,
  );
  await tx.query('UPDATE crm_write SET booking_id = $2 WHERE booking_id = $1', pair);
  await tx.query('UPDATE source_write SET booking_id = $2 WHERE booking_id = $1', pair);
  await tx.query('DELETE FROM crm_sync WHERE booking_id = $1', pair.slice(0, 1));
}

/** How far a message came: of two that say the same, the one that came further stays, and the other is never sent. */
const cameBy = (row: string): string =>
  `CASE WHEN ${row}.state IN ('sent', 'delivered') THEN 4 WHEN ${row}.state = 'sending' THEN 3
        WHEN ${row}.state = 'unknown' THEN 2 WHEN ${row}.state = 'failed' THEN 1 ELSE 0 END`;

async function mergeMessages(tx: Db, pair: Pair): Promise<void> {
  await tx.query(
    `DELETE FROM message WHERE id IN (
       SELECT CASE WHEN ${cameBy('f')} > ${cameBy('s')} THEN s.id ELSE f.id END
       FROM message f JOIN message s ON s.booking_id = $2 AND s.key = f.key WHERE f.booking_id = $1)`,
    pair,
  );
  await tx.query('UPDATE message SET booking_id = $2 WHERE booking_id = $1', pair);
}

/**
 * What a person decided stays to be seen. Open questions end with the booking that asked, because the survivor asks its own;
 * only whether a message was sent, nobody else would ask again.
 */
async function mergeTasks(tx: Db, from: string, into: string): Promise<void> {
  const { rows } = await tx.query<{ id: string; about: string | null }>(
    `UPDATE task SET state = 'withdrawn' WHERE booking_id = $1 AND state = 'open'
     RETURNING id, CASE WHEN kind = 'message_unknown' THEN about END AS about`,
    [from],
  );
  for (const { id, about } of rows) {
    if (about === null) continue;
    const workflowId = taskWorkflowId({ kind: 'message_unknown', bookingId: into, about, n: 1 });
    await tx.query(
      `INSERT INTO task (id, workflow_id, kind, booking_id, about, n, owner, opened_at, due_at, remind_at, evidence)
       SELECT $2, $3, kind, $4, about, 1, owner, opened_at, due_at, remind_at, evidence FROM task
       WHERE id = $1 AND EXISTS (SELECT 1 FROM message WHERE booking_id = $4 AND message.id::text = task.about)
       ON CONFLICT DO NOTHING`,
      [id, randomUUID(), workflowId, into],
    );
  }
  await tx.query(
    `UPDATE task SET state = 'withdrawn' WHERE booking_id = $1 AND state = 'open' AND kind = 'message_unknown'
       AND NOT EXISTS (SELECT 1 FROM message WHERE message.id::text = task.about)`,
    [into],
  );
  await tx.query(
    `UPDATE task SET booking_id = $2, n = task.n + coalesce((
       SELECT max(known.n) FROM task known
       WHERE known.booking_id = $2 AND known.kind = task.kind AND known.about = task.about), 0)
     WHERE booking_id = $1 AND state = 'decided'`,
    [from, into],
  );
}
