/** Migrations on a real database: run once, by whoever comes first. */
import { randomUUID } from 'node:crypto';
import { migrate } from '../../db/migrate';
import { testDatabase } from '../support/postgres';

let database: Awaited<ReturnType<typeof testDatabase>>;
let emptyUrl: string;
const name = `empty_${randomUUID().replaceAll('-', '')}`;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(`CREATE DATABASE ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  emptyUrl = url.toString();
});
afterAll(async () => {
  await database.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await database.drop();
});

test('of several starters at once one migrates, the others find it done, and so does a later start', async () => {
  const results = await Promise.all([migrate(emptyUrl), migrate(emptyUrl), migrate(emptyUrl)]);
  const ran = results.filter((names) => names.length > 0);
  expect(ran).toHaveLength(1);
  expect(ran[0]?.[0]).toBe('0001_bookings');
  expect(await migrate(emptyUrl)).toEqual([]);
});
