/**
 * Entry point of the worker process: workflows, activities, dispatcher and sweep. Any number of them may run.
 */
import { loadConfig } from '../config/config';
import { readEnvironment } from '../config/environment';
import { createLogger } from '../config/logger';
import { startWorker } from './start';

async function main(): Promise<void> {
  const environment = readEnvironment();
  const log = createLogger({ name: 'worker', level: environment.logLevel });
  const config = loadConfig(environment.configPath ?? 'booksync.example.yaml', process.env);
  // Started by `npm start`: ends with it, even when that was killed.
  process.on('disconnect', () => process.exit(0));
  const worker = await startWorker({ environment, config, log });
  process.on('SIGTERM', worker.stop);
  process.on('SIGINT', worker.stop);
  await worker.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'The worker failed'}\n`);
    process.exit(1);
  },
);
