/**
 * Webhooks on their way to the app's one URL: waiting, under way, delivered, lost.
 * Invariant: one leaves after the other, in the order in which they become due; only an answer of 429 is tried again, up to six
 * times at ten minutes' distance, as the vendor documents. What waits is lost by a restart.
 */
import type { Chances } from '../chances';
import { drawFate } from '../fates';
import { postOnce } from '../post-webhook';
import type { GohighlevelSettings } from './settings';
import type { SigningKey } from './signing-key';
import { bodyOf } from './webhook-bodies';
import { subjectOf, type Webhook, type WebhookType } from './webhook-events';

export interface PendingWebhook {
  readonly type: WebhookType;
  /** The appointment, contact or opportunity. */
  readonly id: string;
  readonly dueAtMs: number;
  /** 1 for the first one. */
  readonly attempt: number;
}

export interface SentWebhook extends Omit<PendingWebhook, 'dueAtMs'> {
  /** 1, 2, 3 … */
  readonly n: number;
  readonly atMs: number;
  readonly url: string;
  /** The status that came back; `lost` was never sent. */
  readonly answer: number | 'no answer' | 'lost';
}

export interface WebhooksOut {
  /** Makes the bytes and sends what is due at once. Nothing is made while no URL is set. */
  emit(webhook: Webhook): void;
  /** Sends what has become due. */
  pump(): void;
  pending(): readonly PendingWebhook[];
  /** Releases everything that waits, retries included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is under way; what waits goes on waiting. */
  idle(): Promise<void>;
  /** The last ones, newest first. */
  log(): readonly SentWebhook[];
  lost(): number;
  nextDueAtMs(): number | null;
  clear(): void;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

interface Item extends PendingWebhook {
  readonly order: number;
  readonly url: string;
  readonly body: string;
  /** Leaves before it is due once so many later ones have left; null: only the clock counts. */
  behind: number | null;
}

const LOG_LENGTH = 500;
const LONGEST_HOLD_MS = 30_000;
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
  const closing = new AbortController();
  let lane: Promise<void> = Promise.resolve();
  let waiting: Item[] = [];
  let underWay: Item[] = [];
  let log: SentWebhook[] = [];
  let [sent, lost, order] = [0, 0, 0];

  const note = (item: Omit<SentWebhook, 'n' | 'atMs'>): void => {
    const { type, id, url, attempt, answer } = item;
    sent += 1;
    log.unshift({ n: sent, atMs: clock(), type, id, url, attempt, answer });
    log.length = Math.min(log.length, LOG_LENGTH);
    changed();
  };
  const answered = (item: Item, answer: number | null): void => {
    underWay = underWay.filter((other) => other !== item);
    if (closing.signal.aborted) return;
    note({ ...item, answer: answer ?? 'no answer' });
    if (answer !== 429 || item.attempt >= MOST_ATTEMPTS) return;
    waiting.push({ ...item, behind: null, attempt: item.attempt + 1, dueAtMs: clock() + RETRY_MS });
  };
  const leave = (item: Item): void => {
    waiting = waiting.filter((other) => other !== item);
    underWay.push(item);
    const to = { url: item.url, headers: headersOf(item.body, settings(), key), body: item.body };
    lane = lane.then(() => postOnce(to, closing.signal)).then((answer) => answered(item, answer));
    for (const other of waiting) if (other.order < item.order && other.behind !== null) other.behind -= 1;
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
    while (underWay.length > 0) await lane;
  };
  const enqueue = (webhook: Webhook, url: string): void => {
    const fate = drawFate(chances, settings());
    const { delayMs, namesDelivery } = settings();
    const base = { type: webhook.type, id: subjectOf(webhook), url, attempt: 1 };
    if (fate.isLost) {
      lost += 1;
      return note({ ...base, answer: 'lost' });
    }
    const holdMs = fate.behind === 0 ? 0 : LONGEST_HOLD_MS;
    order += 1;
    const named = { timestamp: new Date(clock()).toISOString(), webhookId: `wh-${clock()}-${order}` };
    const body = bodyOf(webhook, namesDelivery ? named : null);
    const behind = fate.behind === 0 ? null : fate.behind;
    for (let copy = 0; copy < fate.copies; copy += 1) {
      waiting.push({ ...base, body, order, dueAtMs: clock() + delayMs + holdMs, behind });
    }
  };

  return {
    emit(webhook) {
      const url = settings().webhookUrl;
      if (url !== null) enqueue(webhook, url);
      pump();
    },
    pump,
    pending: () =>
      [...inOrder(), ...underWay].map(({ type, id, dueAtMs, attempt }) => ({ type, id, dueAtMs, attempt })),
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

function headersOf(body: string, settings: GohighlevelSettings, key: SigningKey): Record<string, string> {
  const type = { 'content-type': 'application/json' };
  if (settings.signature === 'absent') return type;
  return { ...type, 'x-ghl-signature': settings.signature === 'N/A' ? 'N/A' : key.sign(body) };
}
