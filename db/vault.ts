/**
 * The vault: seals personal data and delivery bodies, and wraps their keys.
 * Invariant: every person and every body has a key of its own; destroying a wrapped key makes what it sealed unreadable for good.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { KEY_BYTES, openBox, sealBox } from './crypto-box';
import { FINGERPRINT_BYTES, type MasterKey, type MasterKeys } from './master-keys';
import type { Db } from './pool';

export { MasterKeyError, parseMasterKeys, type MasterKeys } from './master-keys';

/** Something could not be sealed or opened. The message names purpose, ids and key fingerprints, never content. */
export class VaultError extends Error {
  override readonly name: string = 'VaultError';
}

/** The person was erased: the key is gone, and nothing sealed with it can be read again. */
export class ErasedError extends VaultError {
  override readonly name = 'ErasedError';
}

export interface SealedDelivery {
  readonly sealedBody: Buffer;
  readonly wrappedKey: Buffer;
}

/** Kinds of the blind index; equal texts of different kinds have unrelated hashes. */
export type IndexKind = 'email' | 'phone' | 'name';

/** Pure and synchronous. Wrapped keys are opaque bytes to callers. Every method may throw `VaultError`; with a person's key also `ErasedError`. */
export interface Vault {
  /** Seals a body with a new key, which the master key wraps. Both are bound to the delivery's id. */
  sealDelivery(deliveryId: string, body: Buffer): SealedDelivery;
  /** Opens a body. `personKey` is needed once the delivery is tied to a person; null then means: erased. */
  openDelivery(deliveryId: string, sealed: SealedDelivery & { readonly personKey: Buffer | null }): Buffer;
  /** Wraps a body's key anew, by the person's key. A key that another person's key wraps needs that one as `from`. */
  rewrapForPerson(
    wrappedKey: Buffer,
    wrappedPersonKey: Buffer | null,
    deliveryId: string,
    from?: Buffer | null,
  ): Buffer;
  /** A new data key for a person, wrapped by the current master key. `personId` is a UUID. */
  newPersonKey(personId: string): Buffer;
  /** Seals under the person's key, bound to the person and the purpose (name it `subject/id`, such as `fact/<id>`). */
  sealForPerson(wrappedPersonKey: Buffer | null, personId: string, purpose: string, plain: Buffer | string): Buffer;
  openForPerson(wrappedPersonKey: Buffer | null, personId: string, purpose: string, sealed: Buffer): Buffer;
  /** Seals a secret that is no person's, such as a credential, under the master key; `name` is bound to it and needed to open it. */
  sealSecret(name: string, plain: string): Buffer;
  openSecret(name: string, sealed: Buffer): string;
  /** Keyed hash of a normalized value, for look-ups by equality. Not bound to a person. */
  blindIndex(kind: IndexKind, normalized: string): Buffer;
  /** Keyed hash that proves that a text is ours; equal texts signed for different purposes have unrelated hashes. */
  sign(purpose: string, text: string): Buffer;
}

const INDEX_KEY_PURPOSE = 'blind-index';
const FORMAT = { masterWrapped: 1, personKey: 2, personWrapped: 3, sealed: 4 } as const;
const UUID_BYTES = 16;
const PERSON_KEY_HEADER = 1 + FINGERPRINT_BYTES + UUID_BYTES;

/** The part of a blob that is readable, followed by a box that authenticates it together with the purpose. */
const contextOf = (header: Buffer, purpose: string): Buffer =>
  Buffer.concat([header, Buffer.from(`\0${purpose}`, 'utf8')]);

/**
 * Loads the blind index key, or makes it on the first start; several starters at once agree on one.
 * Throws `VaultError` when no given master key fits the stored one.
 */
