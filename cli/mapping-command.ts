/** `booksync mapping` with the real database and Temporal, printing to standard output. */
import type { Pool } from 'pg';
import { loadConfig, type Config } from '../config/config';
import { readEnvironment, type Environment } from '../config/environment';
import { connectTemporalClient } from '../config/temporal';
import { tokenStore } from '../db/credentials';
import { createPool } from '../db/pool';
import { openVault, parseMasterKeys } from '../db/vault';
import type { Crm } from '../integrations/ports';
import { crmOf } from '../integrations/registry';
import { bookingStart, wakeSignal } from '../workflows/contract';
import { mapping, type MappingOptions } from './mapping';

/** Returns whether it was applied, where that was asked for. */
export async function mappingCommand(options: MappingOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  const environment = readEnvironment(env);
  if (environment.databaseUrl === null)
    throw new Error('DATABASE_URL is not set; expected the address of the PostgreSQL that API and worker share');
  const config = loadConfig(environment.configPath ?? 'booksync.example.yaml', env);
  const pool = createPool(environment.databaseUrl, { applicationName: 'booksync-mapping', max: 2 });
  const crm = options.live ? await crmsOf(environment, config, pool) : null;
  const client = options.apply && options.yes === true ? await connectTemporalClient(environment) : null;
  try {
    return await mapping(options, {
      pool,
      config,
      tell: (line) => void process.stdout.write(`${line}\n`),
      ...(crm && { crm }),
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

/** The CRMs with the tokens that the database keeps. Throws where those can't be opened. */
async function crmsOf({ masterKey }: Environment, { connections }: Config, pool: Pool): Promise<(id: string) => Crm> {
  if (masterKey === null)
    throw new Error(
      'BOOKSYNC_MASTER_KEY is not set; expected the key of API and worker: --live needs the tokens that it seals',
    );
  const vault = await openVault(pool, parseMasterKeys(masterKey));
  return (id) => {
    const settings = connections[id];
    if (settings === undefined) throw new Error(`No connection is called "${id}"`);
    return crmOf(id, settings, tokenStore({ pool, vault }, id));
  };
}
