/**
 * `booksync connect`: a link with which the owner of an account connects it.
 * Invariant: the link is good once and for ten minutes; only its hash is stored.
 */
import { loadConfig } from '../config/config';
import { readEnvironment } from '../config/environment';
import { makeConnectSecret } from '../db/connect-secrets';
import { createPool } from '../db/pool';
import { connectorOf } from '../integrations/registry';

/** Throws a sentence that says what is missing. */
export async function connect(connection: string, env: NodeJS.ProcessEnv): Promise<string> {
  const environment = readEnvironment(env);
  const config = loadConfig(environment.configPath ?? 'booksync.example.yaml', env);
  const settings = config.connections[connection];
  if (settings === undefined || connectorOf(settings) === null) {
    const known = Object.entries(config.connections).flatMap(([id, one]) => (connectorOf(one) === null ? [] : [id]));
    throw new Error(
      `No connection of that name is connected with OAuth. Expected one of: ${known.join(', ') || 'none, give one "oauth" with clientId and clientSecret'}.`,
    );
  }
  if (config.publicUrl === null) throw new Error('"publicUrl" is not set; expected where browsers reach the API.');
  if (environment.databaseUrl === null) throw new Error('DATABASE_URL is not set: the link is kept in the database.');
  const pool = createPool(environment.databaseUrl, { applicationName: 'booksync-connect' });
  try {
    const secret = await makeConnectSecret(pool, { kind: 'link', connection, nowMs: Date.now() });
    return `${config.publicUrl.replace(/\/+$/, '')}/connect/${connection}?link=${secret}`;
  } finally {
    await pool.end();
  }
}
