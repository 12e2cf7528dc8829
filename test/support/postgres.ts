/** A migrated database of its own for every test that wants one, in the run's one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool } from '../../db/pool';
import { cleanUp } from './clean-up';
import { TEMPLATE_DATABASE } from './template-database';

export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** Happens by itself after the last test of the file. */
  drop(): Promise<void>;
}

/** A copy of the migrated, empty template: takes some 30 ms. */
export async function testDatabase(): Promise<TestDatabase> {
  return copyOf(TEMPLATE_DATABASE);
}

/** A database without any table, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return copyOf('template1');
}

async function copyOf(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = databaseUrl(name);
  const pool = createPool(url);
  let dropped: Promise<void> | undefined;
  const drop = (): Promise<void> => (dropped ??= pool.end().then(() => asAdmin(`DROP DATABASE ${name} WITH (FORCE)`)));
  cleanUp(drop);
  return { url, pool, drop };
}

/** Address of a database in the run's PostgreSQL. */
function databaseUrl(name: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return url.href;
}

function adminUrl(): string {
  const url = process.env.BOOKSYNC_TEST_POSTGRES;
  if (url !== undefined) return url;
  throw new Error(
    'No PostgreSQL was started for this run: a file that needs one is named *.db.test.ts, *.wf.test.ts or *.e2e.test.ts.',
  );
}

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