export async function openVault(db: Db, masterKeys: MasterKeys): Promise<Vault> {
  const keys = new KeyRing(masterKeys);
  let stored = await readIndexKey(db);
  if (stored === null) {
    const fresh = keys.wrapByMaster(randomBytes(KEY_BYTES), `vault/${INDEX_KEY_PURPOSE}`);
    await db.query('INSERT INTO vault_key (purpose, wrapped_key) VALUES ($1, $2) ON CONFLICT (purpose) DO NOTHING', [
      INDEX_KEY_PURPOSE,
      fresh,
    ]);
    stored = await readIndexKey(db);
  }
  if (stored === null)
    throw new VaultError('The blind index key was stored but is not there. Expected one row in vault_key.');
  return new KeyedVault(keys, keys.unwrapByMaster(stored, `vault/${INDEX_KEY_PURPOSE}`));
}

async function readIndexKey(db: Db): Promise<Buffer | null> {
  const { rows } = await db.query<{ wrapped_key: Buffer }>('SELECT wrapped_key FROM vault_key WHERE purpose = $1', [
    INDEX_KEY_PURPOSE,
  ]);
  return rows[0]?.wrapped_key ?? null;
}

class KeyedVault implements Vault {
  constructor(
    private readonly keys: KeyRing,
    private readonly indexKey: Buffer,
  ) {}

  sealDelivery(deliveryId: string, body: Buffer): SealedDelivery {
    const key = randomBytes(KEY_BYTES);
    return {
      sealedBody: seal(key, `delivery body/${deliveryId}`, body),
      wrappedKey: this.keys.wrapByMaster(key, `delivery key/${deliveryId}`),
    };
  }

  openDelivery(deliveryId: string, sealed: SealedDelivery & { readonly personKey: Buffer | null }): Buffer {
    const key = this.keys.unwrapDeliveryKey(sealed.wrappedKey, sealed.personKey, deliveryId);
    return open(key, `delivery body/${deliveryId}`, sealed.sealedBody);
  }

  rewrapForPerson(
    wrappedKey: Buffer,
    wrappedPersonKey: Buffer | null,
    deliveryId: string,
    from: Buffer | null = null,
  ): Buffer {
    const person = this.keys.unwrapPersonKey(wrappedPersonKey, `delivery key/${deliveryId}`);
    const header = Buffer.concat([Buffer.from([FORMAT.personWrapped]), person.id]);
    const key = this.keys.unwrapDeliveryKey(wrappedKey, from, deliveryId);
    return Buffer.concat([header, sealBox(person.key, contextOf(header, `delivery key/${deliveryId}`), key)]);
  }

  newPersonKey(personId: string): Buffer {
    return this.keys.wrapPersonKey(randomBytes(KEY_BYTES), personId);
  }

  sealForPerson(wrappedPersonKey: Buffer | null, personId: string, purpose: string, plain: Buffer | string): Buffer {
    const key = this.keys.keyOfPerson(wrappedPersonKey, personId, purpose);
    return seal(key, `person/${personId}/${purpose}`, typeof plain === 'string' ? Buffer.from(plain, 'utf8') : plain);
  }

  openForPerson(wrappedPersonKey: Buffer | null, personId: string, purpose: string, sealed: Buffer): Buffer {
    return open(this.keys.keyOfPerson(wrappedPersonKey, personId, purpose), `person/${personId}/${purpose}`, sealed);
  }

  sealSecret(name: string, plain: string): Buffer {
    return this.keys.wrapByMaster(Buffer.from(plain, 'utf8'), `secret/${name}`);
  }

  openSecret(name: string, sealed: Buffer): string {
    return this.keys.unwrapByMaster(sealed, `secret/${name}`).toString('utf8');
  }

  blindIndex(kind: IndexKind, normalized: string): Buffer {
    return createHmac('sha256', this.indexKey).update(`${kind}\0`).update(normalized, 'utf8').digest();
  }

  sign(purpose: string, text: string): Buffer {
    const key = createHmac('sha256', this.indexKey).update('signature key').digest();
    return createHmac('sha256', key).update(`${purpose}\0`).update(text, 'utf8').digest();
  }
}

/** Wrapping and unwrapping of keys. */
class KeyRing {
  constructor(private readonly masters: MasterKeys) {}

  wrapByMaster(key: Buffer, purpose: string): Buffer {
    const header = Buffer.concat([Buffer.from([FORMAT.masterWrapped]), this.masters.current.fingerprint]);
    return Buffer.concat([header, sealBox(this.masters.current.key, contextOf(header, purpose), key)]);
  }

