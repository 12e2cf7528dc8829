/**
 * Webhooks that leave one by one: waiting, under way, delivered, lost.
 * Invariant: a lane carries one webhook at a time, in the order in which they left; what waits is lost by a restart.
 */
import type { Chances } from './chances';
import { drawFate, type LineQuality } from './fates';

/** A webhook with its bytes made. `Name`: how state and page call it. */
export interface Outgoing<Name> {
  readonly name: Name;
  /** Lanes do not wait for each other. */
  readonly lane: string;
  readonly url: string;
  /** One attempt; resolves with the status that was answered, or null when there was no answer. */
  readonly post: (closing: AbortSignal) => Promise<number | null>;
  /** What the answer to an attempt (1 for the first one) means: how long until the next one, ms; null: there is none. */
  readonly retryInMs: (answer: number | null, attempt: number) => number | null;
}

export interface Pending<Name> {
  readonly name: Name;
  readonly lane: string;
  /** Epoch ms of the vendor's clock; it leaves then, or when it is flushed. */
  readonly dueAtMs: number;
  /** 1 for the first one. */
  readonly attempt: number;
}

export interface Sent<Name> {
  /** 1, 2, 3 … */
  readonly n: number;
  readonly atMs: number;
  readonly name: Name;
  readonly url: string;
  readonly attempt: number;
  /** The status that came back; `lost` was never sent. */
  readonly answer: number | 'no answer' | 'lost';
}

/** What the vendors' outboxes have in common, whatever they call a webhook. */
export interface OutboxControls<Waiting, Left> {
  /** Waiting ones by due time, then those under way. */
  pending(): readonly Waiting[];
  /** The last ones, newest first. */
  log(): readonly Left[];
  /** Sends what has become due. */
  pump(): void;
  /** Releases everything that waits, retries included; resolves when nothing is left. */
  flush(): Promise<void>;
  /** Resolves when nothing is under way; what waits goes on waiting. */
  idle(): Promise<void>;
  /** How many were never sent. */
  lost(): number;
  /** The earliest due time of what waits; null when nothing does. */
  nextDueAtMs(): number | null;
  clear(): void;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

export interface Outbox<Name> extends OutboxControls<Pending<Name>, Sent<Name>> {
  /** Draws what becomes of it on its way; it waits until the next `pump`. */
  put(webhook: Outgoing<Name>): void;
}

/** `GET _admin/webhooks` of every vendor that has an outbox. */
export function webhooksOf<Waiting, Left>(
  out: OutboxControls<Waiting, Left>,
): { readonly sent: readonly Left[]; readonly pending: readonly Waiting[]; readonly lost: number } {
  return { sent: out.log(), pending: out.pending(), lost: out.lost() };
}

/** `POST _admin/flush`: does not wait for the answers; `GET _admin/webhooks` shows when nothing is pending any more. */
export function releaseAll(out: OutboxControls<unknown, unknown>): { readonly released: number } {
  const released = out.pending().length;
  // It resolves whatever the subscribers answer.
  void out.flush();
  return { released };
}

interface Item<Name> extends Outgoing<Name>, Pending<Name> {
  readonly order: number;
  /** Leaves before it is due once so many later ones have left; null: only the clock counts. */
  behind: number | null;
}

const LOG_LENGTH = 500;
const LONGEST_HOLD_MS = 30_000;

export function createOutbox<Name>(parts: {
  readonly clock: () => number;
  readonly line: () => LineQuality & { readonly delayMs: number };
  readonly chances: Chances;
  /** Something that shows on the page or in the state changed. */
  readonly changed: () => void;
}): Outbox<Name> {
  const { clock, line, chances, changed } = parts;
  const closing = new AbortController();
  const lanes = new Map<string, Promise<void>>();
  let waiting: Item<Name>[] = [];
  let underWay: Item<Name>[] = [];
  let log: Sent<Name>[] = [];
  let [sent, lost, order] = [0, 0, 0];

  const note = ({ name, url, attempt, answer }: Omit<Sent<Name>, 'n' | 'atMs'>): void => {
    sent += 1;
    log.unshift({ n: sent, atMs: clock(), name, url, attempt, answer });
    log.length = Math.min(log.length, LOG_LENGTH);
    changed();
  };
  const answered = (item: Item<Name>, answer: number | null): void => {
    underWay = underWay.filter((other) => other !== item);
    if (closing.signal.aborted) return;
    note({ ...item, answer: answer ?? 'no answer' });
    const waitMs = item.retryInMs(answer, item.attempt);
    if (waitMs === null) return;
    waiting.push({ ...item, behind: null, attempt: item.attempt + 1, dueAtMs: clock() + waitMs });
  };
  const leave = (item: Item<Name>): void => {
    waiting = waiting.filter((other) => other !== item);
    underWay.push(item);
    const before = lanes.get(item.lane) ?? Promise.resolve();
    const lane = before.then(() => item.post(closing.signal)).then((answer) => answered(item, answer));
    lanes.set(item.lane, lane);
    for (const other of waiting) {
      const isOvertaken = other.lane === item.lane && other.order < item.order;
      if (isOvertaken && other.behind !== null) other.behind -= 1;
    }
  };
  const inOrder = (): Item<Name>[] => [...waiting].sort((a, b) => a.dueAtMs - b.dueAtMs || a.order - b.order);
  const idle = async (): Promise<void> => {
    while (underWay.length > 0) await Promise.all(lanes.values());
  };

  return {
    put(webhook) {
      const fate = drawFate(chances, line());
      if (fate.isLost) {
        lost += 1;
        return note({ ...webhook, attempt: 1, answer: 'lost' });
      }
      order += 1;
      const behind = fate.behind === 0 ? null : fate.behind;
      const dueAtMs = clock() + line().delayMs + (behind === null ? 0 : LONGEST_HOLD_MS);
      for (let copy = 0; copy < fate.copies; copy += 1)
        waiting.push({ ...webhook, order, attempt: 1, dueAtMs, behind });
    },
    pump() {
      for (;;) {
        const next = inOrder().find((item) => item.dueAtMs <= clock() || (item.behind !== null && item.behind <= 0));
        if (next === undefined) return;
        leave(next);
      }
    },
    pending: () =>
      [...inOrder(), ...underWay].map(({ name, lane, dueAtMs, attempt }) => ({ name, lane, dueAtMs, attempt })),
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
