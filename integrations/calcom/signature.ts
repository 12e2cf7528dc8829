/**
 * Cal.com's webhook signature: hex HMAC-SHA256 of the raw body in `X-Cal-Signature-256`, without timestamp or delivery id.
 * Invariant: fails closed; no answer and no timing tells which secret matched, or how nearly.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HeaderLookup, SignatureCheck } from '../ports';

export const SIGNATURE_HEADER = 'x-cal-signature-256';

/** What Cal.com sends instead of a signature when the subscription has no secret. */
const NO_SECRET = 'no-secret-provided';
const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/** Signs as Cal.com does: lower-case hex, no prefix. For samples and tests. */
export function sign(rawBody: Buffer | string, secret: string): string {
  return createHmac('sha256', secret).update(rawBody).digest('hex');
}

/**
 * Checks the raw bytes against every live secret. Empty secrets never match; without any other secret nothing passes.
 * Upper-case hex and an optional `sha256=` prefix are accepted: one Cal.com text announces the prefix, its code sends none.
 */
export function verifySignature(rawBody: Buffer, header: HeaderLookup, secrets: readonly string[]): SignatureCheck {
  const live = secrets.filter((secret) => secret.trim() !== '');
  if (live.length === 0) return refused('no webhook secret is configured for this connection; set one and restart');

  const sent = header(SIGNATURE_HEADER)?.trim();
  if (!sent) return refused('the X-Cal-Signature-256 header is missing');
  if (sent.toLowerCase() === NO_SECRET) {
    return refused('the Cal.com subscription has no secret (it sent "no-secret-provided"); set the secret there');
  }
  const hex = sent.replace(/^sha256=/i, '');
  if (!HEX_SHA256.test(hex)) return refused('X-Cal-Signature-256 is not a hex SHA-256 (expected 64 hex digits)');

  const claimed = Buffer.from(hex, 'hex');
  let matched = false;
  for (const secret of live) {
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    // No early exit: the time must not tell which of the secrets signed.
    matched = timingSafeEqual(expected, claimed) || matched;
  }
  return matched ? { ok: true } : refused('the signature matches none of the configured secrets');
}

function refused(reason: string): SignatureCheck {
  return { ok: false, reason };
}
