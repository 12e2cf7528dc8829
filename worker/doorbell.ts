/**
 * What wakes the dispatcher: a notification of the database where it can be had, and the clock always.
 * Invariant: notifications only save waiting time; behind a transaction pooler, where there are none, polling alone is enough.
 */
import pg from 'pg';
import type { Log } from '../activities/deps';

export interface Doorbell {
  readonly pollMs: number;
  /** Resolves at the next ring, or after `ms`. A ring since the last wait counts. */
  wait(ms: number): Promise<void>;
  /** Waits for the whole span unless the process stops. */
  pause(ms: number): Promise<void>;
  ring(): void;
  close(): Promise<void>;
}

const RECONNECT_MS = 5_000;

/** Listens on channel `delivery`. A connection that can't listen is retried quietly; polling goes on meanwhile. */
export function createDoorbell(options: { databaseUrl: string; pollMs?: number; log: Log }): Doorbell {
  const waiting = new Set<() => void>();
  let rung = false;
  let closed = false;
  let listener: pg.Client | null = null;
  let reconnect: NodeJS.Timeout | undefined;

  const ring = (): void => {
    rung = true;
    for (const wake of waiting) wake();
  };
  const listen = async (): Promise<void> => {
    if (closed) return;
    const client = new pg.Client({ connectionString: options.databaseUrl, keepAlive: true });
    listener = client;
    const again = (): void => {
      if (listener !== client) return;
      listener = null;
      client.end().catch(() => undefined);
      if (!closed) reconnect = setTimeout(() => void listen(), RECONNECT_MS);
    };
    client.on('error', again);
    client.on('end', again);
    client.on('notification', ring);
    try {
      await client.connect();
      await client.query('LISTEN delivery');
      ring();
    } catch {
      again();
    }
  };
  void listen();

  const until = (ms: number, ringable: boolean): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        waiting.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      if (ringable || closed) waiting.add(finish);
      if ((ringable && rung) || closed) {
        rung = false;
        finish();
      }
    });

  return {
    pollMs: options.pollMs ?? 500,
    wait: async (ms) => {
      await until(ms, true);
      rung = false;
    },
    pause: (ms) => until(ms, false),
    ring,
    close: async () => {
      closed = true;
      clearTimeout(reconnect);
      ring();
      await listener?.end().catch(() => undefined);
    },
  };
}
