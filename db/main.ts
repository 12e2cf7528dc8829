/** `migrate`: brings the database of DATABASE_URL to the newest schema and says what ran. */
import { readEnvironment } from '../config/environment';
import { migrate } from './migrate';

async function main(): Promise<void> {
  const { databaseUrl } = readEnvironment();
  if (databaseUrl === null)
    throw new Error('DATABASE_URL is not set. Expected the address of the PostgreSQL database to migrate.');
  const ran = await migrate(databaseUrl);
  process.stdout.write(
    ran.length === 0 ? 'The schema is up to date.\n' : `${ran.map((name) => `ran ${name}`).join('\n')}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
