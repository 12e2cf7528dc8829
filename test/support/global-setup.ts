/**
 * Before the first test: one PostgreSQL for the whole run with a migrated template database, and the workflows bundled once.
 * Tests find both through the environment (see postgres.ts and temporal.ts here).
 */
import path from 'node:path';
import { migrate } from '../../db/migrate';
import { Part } from '../../local/part';
import { freePort } from '../../local/ports';
import {
  ensureDatabase,
  initialisePostgres,
  postgresPart,
  postgresUrl,
  type PostgresOptions,
} from '../../local/postgres';
import { claimDataDir, ProcessRegister } from '../../local/processes';
import { workflowBundleFile } from '../../local/workflow-bundle';
import { makeTestDirectory, sweepTestDirectories } from './directories';
import { TEMPLATE_DATABASE } from './template-database';
import { tearDownWith } from './global-teardown';

/** The part of Jest's configuration that is used here: the paths that were named on the command line. */
interface JestConfig {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

export default async function globalSetup(config: JestConfig): Promise<void> {
  process.env.TZ = 'UTC';
  if (runsOnlyPureTests(config.testPathPatterns.patterns)) return;
  await sweepTestDirectories();
  const directory = makeTestDirectory();
  claimDataDir(directory);
  process.env.BOOKSYNC_TEST_DIR = directory;
  const [, bundle] = await Promise.all([startPostgres(directory), workflowBundleFile()]);
  process.env.BOOKSYNC_TEST_BUNDLE = bundle;
}

/** Named files that are all pure need neither; `npx jest test/domain/fold.test.ts` then starts at once. */
function runsOnlyPureTests(named: readonly string[]): boolean {
  const isPure = (name: string): boolean =>
    name.endsWith('.test.ts') && !/\.(db|wf|e2e|replay|crash)\.test\.ts$/.test(name);
  return named.length > 0 && named.every(isPure);
}

async function startPostgres(dataDir: string): Promise<void> {
  const options: PostgresOptions = {
    directory: path.join(dataDir, 'postgres'),
    port: await freePort(),
    durable: false,
  };
  await initialisePostgres(options);
  const part = new Part(postgresPart(options), { dataDir, register: new ProcessRegister(dataDir) });
  tearDownWith(() => part.kill9());
  await part.start();
  await ensureDatabase(options, TEMPLATE_DATABASE);
  await migrate(postgresUrl(options, TEMPLATE_DATABASE));
  process.env.BOOKSYNC_TEST_POSTGRES = postgresUrl(options, 'postgres');
}
