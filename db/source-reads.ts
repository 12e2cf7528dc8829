/**
 * What a source's API showed last, per uid, and how a read of it becomes a delivery like any other.
 * Invariant: a content is fed once; again only where the source has pushed something about the booking since it was read.
 */
import { randomUUID } from 'node:crypto';
import type { Picture } from '../domain/booking';
import { dedupeKeyOf } from './deliveries';
import type { Db } from './pool';
import type { Vault } from './vault';

/** An appointment as the source's API showed it: the part of `SourceRead` (integrations/ports.ts) that is stored. */
export interface StorableRead {
  readonly uid: string;
  /** Epoch ms. */
  readonly readAtMs: number;
  readonly contentHash: string;
  readonly body: Buffer;
}

/** The same as `READ_HEADERS` of integrations/ports.ts, which this folder may not import; a test holds them together. */
export const HEADERS_OF_A_READ: Readonly<Record<string, string>> = { 'x-booksync-origin': 'read' };

/**
 * What a read is against the one before it.
 * `first`: none before. `heard`: the source pushed something since, which may explain what changed, or be contradicted by what did not.
 * `changed`: the source changed it and told nobody. `same`: nothing new, or older than what is remembered.
 */
export type ReadNews = 'first' | 'heard' | 'changed' | 'same';

// A webhook counts from when it had been taken on, not from when it came: until then the booking did not show it.
// The minute is for clocks: the read's is this process's, the webhook's the database's.
const HEARD_SINCE = `EXISTS (
    SELECT 1 FROM (
      SELECT e.delivery_id FROM booking_alias a JOIN booking_event e ON e.booking_id = a.booking_id
        WHERE a.connection = known.connection AND a.uid = known.uid
      UNION ALL SELECT e.delivery_id FROM participation p JOIN booking_event e ON e.booking_id = p.booking_id
        WHERE p.connection = known.connection AND p.uid = known.uid
      UNION ALL SELECT s.delivery_id FROM slot_fact s WHERE s.connection = known.connection AND s.uid = known.uid
    ) heard
    JOIN delivery d ON d.id = heard.delivery_id
    WHERE d.origin = 'webhook'
      AND greatest(d.received_at, coalesce(d.settled_at, 'infinity')) > known.read_at - interval '1 minute')`;

/** Uid → what its read is against the one before. One statement, however many reads. */
export async function newsOf(
  db: Db,
  connection: string,
  reads: readonly StorableRead[],
): Promise<ReadonlyMap<string, ReadNews>> {
  const { rows } = await db.query<{ uid: string; news: ReadNews }>(
    `SELECT given.uid, CASE
       WHEN known.uid IS NULL THEN 'first'
       WHEN known.read_at >= given.read_at THEN 'same'
       WHEN ${HEARD_SINCE} THEN 'heard'
       WHEN known.content_hash <> given.content_hash THEN 'changed'
       ELSE 'same' END AS news
     FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS given (uid, content_hash, read_at)
     LEFT JOIN source_read known ON known.connection = $1 AND known.uid = given.uid`,
    [
      connection,
      reads.map((read) => read.uid),
      reads.map((read) => read.contentHash),
      reads.map((read) => new Date(read.readAtMs)),
    ],
  );
  return new Map(rows.map((row) => [row.uid, row.news]));
}

/**
 * Puts a read into the inbox, as a delivery that the dispatcher takes on like a webhook, unless it brings no news (see `ReadNews`).
 * Returns whether it was put there. Harmless to repeat. In a transaction, the dispatcher is woken when that commits.
 */
export async function feedRead(
  tx: Db,
  vault: Vault,
  feed: {
    readonly connection: string;
    readonly read: StorableRead;
    readonly origin: 'poll' | 'lookup';
    /** When it counts as received, epoch ms. */
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { connection, read, origin } = feed;
  const id = randomUUID();
  const { sealedBody, wrappedKey } = vault.sealDelivery(id, read.body);
  // The instant of the read is part of the key: a source that goes from A to B and back to A has said three things.
  const dedupeKey = dedupeKeyOf(`read/${read.uid}/${read.readAtMs}`, read.body);
  const { rowCount } = await tx.query(
    `WITH remembered AS (
       INSERT INTO source_read AS known (connection, uid, content_hash, read_at) VALUES ($2, $3, $4, $5)
       ON CONFLICT (connection, uid) DO UPDATE
         SET content_hash = excluded.content_hash, read_at = excluded.read_at, missing_since = NULL
         WHERE known.read_at < excluded.read_at
           AND (known.content_hash <> excluded.content_hash OR ${HEARD_SINCE})
       RETURNING uid
     ), fed AS (
       INSERT INTO delivery (id, connection, dedupe_key, received_at, headers, sealed_body, wrapped_key, origin)
       SELECT $1, $2, $6, $7, $8::jsonb, $9, $10, $11 FROM remembered
       ON CONFLICT (connection, dedupe_key) DO NOTHING RETURNING connection
     )
     SELECT pg_notify('delivery', connection) FROM fed`,
    [
      ...[id, connection, read.uid, read.contentHash, new Date(read.readAtMs)],
      ...[dedupeKey, new Date(feed.nowMs), JSON.stringify(HEADERS_OF_A_READ), sealedBody, wrappedKey, origin],
    ],
  );
  return rowCount === 1;
}

/** The booking shows already what was read: only the read is remembered. An older one than the known is not. */
export async function rememberRead(db: Db, connection: string, read: StorableRead): Promise<void> {
  await db.query(
    `INSERT INTO source_read AS known (connection, uid, content_hash, read_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (connection, uid) DO UPDATE
       SET content_hash = excluded.content_hash, read_at = excluded.read_at, missing_since = NULL
       WHERE known.read_at < excluded.read_at`,
    [connection, read.uid, read.contentHash, new Date(read.readAtMs)],
  );
}

/** The newest picture of the one booking that is known by this uid. Null: none is, or several guests share the uid. */
export async function readPictureOf(db: Db, connection: string, uid: string): Promise<Picture | null> {
  const { rows } = await db.query<{ picture: Picture | null }>(
    `SELECT booking.picture FROM booking_alias JOIN booking ON booking.id = booking_alias.booking_id
     WHERE booking_alias.connection = $1 AND booking_alias.uid = $2
       AND NOT EXISTS (SELECT 1 FROM participation WHERE participation.connection = $1 AND participation.uid = $2)`,
    [connection, uid],
  );
  return rows[0]?.picture ?? null;
}