  unwrapByMaster(wrapped: Buffer, purpose: string): Buffer {
    expectFormat(wrapped, FORMAT.masterWrapped, purpose);
    return openWith(this.masterOf(wrapped, purpose).key, wrapped, 1 + FINGERPRINT_BYTES, purpose);
  }

  wrapPersonKey(key: Buffer, personId: string): Buffer {
    const header = Buffer.concat([
      Buffer.from([FORMAT.personKey]),
      this.masters.current.fingerprint,
      uuidBytes(personId),
    ]);
    return Buffer.concat([header, sealBox(this.masters.current.key, contextOf(header, 'person key'), key)]);
  }

  unwrapPersonKey(wrapped: Buffer | null, purpose: string): { readonly id: Buffer; readonly key: Buffer } {
    if (wrapped === null)
      throw new ErasedError(`The person was erased: what was sealed for "${purpose}" can't be read any more.`);
    expectFormat(wrapped, FORMAT.personKey, purpose);
    const key = openWith(this.masterOf(wrapped, purpose).key, wrapped, PERSON_KEY_HEADER, 'person key');
    return { id: wrapped.subarray(1 + FINGERPRINT_BYTES, PERSON_KEY_HEADER), key };
  }

  keyOfPerson(wrapped: Buffer | null, personId: string, purpose: string): Buffer {
    const person = this.unwrapPersonKey(wrapped, `person/${personId}/${purpose}`);
    if (!person.id.equals(uuidBytes(personId))) {
      throw new VaultError(`The key given for "person/${personId}/${purpose}" belongs to another person.`);
    }
    return person.key;
  }

  unwrapDeliveryKey(wrapped: Buffer, wrappedPersonKey: Buffer | null, deliveryId: string): Buffer {
    const purpose = `delivery key/${deliveryId}`;
    if (wrapped[0] !== FORMAT.personWrapped) return this.unwrapByMaster(wrapped, purpose);
    const person = this.unwrapPersonKey(wrappedPersonKey, purpose);
    return openWith(person.key, wrapped, 1 + UUID_BYTES, purpose);
  }

  private masterOf(wrapped: Buffer, purpose: string): MasterKey {
    const fingerprint = wrapped.subarray(1, 1 + FINGERPRINT_BYTES).toString('hex');
    const master = this.masters.byFingerprint.get(fingerprint);
    if (master !== undefined) return master;
    const known = [...this.masters.byFingerprint].map(([print, key]) => `${key.label} (${print})`).join(', ');
    throw new VaultError(
      `The key for "${purpose}" is wrapped by master key ${fingerprint}, which is not among the given ones: ${known}. ` +
        'Add it to BOOKSYNC_MASTER_KEY behind the current one.',
    );
  }
}

function seal(key: Buffer, purpose: string, plain: Buffer): Buffer {
  const header = Buffer.from([FORMAT.sealed]);
  return Buffer.concat([header, sealBox(key, contextOf(header, purpose), plain)]);
}

function open(key: Buffer, purpose: string, sealed: Buffer): Buffer {
  expectFormat(sealed, FORMAT.sealed, purpose);
  return openWith(key, sealed, 1, purpose);
}

function openWith(key: Buffer, blob: Buffer, headerBytes: number, purpose: string): Buffer {
  try {
    return openBox(key, contextOf(blob.subarray(0, headerBytes), purpose), blob.subarray(headerBytes));
  } catch {
    throw new VaultError(
      `What is stored for "${purpose}" does not open: it was changed, or sealed for another purpose or by another key.`,
    );
  }
}

function expectFormat(blob: Buffer, format: number, purpose: string): void {
  if (blob[0] === format) return;
  throw new VaultError(`What is stored for "${purpose}" has format ${blob[0] ?? 'empty'}. Expected ${format}.`);
}

function uuidBytes(id: string): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  if (bytes.length !== UUID_BYTES) throw new VaultError(`"${id}" is no UUID. Person ids are UUIDs.`);
  return bytes;
}
