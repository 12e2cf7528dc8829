/**
 * Cal.com's webhooks on their way out: to every subscriber, in the order of each.
 * Invariant: subscribers do not wait for each other; whether an attempt is repeated is what `delivery` said when the webhook was made.
 */
import type { Chances } from '../chances';
import { createOutbox, type OutboxControls, type Pending, type Sent } from '../outbox';
import type { CalcomSettings } from './settings';
import type { SentTrigger, Subscription, SubscriptionStore } from './subscriptions';
import { bodyFor } from './webhook-bodies';
import type { Webhook } from './webhook-bodies';
import { postWebhook } from './webhook-post';

interface Name {
  readonly trigger: SentTrigger;
  readonly uid: string;
}

export type PendingWebhook = Name & Omit<Pending<Name>, 'name' | 'lane'> & { readonly subscriptionId: string };
export type SentWebhook = Name & Omit<Sent<Name>, 'name'>;

export interface WebhooksOut extends OutboxControls<PendingWebhook, SentWebhook> {
  /** Makes the bytes for every subscriber, and sends what is due at once. */
  emit(webhook: Webhook): void;
}

const MOST_ATTEMPTS = 3;
const FIRST_RETRY_MS = 10_000;
const RETRY_FACTOR = 1.5;
const RETRIED: ReadonlySet<number | null> = new Set([null, 408, 429, 500, 502, 503, 504]);
const GONE = 410;

export function createWebhooksOut(parts: {
  readonly clock: () => number;
  readonly settings: () => CalcomSettings;
  readonly subscriptions: SubscriptionStore;
  readonly chances: Chances;
  /** Something that shows on the page or in the state changed. */
  readonly changed: () => void;
}): WebhooksOut {
  const { clock, settings, subscriptions, chances, changed } = parts;
  const outbox = createOutbox<Name>({ clock, line: settings, chances, changed });

  const retryInMs = (subscriptionId: string, answer: number | null, attempt: number): number | null => {
    const isThere = subscriptions.all().some(({ id }) => id === subscriptionId);
    if (answer === GONE && isThere) subscriptions.change(subscriptionId, { active: false });
    if (!RETRIED.has(answer) || attempt >= MOST_ATTEMPTS) return null;
    return FIRST_RETRY_MS * RETRY_FACTOR ** (attempt - 1);
  };
  const put = (webhook: Webhook, subscription: Subscription, createdAtMs: number): void => {
    const { id, url, secret } = subscription;
    const body = bodyFor(webhook, subscription, createdAtMs);
    const isQueued = settings().delivery === 'queue';
    outbox.put({
      name: { trigger: webhook.trigger, uid: webhook.uid },
      lane: id,
      url,
      post: (closing) => postWebhook({ url, secret }, body, closing),
      retryInMs: (answer, attempt) => (isQueued ? retryInMs(id, answer, attempt) : null),
    });
  };

  return {
    ...outbox,
    emit(webhook) {
      const { delivery } = settings();
      // Older senders read the clock once per subscriber, so copies of one event differ.
      subscriptions
        .listening(webhook.trigger)
        .forEach((one, index) => put(webhook, one, clock() + (delivery === 'legacy' ? index : 0)));
      outbox.pump();
      changed();
    },
    pending: () => outbox.pending().map(({ name, lane, ...more }) => ({ ...name, subscriptionId: lane, ...more })),
    log: () => outbox.log().map(({ name, ...more }) => ({ ...name, ...more })),
  };
}
