/**
 * From a webhook to the bytes for one subscriber.
 * Invariant: the bytes are made when the event happens, so what comes late shows what was true then.
 */
import type { SentTrigger, Subscription } from './subscriptions';

type Fields = Readonly<Record<string, unknown>>;

export interface Webhook {
  readonly trigger: SentTrigger;
  readonly uid: string;
  /** `flat`: beside `triggerEvent`, with a `createdAt` of its own. */
  readonly shape: 'wrapped' | 'flat';
  readonly payload: Fields | ((subscription: Subscription) => Fields);
}

export interface WebhookBody {
  readonly text: string;
  readonly contentType: string;
}

const JSON_TYPE = 'application/json';

export function bodyFor(webhook: Webhook, subscription: Subscription, createdAtMs: number): WebhookBody {
  const payload = typeof webhook.payload === 'function' ? webhook.payload(subscription) : webhook.payload;
  if (subscription.payloadTemplate !== null) return fromTemplate(subscription.payloadTemplate, webhook, payload);
  const { trigger } = webhook;
  const body =
    webhook.shape === 'flat'
      ? { triggerEvent: trigger, ...payload }
      : { triggerEvent: trigger, createdAt: new Date(createdAtMs).toISOString(), payload };
  return { text: JSON.stringify(body), contentType: JSON_TYPE };
}

/** `{{path.to.field}}` is looked up in the payload; what does not become JSON is sent as a form. */
function fromTemplate(template: string, { trigger }: Webhook, payload: Fields): WebhookBody {
  const known: Fields = { triggerEvent: trigger, ...payload };
  const text = template.replace(/\{\{([\w.]+)\}\}/g, (_whole, path: string) => String(lookUp(known, path) ?? ''));
  try {
    JSON.parse(text);
    return { text, contentType: JSON_TYPE };
  } catch {
    return { text, contentType: 'application/x-www-form-urlencoded' };
  }
}

function lookUp(fields: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (held, key) => (typeof held === 'object' && held !== null ? (held as Fields)[key] : undefined),
      fields,
    );
}
