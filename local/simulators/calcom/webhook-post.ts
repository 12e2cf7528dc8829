/**
 * One attempt to deliver a webhook, signed as Cal.com signs.
 * Invariant: it always resolves; redirects are not followed.
 */
import { createHmac } from 'node:crypto';
import type { WebhookBody } from './webhook-bodies';

const TIME_LIMIT_MS = 10_000;

/** The status that was answered, or null when there was no answer. */
export async function postWebhook(
  to: { readonly url: string; readonly secret: string | null },
  body: WebhookBody,
  closing: AbortSignal,
): Promise<number | null> {
  const signature =
    to.secret === null ? 'no-secret-provided' : createHmac('sha256', to.secret).update(body.text).digest('hex');
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, TIME_LIMIT_MS);
  closing.addEventListener('abort', stop);
  try {
    const response = await fetch(to.url, {
      method: 'POST',
      headers: {
        'content-type': body.contentType,
        'x-cal-signature-256': signature,
        'x-cal-webhook-version': '2021-10-20',
      },
      body: body.text,
      redirect: 'manual',
      signal: limit.signal,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', stop);
  }
}
