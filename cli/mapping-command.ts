/** `booksync mapping` with the real database and Temporal, printing to standard output. */
import { loadConfig } from '../config/config';
import { readEnvironment } from '../config/environment';
import { connectTemporalClient } from '../config/temporal';
import { createPool } from '../db/pool';
import { bookingStart, wakeSignal } from '../workflows/contract';
import { mapping, type MappingOptions } from './mapping';

/** Returns whether it was applied, where that was asked for. */
export async function mappingCommand(options: MappingOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  const environment = readEnvironment(env);
  if (environment.databaseUrl === null)
    throw new Error('DATABASE_URL is not set; expected the address of the PostgreSQL that API and worker share');
  const config = loadConfig(environment.configPath ?? 'booksync.example.yaml', env);
  const pool = createPool(environment.databaseUrl, { applicationName: 'booksync-mapping', max: 2 });
  const client = options.apply && options.yes === true ? await connectTemporalClient(environment) : null;
  try {
    return await mapping(options, {
      ...{ pool, config, tell: (line) => void process.stdout.write(`${line}\n`) },
      wake: async (bookingId) => {
        const signal = { signal: wakeSignal.name, signalArgs: [{ reason: 'sweep' }] };
        await client?.workflow.signalWithStart('booking', { ...bookingStart(bookingId), ...signal });
      },
    });
  } finally {
    await client?.connection.close();
    await pool.end();
  }
}
