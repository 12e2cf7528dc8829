/**
 * What is known about the ids of an event: the database's side of domain/identity.ts.
 * Invariant: merged bookings never appear, because their ids were re-pointed.
 */
import {
  calendarClaims,
  uidsOf,
  type CalendarClaim,
  type CalendarUse,
  type EventIds,
  type Known,
} from '../domain/identity';
import { readSharers } from './participations';
import type { Db } from './pool';

/** Three statements, sent together. */
export async function readKnown(db: Db, connection: string, event: EventIds): Promise<Known> {
  const uids = uidsOf(event);
  const [bookingOf, sharers, calendar] = await Promise.all([
    readAliases(db, connection, uids),
    readSharers(db, { connection, uids, seatId: event.seat?.id ?? null }),
    calendarClaims(event).length === 0 ? [] : readCalendar(db, connection, event),
  ]);
  return { bookingOf, sharers, calendar };
}

/** Those of the uids that some booking or participation holds. */
export async function readKnownUids(db: Db, connection: string, uids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ uid: string }>(
    `SELECT uid FROM booking_alias WHERE connection = $1 AND uid = ANY ($2)
     UNION SELECT uid FROM participation WHERE connection = $1 AND uid = ANY ($2)`,
    [connection, uids],
  );
  return new Set(rows.map((row) => row.uid));
}

/** Was the appointment requested before, as far as was heard? */
export async function wasRequested(db: Db, connection: string, uid: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM booking_alias a JOIN booking_event e ON e.booking_id = a.booking_id
     WHERE a.connection = $1 AND a.uid = $2 AND e.type = 'requested' AND e.fact->>'uid' = $2 LIMIT 1`,
    [connection, uid],
  );
  return rowCount === 1;
}

/** Remembers on which appointments of the booking a calendar id was seen; the lowest sequence of each counts. */
export async function addCalendarUses(
  tx: Db,
  uses: { connection: string; iCalUid: string; bookingId: string; claims: readonly CalendarClaim[] },
): Promise<void> {
  const { connection, iCalUid, bookingId, claims } = uses;
  await tx.query(
    `INSERT INTO calendar_use AS known (connection, ical_uid, booking_id, uid, sequence)
     SELECT $1, $2, $3, claim.uid, claim.sequence FROM UNNEST($4::text[], $5::int[]) AS claim (uid, sequence)
     ON CONFLICT (connection, ical_uid, uid) DO UPDATE SET sequence = excluded.sequence
       WHERE excluded.sequence < known.sequence`,
    [connection, iCalUid, bookingId, claims.map((claim) => claim.uid), claims.map((claim) => claim.sequence)],
  );
}

async function readAliases(db: Db, connection: string, uids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ uid: string; booking_id: string }>(
    'SELECT uid, booking_id FROM booking_alias WHERE connection = $1 AND uid = ANY ($2)',
    [connection, uids],
  );
  return new Map(rows.map((row) => [row.uid, row.booking_id]));
}

/** Of a chain as long as may be only what `Known.calendar` asks for: every part is one look into an index. */
async function readCalendar(db: Db, connection: string, event: EventIds): Promise<CalendarUse[]> {
  const { rows } = await db.query<CalendarUse>(
    `WITH RECURSIVE seen AS (
       (SELECT booking_id FROM calendar_use WHERE connection = $1 AND ical_uid = $2 ORDER BY booking_id LIMIT 1)
       UNION ALL
       SELECT next.booking_id FROM seen CROSS JOIN LATERAL (
         SELECT booking_id FROM calendar_use
         WHERE connection = $1 AND ical_uid = $2 AND booking_id > seen.booking_id ORDER BY booking_id LIMIT 1) AS next
     )
     SELECT uid, sequence, booking_id AS "bookingId" FROM calendar_use
       WHERE connection = $1 AND ical_uid = $2 AND uid = ANY ($3)
     UNION SELECT same.* FROM UNNEST($4::int[]) AS claim (sequence) CROSS JOIN LATERAL (
       SELECT uid, calendar_use.sequence, booking_id FROM calendar_use
       WHERE connection = $1 AND ical_uid = $2 AND calendar_use.sequence = claim.sequence AND uid <> ALL ($3) LIMIT 1) AS same
     UNION SELECT oldest.* FROM seen CROSS JOIN LATERAL (
       SELECT uid, sequence, booking_id FROM calendar_use
       WHERE connection = $1 AND ical_uid = $2 AND booking_id = seen.booking_id AND uid <> ALL ($3)
       ORDER BY sequence LIMIT 1) AS oldest`,
    [connection, event.iCalUid, uidsOf(event), calendarClaims(event).map((claim) => claim.sequence)],
  );
  return rows;
}
