/**
 * Stores deliveries in micro-batches: what arrives while statements are under way shares the next one.
 * Invariant: a promise of `store` resolves only after its row is committed; a bad row never harms its neighbours.
 */
import { randomUUID } from 'node:crypto';
import { types } from 'node:util';
import { sqlStateOf, type Db } from './pool';
import type { Vault } from './vault';

export interface NewDelivery {
  readonly connection: string;
  readonly dedupeKey: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface StoredDelivery {
  /** For a duplicate: the id of the delivery that was there first. */
  readonly id: string;
  readonly status: 'stored' | 'duplicate';
}

export interface DeliveryWriter {
  /** Throws `StoreUnavailableError` or `DeliveryRefusedError`. */
  store(delivery: NewDelivery): Promise<StoredDelivery>;
  /** Resolves when everything accepted is settled; later calls of `store` are refused. */
  close(): Promise<void>;
}

/** The delivery may or may not be stored: the source has to send it again. The message names a code, never content. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** PostgreSQL refuses this very row, and would again. The message names the SQLSTATE, never content. */
export class DeliveryRefusedError extends Error {
  override readonly name = 'DeliveryRefusedError';
}

export interface DeliveryWriterOptions {
  readonly pool: Db;
  readonly vault: Vault;
  /** Rows per statement. */
  readonly maxBatch?: number;
  /** Statements at a time. */
  readonly maxInFlight?: number;
  /** Deliveries that may wait in memory; beyond, `store` refuses at once instead of filling the heap. */
  readonly maxWaiting?: number;
  /** Epoch ms for `received_at`; without it the database's clock, which all writers share. */
  readonly now?: () => number;
}

interface Entry {
  readonly id: string;
  readonly delivery: NewDelivery;
  readonly sealedBody: Buffer;
  readonly wrappedKey: Buffer;
  readonly receivedAt: Date | null;
  readonly resolve: (stored: StoredDelivery) => void;
  readonly reject: (error: Error) => void;
}

export function createDeliveryWriter(options: DeliveryWriterOptions): DeliveryWriter {
  return new BatchingWriter(options);
}

class BatchingWriter implements DeliveryWriter {
  private readonly waiting: Entry[] = [];
  private readonly maxBatch: number;
  private readonly maxInFlight: number;
  private readonly maxWaiting: number;
  private inFlight = 0;
  private scheduled = false;
  private closed = false;
  private onIdle: (() => void)[] = [];

  constructor(private readonly options: DeliveryWriterOptions) {
    this.maxBatch = options.maxBatch ?? 256;
    this.maxInFlight = options.maxInFlight ?? 2;
    this.maxWaiting = options.maxWaiting ?? 10_000;
  }

  store(delivery: NewDelivery): Promise<StoredDelivery> {
    if (this.closed) return Promise.reject(new StoreUnavailableError('The delivery writer is closed.'));
    if (this.waiting.length >= this.maxWaiting) {
      return Promise.reject(
        new StoreUnavailableError(`${this.maxWaiting} deliveries wait already; the database does not keep up.`),
      );
    }
    const id = randomUUID();
    const { sealedBody, wrappedKey } = this.options.vault.sealDelivery(id, delivery.body);
    const receivedAt = this.options.now === undefined ? null : new Date(this.options.now());
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, delivery, sealedBody, wrappedKey, receivedAt, resolve, reject });
      this.schedule();
    });
  }

  close(): Promise<void> {
    this.closed = true;
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.onIdle.push(resolve));
  }

  private isIdle(): boolean {
    return this.waiting.length === 0 && this.inFlight === 0;
  }

  /** Starts at the end of this turn of the event loop, so that requests read in one turn share a statement. */
  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.maxInFlight || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.start();
    });
  }

  private start(): void {
    const batch = this.waiting.splice(0, this.maxBatch);
    if (batch.length === 0) return;
    this.inFlight += 1;
    void this.write(batch).finally(() => {
      this.inFlight -= 1;
      this.schedule();
      if (this.isIdle()) for (const resolve of this.onIdle.splice(0)) resolve();
    });
    this.schedule();
  }

  /** Settles every entry and never rejects. A statement that a row spoils is repeated in halves until that row is alone. */
  private async write(entries: readonly Entry[]): Promise<void> {
    try {
      settle(entries, await insertDeliveries(this.options.pool, entries));
    } catch (error) {
      const state = sqlStateOf(error);
      if (state === null || !REPEAT_IN_PARTS.has(state.slice(0, 2))) {
        return rejectAll(
          entries,
          new StoreUnavailableError(`The database did not store the delivery (${codeOf(error)}).`),
        );
      }
      if (entries.length === 1) {
        return rejectAll(entries, new DeliveryRefusedError(`The database refuses the delivery (SQLSTATE ${state}).`));
      }
      const middle = Math.ceil(entries.length / 2);
      await this.write(entries.slice(0, middle));
      await this.write(entries.slice(middle));
    }
  }
}

