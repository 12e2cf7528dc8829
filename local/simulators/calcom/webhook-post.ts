/** One attempt to deliver a webhook, signed as Cal.com signs. */
import { createHmac } from 'node:crypto';
import { postOnce } from '../post-webhook';
import type { WebhookBody } from './webhook-bodies';

/** The status that was answered, or null when there was no answer. */
export function postWebhook(
  to: { readonly url: string; readonly secret: string | null },
  body: WebhookBody,
  closing: AbortSignal,
): Promise<number | null> {
  const signature =
    to.secret === null ? 'no-secret-provided' : createHmac('sha256', to.secret).update(body.text).digest('hex');
  const headers = {
    'content-type': body.contentType,
    'x-cal-signature-256': signature,
    'x-cal-webhook-version': '2021-10-20',
  };
  return postOnce({ url: to.url, headers, body: body.text }, closing);
}
