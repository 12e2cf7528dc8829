/**
 * Before the first test: one PostgreSQL for the whole run with a migrated template database, and the workflows bundled once.
 * Tests find both through the environment (see postgres.ts and temporal.ts here).
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
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
import { projectRoot } from '../../local/programs';
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
  await Promise.all([startPostgres(directory), bundleWorkflows(directory)]);
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

async function bundleWorkflows(directory: string): Promise<void> {
  const workflowsPath = path.join(projectRoot, 'workflows/index.ts');
  if (!existsSync(workflowsPath)) return;
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  const file = path.join(directory, 'bundle', 'workflows.js');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code);
  process.env.BOOKSYNC_TEST_BUNDLE = file;
}
