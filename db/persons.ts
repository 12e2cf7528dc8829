/**
 * People: found by the blind index of an address, stored sealed with a key of their own.
 * Invariant: an e-mail address belongs to one living person; no plain personal data reaches a column.
 */
import { randomUUID } from 'node:crypto';
import type { PersonData } from '../domain/person';
import type { Db } from './pool';
import type { IndexKind, Vault } from './vault';

const SEALED_PURPOSE = 'data';
const MAX_NAME_TOKENS = 12;

/**
 * The person with this e-mail address, or, when there is none in `data`, the oldest one with this phone number; else a new one.
 * Fields that were unknown are filled, known ones stay. Two transactions that meet a new address at once end with one person;
 * call it in a transaction of its own level (read committed), because it waits for the other one and then looks again.
 */
export async function findOrCreatePerson(tx: Db, vault: Vault, data: PersonData): Promise<FoundPerson> {
  const person = normalize(data);
  const key = identityOf(vault, person);
  if (key === null) return createPerson(tx, vault, person);
  // Known people take no lock: a host is in every booking, and transactions would queue behind each other.
  const known = (await findByHash(tx, key)) ?? (await findAfterLock(tx, key));
  if (known?.wrapped_key != null && (await fillPerson(tx, vault, known, person))) {
    return { id: known.id, created: false, wrappedKey: known.wrapped_key };
  }
  return createPerson(tx, vault, person);
}

/** `wrappedKey` seals what belongs to the person. */
export interface FoundPerson {
  readonly id: string;
  readonly created: boolean;
  readonly wrappedKey: Buffer;
}

/** Null when there is no such person, or the person was erased. */
export async function readPerson(db: Db, vault: Vault, id: string): Promise<PersonData | null> {
  const { rows } = await db.query<PersonRow>('SELECT wrapped_key, sealed FROM person WHERE id = $1', [id]);
  return rows[0] === undefined ? null : openPerson(vault, id, rows[0]);
}

/** The person's wrapped key, for sealing what belongs to them. Null when there is no such person, or the person was erased. */
export async function readPersonKey(db: Db, id: string): Promise<Buffer | null> {
  const { rows } = await db.query<{ wrapped_key: Buffer | null }>('SELECT wrapped_key FROM person WHERE id = $1', [id]);
  return rows[0]?.wrapped_key ?? null;
}

/** Is there an e-mail address to write to? False for somebody unknown or erased. */
export async function hasEmail(db: Db, id: string | null): Promise<boolean> {
  if (id === null) return false;
  const { rows } = await db.query(`SELECT 1 FROM person_index WHERE person_id = $1 AND kind = 'email' LIMIT 1`, [id]);
  return rows.length > 0;
}

/** Destroys the key, what was sealed, and the index rows; the id stays, so that counts do. Harmless to repeat. */
export async function erasePerson(tx: Db, id: string): Promise<void> {
  await tx.query(
    `UPDATE person SET wrapped_key = NULL, sealed = '', erased_at = coalesce(erased_at, clock_timestamp()) WHERE id = $1`,
    [id],
  );
  await tx.query('DELETE FROM person_index WHERE person_id = $1', [id]);
}

/** Words of a name as the index holds them: lower case, without accents, each once. */
export function nameTokens(...names: readonly (string | null)[]): string[] {
  const words = names
    .join(' ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, MAX_NAME_TOKENS);
}

/** What is stored of a person. */
export interface PersonRow {
  wrapped_key: Buffer | null;
  sealed: Buffer;
}

interface KnownRow extends PersonRow {
  id: string;
}

interface IndexKey {
  readonly kind: IndexKind;
  readonly hash: Buffer;
}

const blankToNull = (text: string | null): string | null => (text === null || text.trim() === '' ? null : text.trim());

function normalize(data: PersonData): PersonData {
  return {
    name: blankToNull(data.name),
    firstName: blankToNull(data.firstName),
    lastName: blankToNull(data.lastName),
    email: blankToNull(data.email)?.toLowerCase() ?? null,
    phone: blankToNull(data.phone),
    zone: blankToNull(data.zone),
    locale: blankToNull(data.locale),
  };
}

function identityOf(vault: Vault, person: PersonData): IndexKey | null {
  if (person.email !== null) return { kind: 'email', hash: vault.blindIndex('email', person.email) };
  if (person.phone !== null) return { kind: 'phone', hash: vault.blindIndex('phone', person.phone) };
  return null;
}

async function findByHash(tx: Db, key: IndexKey): Promise<KnownRow | null> {
  const { rows } = await tx.query<KnownRow>(
    `SELECT person.id, person.wrapped_key, person.sealed FROM person_index JOIN person ON person.id = person_index.person_id
     WHERE person_index.kind = $1 AND person_index.hash = $2 ORDER BY person.created_at, person.id LIMIT 1`,
    [key.kind, key.hash],
  );
  return rows[0] ?? null;
}

/** Waits for whoever may be creating the same person right now, then looks again. The lock ends with the transaction. */
async function findAfterLock(tx: Db, key: IndexKey): Promise<KnownRow | null> {
  const [, found] = await Promise.all([
    tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [key.hash.readBigInt64BE(0).toString()]),
    findByHash(tx, key),
  ]);
  return found;
}

