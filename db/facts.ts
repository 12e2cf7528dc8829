/**
 * Facts: immutable rows, one per meaning. Only the verdict columns (`outcome`, `why`) are ever written again.
 */
import { createHash } from 'node:crypto';
import type { Fact, Verdict } from '../domain/facts';
import type { Db } from './pool';

export interface NewFact {
  readonly fact: Fact;
  readonly bookingId: string;
  readonly connection: string;
  /** Title, notes, answers, sealed with the guest's key; null when the fact brought none. */
  readonly sealed: Buffer | null;
  readonly meaning: string | null;
  readonly deliveryId: string | null;
  readonly ordinal: number;
}

/** Equal for facts of a connection that say the same; null: judged by the state, never by equality. */
export function hashOfMeaning(meaning: string | null): Buffer | null {
  return meaning === null ? null : createHash('sha256').update(meaning).digest();
}

/**
 * Adds a fact. Returns the id of the row that holds it: the new one (`isNew`), the same one when this delivery was taken
 * before, or the older one that says the same (`repeated`).
 */
export async function insertFact(tx: Db, added: NewFact): Promise<{ id: string; isNew: boolean; repeated: boolean }> {
  const meaning = hashOfMeaning(added.meaning);
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO booking_event (id, booking_id, connection, type, fact, sealed, person_id, meaning, delivery_id, ordinal, received_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id`,
    [
      added.fact.id,
      added.bookingId,
      added.connection,
      added.fact.type,
      JSON.stringify(added.fact),
      added.sealed,
      added.fact.personId,
      meaning,
      added.deliveryId,
      added.ordinal,
      new Date(added.fact.receivedAtMs),
    ],
  );
  if (rows[0]) return { id: rows[0].id, isNew: true, repeated: false };
  const { rows: known } = await tx.query<{ id: string; delivery_id: string | null }>(
    `SELECT id, delivery_id FROM booking_event
     WHERE id = $1 OR (connection = $2 AND meaning = $3) OR (delivery_id = $4 AND ordinal = $5)
     ORDER BY (delivery_id = $4) DESC NULLS LAST LIMIT 1`,
    [added.fact.id, added.connection, meaning, added.deliveryId, added.ordinal],
  );
  const [row] = known;
  if (!row) throw new Error(`Fact ${added.fact.id} was neither added nor found; the transaction is repeated`);
  return { id: row.id, isNew: false, repeated: row.delivery_id !== added.deliveryId };
}

/** The booking whose own fact this delivery brought before, or that holds one which says the same; null: none does. */
export async function findHolder(
  db: Db,
  of: { connection: string; meaning: string | null; deliveryId: string; ordinal: number },
): Promise<string | null> {
  const { rows } = await db.query<{ booking_id: string }>(
    `SELECT booking_id FROM booking_event WHERE (connection = $1 AND meaning = $2) OR (delivery_id = $3 AND ordinal = $4)
     ORDER BY (delivery_id = $3) DESC NULLS LAST LIMIT 1`,
    [of.connection, hashOfMeaning(of.meaning), of.deliveryId, of.ordinal],
  );
  return rows[0]?.booking_id ?? null;
}

/** Remembers that a delivery said again what these facts say. */
export async function addRepeats(tx: Db, factIds: readonly string[], deliveryId: string): Promise<void> {
  await tx.query(
    'INSERT INTO fact_repeat (fact_id, delivery_id) SELECT id, $2 FROM UNNEST($1::uuid[]) AS id ON CONFLICT DO NOTHING',
    [factIds, deliveryId],
  );
}

export interface StoredFact {
  readonly fact: Fact;
  readonly outcome: Verdict['outcome'] | null;
  readonly why: string | null;
}

/** Rows that were stored before facts had these fields lack them. */
type MaybeOlderFact = Fact | Omit<Fact, 'ancestry' | 'aboutPersonId' | 'readAtMs' | 'eventType'>;

/** A stored fact with what older rows lack. */
export function completeFact(stored: MaybeOlderFact): Fact {
  return { ancestry: [], aboutPersonId: null, readAtMs: null, eventType: null, ...stored };
}

/** All facts of a booking, in no particular order: the fold brings its own. */
export async function readFacts(db: Db, bookingId: string): Promise<StoredFact[]> {
  const { rows } = await db.query<StoredFact>('SELECT fact, outcome, why FROM booking_event WHERE booking_id = $1', [
    bookingId,
  ]);
  return rows.map((row) => ({ ...row, fact: completeFact(row.fact) }));
}

export async function saveVerdicts(tx: Db, verdicts: readonly Verdict[]): Promise<void> {
  if (verdicts.length === 0) return;
  await tx.query(
    `UPDATE booking_event SET outcome = v.outcome, why = v.why
     FROM UNNEST($1::uuid[], $2::text[], $3::text[]) AS v (id, outcome, why) WHERE booking_event.id = v.id`,
    [verdicts.map((v) => v.factId), verdicts.map((v) => v.outcome), verdicts.map((v) => v.why)],
  );
}

/** The newest sealed details of a booking, by the order in which facts arrived; null when none were sent. */
export async function readNewestDetails(
  db: Db,
  bookingId: string,
): Promise<{ factId: string; personId: string; sealed: Buffer } | null> {
  const { rows } = await db.query<{ id: string; person_id: string; sealed: Buffer }>(
    `SELECT id, person_id, sealed FROM booking_event
     WHERE booking_id = $1 AND sealed IS NOT NULL AND person_id IS NOT NULL AND type <> 'canceled'
     ORDER BY received_at DESC, id DESC LIMIT 1`,
    [bookingId],
  );
  return rows[0] ? { factId: rows[0].id, personId: rows[0].person_id, sealed: rows[0].sealed } : null;
}
