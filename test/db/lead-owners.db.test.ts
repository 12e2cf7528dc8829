/** Turns of owners: fair under concurrency, remembered, and never changed by themselves. */
import { randomUUID } from 'node:crypto';
import { takeTurn } from '../../db/lead-owners';
import { findOrCreatePerson } from '../../db/persons';
import { createPool, withTransaction } from '../../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { cleanUp } from '../support/clean-up';
import { testDatabase, type TestDatabase } from '../support/postgres';

const OWNERS = ['ana@example.com', 'ben@example.com', 'cleo@example.com'];
let database: TestDatabase;
let vault: Vault;
let pool: string;

beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
});
beforeEach(() => {
  pool = `calcom-${randomUUID()}`;
});

async function aPerson(): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  const nothing = { name: null, firstName: null, lastName: null, phone: null, zone: null, locale: null };
  return withTransaction(database.pool, async (tx) => (await findOrCreatePerson(tx, vault, { ...nothing, email })).id);
}

const people = (count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, aPerson));
const turn = (personId: string, owners: readonly string[] = OWNERS, by = database.pool) =>
  takeTurn(by, vault, { pool, personId, owners, nowMs: 0 });

function spread(taken: readonly string[]): number {
  const counts = OWNERS.map((owner) => taken.filter((one) => one === owner).length);
  return Math.max(...counts) - Math.min(...counts);
}

test('owners take turns in the order of the list', async () => {
  const taken: string[] = [];
  for (const person of await people(4)) taken.push(await turn(person));
  expect(taken).toEqual([...OWNERS, OWNERS[0]]);
});

test('two workers that assign 100 people at once, everybody from both sides, give each owner as many as any other, or one more', async () => {
  const other = createPool(database.url);
  cleanUp(() => other.end());
  const ids = await people(100);
  const [here, there] = await Promise.all(
    [database.pool, other].map((by) => Promise.all(ids.map((id) => turn(id, OWNERS, by)))),
  );
  expect(here).toEqual(there);
  expect(spread(here!)).toBeLessThanOrEqual(1);
  const { rows } = await database.pool.query<{ turns: number }>('SELECT turns FROM round_robin WHERE pool = $1', [
    pool,
  ]);
  expect(rows).toEqual([{ turns: 100 }]);
});

test('who was assigned stays assigned, whatever order the list has now, until their owner leaves it', async () => {
  const [first, second] = await people(2);
  const before = [await turn(first!), await turn(second!)];
  expect(before).toEqual(['ana@example.com', 'ben@example.com']);
  const reordered = ['cleo@example.com', 'BEN@example.com ', 'ana@example.com'];
  expect(await turn(second!, reordered)).toBe('BEN@example.com ');
  expect(await turn(first!, ['ben@example.com', 'cleo@example.com'])).toBe('ben@example.com');
});

test('a transaction that fails takes no turn', async () => {
  await expect(turn(randomUUID())).rejects.toThrow(/foreign key/);
  expect(await turn(await aPerson())).toBe(OWNERS[0]);
});

test('each pool has turns of its own', async () => {
  const [person] = await people(1);
  expect(await turn(person!)).toBe(OWNERS[0]);
  pool = `${pool}-other`;
  expect(await turn(person!)).toBe(OWNERS[0]);
});
