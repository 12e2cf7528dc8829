/**
 * The master keys (BOOKSYNC_MASTER_KEY): they wrap the other keys and never touch data.
 * Invariant: a wrapped key carries the fingerprint of its master key, so a rotation rewrites nothing and labels may change freely.
 */
import { createHash } from 'node:crypto';
import { KEY_BYTES } from './crypto-box';

export const FINGERPRINT_BYTES = 8;

export interface MasterKey {
  /** What the operator calls it, for messages only. */
  readonly label: string;
  readonly fingerprint: Buffer;
  readonly key: Buffer;
}

export interface MasterKeys {
  /** Wraps what is new. */
  readonly current: MasterKey;
  /** All of them, by the fingerprint in hex: what may still have to be unwrapped. */
  readonly byFingerprint: ReadonlyMap<string, MasterKey>;
}

/** Master keys that can't be used. The message names labels and positions, never key material. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}

/**
 * Reads `base64` of 32 bytes, or several separated by commas, each with an optional label: `2026b:base64,2026a:base64`.
 * The first one is current, the others only unwrap. Throws `MasterKeyError`.
 */
export function parseMasterKeys(text: string): MasterKeys {
  const keys = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseOne);
  const current = keys[0];
  if (current === undefined) {
    throw new MasterKeyError(
      'No master key found. Expected base64 of 32 bytes, such as `openssl rand -base64 32` prints.',
    );
  }
  return { current, byFingerprint: new Map(keys.map((key) => [key.fingerprint.toString('hex'), key])) };
}

function parseOne(part: string, index: number): MasterKey {
  const colon = part.indexOf(':');
  const label = colon === -1 ? `#${index + 1}` : part.slice(0, colon);
  const base64 = part.slice(colon + 1);
  const key = Buffer.from(base64, 'base64');
  // Buffer.from skips what is not base64; a key with a typo in it must not become another key.
  const canonical = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (!canonical || key.length !== KEY_BYTES) {
    const found = canonical ? `${key.length} bytes` : 'something that is not base64';
    throw new MasterKeyError(
      `Master key ${label} is ${found}. Expected base64 of ${KEY_BYTES} bytes, such as \`openssl rand -base64 32\` prints.`,
    );
  }
  return { label, key, fingerprint: fingerprintOf(key) };
}

function fingerprintOf(key: Buffer): Buffer {
  return createHash('sha256')
    .update('booksync master key fingerprint\0')
    .update(key)
    .digest()
    .subarray(0, FINGERPRINT_BYTES);
}
