/** One attempt to deliver a batch of events, signed as HubSpot signs (version 3). */
import { createHmac } from 'node:crypto';
import { postOnce } from '../post-webhook';

/** Characters of the query that are signed decoded, as receivers of HubSpot's webhooks report. */
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** `X-HubSpot-Signature-v3` of a request: base64 of HMAC-SHA256 over method, URL, body and timestamp (epoch ms). */
export function signatureOf(
  clientSecret: string,
  request: { readonly method: string; readonly url: string; readonly body: string; readonly timestampMs: number },
): string {
  const url = request.url.replace(DECODED, (encoded) => decodeURIComponent(encoded));
  const signed = `${request.method}${url}${request.body}${request.timestampMs}`;
  return createHmac('sha256', clientSecret).update(signed).digest('base64');
}

/** The status that was answered, or null when there was no answer. `timestampMs`: the portal's clock. */
export function postEvents(
  to: { readonly url: string; readonly clientSecret: string; readonly body: string; readonly timestampMs: number },
  closing: AbortSignal,
): Promise<number | null> {
  const { url, clientSecret, body, timestampMs } = to;
  const headers = {
    'content-type': 'application/json',
    'x-hubspot-signature-v3': signatureOf(clientSecret, { method: 'POST', url, body, timestampMs }),
    'x-hubspot-request-timestamp': String(timestampMs),
  };
  return postOnce({ url, headers, body }, closing);
}
