/** Which migrations a database still lacks. Invariant: it only looks; `migrate` runs them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Db } from './pool';

const MIGRATIONS_DIR = path.join(__dirname, 'migrations');

/** Names in the order in which they would run; empty when the schema is up to date. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const all = readdirSync(MIGRATIONS_DIR)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => path.basename(file, '.sql'))
    .sort();
  const { rows: tables } = await db.query<{ found: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS found`,
  );
  if (!tables[0]?.found) return all;
  const { rows } = await db.query<{ name: string }>('SELECT name FROM schema_migration');
  const ran = new Set(rows.map((row) => row.name));
  return all.filter((name) => !ran.has(name));
}
