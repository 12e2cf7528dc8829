/** The vault's promises that need no database: bound to purpose, tamper-proof, rotatable, erasable. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Db } from '../../db/pool';
import { ErasedError, MasterKeyError, openVault, parseMasterKeys, VaultError, type Vault } from '../../db/vault';

const base64Key = (): string => randomBytes(32).toString('base64');

/** Holds the one row of vault_key. */
function memoryDb(): Db {
  let stored: Buffer | null = null;
  const query = (text: string, values: unknown[] = []): Promise<unknown> => {
    if (text.startsWith('INSERT') && Buffer.isBuffer(values[1])) stored ??= values[1];
    return Promise.resolve({ rows: stored === null ? [] : [{ wrapped_key: stored }] });
  };
  return { query } as Db;
}

const vaultWith = (keys: string, db: Db = memoryDb()): Promise<Vault> => openVault(db, parseMasterKeys(keys));

/** Every way to change one byte. */
const flipped = (blob: Buffer): Buffer[] =>
  Array.from(blob, (byte, at) => Buffer.concat([blob.subarray(0, at), Buffer.from([byte ^ 1]), blob.subarray(at + 1)]));

describe('deliveries', () => {
  test('a body opens with its own id and no other', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const sealed = { ...vault.sealDelivery(id, Buffer.from('{"a":1}')), personKey: null };
    expect(vault.openDelivery(id, sealed).toString()).toBe('{"a":1}');
    expect(() => vault.openDelivery(randomUUID(), sealed)).toThrow(VaultError);
  });

  test('the same body is never sealed to the same bytes twice', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const body = Buffer.from('same');
    expect(vault.sealDelivery(id, body).sealedBody.equals(vault.sealDelivery(id, body).sealedBody)).toBe(false);
  });

  test('a change of any byte of body or key is noticed', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const sealed = vault.sealDelivery(id, Buffer.from('short body'));
    for (const sealedBody of flipped(sealed.sealedBody)) {
      expect(() => vault.openDelivery(id, { ...sealed, sealedBody, personKey: null })).toThrow(VaultError);
    }
    for (const wrappedKey of flipped(sealed.wrappedKey)) {
      expect(() => vault.openDelivery(id, { ...sealed, wrappedKey, personKey: null })).toThrow(VaultError);
    }
    for (const cut of [0, 1, 5, 20]) {
      const wrappedKey = sealed.wrappedKey.subarray(0, cut);
      expect(() => vault.openDelivery(id, { ...sealed, wrappedKey, personKey: null })).toThrow(VaultError);
    }
  });

  test('tied to a person, a body opens with their key only, and not at all once they are erased', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const [ada, bob] = [vault.newPersonKey(randomUUID()), vault.newPersonKey(randomUUID())];
    const { sealedBody, wrappedKey } = vault.sealDelivery(id, Buffer.from('body'));
    const tied = { sealedBody, wrappedKey: vault.rewrapForPerson(wrappedKey, ada, id) };
    expect(vault.openDelivery(id, { ...tied, personKey: ada }).toString()).toBe('body');
    expect(() => vault.openDelivery(id, { ...tied, personKey: bob })).toThrow(VaultError);
    expect(() => vault.openDelivery(id, { ...tied, personKey: null })).toThrow(ErasedError);
  });

  test('a body moves from one person to another with the keys of both', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const [ada, bob] = [vault.newPersonKey(randomUUID()), vault.newPersonKey(randomUUID())];
    const { sealedBody, wrappedKey } = vault.sealDelivery(id, Buffer.from('body'));
    const moved = vault.rewrapForPerson(vault.rewrapForPerson(wrappedKey, ada, id), bob, id, ada);
    expect(vault.openDelivery(id, { sealedBody, wrappedKey: moved, personKey: bob }).toString()).toBe('body');
    expect(() => vault.openDelivery(id, { sealedBody, wrappedKey: moved, personKey: ada })).toThrow(VaultError);
    expect(() => vault.rewrapForPerson(wrappedKey, null, id)).toThrow(ErasedError);
  });
});

