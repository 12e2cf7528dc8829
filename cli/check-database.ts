/** Is the database there, migrated, and sealed by a master key that we have? Invariant: changes nothing. */
import { pendingMigrations } from '../db/pending-migrations';
import { createPool, type Db } from '../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../db/vault';
import type { Environment } from '../config/environment';
import { codeOf, note, ok, problem, type CheckLine } from './check-line';

/** What later checks may use of it; the caller closes the pool. */
export interface CheckedDatabase {
  readonly lines: readonly CheckLine[];
  readonly storage: { readonly pool: ReturnType<typeof createPool>; readonly vault: Vault } | null;
}

const SUBJECT = 'database';
const KEY_SUBJECT = 'master key';

export async function checkDatabase(
  environment: Pick<Environment, 'databaseUrl' | 'masterKey'>,
): Promise<CheckedDatabase> {
  if (environment.databaseUrl === null) {
    const text = 'DATABASE_URL is not set; expected the address of the PostgreSQL that API and worker share';
    return { lines: [problem(SUBJECT, text)], storage: null };
  }
  const pool = createPool(environment.databaseUrl, { applicationName: 'booksync-doctor', max: 2 });
  const lines: CheckLine[] = [];
  const schemaIsThere = await checkSchema(pool, lines);
  const vault = await checkMasterKey(schemaIsThere ? pool : null, environment.masterKey, lines);
  if (vault !== null) return { lines, storage: { pool, vault } };
  await pool.end();
  return { lines, storage: null };
}

/** False: there is nothing to look into. */
async function checkSchema(db: Db, lines: CheckLine[]): Promise<boolean> {
  try {
    const pending = await pendingMigrations(db);
    if (pending.length === 0) lines.push(ok(SUBJECT, 'answers, its schema is up to date'));
    else lines.push(problem(SUBJECT, `lacks ${pending.join(', ')}; run \`booksync migrate\``));
    return pending.length === 0;
  } catch (error) {
    const remedy = 'check that PostgreSQL runs and that DATABASE_URL names its host, database, user and password';
    lines.push(problem(SUBJECT, `does not answer (${codeOf(error)}); ${remedy}`));
    return false;
  }
}

async function checkMasterKey(db: Db | null, masterKey: string | null, lines: CheckLine[]): Promise<Vault | null> {
  if (masterKey === null) {
    lines.push(
      problem(KEY_SUBJECT, 'BOOKSYNC_MASTER_KEY is not set; without it no personal data can be read or stored'),
    );
    return null;
  }
  try {
    const keys = parseMasterKeys(masterKey);
    if (db === null) return null;
    // Opening the vault of a new database would make its first key, which is not a doctor's business.
    const { rows } = await db.query('SELECT 1 FROM vault_key');
    if (rows.length === 0) {
      lines.push(note(KEY_SUBJECT, 'nothing is sealed yet; the first start of API or worker begins it with this key'));
      return null;
    }
    const vault = await openVault(db, keys);
    lines.push(ok(KEY_SUBJECT, 'opens what is stored'));
    return vault;
  } catch (error) {
    const remedy = 'expected the key that the database was sealed with, a newer one before it if it was rotated';
    lines.push(problem(KEY_SUBJECT, `BOOKSYNC_MASTER_KEY does not fit (${codeOf(error)}); ${remedy}`));
    return null;
  }
}
