/**
 * Brings a database to the newest schema: runs db/migrations/*.sql that have not run there yet, in the order of their numbers.
 * Invariant: all of them or none (one transaction), and of several starters at once one does the work while the others wait.
 */
import path from 'node:path';
import pg from 'pg';

const MIGRATIONS_DIR = path.join(__dirname, 'migrations');
/** Any number that nothing else in this database locks. */
const LOCK_ID = 5_271_903;
const CONNECT_TIMEOUT_MS = 10_000;

/** Returns the names of the migrations that ran now; empty when the schema is up to date. Throws when one fails; then none of them ran. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'booksync-migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    return await runPending(client);
  } finally {
    // Ends an open transaction too: it is rolled back when the connection closes.
    await client.end();
  }
}

async function runPending(client: pg.Client): Promise<string[]> {
  // node-pg-migrate is an ES module; only a dynamic import reaches it from here.
  const { runner } = await import('node-pg-migrate');
  // Its own lock belongs to the session, which a transaction pooler hands to others. This one ends with the transaction.
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_ID]);
  const done = await runner({
    dbClient: client,
    dir: MIGRATIONS_DIR,
    migrationsTable: 'schema_migration',
    direction: 'up',
    noLock: true,
    singleTransaction: true,
    // Migrations only add, each to its own subject: one that landed after a higher number runs after it.
    checkOrder: false,
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  });
  // With work to do the runner has committed already; then this is a warning of PostgreSQL and nothing more.
  await client.query('COMMIT');
  return done.map((migration) => migration.name);
}

const nothing = (): void => undefined;
