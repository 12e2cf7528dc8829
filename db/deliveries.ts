/**
 * Deliveries: what sources sent, as it came, and what became of each.
 * Invariant: only a delivery in state `stored` waits for the dispatcher; settling one that is settled already changes nothing.
 */
import { createHash } from 'node:crypto';
import type { Db } from './pool';
import { ErasedError, type Vault } from './vault';

export {
  createDeliveryWriter,
  DeliveryRefusedError,
  StoreUnavailableError,
  type DeliveryWriter,
  type NewDelivery,
} from './delivery-writer';

export const DELIVERY_STATES = ['stored', 'done', 'ignored', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Same provider id and same bytes: the same delivery. Providers without ids are told apart by their bytes alone. */
export function dedupeKeyOf(providerDeliveryId: string | null, body: Buffer): Buffer {
  const bodyHash = createHash('sha256').update(body).digest();
  return createHash('sha256')
    .update(providerDeliveryId ?? '', 'utf8')
    .update('\0')
    .update(bodyHash)
    .digest();
}

/** A delivery to be dispatched; `vault.openDelivery(row.id, row)` gives its body. */
export interface WaitingDelivery {
  readonly id: string;
  readonly seq: number;
  readonly connection: string;
  readonly receivedAtMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly sealedBody: Buffer;
  readonly wrappedKey: Buffer;
  /** The wrapped key of the person that the body is tied to; null: tied to nobody yet, or to someone erased. */
  readonly personKey: Buffer | null;
  readonly attempts: number;
}

interface WaitingRow extends SealedRow {
  id: string;
  seq: number;
  connection: string;
  received_at: Date;
  headers: Record<string, string>;
  attempts: number;
}

interface SealedRow {
  sealed_body: Buffer;
  wrapped_key: Buffer;
  person_key: Buffer | null;
}

/** Up to `limit` deliveries of the connection that are due at `nowMs` (epoch ms), in the order in which they came. */
export async function takeWaiting(
  db: Db,
  connection: string,
  limit: number,
  nowMs: number,
): Promise<WaitingDelivery[]> {
  const { rows } = await db.query<WaitingRow>(
    `SELECT delivery.id, delivery.seq, delivery.connection, delivery.received_at, delivery.headers, delivery.sealed_body,
            delivery.wrapped_key, delivery.attempts, person.wrapped_key AS person_key
     FROM delivery LEFT JOIN person ON person.id = delivery.key_person_id
     WHERE delivery.connection = $1 AND delivery.state = 'stored' AND delivery.next_attempt_at <= $3
     ORDER BY delivery.seq LIMIT $2`,
    [connection, limit, new Date(nowMs)],
  );
  return rows.map((row) => ({
    id: row.id,
    seq: row.seq,
    connection: row.connection,
    receivedAtMs: row.received_at.getTime(),
    headers: row.headers,
    sealedBody: row.sealed_body,
    wrappedKey: row.wrapped_key,
    personKey: row.person_key,
    attempts: row.attempts,
  }));
}

/** Temporal has accepted everything that it brought. `factIds`: the facts that it brought or repeats. */
export async function markDone(
  db: Db,
  id: string,
  result: { readonly trigger: string; readonly factIds: readonly string[]; readonly reason?: string },
): Promise<void> {
  await settle(db, id, {
    state: 'done',
    trigger: result.trigger,
    factIds: result.factIds,
    reason: result.reason ?? null,
  });
}

/** It says nothing that we act on. The reason holds no personal data. */
export async function markIgnored(
  db: Db,
  id: string,
  result: { readonly trigger: string; readonly reason: string },
): Promise<void> {
  await settle(db, id, { state: 'ignored', trigger: result.trigger, factIds: [], reason: result.reason });
}

/** It can't be understood or placed; a person may replay it. The reason holds no personal data. */
export async function markDead(
  db: Db,
  id: string,
  result: { readonly trigger: string | null; readonly reason: string },
): Promise<void> {
  await settle(db, id, { state: 'dead', trigger: result.trigger, factIds: [], reason: result.reason });
}

interface Settlement {
  readonly state: Exclude<DeliveryState, 'stored'>;
  readonly trigger: string | null;
  readonly factIds: readonly string[];
  readonly reason: string | null;
}

async function settle(db: Db, id: string, settlement: Settlement): Promise<void> {
  await db.query(
    `UPDATE delivery SET state = $2, trigger = $3, fact_ids = $4, reason = $5, settled_at = clock_timestamp()
     WHERE id = $1 AND state = 'stored'`,
    [id, settlement.state, settlement.trigger, settlement.factIds, settlement.reason],
  );
}

/** Not now: counts an attempt and waits until `untilMs` (epoch ms). The reason holds no personal data. */
export async function postpone(
  db: Db,
  id: string,
  wait: { readonly untilMs: number; readonly reason: string },
): Promise<void> {
  await db.query(
    `UPDATE delivery SET attempts = attempts + 1, next_attempt_at = $2, reason = $3 WHERE id = $1 AND state = 'stored'`,
    [id, new Date(wait.untilMs), wait.reason],
  );
}

/**
 * From now on the body opens only with this person's key, and is gone when they are erased. Repeating it changes nothing; a body that
 * is tied to another person moves over. Throws `ErasedError` when a key that it needs is gone.
 */
export async function tieToPerson(tx: Db, vault: Vault, id: string, personId: string): Promise<void> {
  const { rows } = await tx.query<{
    wrapped_key: Buffer;
    key_person_id: string | null;
    tied_key: Buffer | null;
    person_key: Buffer | null;
  }>(
    `SELECT delivery.wrapped_key, delivery.key_person_id, tied.wrapped_key AS tied_key, person.wrapped_key AS person_key
     FROM delivery LEFT JOIN person AS tied ON tied.id = delivery.key_person_id LEFT JOIN person ON person.id = $2
     WHERE delivery.id = $1 FOR UPDATE OF delivery`,
    [id, personId],
  );
  const row = rows[0];
  if (row === undefined || row.key_person_id === personId) return;
  const wrappedKey = vault.rewrapForPerson(row.wrapped_key, row.person_key, id, row.tied_key);
  await tx.query('UPDATE delivery SET wrapped_key = $2, key_person_id = $3 WHERE id = $1', [id, wrappedKey, personId]);
}

/** A delivery as lists show it: no content. */
export interface DeliverySummary {
  readonly id: string;
  readonly connection: string;
  readonly state: DeliveryState;
  readonly receivedAtMs: number;
  readonly settledAtMs: number | null;
  readonly trigger: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly repeats: number;
  readonly factIds: readonly string[];
}

interface SummaryRow {
  id: string;
  seq: number;
  connection: string;
  state: DeliveryState;
  received_at: Date;
  settled_at: Date | null;
  trigger: string | null;
  reason: string | null;
  attempts: number;
  repeats: number;
  fact_ids: string[];
}

const SUMMARY_COLUMNS = [
  'id',
  'seq',
  'connection',
  'state',
  'received_at',
  'settled_at',
  'trigger',
  'reason',
  'attempts',
  'repeats',
  'fact_ids',
]
  .map((column) => `delivery.${column}`)
  .join(', ');

/** Newest first. `cursor` is the `nextCursor` of the page before; one that is not from here gives the first page. */
export async function listDeliveries(
  db: Db,
  page: { readonly state?: DeliveryState; readonly cursor?: string; readonly limit: number },
): Promise<{ deliveries: DeliverySummary[]; nextCursor: string | null }> {
  const before = page.cursor !== undefined && /^\d{1,15}$/.test(page.cursor) ? Number(page.cursor) : null;
  const { rows } = await db.query<SummaryRow>(
    `SELECT ${SUMMARY_COLUMNS} FROM delivery
     WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR seq < $2) ORDER BY seq DESC LIMIT $3`,
    [page.state ?? null, before, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    deliveries: shown.map(summaryOf),
    nextCursor: rows.length > page.limit && last !== undefined ? String(last.seq) : null,
  };
}

/** One delivery with its body; the body is null when its person was erased. Null: no such delivery. */
export async function readDelivery(
  db: Db,
  vault: Vault,
  id: string,
): Promise<
  (DeliverySummary & { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer | null }) | null
> {
  const { rows } = await db.query<SummaryRow & SealedRow & { headers: Record<string, string> }>(
    `SELECT ${SUMMARY_COLUMNS}, delivery.headers, delivery.sealed_body, delivery.wrapped_key, person.wrapped_key AS person_key
     FROM delivery LEFT JOIN person ON person.id = delivery.key_person_id WHERE delivery.id = $1`,
    [id],
  );
  const row = rows[0];
  return row === undefined ? null : { ...summaryOf(row), headers: row.headers, body: openBody(vault, id, row) };
}

function openBody(vault: Vault, id: string, row: SealedRow): Buffer | null {
  try {
    return vault.openDelivery(id, {
      sealedBody: row.sealed_body,
      wrappedKey: row.wrapped_key,
      personKey: row.person_key,
    });
  } catch (error) {
    if (error instanceof ErasedError) return null;
    throw error;
  }
}

/** Back to the dispatcher, with its attempts forgotten. Its facts are known by their delivery, so nothing happens twice. False: it waits already, or there is none. */
export async function replayDelivery(db: Db, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH replayed AS (
       UPDATE delivery SET state = 'stored', attempts = 0, next_attempt_at = '-infinity', reason = NULL, settled_at = NULL
       WHERE id = $1 AND state <> 'stored' RETURNING connection
     )
     SELECT pg_notify('delivery', connection) FROM replayed`,
    [id],
  );
  return rowCount === 1;
}

function summaryOf(row: SummaryRow): DeliverySummary {
  return {
    id: row.id,
    connection: row.connection,
    state: row.state,
    receivedAtMs: row.received_at.getTime(),
    settledAtMs: row.settled_at === null ? null : row.settled_at.getTime(),
    trigger: row.trigger,
    reason: row.reason,
    attempts: row.attempts,
    repeats: row.repeats,
    factIds: row.fact_ids,
  };
}
