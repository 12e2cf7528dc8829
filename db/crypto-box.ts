/**
 * Authenticated encryption of one value: AES-256-GCM with a fresh 12-byte nonce.
 * Invariant: a box opens only with its key and the very context that it was sealed with; anything else throws.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** nonce | ciphertext | tag. `context` is authenticated, not stored: the opener must know it. */
export function sealBox(key: Buffer, context: Buffer, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(context);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the box was changed, cut short, or belongs to another key or context. */
export function openBox(key: Buffer, context: Buffer, box: Buffer): Buffer {
  if (box.length < NONCE_BYTES + TAG_BYTES) throw new Error('too short to be a sealed value');
  const tagAt = box.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(context);
  decipher.setAuthTag(box.subarray(tagAt));
  return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
}
