/** Transactions on a real database: all or nothing, and a lost connection harms nobody else. */
import { createPool, sqlStateOf, together, withTransaction } from '../../db/pool';
import { testDatabase, type TestDatabase } from '../support/postgres';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query('CREATE TABLE note (text text PRIMARY KEY)');
});

const notes = async (): Promise<string[]> =>
  (await database.pool.query<{ text: string }>('SELECT text FROM note ORDER BY text')).rows.map((row) => row.text);
beforeEach(() => database.pool.query('TRUNCATE note'));

test('what a failing transaction wrote is gone, and its error comes out', async () => {
  const failing = withTransaction(database.pool, async (tx) => {
    await tx.query(`INSERT INTO note VALUES ('a')`);
    throw new Error('on purpose');
  });
  await expect(failing).rejects.toThrow('on purpose');
  expect(await notes()).toEqual([]);
});

test('a transaction that swallowed the error of a statement does not pass as committed', async () => {
  const hiding = withTransaction(database.pool, async (tx) => {
    await tx.query(`INSERT INTO note VALUES ('a')`);
    await tx.query(`INSERT INTO note VALUES ('a')`).catch((error: unknown) => expect(sqlStateOf(error)).toBe('23505'));
  });
  await expect(hiding).rejects.toThrow(/swallowed/);
  expect(await notes()).toEqual([]);
});

test('statements that are sent together run in the order of the calls, each on what the ones before it left', async () => {
  const counts = await withTransaction(database.pool, async (tx) => {
    const count = (): Promise<number | undefined> =>
      tx.query<{ n: number }>('SELECT count(*) AS n FROM note').then(({ rows }) => rows[0]?.n);
    const insert = (text: string): Promise<unknown> => tx.query('INSERT INTO note VALUES ($1)', [text]);
    const [none, , one, , two] = await Promise.all([count(), insert('a'), count(), insert('b'), count()]);
    return [none, one, two];
  });
  expect(counts).toEqual([0, 1, 2]);
});

test('statements without a transaction that are sent together run in their order, and each is committed by itself', async () => {
  const insert = (text: string): string => `INSERT INTO note VALUES ('${text}')`;
  const ended = await together(database.pool, (db) =>
    Promise.allSettled([db.query(insert('a')), db.query(insert('a')), db.query(insert('b'))]),
  );
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await notes()).toEqual(['a', 'b']);
});

test('a failure that is let out drops the connection, and the next user gets a working one', async () => {
  const pool = createPool(database.url, { max: 1 });
  const failing = together(pool, (db) => Promise.all([db.query('SELECT 1/0'), db.query('SELECT pg_sleep(10)')]));
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});

test('what goes on after a sibling has failed reaches neither the database nor the next user of the connection', async () => {
  const pool = createPool(database.url, { max: 1 });
  let goOn = (): void => undefined;
  const rolledBack = new Promise<void>((resolve) => (goOn = resolve));
  let late: Promise<unknown> = Promise.resolve();
  const failing = withTransaction(pool, async (tx) => {
    late = rolledBack.then(() => tx.query(`INSERT INTO note VALUES ('late')`));
    await Promise.all([late, Promise.reject(new Error('on purpose'))]);
  });
  await expect(failing).rejects.toThrow('on purpose');
  goOn();
  await expect(late).rejects.toThrow(/transaction has ended/);
  await pool.end();
  expect(await notes()).toEqual([]);
});

test('a connection that the server ends fails its own transaction only, and the pool goes on', async () => {
  const pool = createPool(database.url, { max: 1 });
  const cut = withTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await tx.query(`INSERT INTO note VALUES ('a')`);
  });
  await expect(cut).rejects.toThrow();
  await withTransaction(pool, (tx) => tx.query(`INSERT INTO note VALUES ('b')`));
  await pool.end();
  expect(await notes()).toEqual(['b']);
});

test('int8 is a number where that is exact, and instants are dates', async () => {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `SELECT 9007199254740991::int8 AS safe, 9007199254740993::int8 AS huge, '2026-03-08T10:00:00Z'::timestamptz AS at`,
  );
  expect(rows).toEqual([{ safe: 9007199254740991, huge: '9007199254740993', at: new Date('2026-03-08T10:00:00Z') }]);
});

describe('statements with values', () => {
  const preparedOf = async (pool: ReturnType<typeof createPool>): Promise<string[]> =>
    (await pool.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map(
      ({ statement }) => statement,
    );
  const asked = 'SELECT $1::int AS n /* asked by the test */';

  test('are prepared from their second use on, in and out of transactions, and answer the same', async () => {
    const pool = createPool(database.url, { max: 1 });
    const answers: unknown[] = [];
    for (let n = 0; n < 8; n += 1) answers.push((await pool.query<{ n: number }>(asked, [n])).rows[0]?.n);
    const together = await withTransaction(pool, (tx) =>
      Promise.all([8, 9].map(async (n) => (await tx.query<{ n: number }>(asked, [n])).rows[0]?.n)),
    );
    expect([...answers, ...together]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await preparedOf(pool)).toEqual([asked]);
    await pool.end();
  });

  test('are not prepared behind a pooler that the URL names', async () => {
    const pool = createPool(`${database.url}?pgbouncer=true`, { max: 1 });
    for (let n = 0; n < 3; n += 1) expect((await pool.query(asked, [n])).rows).toEqual([{ n }]);
    expect(await preparedOf(pool)).toEqual([]);
    await pool.end();
  });

  test('that a pooler has lost tell what to do', async () => {
    const pool = createPool(database.url, { max: 1 });
    await pool.query(asked, [1]);
    await pool.query(asked, [1]);
    await pool.query('DEALLOCATE ALL');
    await expect(pool.query(asked, [1])).rejects.toThrow(/DATABASE_URL needs \?pgbouncer=true/);
    await pool.end();
  });
});
