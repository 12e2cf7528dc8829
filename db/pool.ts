/**
 * Connections to PostgreSQL.
 * Invariant: nothing here depends on session state (no SET, no LISTEN; prepared statements only where the URL allows them), so a
 * transaction pooler may stand between; a broken connection never ends the process.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { mayPrepare, prepareStatements } from './prepared-statements';

/** What a query function needs: a pool (every statement by itself) or the client of a transaction. */
export interface Db {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 30_000;
const DEFAULT_MAX = 10;

/** int8 as number where that is exact; beyond 2^53 it stays the text that PostgreSQL sent, never a rounded number. */
function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(oid, format),
};

/**
 * Opens lazily; the first query connects. int8 comes back as number, timestamptz as Date.
 * TLS follows `sslmode` of the URL (`require` verifies the certificate, `no-verify` does not; `sslrootcert` names a CA file).
 * A query that gets no answer within 30 s fails, and its connection is dropped. `?pgbouncer=true`: no statement is prepared.
 */
export function createPool(databaseUrl: string, options: { max?: number; applicationName?: string } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: options.max ?? DEFAULT_MAX,
    application_name: options.applicationName ?? 'booksync',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    // Statements of a transaction that do not wait for each other share a round trip.
    pipeline: true,
    types,
    stream: () => new GatheringSocket(),
  });
  // Without a listener, a connection that dies (idle or in use) would end the process. Its user gets the rejection; the pool replaces it.
  const survive = (): void => undefined;
  pool.on('error', survive);
  const prepares = mayPrepare(databaseUrl);
  pool.on('connect', (client) => {
    client.on('error', survive);
    if (prepares) prepareStatements(client);
  });
  return pool;
}

/**
 * Sends what is written in one turn in one piece. The driver corks the stream around every statement, which would make
 * each of several that are sent together a packet, and a wake-up of the server, of its own.
 */
class GatheringSocket extends Socket {
  private gathering = false;

  override cork(): void {
    if (this.gathering) return;
    this.gathering = true;
    super.cork();
    process.nextTick(() => {
      this.gathering = false;
      super.uncork();
    });
  }

  /** The end of the turn does it. */
  override uncork(): void {}
}

/**
 * Statements that do not wait for each other, on one connection: sent together, run one after the other in the order of the
 * calls, each committed by itself. Where `work` throws, the connection is dropped, and what is still under way fails with it.
 */
export async function together<T>(pool: pg.Pool, work: (db: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    const result = await work(client);
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}

/** SQLSTATE of an error that PostgreSQL itself reported; null for anything else (socket errors, timeouts, our own). */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof pg.DatabaseError && error.code !== undefined ? error.code : null;
}

// Local to the transaction, so they are safe behind a transaction pooler. They end the locks of a process that hangs.
const BEGIN = `BEGIN; SET LOCAL statement_timeout = ${QUERY_TIMEOUT_MS}; SET LOCAL idle_in_transaction_session_timeout = 60000`;

/**
 * Runs `work` in one transaction (read committed): committed when it resolves, rolled back when it throws; the error is passed on.
 * Throws too when `work` swallowed the error of a statement, because PostgreSQL then turns the COMMIT into a ROLLBACK.
 * Statements run one after the other in the order of the calls, each on what the ones before it left; those that `work` does not
 * wait for (`Promise.all`) are sent together. After the end nothing more is sent: what a failure left under way is refused.
 */
export async function withTransaction<T>(pool: pg.Pool, work: (tx: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let ended = false;
  const tx: Db = {
    query: (text, values) => (ended ? Promise.reject(new TransactionEndedError()) : client.query(text, values)),
  };
  let broken: Error | undefined;
  try {
    // The first statements of the work go out with it.
    const begun = client.query(BEGIN);
    const [result] = await Promise.all([work(tx), begun]);
    ended = true;
    const end = await client.query('COMMIT');
    if (end.command !== 'COMMIT') {
      throw new Error(
        'The transaction was rolled back although its work reported success: it swallowed the error of a statement.',
      );
    }
    return result;
  } catch (error) {
    ended = true;
    broken = await rollBack(client, error);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A statement came after its transaction had ended; it would have run outside of it. */
class TransactionEndedError extends Error {
  override readonly name = 'TransactionEndedError';
  constructor() {
    super('The transaction has ended: wait for all of its statements before it is left.');
  }
}

/** The error that makes the client unusable, or undefined when the rollback worked and it may serve again. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  // A statement without an answer still occupies the connection: a ROLLBACK would only queue behind it.
  if (cause instanceof Error && cause.message === 'Query read timeout') return cause;
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('ROLLBACK failed');
  }
}
