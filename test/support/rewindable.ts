/**
 * One connection on which transactions are only tried: all of them happen inside an outer one that is never committed.
 * Invariant: after `rewindTo(n)` the database looks as it did after the first n transactions.
 */
import type { Pool, PoolClient } from 'pg';

export interface Rewindable {
  /** For code that opens transactions. */
  readonly pool: Pool;
  /** Undoes all but the first `count` transactions. */
  rewindTo(count: number): Promise<void>;
  /** Undoes everything and gives the connection back. */
  end(): Promise<void>;
}

/** Takes one connection of the pool until `end`. A BEGIN on it sets a savepoint, which a COMMIT leaves for a later rewind. */
export async function rewindable(from: Pool): Promise<Rewindable> {
  const client = await from.connect();
  await client.query('BEGIN');
  let begun = 0;
  const rewindTo = async (count: number): Promise<void> => {
    if (count >= begun) throw new Error(`Only ${begun} transactions began, so nothing can be rewound to ${count}`);
    begun = count;
    await client.query(`ROLLBACK TO SAVEPOINT after_${count}; RELEASE SAVEPOINT after_${count}`);
  };
  const query = (text: string, values?: unknown[]): Promise<unknown> => {
    if (text.startsWith('BEGIN')) return client.query(`SAVEPOINT after_${begun++}`);
    if (text === 'COMMIT') return Promise.resolve({ command: 'COMMIT' });
    return text === 'ROLLBACK' ? rewindTo(begun - 1) : client.query(text, values);
  };
  const connection = { query, release: () => undefined } as unknown as PoolClient;
  return {
    pool: { query, connect: () => Promise.resolve(connection) } as unknown as Pool,
    rewindTo,
    end: async () => {
      await client.query('ROLLBACK');
      client.release();
    },
  };
}