describe('persons', () => {
  test('what is sealed for a person opens for that person and purpose only', async () => {
    const vault = await vaultWith(base64Key());
    const [adaId, bobId] = [randomUUID(), randomUUID()];
    const [ada, bob] = [vault.newPersonKey(adaId), vault.newPersonKey(bobId)];
    const sealed = vault.sealForPerson(ada, adaId, 'fact/1', 'Zoë 🙂');
    expect(vault.openForPerson(ada, adaId, 'fact/1', sealed).toString()).toBe('Zoë 🙂');
    expect(() => vault.openForPerson(ada, adaId, 'fact/2', sealed)).toThrow(VaultError);
    expect(() => vault.openForPerson(bob, bobId, 'fact/1', sealed)).toThrow(VaultError);
    expect(() => vault.openForPerson(bob, adaId, 'fact/1', sealed)).toThrow(/belongs to another person/);
    for (const changed of flipped(sealed))
      expect(() => vault.openForPerson(ada, adaId, 'fact/1', changed)).toThrow(VaultError);
    for (const changed of flipped(ada))
      expect(() => vault.openForPerson(changed, adaId, 'fact/1', sealed)).toThrow(VaultError);
  });

  test('without the key nothing is sealed or opened', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const sealed = vault.sealForPerson(vault.newPersonKey(id), id, 'data', 'x');
    expect(() => vault.openForPerson(null, id, 'data', sealed)).toThrow(ErasedError);
    expect(() => vault.sealForPerson(null, id, 'data', 'x')).toThrow(ErasedError);
  });

  test('errors tell purpose and ids, never content', async () => {
    const vault = await vaultWith(base64Key());
    const id = randomUUID();
    const key = vault.newPersonKey(id);
    const sealed = vault.sealForPerson(key, id, 'data', 'canary-content');
    expect(() => vault.openForPerson(key, id, 'other', sealed)).toThrow(`person/${id}/other`);
    try {
      vault.openForPerson(key, id, 'other', sealed);
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('canary');
    }
  });
});

describe('master keys', () => {
  test('after a rotation the old data opens, and what is new needs the new key only', async () => {
    const [old, fresh] = [base64Key(), base64Key()];
    const db = memoryDb();
    const before = await vaultWith(old, db);
    const id = randomUUID();
    const oldKey = before.newPersonKey(id);
    const oldSeal = before.sealForPerson(oldKey, id, 'data', 'old');
    const rotated = await vaultWith(`2026b:${fresh},2026a:${old}`, db);
    expect(rotated.openForPerson(oldKey, id, 'data', oldSeal).toString()).toBe('old');
    expect(rotated.blindIndex('email', 'guest@example.com')).toEqual(before.blindIndex('email', 'guest@example.com'));
    const newKey = rotated.newPersonKey(id);
    const newSeal = rotated.sealForPerson(newKey, id, 'data', 'new');
    const without = await vaultWith(fresh);
    expect(without.openForPerson(newKey, id, 'data', newSeal).toString()).toBe('new');
    expect(() => without.openForPerson(oldKey, id, 'data', oldSeal)).toThrow(
      /master key [0-9a-f]{16}, which is not among the given ones: #1/,
    );
  });

  test('a start without the master key that the database was made with says which one is missing', async () => {
    const db = memoryDb();
    await vaultWith(base64Key(), db);
    await expect(vaultWith(`other:${base64Key()}`, db)).rejects.toThrow(
      /vault\/blind-index.*other \([0-9a-f]{16}\).*BOOKSYNC_MASTER_KEY/,
    );
  });

  test.each([
    ['nothing', ''],
    ['a short key', randomBytes(16).toString('base64')],
    ['a key with a typo', `${base64Key().slice(0, 20)}*${base64Key().slice(0, 23)}`],
    ['a good and a bad one', `${base64Key()},b:nope`],
  ])('%s is refused without being printed', (_what, text) => {
    expect(() => parseMasterKeys(text)).toThrow(MasterKeyError);
    try {
      parseMasterKeys(text);
    } catch (error) {
      for (const part of text.split(',').filter((part) => part.length > 10)) expect(String(error)).not.toContain(part);
    }
  });
});

test('the blind index is stable, keyed, and separate for each kind', async () => {
  const vault = await vaultWith(base64Key());
  const hash = vault.blindIndex('email', 'guest@example.com');
  expect(vault.blindIndex('email', 'guest@example.com')).toEqual(hash);
  expect(vault.blindIndex('name', 'guest@example.com')).not.toEqual(hash);
  expect((await vaultWith(base64Key())).blindIndex('email', 'guest@example.com')).not.toEqual(hash);
});