async function createPerson(tx: Db, vault: Vault, person: PersonData): Promise<FoundPerson> {
  const id = randomUUID();
  const wrappedKey = vault.newPersonKey(id);
  const sealed = vault.sealForPerson(wrappedKey, id, SEALED_PURPOSE, JSON.stringify(person));
  await Promise.all([
    tx.query('INSERT INTO person (id, wrapped_key, sealed) VALUES ($1, $2, $3)', [id, wrappedKey, sealed]),
    indexPerson(tx, vault, id, person),
  ]);
  return { id, created: true, wrappedKey };
}

/** Adds what was unknown. False when the person was erased meanwhile. */
async function fillPerson(tx: Db, vault: Vault, row: KnownRow, news: PersonData): Promise<boolean> {
  const { id } = row;
  const known = openPerson(vault, id, row);
  if (known === null) return false;
  if (!hasNews(known, news)) return true;
  const { rows } = await tx.query<PersonRow>('SELECT wrapped_key, sealed FROM person WHERE id = $1 FOR UPDATE', [id]);
  const [locked] = rows;
  const newest = locked === undefined ? null : openPerson(vault, id, locked);
  if (locked === undefined || newest === null) return false;
  const filled = fill(newest, news);
  const sealed = vault.sealForPerson(locked.wrapped_key, id, SEALED_PURPOSE, JSON.stringify(filled));
  await tx.query('UPDATE person SET sealed = $2 WHERE id = $1', [id, sealed]);
  await indexPerson(tx, vault, id, filled);
  return true;
}

const FIELDS: readonly (keyof PersonData)[] = ['name', 'firstName', 'lastName', 'email', 'phone', 'zone', 'locale'];

const hasNews = (known: PersonData, news: PersonData): boolean =>
  FIELDS.some((field) => known[field] === null && news[field] !== null);

function fill(known: PersonData, news: PersonData): PersonData {
  return {
    name: known.name ?? news.name,
    firstName: known.firstName ?? news.firstName,
    lastName: known.lastName ?? news.lastName,
    email: known.email ?? news.email,
    phone: known.phone ?? news.phone,
    zone: known.zone ?? news.zone,
    locale: known.locale ?? news.locale,
  };
}

async function indexPerson(tx: Db, vault: Vault, id: string, person: PersonData): Promise<void> {
  const keys: IndexKey[] = nameTokens(person.name, person.firstName, person.lastName).map((token) => ({
    kind: 'name',
    hash: vault.blindIndex('name', token),
  }));
  if (person.email !== null) keys.push({ kind: 'email', hash: vault.blindIndex('email', person.email) });
  if (person.phone !== null) keys.push({ kind: 'phone', hash: vault.blindIndex('phone', person.phone) });
  if (keys.length === 0) return;
  await tx.query(
    `INSERT INTO person_index (kind, hash, person_id)
     SELECT kind, hash, $3 FROM unnest($1::text[], $2::bytea[]) AS t (kind, hash) ON CONFLICT DO NOTHING`,
    [keys.map((key) => key.kind), keys.map((key) => key.hash), id],
  );
}

/** Null when the person was erased. */
export function openPerson(vault: Vault, id: string, row: PersonRow): PersonData | null {
  if (row.wrapped_key === null) return null;
  // Written by this file only, and authenticated: the shape is known.
  return JSON.parse(
    vault.openForPerson(row.wrapped_key, id, SEALED_PURPOSE, row.sealed).toString('utf8'),
  ) as PersonData;
}
