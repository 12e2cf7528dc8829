/**
 * Entry point of the API process: webhooks, operator API, health. Any number of them may run.
 */
import { readEnvironment } from '../config/environment';
import { loadConfig } from '../config/config';
import { createLogger } from '../config/logger';
import { runApi } from './run';

async function main(): Promise<void> {
  const environment = readEnvironment();
  const log = createLogger({ name: 'api', level: environment.logLevel });
  const config = loadConfig(environment.configPath ?? 'booksync.example.yaml', process.env);
  const api = await runApi({ environment, config, log });
  process.on('SIGTERM', api.stop);
  process.on('SIGINT', api.stop);
  // Started by `npm start`: ends with it, even when that was killed.
  process.on('disconnect', () => process.exit(0));
  await api.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'The API failed'}\n`);
    process.exit(1);
  },
);
