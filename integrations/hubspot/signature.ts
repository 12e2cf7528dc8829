/**
 * HubSpot's webhook signature, version 3: base64 HMAC-SHA256 over method, address, raw body and timestamp, in
 * `X-HubSpot-Signature-v3`, with the timestamp (epoch ms) in `X-HubSpot-Request-Timestamp`.
 * Invariant: fails closed; the older versions are not accepted; no answer tells which secret matched, or how nearly.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HeaderLookup, SignatureCheck } from '../webhook-port';

export const SIGNATURE_HEADER = 'x-hubspot-signature-v3';
export const TIMESTAMP_HEADER = 'x-hubspot-request-timestamp';

/** HubSpot asks receivers to refuse what is older; what claims to come from the future is refused as well. */
const MAX_AGE_MS = 300_000;

/** The only escapes that HubSpot writes out before it signs; its other ones (`%20`, `%26`) stay. */
const WRITTEN_OUT = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

const BASE64_SHA256 = /^[A-Za-z0-9+/]{43}=$/;

export interface SignedRequest {
  /** The address as HubSpot calls it: behind a proxy the request itself does not know it. */
  readonly url: string;
  readonly rawBody: Buffer | string;
  /** As in the header. */
  readonly timestamp: string;
}

/** Signs as HubSpot does. */
export function sign({ url, rawBody, timestamp }: SignedRequest, clientSecret: string): string {
  return digest({ url, rawBody, timestamp }, clientSecret).toString('base64');
}

/**
 * Checks a request against every live client secret. `url` null, empty secrets only, or no secret: nothing passes.
 * `nowMs`: epoch ms, for the age of the timestamp.
 */
export function verifySignature(
  request: { readonly url: string | null; readonly rawBody: Buffer; readonly header: HeaderLookup },
  secrets: readonly string[],
  nowMs: number,
): SignatureCheck {
  const { url, rawBody, header } = request;
  const live = secrets.filter((secret) => secret.trim() !== '');
  if (live.length === 0) return refused('no client secret is configured for this connection; set one and restart');
  if (url === null) return refused('HubSpot signs the address that it calls; set `webhookUrl` to it and restart');

  const timestamp = header(TIMESTAMP_HEADER)?.trim() ?? '';
  if (!/^\d{1,15}$/.test(timestamp)) {
    return refused('X-HubSpot-Request-Timestamp is missing or not a number (expected epoch milliseconds)');
  }
  if (Math.abs(nowMs - Number(timestamp)) > MAX_AGE_MS) {
    return refused('X-HubSpot-Request-Timestamp is more than five minutes off; check the clock of this machine');
  }
  const sent = header(SIGNATURE_HEADER)?.trim();
  if (!sent) return refused('the X-HubSpot-Signature-v3 header is missing');
  if (!BASE64_SHA256.test(sent))
    return refused('X-HubSpot-Signature-v3 is not a base64 SHA-256 (expected 44 characters)');

  const claimed = Buffer.from(sent, 'base64');
  let matched = false;
  for (const secret of live) {
    // No early exit: the time must not tell which of the secrets signed.
    matched = timingSafeEqual(digest({ url, rawBody, timestamp }, secret), claimed) || matched;
  }
  return matched
    ? { ok: true }
    : refused(
        'the signature matches none of the configured secrets; check them, and that `webhookUrl` is the address that HubSpot calls',
      );
}

function digest({ url, rawBody, timestamp }: SignedRequest, secret: string): Buffer {
  const [address = ''] = url.split('#', 1);
  const signed = address.replace(WRITTEN_OUT, (escape) => decodeURIComponent(escape));
  return createHmac('sha256', secret).update(`POST${signed}`).update(rawBody).update(timestamp).digest();
}

function refused(reason: string): SignatureCheck {
  return { ok: false, reason };
}
