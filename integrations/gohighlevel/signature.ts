/**
 * HighLevel's webhook signature: base64 Ed25519 over the raw body in `X-GHL-Signature`, by a key pair of the vendor's own.
 * Invariant: fails closed; the older RSA signature (`X-WH-Signature`) is not looked at: the vendor has announced its end for 2026.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { HeaderLookup, SignatureCheck } from '../webhook-port';

export const SIGNATURE_HEADER = 'x-ghl-signature';

/** What HighLevel signs with, for all apps and locations: so the location has to be looked at as well. */
export const PUBLISHED_KEY = 'MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=';

/** What HighLevel sends instead of a signature where it has none. */
const NO_SIGNATURE = 'n/a';
const BASE64_ED25519 = /^[A-Za-z0-9+/]{86}==$/;

/** A public key as PEM, or as the base64 between its lines. Throws where it is neither, or of another algorithm. */
export function publicKeyOf(text: string): KeyObject {
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\\n|\s/g, '');
  const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`The key is of type ${key.asymmetricKeyType ?? 'unknown'}. Expected an Ed25519 public key.`);
}

/** Checks the raw bytes against every live public key; without a key nothing passes. */
export function verifySignature(rawBody: Buffer, header: HeaderLookup, keys: readonly KeyObject[]): SignatureCheck {
  if (keys.length === 0) return refused('no public key is configured for this connection; set one and restart');
  const sent = header(SIGNATURE_HEADER)?.trim();
  if (!sent) return refused('the X-GHL-Signature header is missing');
  if (sent.toLowerCase() === NO_SIGNATURE) return refused('X-GHL-Signature says "N/A": the delivery is not signed');
  if (!BASE64_ED25519.test(sent)) {
    return refused('X-GHL-Signature is not a base64 Ed25519 signature (expected 88 characters)');
  }
  const signature = Buffer.from(sent, 'base64');
  const matched = keys.filter((key) => verify(null, rawBody, key, signature)).length > 0;
  return matched ? { ok: true } : refused('the signature matches none of the configured public keys');
}

function refused(reason: string): SignatureCheck {
  return { ok: false, reason };
}
