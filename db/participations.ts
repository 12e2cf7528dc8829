/**
 * Participations: bookings of guests who share a uid, and what was said of that uid without naming one of them.
 * Invariant: a shared uid is never an alias of one booking; each participation has a copy of everything that concerns it,
 * whichever was heard of first.
 */
import { randomUUID } from 'node:crypto';
import type { Fact } from '../domain/facts';
import { copyFor, isConcerned, shareOut, type Sharer } from '../domain/identity';
import { completeFact, hashOfMeaning } from './facts';
import type { Db } from './pool';

/** Participations under any of the uids or with this seat, in the order in which they were first heard of. */
export async function readSharers(
  db: Db,
  by: { connection: string; uids: readonly string[]; seatId: string | null },
): Promise<Sharer[]> {
  const { rows } = await db.query<Sharer>(
    `SELECT p.booking_id AS "bookingId", p.uid, p.seat_id AS "seatId", p.person_id AS "personId",
       EXISTS (SELECT 1 FROM booking_event e WHERE e.booking_id = p.booking_id AND e.type IN ('canceled', 'rejected')
               AND e.slot_fact IS NULL AND e.fact->>'uid' = p.uid) AS "hasLeft"
     FROM participation p JOIN booking b ON b.id = p.booking_id
     WHERE p.connection = $1 AND (p.uid = ANY ($2) OR p.seat_id = $3) ORDER BY b.opened_at, b.id`,
    [by.connection, by.uids, by.seatId],
  );
  return rows;
}

export interface Participation {
  readonly connection: string;
  readonly bookingId: string;
  readonly uids: readonly string[];
  readonly seatId: string | null;
  readonly personId: string | null;
}

/** Takes part under each of the uids from now on. What is known of a participation stays, what was unknown is filled. */
export async function addParticipation(tx: Db, added: Participation): Promise<void> {
  await tx.query(
    `INSERT INTO participation AS known (connection, uid, booking_id, seat_id, person_id)
     SELECT $1, uid, $3, $4, $5 FROM UNNEST($2::text[]) AS uid
     ON CONFLICT (connection, uid, booking_id) DO UPDATE
       SET seat_id = coalesce(known.seat_id, excluded.seat_id), person_id = coalesce(known.person_id, excluded.person_id)`,
    [added.connection, added.uids, added.bookingId, added.seatId, added.personId],
  );
}

/** Makes a participation of a booking whose uids turned out to be shared. False: it is nobody's, and is to be merged into one. */
export async function shareBooking(tx: Db, connection: string, bookingId: string): Promise<boolean> {
  await tx.query('SELECT 1 FROM booking WHERE id = $1 FOR UPDATE', [bookingId]);
  const { rows } = await tx.query<{ fact: Fact }>('SELECT fact FROM booking_event WHERE booking_id = $1', [bookingId]);
  const { personId, keeps } = shareOut(rows.map((row) => completeFact(row.fact)));
  await tx.query(
    `INSERT INTO slot_fact (id, connection, uid, predecessor_uid, fact, meaning, delivery_id, ordinal, received_at)
     SELECT id, connection, fact->>'uid', fact->>'predecessorUid', fact, meaning, delivery_id, ordinal, received_at
     FROM booking_event WHERE booking_id = $1 AND fact->>'by' = 'source' AND slot_fact IS NULL ON CONFLICT DO NOTHING`,
    [bookingId],
  );
  await tx.query(
    `DELETE FROM booking_event WHERE booking_id = $1 AND fact->>'by' = 'source' AND NOT id = ANY ($2::uuid[])`,
    [bookingId, keeps],
  );
  await tx.query(
    `UPDATE booking_event SET slot_fact = id, meaning = NULL WHERE booking_id = $1 AND fact->>'by' = 'source' AND slot_fact IS NULL`,
    [bookingId],
  );
  await tx.query('DELETE FROM calendar_use WHERE booking_id = $1', [bookingId]);
  await tx.query(
    `WITH shared AS (DELETE FROM booking_alias WHERE booking_id = $1 RETURNING connection, uid)
     INSERT INTO participation (connection, uid, booking_id, person_id)
     SELECT connection, uid, $1, $2 FROM shared WHERE $2::uuid IS NOT NULL ON CONFLICT DO NOTHING`,
    [bookingId, personId],
  );
  if (personId === null) return false;
  const { rows: uids } = await tx.query<{ uid: string }>('SELECT uid FROM participation WHERE booking_id = $1', [
    bookingId,
  ]);
  await receiveSlotFacts(tx, { connection, bookingId, personId, seatId: null, uids: uids.map((row) => row.uid) });
  return true;
}

// ---------------------------------------------------------------- what was said of a shared uid

