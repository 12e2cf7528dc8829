/**
 * Webhooks on their way out: waiting, under way, delivered, lost.
 * Invariant: one subscriber hears one webhook at a time, in the order in which they left; what waits is lost by a restart.
 */
import type { Chances } from '../chances';
import { drawFate } from '../fates';
import type { CalcomSettings } from './settings';
import type { SentTrigger, Subscription, SubscriptionStore } from './subscriptions';
import { bodyFor } from './webhook-bodies';
import type { Webhook, WebhookBody } from './webhook-bodies';
import { postWebhook } from './webhook-post';

export interface PendingWebhook {
  readonly trigger: SentTrigger;
  readonly uid: string;
  readonly subscriptionId: string;
  /** Epoch ms of the account's clock; it leaves then, or when it is flushed. */
  readonly dueAtMs: number;
  /** 1 for the first one. */
  readonly attempt: number;
}

export interface SentWebhook {
  /** 1, 2, 3 … */
  readonly n: number;
  readonly atMs: number;
  readonly trigger: SentTrigger;
  readonly uid: string;
  readonly url: string;
  readonly attempt: number;
  /** The status that came back; `lost` was never sent. */
  readonly answer: number | 'no answer' | 'lost';
}

export interface WebhooksOut {
  /** Makes the bytes for every subscriber, and sends what is due at once. */
  emit(webhook: Webhook): void;
  /** Sends what has become due. */
  pump(): void;
  /** Waiting ones by due time, then those under way. */
  pending(): readonly PendingWebhook[];
  /** Releases everything that waits, retries included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is under way; what waits goes on waiting. */
  idle(): Promise<void>;
  /** The last ones, newest first. */
  log(): readonly SentWebhook[];
  /** How many were never sent. */
  lost(): number;
  /** The earliest due time of what waits; null when nothing does. */
  nextDueAtMs(): number | null;
  clear(): void;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

interface Item extends PendingWebhook {
  readonly order: number;
  readonly url: string;
  readonly secret: string | null;
  readonly body: WebhookBody;
  readonly mayRetry: boolean;
  /** Leaves before it is due once so many later ones have left; null: only the clock counts. */
  behind: number | null;
}

const LOG_LENGTH = 500;
const LONGEST_HOLD_MS = 30_000;
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
  const closing = new AbortController();
  const lanes = new Map<string, Promise<void>>();
  let waiting: Item[] = [];
  let underWay: Item[] = [];
  let log: SentWebhook[] = [];
  let [sent, lost, order] = [0, 0, 0];

  const note = (item: Omit<SentWebhook, 'n' | 'atMs'>): void => {
    const { trigger, uid, url, attempt, answer } = item;
    sent += 1;
    log.unshift({ n: sent, atMs: clock(), trigger, uid, url, attempt, answer });
    log.length = Math.min(log.length, LOG_LENGTH);
    changed();
  };

  const answered = (item: Item, answer: number | null): void => {
    underWay = underWay.filter((other) => other !== item);
    if (closing.signal.aborted) return;
    note({ ...item, answer: answer ?? 'no answer' });
    if (!item.mayRetry) return;
    const subscription = subscriptions.all().find(({ id }) => id === item.subscriptionId);
    if (answer === GONE && subscription) subscriptions.change(subscription.id, { active: false });
    if (!RETRIED.has(answer) || item.attempt >= MOST_ATTEMPTS) return;
    const waitMs = FIRST_RETRY_MS * RETRY_FACTOR ** (item.attempt - 1);
    waiting.push({ ...item, behind: null, attempt: item.attempt + 1, dueAtMs: clock() + waitMs });
  };

  const leave = (item: Item): void => {
    waiting = waiting.filter((other) => other !== item);
    underWay.push(item);
    const before = lanes.get(item.subscriptionId) ?? Promise.resolve();
    const lane = before
      .then(() => postWebhook(item, item.body, closing.signal))
      .then((answer) => answered(item, answer));
    lanes.set(item.subscriptionId, lane);
    for (const other of waiting) {
      const isOvertaken = other.subscriptionId === item.subscriptionId && other.order < item.order;
      if (isOvertaken && other.behind !== null) other.behind -= 1;
    }
  };

  const inOrder = (): Item[] => [...waiting].sort((a, b) => a.dueAtMs - b.dueAtMs || a.order - b.order);
  const pump = (): void => {
    for (;;) {
      const next = inOrder().find((item) => item.dueAtMs <= clock() || (item.behind !== null && item.behind <= 0));
      if (next === undefined) return;
      leave(next);
    }
  };
  const idle = async (): Promise<void> => {
    while (underWay.length > 0) await Promise.all(lanes.values());
  };

  const enqueue = (webhook: Webhook, subscription: Subscription, createdAtMs: number): void => {
    const fate = drawFate(chances, settings());
    const body = bodyFor(webhook, subscription, createdAtMs);
    const { delayMs, delivery } = settings();
    const { trigger, uid } = webhook;
    const { id: subscriptionId, url, secret } = subscription;
    if (fate.isLost) {
      lost += 1;
      note({ trigger, uid, url, attempt: 1, answer: 'lost' });
      return;
    }
    const holdMs = fate.behind === 0 ? 0 : LONGEST_HOLD_MS;
    for (let copy = 0; copy < fate.copies; copy += 1) {
      order += 1;
      waiting.push({
        ...{ trigger, uid, subscriptionId, url, secret, body, order, attempt: 1, mayRetry: delivery === 'queue' },
        dueAtMs: clock() + delayMs + holdMs,
        behind: fate.behind === 0 ? null : fate.behind,
      });
    }
  };

  return {
    emit(webhook) {
      const { delivery } = settings();
      // Older senders read the clock once per subscriber, so copies of one event differ.
      subscriptions
        .listening(webhook.trigger)
        .forEach((one, index) => enqueue(webhook, one, clock() + (delivery === 'legacy' ? index : 0)));
      pump();
      changed();
    },
    pump,
    pending: () =>
      [...inOrder(), ...underWay].map(({ trigger, uid, subscriptionId, dueAtMs, attempt }) => ({
        ...{ trigger, uid, subscriptionId, dueAtMs, attempt },
      })),
    async flush() {
      while (waiting.length + underWay.length > 0) {
        for (const item of inOrder()) leave(item);
        await idle();
      }
    },
    idle,
    log: () => [...log],
    lost: () => lost,
    nextDueAtMs: () => inOrder()[0]?.dueAtMs ?? null,
    clear() {
      waiting = [];
      log = [];
      [sent, lost] = [0, 0];
    },
    async close() {
      waiting = [];
      closing.abort();
      await idle();
    },
  };
}
