/**
 * Bookings and the uids by which sources know them.
 * Invariant: a (connection, uid) names at most one booking, unless several guests share it (participations.ts); a merged booking
 * keeps its row and points to the survivor.
 */
import { slotKey, type BookingStatus, type Picture } from '../domain/booking';
import type { LeadBooking } from '../domain/lead-status';
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

/** Remembers the uids; one that is known already stays where it is (a merge has moved it before). */
export async function addAliases(
  tx: Db,
  to: { bookingId: string; connection: string; uids: readonly string[] },
): Promise<void> {
  await tx.query(
    `INSERT INTO booking_alias (connection, uid, booking_id) SELECT $1, uid, $3 FROM UNNEST($2::text[]) AS uid
     ON CONFLICT DO NOTHING`,
    [to.connection, to.uids, to.bookingId],
  );
}

/**
 * The row, locked until the transaction ends against everybody who locks it. `NO KEY`: rows that only point to the booking
 * (facts, aliases) can be added meanwhile, so that the intake never waits for a long life that is being folded.
 */
export async function lockBooking(tx: Db, id: string): Promise<BookingRow | null> {
  const { rows } = await tx.query<RawBooking>(`SELECT ${COLUMNS} FROM booking WHERE id = $1 FOR NO KEY UPDATE`, [id]);
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

/** Ids of bookings that should have a running workflow, in pages by id; not those that the dispatcher is about to tell. */
export async function listOpenBookings(db: Db, afterId: string, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM booking b WHERE closed_at IS NULL AND merged_into IS NULL AND id > $1
       AND NOT EXISTS (SELECT 1 FROM delivery d JOIN booking_event e ON e.delivery_id = d.id
                       WHERE d.state = 'stored' AND e.booking_id = b.id)
     ORDER BY id LIMIT $2`,
    [afterId, limit],
  );
  return rows.map((row) => row.id);
}

/** Bookings of a person from these sources that have a picture and were not merged away. */
export async function listLeadBookings(
  db: Db,
  personId: string,
  sources: readonly string[],
): Promise<readonly LeadBooking[]> {
  const { rows } = await db.query<{ id: string; status: BookingStatus; event_type: string | null; opened_at: Date }>(
    `SELECT id, picture->>'status' AS status, picture->>'eventType' AS event_type, opened_at FROM booking
     WHERE picture->>'personId' = $1 AND merged_into IS NULL AND connection = ANY ($2)`,
    [personId, sources],
  );
  return rows.map((row) => ({
    bookingId: row.id,
    status: row.status,
    eventType: row.event_type,
    openedAtMs: row.opened_at.getTime(),
  }));
}
