/**
 * HighLevel's webhooks to a CRM connection.
 * Invariant: nothing of HighLevel's vocabulary passes it except a trigger's and fields' names, and reasons in words.
 */
import type { CrmWebhooks } from '../webhook-port';
import { readDelivery, repeatMayBeNews, withoutValues } from './events';
import { PUBLISHED_KEY, publicKeyOf, verifySignature } from './signature';

export interface GohighlevelWebhookSettings {
  readonly locationId: string;
  /** Public keys of whoever signs, every one that may sign right now; null: the vendor's published one; empty: no webhooks. */
  readonly webhookKeys: readonly string[] | null;
}

/** Null where no key may sign. Throws where a key can't be read: `config/` has checked them. */
export function gohighlevelWebhooks(settings: GohighlevelWebhookSettings): CrmWebhooks | null {
  const keys = (settings.webhookKeys ?? [PUBLISHED_KEY]).map(publicKeyOf);
  if (keys.length === 0) return null;
  return {
    kind: 'gohighlevel',
    verifySignature: (rawBody, header) => verifySignature(rawBody, header, keys),
    // Its id is in the body, where it has one.
    deliveryId: () => null,
    keptHeaders: [],
    keptBody: withoutValues,
    repeatMayBeNews,
    read: (rawBody) => readDelivery(rawBody, settings.locationId),
    // It repeats on this answer and on no other.
    onTrouble: { status: 429, retryAfterSeconds: 5 },
  };
}
