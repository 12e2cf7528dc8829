/**
 * Statements that PostgreSQL plans once per connection instead of at every call: planning a booking's page takes ten times as
 * long as running it. Invariant: a text keeps its name for the life of the process, and what is sent once is not kept.
 */
import type pg from 'pg';

/** Far more than there are statements in this project: a text that is made anew for each call can't fill the server's memory. */
const MOST_NAMES = 1_000;

/** Null: sent once. */
const names = new Map<string, string | null>();
let made = 0;

/**
 * Does the URL lead to PostgreSQL itself? A transaction pooler that keeps no prepared statements (PgBouncer before 1.21, or with
 * `max_prepared_statements = 0`) is announced by `?pgbouncer=true`, as with other libraries.
 */
export function mayPrepare(databaseUrl: string): boolean {
  return new URL(databaseUrl).searchParams.get('pgbouncer') !== 'true';
}

/** From now on, statements with values are prepared on this connection from their second use on. */
export function prepareStatements(client: pg.PoolClient): void {
  const send = client.query.bind(client) as (...given: readonly unknown[]) => unknown;
  const query = (text: unknown, values: unknown, ...rest: readonly unknown[]): unknown => {
    const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : null;
    return name === null ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  };
  client.query = query as typeof client.query;
}

/** The server's complaint about a missing statement quotes its name, so the name says what to do. At most 63 characters. */
function nameOf(text: string): string | null {
  const known = names.get(text);
  if (typeof known === 'string') return known;
  if (names.size >= MOST_NAMES && known === undefined) return null;
  const name = known === undefined ? null : `${(made += 1)}: behind a pooler, DATABASE_URL needs ?pgbouncer=true`;
  names.set(text, name);
  return name;
}
