/**
 * The vendor's key pair, made anew at every start: webhooks are signed with Ed25519 over their raw bytes.
 * Invariant: the private half never leaves this module.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface SigningKey {
  /** SPKI, PEM: what a receiver is configured with. */
  readonly publicKeyPem: string;
  /** Base64, as in the header `x-ghl-signature`. */
  sign(body: string): string;
}

export function createSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (body) => sign(null, Buffer.from(body), privateKey).toString('base64'),
  };
}
