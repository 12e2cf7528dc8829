/**
 * Events on their way to the app: waiting, under way, delivered, lost.
 * Invariant: what is due at the same time leaves in one request of at most a hundred; one request at a time is under way.
 */
import { createChances } from '../chances';
import { drawFate } from '../fates';
import type { OutboxControls } from '../outbox';
import type { WebhookEvent } from './changes';
import type { HubspotSettings } from './settings';
import { postEvents } from './webhook-post';

/** An event without its values, as state and page list it. */
export type EventName = Pick<WebhookEvent, 'eventId' | 'subscriptionType' | 'objectId' | 'attemptNumber'> & {
  readonly propertyName: string | null;
};

export interface PendingEvent extends EventName {
  /** Epoch ms of the portal's clock; it leaves then, or when it is flushed. */
  readonly dueAtMs: number;
}

export interface SentBatch {
  /** 1, 2, 3 … */
  readonly n: number;
  readonly atMs: number;
  readonly url: string;
  readonly events: readonly EventName[];
  readonly answer: number | 'no answer';
}

export interface WebhooksOut extends OutboxControls<PendingEvent, SentBatch> {
  emit(events: readonly WebhookEvent[]): void;
  /** Draws fates from the settings' seed again. */
  reseed(): void;
}

interface Item {
  readonly event: WebhookEvent;
  readonly dueAtMs: number;
}

const LOG_LENGTH = 500;
const MAX_BATCH = 100;

export function createWebhooksOut(parts: {
  readonly clock: () => number;
  readonly settings: () => HubspotSettings;
  /** Something that shows on the page or in the state changed. */
  readonly changed: () => void;
}): WebhooksOut {
  const { clock, settings, changed } = parts;
  const closing = new AbortController();
  const chances = createChances(settings().webhookSeed);
  let lane: Promise<void> = Promise.resolve();
  let waiting: Item[] = [];
  let underWay: Item[] = [];
  let log: SentBatch[] = [];
  let [sent, lost] = [0, 0];

  const answered = (url: string, items: readonly Item[], answer: number | null): void => {
    underWay = underWay.filter((item) => !items.includes(item));
    if (closing.signal.aborted) return;
    sent += 1;
    const events = items.map(({ event }) => nameOf(event));
    log.unshift({ n: sent, atMs: clock(), url, events, answer: answer ?? 'no answer' });
    log.length = Math.min(log.length, LOG_LENGTH);
    changed();
    if (answer !== null && answer >= 200 && answer < 300) return;
    const dueAtMs = clock() + settings().webhookRetryMs;
    const again = items.filter(({ event }) => event.attemptNumber === 0);
    waiting.push(...again.map(({ event }) => ({ event: { ...event, attemptNumber: 1 }, dueAtMs })));
  };
  const leave = (items: readonly Item[], url: string): void => {
    underWay.push(...items);
    const { clientSecret } = settings();
    const body = JSON.stringify(items.map(({ event }) => event));
    lane = lane
      .then(() => postEvents({ url, clientSecret, body, timestampMs: clock() }, closing.signal))
      .then((answer) => answered(url, items, answer));
  };
  const release = (isDue: (item: Item) => boolean): void => {
    const due = inOrder(waiting).filter(isDue);
    waiting = waiting.filter((item) => !due.includes(item));
    const { webhookUrl } = settings();
    if (webhookUrl === null) return;
    for (let begin = 0; begin < due.length; begin += MAX_BATCH) leave(due.slice(begin, begin + MAX_BATCH), webhookUrl);
  };
  const idle = async (): Promise<void> => {
    while (underWay.length > 0) await lane;
  };

  return {
    emit(events) {
      const { webhookUrl, webhookLoss: loss, webhookDuplicate: duplicate, webhookDelayMs } = settings();
      if (webhookUrl === null) return;
      for (const event of events) {
        const fate = drawFate(chances, { loss, duplicate, reorder: 0 });
        if (fate.isLost) lost += 1;
        const copies = fate.isLost ? 0 : fate.copies;
        for (let n = 0; n < copies; n += 1) waiting.push({ event, dueAtMs: clock() + webhookDelayMs });
      }
      changed();
    },
    pump: () => release(({ dueAtMs }) => dueAtMs <= clock()),
    pending: () => [...inOrder(waiting), ...underWay].map(({ event, dueAtMs }) => ({ ...nameOf(event), dueAtMs })),
    async flush() {
      while (waiting.length + underWay.length > 0) {
        release(() => true);
        await idle();
      }
    },
    idle,
    log: () => [...log],
    lost: () => lost,
    nextDueAtMs: () => inOrder(waiting)[0]?.dueAtMs ?? null,
    reseed: () => chances.reseed(settings().webhookSeed),
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

/** Sorting is stable: what is due together stays in the order in which it happened. */
const inOrder = (items: readonly Item[]): Item[] => [...items].sort((a, b) => a.dueAtMs - b.dueAtMs);

function nameOf({ eventId, subscriptionType, objectId, attemptNumber, propertyName }: WebhookEvent): EventName {
  return { eventId, subscriptionType, objectId, attemptNumber, propertyName: propertyName ?? null };
}
