/**
 * Bookings and the ids by which sources know them.
 * Invariant: a (connection, uid) names at most one booking; a merged booking keeps its row and points to the survivor.
 */
import type { Picture } from '../domain/booking';
import { slotKey } from '../domain/booking';
import type { KnownIds } from '../domain/identity';
import type { Db } from './pool';

export interface BookingRow {
  readonly id: string;
  readonly connection: string;
  readonly rootUid: string;
  readonly version: number;
  readonly picture: Picture | null;
  readonly contactMatch: string;
  readonly mergedInto: string | null;
  readonly closedAtMs: number | null;
}

interface RawBooking {
  id: string;
  connection: string;
  root_uid: string;
  version: number;
  picture: Picture | null;
  contact_match: string;
  merged_into: string | null;
  closed_at: Date | null;
}

const COLUMNS = 'id, connection, root_uid, version, picture, contact_match, merged_into, closed_at';

function fromRaw(raw: RawBooking): BookingRow {
  return {
    id: raw.id,
    connection: raw.connection,
    rootUid: raw.root_uid,
    version: raw.version,
    picture: raw.picture,
    contactMatch: raw.contact_match,
    mergedInto: raw.merged_into,
    closedAtMs: raw.closed_at?.getTime() ?? null,
  };
}

/** Which bookings hold an event's ids. Merged bookings never appear: their aliases were re-pointed. */
export async function findKnownIds(
  db: Db,
  ids: { connection: string; uid: string; predecessorUid: string | null; iCalUid: string | null },
): Promise<KnownIds> {
  const { rows } = await db.query<{ kind: keyof KnownIds; booking_id: string }>(
    `SELECT 'byUid' AS kind, booking_id FROM booking_alias WHERE connection = $1 AND uid = $2
     UNION ALL SELECT 'byPredecessor', booking_id FROM booking_alias WHERE connection = $1 AND uid = $3
     UNION ALL SELECT 'byCalendarUid', booking_id FROM booking_calendar_uid WHERE connection = $1 AND ical_uid = $4`,
    [ids.connection, ids.uid, ids.predecessorUid, ids.iCalUid],
  );
  const found: { -readonly [K in keyof KnownIds]: KnownIds[K] } = {
    byUid: null,
    byPredecessor: null,
    byCalendarUid: null,
  };
  for (const row of rows) found[row.kind] = row.booking_id;
  return found;
}

export async function insertBooking(
  tx: Db,
  booking: { id: string; connection: string; rootUid: string },
): Promise<void> {
  await tx.query('INSERT INTO booking (id, connection, root_uid) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [
    booking.id,
    booking.connection,
    booking.rootUid,
  ]);
}

/** Remembers the ids; one that is known already stays where it is (a merge has moved it before). */
export async function addAliases(
  tx: Db,
  to: { bookingId: string; connection: string; uids: readonly string[]; iCalUid: string | null },
): Promise<void> {
  await tx.query(
    `WITH calendar_uid AS (
       INSERT INTO booking_calendar_uid (connection, ical_uid, booking_id) SELECT $1, $4, $3 WHERE $4::text IS NOT NULL
       ON CONFLICT DO NOTHING
     )
     INSERT INTO booking_alias (connection, uid, booking_id) SELECT $1, uid, $3 FROM UNNEST($2::text[]) AS uid
     ON CONFLICT DO NOTHING`,
    [to.connection, to.uids, to.bookingId, to.iCalUid],
  );
}

/**
 * Makes one booking out of two that turned out to be the same: everything of `from` is re-pointed to `into`.
 * A CRM appointment or deal that both have keeps the survivor's; the other becomes `surplus`, to be canceled by the next sync.
 */
