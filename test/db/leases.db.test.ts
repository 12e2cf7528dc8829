/** Leases on a real database: one holder at a time, and a fence that only grows. */
import { acquireLease, releaseLease, renewLease } from '../../db/leases';
import { testDatabase, type TestDatabase } from '../support/postgres';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const ttlMs = 60_000;
/** Makes a lease look as if its time had passed. */
const expire = (name: string): Promise<unknown> =>
  database.pool.query(`UPDATE lease SET expires_at = clock_timestamp() - interval '1 millisecond' WHERE name = $1`, [
    name,
  ]);

test('of many who want it at once one gets it', async () => {
  const got = await Promise.all(
    Array.from({ length: 20 }, (_, i) => acquireLease(database.pool, { name: 'race', holder: `h${i}`, ttlMs })),
  );
  expect(got.filter((lease) => lease !== null)).toEqual([{ fence: 1 }]);
});

test('the holder acquires again with the same fence; others wait', async () => {
  const name = 'again';
  expect(await acquireLease(database.pool, { name, holder: 'a', ttlMs })).toEqual({ fence: 1 });
  expect(await acquireLease(database.pool, { name, holder: 'a', ttlMs })).toEqual({ fence: 1 });
  expect(await acquireLease(database.pool, { name, holder: 'b', ttlMs })).toBeNull();
});

test('an expired lease is taken over with a higher fence, and the old holder can neither renew nor release it', async () => {
  const name = 'expired';
  await acquireLease(database.pool, { name, holder: 'a', ttlMs });
  await expire(name);
  expect(await renewLease(database.pool, { name, holder: 'a', fence: 1, ttlMs })).toBe(false);
  expect(await acquireLease(database.pool, { name, holder: 'b', ttlMs })).toEqual({ fence: 2 });
  expect(await renewLease(database.pool, { name, holder: 'a', fence: 1, ttlMs })).toBe(false);
  await releaseLease(database.pool, { name, holder: 'a', fence: 1 });
  expect(await acquireLease(database.pool, { name, holder: 'c', ttlMs })).toBeNull();
});

test('a renewal keeps others out beyond the first term', async () => {
  const name = 'renewed';
  await acquireLease(database.pool, { name, holder: 'a', ttlMs: 1 });
  await database.pool.query(`UPDATE lease SET expires_at = clock_timestamp() + interval '1 second' WHERE name = $1`, [
    name,
  ]);
  expect(await renewLease(database.pool, { name, holder: 'a', fence: 1, ttlMs })).toBe(true);
  const { rows } = await database.pool.query<{ far: boolean }>(
    `SELECT expires_at > clock_timestamp() + interval '30 seconds' AS far FROM lease WHERE name = $1`,
    [name],
  );
  expect(rows).toEqual([{ far: true }]);
});

test('a released lease is free at once, and the next term has a higher fence even for the same holder', async () => {
  const name = 'released';
  await acquireLease(database.pool, { name, holder: 'a', ttlMs });
  await releaseLease(database.pool, { name, holder: 'a', fence: 1 });
  expect(await acquireLease(database.pool, { name, holder: 'a', ttlMs })).toEqual({ fence: 2 });
});
