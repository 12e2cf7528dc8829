/**
 * People as the console finds and shows them: by the blind index of what was typed, opened with their own keys.
 * Invariant: what is looked for reaches the database as keyed hashes only; an erased person is not found and has no data.
 */
import { openPerson, type PersonRow } from './persons';
import type { PersonData } from '../domain/person';
import type { Db } from './pool';
import type { IndexKind, Vault } from './vault';

/** By id; who was erased, or is not there, is not in it. */
export async function readPeople(
  db: Db,
  vault: Vault,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PersonData>> {
  const { rows } = await db.query<PersonRow & { id: string }>(
    'SELECT id, wrapped_key, sealed FROM person WHERE id = ANY ($1::uuid[])',
    [[...new Set(ids)]],
  );
  const people = new Map<string, PersonData>();
  for (const row of rows) {
    const person = openPerson(vault, row.id, row);
    if (person !== null) people.set(row.id, person);
  }
  return people;
}

/**
 * Ids of the people who have one of the addresses, or all of the name's words; newest first, at most `limit`. Addresses as they are
 * stored: e-mail in lower case, phone in E.164; words as `nameTokens` makes them.
 */
export async function findPeople(
  db: Db,
  vault: Vault,
  by: {
    readonly emails: readonly string[];
    readonly phones: readonly string[];
    readonly nameTokens: readonly string[];
    readonly limit: number;
  },
): Promise<string[]> {
  const hashes = (kind: IndexKind, texts: readonly string[]): Buffer[] =>
    texts.map((text) => vault.blindIndex(kind, text));
  const { rows } = await db.query<{ id: string }>(
    `SELECT person.id FROM person JOIN (
       SELECT person_id FROM person_index WHERE kind = 'email' AND hash = ANY ($1)
       UNION SELECT person_id FROM person_index WHERE kind = 'phone' AND hash = ANY ($2)
       UNION SELECT person_id FROM person_index WHERE kind = 'name' AND hash = ANY ($3)
             GROUP BY person_id HAVING count(*) = cardinality($3::bytea[])
     ) found ON found.person_id = person.id
     ORDER BY person.created_at DESC, person.id LIMIT $4`,
    [hashes('email', by.emails), hashes('phone', by.phones), hashes('name', by.nameTokens), by.limit],
  );
  return rows.map((row) => row.id);
}