export async function mergeBookings(tx: Db, merge: { from: string; into: string }): Promise<void> {
  const args = [merge.from, merge.into];
  await tx.query('SELECT id FROM booking WHERE id = ANY($1) ORDER BY id FOR UPDATE', [args]);
  await tx.query('UPDATE booking_alias SET booking_id = $2 WHERE booking_id = $1', args);
  await tx.query('UPDATE booking_calendar_uid SET booking_id = $2 WHERE booking_id = $1', args);
  await tx.query('UPDATE booking_event SET booking_id = $2 WHERE booking_id = $1', args);
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
    args,
  );
  await tx.query('UPDATE crm_write SET booking_id = $2 WHERE booking_id = $1', args);
  // A message that both planned is sent once: what one of them already handed over wins, the other row goes.
  await tx.query(
    `DELETE FROM message m USING message s WHERE m.booking_id = $1 AND s.booking_id = $2 AND m.key = s.key
       AND (m.state IN ('planned', 'skipped', 'held') OR s.state NOT IN ('planned', 'skipped', 'held'))`,
    args,
  );
  await tx.query(
    `DELETE FROM message s USING message m WHERE m.booking_id = $1 AND s.booking_id = $2 AND m.key = s.key`,
    args,
  );
  await tx.query('UPDATE message SET booking_id = $2 WHERE booking_id = $1', args);
  await tx.query(`UPDATE task SET state = 'withdrawn' WHERE booking_id = $1 AND state = 'open'`, args.slice(0, 1));
  await tx.query(`DELETE FROM crm_sync WHERE booking_id = $1`, args.slice(0, 1));
  await tx.query(
    'UPDATE booking SET merged_into = $2, closed_at = coalesce(closed_at, clock_timestamp()) WHERE id = $1',
    args,
  );
  await tx.query('UPDATE booking SET merged_into = $2 WHERE merged_into = $1', args);
  await tx.query('UPDATE booking SET closed_at = NULL WHERE id = $1', [merge.into]);
}

/** Ids of the bookings that turned out to be this one. */
export async function listMergedInto(db: Db, id: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>('SELECT id FROM booking WHERE merged_into = $1 ORDER BY id', [id]);
  return rows.map((row) => row.id);
}

/** The row, locked until the transaction ends. */
export async function lockBooking(tx: Db, id: string): Promise<BookingRow | null> {
  const { rows } = await tx.query<RawBooking>(`SELECT ${COLUMNS} FROM booking WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

export async function readBooking(db: Db, id: string): Promise<BookingRow | null> {
  const { rows } = await db.query<RawBooking>(`SELECT ${COLUMNS} FROM booking WHERE id = $1`, [id]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

export async function savePicture(
  tx: Db,
  save: { id: string; version: number; picture: Picture; nowMs: number },
): Promise<void> {
  const { picture } = save;
  const { slot } = picture;
  await tx.query(
    `UPDATE booking SET version = $2, status = $3, picture = $4, slot_start = $5, slot_end = $6, slot_zone = $7,
       slot_key = $8, person_id = $9, host_id = $10, recorded_at = $11, closed_at = NULL WHERE id = $1`,
    [
      save.id,
      save.version,
      picture.status,
      JSON.stringify(picture),
      slot && new Date(slot.startMs),
      slot && new Date(slot.endMs),
      slot && slot.zone,
      slot && slotKey(slot),
      picture.personId,
      picture.hostId,
      new Date(save.nowMs),
    ],
  );
}

export async function saveContactMatch(db: Db, id: string, contactMatch: string): Promise<void> {
  await db.query('UPDATE booking SET contact_match = $2 WHERE id = $1', [id, contactMatch]);
}

/** Closes unless the booking changed since `version`: then somebody has woken it and it stays open. */
export async function closeBooking(db: Db, close: { id: string; version: number; nowMs: number }): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE booking SET closed_at = $3 WHERE id = $1 AND version = $2 AND closed_at IS NULL',
    [close.id, close.version, new Date(close.nowMs)],
  );
  return rowCount === 1;
}

/** Ids of bookings that should have a running workflow, in pages by id. */
export async function listOpenBookings(db: Db, afterId: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM booking WHERE closed_at IS NULL AND merged_into IS NULL AND id > $1 ORDER BY id LIMIT $2`,
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}
