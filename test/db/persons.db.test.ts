/** People on a real database: one per address however often and from wherever they come, and gone when erased. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  erasePerson,
  findOrCreatePerson,
  type FoundPerson,
  nameTokens,
  readPerson,
  readPersonKey,
} from '../../db/persons';
import type { PersonData } from '../../domain/person';
import { withTransaction } from '../../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { testDatabase, type TestDatabase } from '../support/postgres';

let database: TestDatabase;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(randomBytes(32).toString('base64')));
});

const NOBODY: PersonData = {
  name: null,
  firstName: null,
  lastName: null,
  email: null,
  phone: null,
  zone: null,
  locale: null,
};
const meet = (data: Partial<PersonData>): Promise<FoundPerson> =>
  withTransaction(database.pool, (tx) => findOrCreatePerson(tx, vault, { ...NOBODY, ...data }));

async function indexedPersons(kind: 'email' | 'phone' | 'name', text: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ person_id: string }>(
    'SELECT person_id FROM person_index WHERE kind = $1 AND hash = $2',
    [kind, vault.blindIndex(kind, text)],
  );
  return rows.map((row) => row.person_id);
}

test('the same e-mail address is the same person, however it is written', async () => {
  const first = await meet({ email: 'Same@Example.com ', name: 'Sam Guest' });
  expect(first.created).toBe(true);
  expect(await meet({ email: 'same@example.com' })).toEqual({
    id: first.id,
    created: false,
    wrappedKey: first.wrappedKey,
  });
  expect(await readPerson(database.pool, vault, first.id)).toEqual({
    ...NOBODY,
    email: 'same@example.com',
    name: 'Sam Guest',
  });
});

test('what was unknown is filled and can be found; what was known stays', async () => {
  const { id } = await meet({ email: 'fill@example.com', firstName: 'Fay' });
  await meet({
    email: 'fill@example.com',
    firstName: 'Other',
    phone: '+12025550101',
    name: 'Fay Renée',
    zone: 'Europe/Paris',
  });
  expect(await readPerson(database.pool, vault, id)).toMatchObject({
    firstName: 'Fay',
    phone: '+12025550101',
    zone: 'Europe/Paris',
  });
  expect(await indexedPersons('name', 'renee')).toEqual([id]);
  expect(await meet({ phone: '+12025550101' })).toMatchObject({ id, created: false });
});

test('a phone number decides only where there is no e-mail address', async () => {
  const shared = '+12025550102';
  const first = await meet({ email: 'one@example.com', phone: shared });
  const second = await meet({ email: 'two@example.com', phone: shared });
  expect(second.id).not.toBe(first.id);
  expect((await meet({ phone: shared })).id).toBe(first.id);
});

test('someone without any address is a new person each time', async () => {
  expect((await meet({ name: 'No Address' })).id).not.toBe((await meet({ name: 'No Address' })).id);
});

test('many transactions that meet a new address at once end with one person', async () => {
  const met = await Promise.all(Array.from({ length: 20 }, () => meet({ email: 'crowd@example.com', name: 'Crowd' })));
  expect(new Set(met.map((person) => person.id)).size).toBe(1);
  expect(met.filter((person) => person.created)).toHaveLength(1);
  expect(await indexedPersons('email', 'crowd@example.com')).toHaveLength(1);
});

test('an erased person is unreadable, not found again, and their id stays', async () => {
  const { id } = await meet({ email: 'erase@example.com', name: 'Erin Gone', phone: '+12025550103' });
  await withTransaction(database.pool, (tx) => erasePerson(tx, id));
  await withTransaction(database.pool, (tx) => erasePerson(tx, id));
  expect(await readPerson(database.pool, vault, id)).toBeNull();
  expect(await readPersonKey(database.pool, id)).toBeNull();
  const { rows } = await database.pool.query<{ sealed: Buffer; erased: boolean; indexed: number }>(
    `SELECT sealed, erased_at IS NOT NULL AS erased, (SELECT count(*) FROM person_index WHERE person_id = person.id) AS indexed
     FROM person WHERE id = $1`,
    [id],
  );
  expect(rows).toEqual([{ sealed: Buffer.alloc(0), erased: true, indexed: 0 }]);
  expect((await meet({ email: 'erase@example.com' })).id).not.toBe(id);
});

test('no column of a person holds what they told us', async () => {
  const { id } = await meet({ email: 'canary@example.com', name: 'Canary Bird' });
  const { rows } = await database.pool.query<{ everything: string }>(
    `SELECT (SELECT encode(sealed, 'escape') FROM person WHERE id = $1) ||
            (SELECT string_agg(kind || encode(hash, 'escape'), '') FROM person_index WHERE person_id = $1) AS everything`,
    [id],
  );
  expect(rows[0]?.everything).not.toMatch(/canary/i);
});

test('an unknown person reads as nobody', async () => {
  expect(await readPerson(database.pool, vault, randomUUID())).toBeNull();
  expect(await readPersonKey(database.pool, randomUUID())).toBeNull();
});

test('name tokens are lower case, without accents, each once', () => {
  expect(nameTokens('Renée O’Neil-Müller', 'RENÉE', null)).toEqual(['renee', 'o', 'neil', 'muller']);
});
