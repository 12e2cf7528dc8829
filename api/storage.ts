/**
 * Where webhooks are stored, from the first moment of the process: the vault opens as soon as the database lets it.
 * Invariant: before that, every delivery is refused as unavailable, so that its vendor sends it again.
 */
import type pg from 'pg';
import type { Logger } from 'pino';
import { createDeliveryWriter, replayDelivery, StoreUnavailableError, type DeliveryWriter } from '../db/deliveries';
import { openVault, VaultError, type MasterKeys, type Vault } from '../db/vault';
import { kindOf } from './errors';
import type { DeliveryStore } from './webhooks/receive';

export interface Storage extends DeliveryStore {
  /** Null until the vault is open. */
  vault(): Vault | null;
  /** Resolves when the vault is open or `close` was called. Rejects with `VaultError` when the master keys do not fit: that does not pass. */
  readonly opened: Promise<void>;
  /** Stops trying, and resolves when everything accepted is settled. */
  close(): Promise<void>;
}

const RETRY_MS = 1_000;

export function openStorage(options: {
  readonly pool: pg.Pool;
  readonly masterKeys: MasterKeys;
  readonly logger: Logger;
  readonly retryMs?: number;
}): Storage {
  let open: { readonly vault: Vault; readonly writer: DeliveryWriter } | null = null;
  const closing = new AbortController();
  const opened = keepTrying();
  // The caller looks at `opened` in its own time; until then a rejection is not an unhandled one.
  opened.catch(() => undefined);

  async function keepTrying(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const vault = await openVault(options.pool, options.masterKeys);
        open = { vault, writer: createDeliveryWriter({ pool: options.pool, vault }) };
        return;
      } catch (error) {
        if (error instanceof VaultError) throw error;
        options.logger.warn(kindOf(error), 'the database is away or not migrated yet; trying again');
        await pause(options.retryMs ?? RETRY_MS, closing.signal);
      }
    }
  }

  return {
    opened,
    vault: () => open?.vault ?? null,
    store: (delivery) =>
      open ? open.writer.store(delivery) : Promise.reject(new StoreUnavailableError('The vault is not open yet.')),
    again: async (id) => void (await replayDelivery(options.pool, id)),
    async close() {
      closing.abort();
      await opened.catch(() => undefined);
      await open?.writer.close();
    },
  };
}

/** Resolves after `ms`, or at once when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