export interface SlotFact {
  readonly id: string;
  readonly fact: Fact;
  readonly deliveryId: string | null;
}

/** Keeps it with the uid. Another one that says the same, or this one when its delivery was taken before, is returned instead. */
export async function insertSlotFact(
  tx: Db,
  added: { fact: Fact; connection: string; meaning: string | null; deliveryId: string; ordinal: number },
): Promise<SlotFact> {
  const { fact, connection, deliveryId, ordinal } = added;
  const meaning = hashOfMeaning(added.meaning);
  const { rowCount } = await tx.query(
    `INSERT INTO slot_fact (id, connection, uid, predecessor_uid, fact, meaning, delivery_id, ordinal, received_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [
      ...[fact.id, connection, fact.uid, fact.predecessorUid, JSON.stringify(fact), meaning, deliveryId, ordinal],
      new Date(fact.receivedAtMs),
    ],
  );
  if (rowCount === 1) return { id: fact.id, fact, deliveryId };
  const { rows } = await tx.query<SlotFact>(
    `SELECT id, fact, delivery_id AS "deliveryId" FROM slot_fact
     WHERE (connection = $1 AND meaning = $2) OR (delivery_id = $3 AND ordinal = $4)
     ORDER BY (delivery_id = $3) DESC NULLS LAST LIMIT 1`,
    [connection, meaning, deliveryId, ordinal],
  );
  if (!rows[0]) throw new Error(`Fact ${fact.id} of a shared uid was neither added nor found; it is tried again`);
  return { ...rows[0], fact: completeFact(rows[0].fact) };
}

/** A participation's copy of what was said of its uid. `id` is the copy's, or that of the copy which it has already. */
export async function insertCopy(
  tx: Db,
  copy: { slotFact: SlotFact; connection: string; bookingId: string; fact: Fact; sealed: Buffer | null },
): Promise<{ id: string; isNew: boolean }> {
  const { slotFact, bookingId, fact } = copy;
  const { rows } = await tx.query<{ id: string }>(
    // A copy needs an ordinal that no event of its delivery has, now or when the delivery is read again.
    `INSERT INTO booking_event (id, booking_id, connection, type, fact, sealed, person_id, delivery_id, ordinal, received_at, slot_fact)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8,
       (SELECT greatest(max(ordinal), ${COPIES_FROM}) + 1 FROM booking_event WHERE delivery_id = $8), $9, $10
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      ...[fact.id, bookingId, copy.connection, fact.type, JSON.stringify(fact), copy.sealed, fact.personId],
      ...[slotFact.deliveryId, new Date(fact.receivedAtMs), slotFact.id],
    ],
  );
  if (rows[0]) return { id: rows[0].id, isNew: true };
  const { rows: known } = await tx.query<{ id: string }>(
    'SELECT id FROM booking_event WHERE booking_id = $1 AND slot_fact = $2',
    [bookingId, slotFact.id],
  );
  if (!known[0]) throw new Error(`A copy of fact ${slotFact.id} was neither added nor found; it is tried again`);
  return { id: known[0].id, isNew: false };
}

/** More events than a delivery ever has. */
const COPIES_FROM = 99_999;

/**
 * Gives a participation whatever was said of its uids before it was heard of; where everybody moved on to another uid, it takes
 * part there as well.
 */
export async function receiveSlotFacts(tx: Db, to: Participation): Promise<void> {
  const { connection, bookingId, personId } = to;
  const reached = new Set(to.uids);
  for (let found = [...reached]; found.length > 0;) {
    const said = await readSlotFacts(tx, connection, found);
    const concerning = said.filter(({ fact }) => isConcerned(fact, to));
    found = [...new Set(concerning.map(({ fact }) => fact.uid))].filter((uid) => !reached.has(uid));
    for (const uid of found) reached.add(uid);
    if (found.length > 0) await addParticipation(tx, { ...to, uids: found });
    await Promise.all(
      concerning.map((slotFact) => {
        const fact = copyFor(slotFact.fact, { id: randomUUID(), personId });
        return insertCopy(tx, { slotFact, connection, bookingId, fact, sealed: null });
      }),
    );
  }
}

async function readSlotFacts(db: Db, connection: string, uids: readonly string[]): Promise<SlotFact[]> {
  const { rows } = await db.query<SlotFact>(
    `SELECT id, fact, delivery_id AS "deliveryId" FROM slot_fact WHERE connection = $1 AND uid = ANY ($2)
     UNION SELECT id, fact, delivery_id FROM slot_fact WHERE connection = $1 AND predecessor_uid = ANY ($2)`,
    [connection, uids],
  );
  return rows.map((row) => ({ ...row, fact: completeFact(row.fact) }));
}
