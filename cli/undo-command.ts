/** `booksync undo` with the real database and Temporal, printing to standard output. */
import { readEnvironment } from '../config/environment';
import { connectTemporalClient } from '../config/temporal';
import { createPool } from '../db/pool';
import { undo, type UndoOptions } from './undo';

/** Returns whether everything that was asked for is, or would be, as it was before. */
export async function undoCommand(options: UndoOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  const environment = readEnvironment(env);
  if (environment.databaseUrl === null)
    throw new Error('DATABASE_URL is not set; expected the address of the PostgreSQL that API and worker share');
  const pool = createPool(environment.databaseUrl, { applicationName: 'booksync-undo', max: 2 });
  let client: Awaited<ReturnType<typeof connectTemporalClient>> | null = null;
  try {
    return await undo(options, {
      pool,
      nowMs: Date.now,
      tell: (line) => void process.stdout.write(`${line}\n`),
      client: async () => (client = await connectTemporalClient(environment)),
    });
  } finally {
    await (client as Awaited<ReturnType<typeof connectTemporalClient>> | null)?.connection.close();
    await pool.end();
  }
}