/** Classes of SQLSTATE that one row can cause: data exception, integrity violation. */
const REPEAT_IN_PARTS: ReadonlySet<string> = new Set(['22', '23']);

function codeOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function rejectAll(entries: readonly Entry[], error: Error): void {
  for (const entry of entries) entry.reject(error);
}

const keyOf = (connection: string, dedupeKey: Buffer): string => `${connection}/${dedupeKey.toString('base64')}`;

/** The first entry of a key is what was stored, unless the row was there already; the others repeat it. */
function settle(entries: readonly Entry[], idByKey: ReadonlyMap<string, string>): void {
  for (const entry of entries) {
    const id = idByKey.get(keyOf(entry.delivery.connection, entry.delivery.dedupeKey));
    if (id === undefined) entry.reject(new StoreUnavailableError('The database did not confirm the delivery.'));
    else entry.resolve({ id, status: id === entry.id ? 'stored' : 'duplicate' });
  }
}

// - Rows are written in the order of their keys: writers that meet the same keys wait for each other instead of deadlocking.
//   Their `seq` and time still follow arrival, because `incoming` is computed first, in the order of the arrays.
// - An existing row keeps everything but `repeats`.
// - Waking the dispatcher costs nothing extra here; a notification that is lost is made good by its polling.
const INSERT = `
  WITH incoming AS MATERIALIZED (
    SELECT t.*, nextval(pg_get_serial_sequence('delivery', 'seq')) AS seq, clock_timestamp() AS stored_at
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::bytea[], $7::int[], $8::timestamptz[])
      AS t (id, connection, dedupe_key, headers, sealed_body, wrapped_key, repeats, received_at)
  ), written AS (
    INSERT INTO delivery AS there (id, seq, connection, dedupe_key, received_at, headers, sealed_body, wrapped_key, repeats)
    OVERRIDING SYSTEM VALUE
    SELECT id, seq, connection, dedupe_key, coalesce(received_at, stored_at), headers::jsonb, sealed_body, wrapped_key, repeats
    FROM incoming ORDER BY connection, dedupe_key
    ON CONFLICT (connection, dedupe_key) DO UPDATE SET repeats = there.repeats + excluded.repeats + 1
    RETURNING id, connection, dedupe_key
  )
  SELECT written.id, written.connection, written.dedupe_key,
    CASE WHEN incoming.id IS NOT NULL THEN pg_notify('delivery', written.connection) END AS notified
  FROM written LEFT JOIN incoming ON incoming.id = written.id`;

/** One statement. Returns connection and key → id of the row that is there now. */
async function insertDeliveries(db: Db, entries: readonly Entry[]): Promise<Map<string, string>> {
  // One statement can't touch a row twice, so equal keys go in as one row that counts its repeats.
  const groups = new Map<string, { first: Entry; repeats: number }>();
  for (const entry of entries) {
    const key = keyOf(entry.delivery.connection, entry.delivery.dedupeKey);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: entry, repeats: 0 });
    else group.repeats += 1;
  }
  const rows = [...groups.values()];
  const column = <T>(read: (entry: Entry) => T): T[] => rows.map((row) => read(row.first));
  const result = await db.query<{ id: string; connection: string; dedupe_key: Buffer }>(INSERT, [
    column((entry) => entry.id),
    column((entry) => entry.delivery.connection),
    column((entry) => entry.delivery.dedupeKey),
    column((entry) => JSON.stringify(entry.delivery.headers)),
    column((entry) => entry.sealedBody),
    column((entry) => entry.wrappedKey),
    rows.map((row) => row.repeats),
    column((entry) => entry.receivedAt),
  ]);
  return new Map(result.rows.map((row) => [keyOf(row.connection, row.dedupe_key), row.id]));
}
