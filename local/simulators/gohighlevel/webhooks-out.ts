/**
 * HighLevel's webhooks on their way to the app's one URL.
 * Invariant: one leaves after the other, in the order in which they become due; only an answer of 429 is tried again, up to six
 * times at ten minutes' distance, as the vendor documents.
 */
import type { Chances } from '../chances';
import { createOutbox, type OutboxControls, type Pending, type Sent } from '../outbox';
import { postOnce } from '../post-webhook';
import type { GohighlevelSettings } from './settings';
import type { SigningKey } from './signing-key';
import { bodyOf } from './webhook-bodies';
import { subjectOf, type Webhook, type WebhookType } from './webhook-events';

interface Name {
  readonly type: WebhookType;
  /** The appointment, contact or opportunity. */
  readonly id: string;
}

export type PendingWebhook = Name & Omit<Pending<Name>, 'name' | 'lane'>;
export type SentWebhook = Name & Omit<Sent<Name>, 'name'>;

export interface WebhooksOut extends OutboxControls<PendingWebhook, SentWebhook> {
  /** Makes the bytes and sends what is due at once. Nothing is made while no URL is set. */
  emit(webhook: Webhook): void;
}

const MOST_ATTEMPTS = 7;
const RETRY_MS = 600_000;

export function createWebhooksOut(parts: {
  readonly clock: () => number;
  readonly settings: () => GohighlevelSettings;
  readonly chances: Chances;
  readonly key: SigningKey;
  readonly changed: () => void;
}): WebhooksOut {
  const { clock, settings, chances, key, changed } = parts;
  const outbox = createOutbox<Name>({ clock, line: settings, chances, changed });
  let made = 0;

  const put = (webhook: Webhook, url: string): void => {
    made += 1;
    const named = { timestamp: new Date(clock()).toISOString(), webhookId: `wh-${clock()}-${made}` };
    const body = bodyOf(webhook, settings().namesDelivery ? named : null);
    outbox.put({
      name: { type: webhook.type, id: subjectOf(webhook) },
      lane: 'app',
      url,
      post: (closing) => postOnce({ url, headers: headersOf(body, settings(), key), body }, closing),
      retryInMs: (answer, attempt) => (answer === 429 && attempt < MOST_ATTEMPTS ? RETRY_MS : null),
    });
  };

  return {
    ...outbox,
    emit(webhook) {
      const url = settings().webhookUrl;
      if (url !== null) put(webhook, url);
      outbox.pump();
    },
    pending: () => outbox.pending().map(({ name, dueAtMs, attempt }) => ({ ...name, dueAtMs, attempt })),
    log: () => outbox.log().map(({ name, ...more }) => ({ ...name, ...more })),
  };
}

function headersOf(body: string, settings: GohighlevelSettings, key: SigningKey): Record<string, string> {
  const type = { 'content-type': 'application/json' };
  if (settings.signature === 'absent') return type;
  return { ...type, 'x-ghl-signature': settings.signature === 'N/A' ? 'N/A' : key.sign(body) };
}
