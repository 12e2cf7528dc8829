/**
 * Puts the API together: storage, webhooks, operator API, server.
 * Invariant: it listens at once and answers honestly what is missing; it closes in the order that loses nothing.
 */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { OperatorToken } from '../config/console-schema';
import type { MasterKeys, Vault } from '../db/vault';
import type { Crm, CrmWebhooks } from '../integrations/ports';
import { createApp } from './app';
import type { ConnectDeps } from './deps';
import type { Engine } from './engine';
import { createApiMetrics } from './metrics';
import { Operators } from './operators';
import type { ConsoleSettings } from './pages/settings';
import { listen, type ApiServer } from './server';
import { openStorage } from './storage';
import { createWebhookHandler, type WebhookLimits, type WebhookSource } from './webhooks/receive';

export interface ApiOptions {
  readonly pool: pg.Pool;
  readonly masterKeys: MasterKeys;
  readonly engine: Engine;
  /** Connection id → source. */
  readonly sources: ReadonlyMap<string, WebhookSource>;
  /** Connection id → what a CRM's webhooks are understood with. */
  readonly crmWebhooks?: ReadonlyMap<string, CrmWebhooks>;
  /** Which sources feed which CRMs; default none. */
  readonly sync?: readonly { readonly source: string; readonly crms: readonly string[] }[];
  /** The shared operator token. Null, and no operator: the operator API and the console are closed. */
  readonly apiToken: string | null;
  /** Operators with a token of their own; default none. */
  readonly operators?: readonly OperatorToken[];
  /** What the console shows of the configuration; without it, the sources alone, in UTC. */
  readonly console?: ConsoleSettings;
  /** A CRM's client, to show what it holds; null where the connection is none. */
  readonly crm?: (connection: string, vault: Vault) => Crm | null;
  /** Absent: nothing can be connected. */
  readonly connect?: ConnectDeps;
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  readonly nowMs?: () => number;
  readonly webhookLimits?: WebhookLimits;
  /** Where crash tests stop the process; see config/fail-points.ts. */
  readonly failPoint?: (name: string) => Promise<void> | void;
  /** Node's own figures (memory, event loop) beside ours. */
  readonly processMetrics?: boolean;
}

export interface RunningApi extends ApiServer {
  /** Resolves when webhooks can be stored. Rejects with `VaultError` when the master keys do not fit the database: nothing will. */
  readonly opened: Promise<void>;
}

/** Resolves once it listens, whether or not the database and Temporal are there. Pool and engine stay the caller's to close. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { pool, logger, sources } = options;
  const metrics = createApiMetrics({ processMetrics: options.processMetrics ?? true });
  const storage = openStorage({ pool, masterKeys: options.masterKeys, logger });
  const webhooks = createWebhookHandler({
    sources,
    crms: options.crmWebhooks ?? new Map(),
    store: storage,
    metrics,
    logger,
    failPoint: options.failPoint,
    ...(options.webhookLimits ? { limits: options.webhookLimits } : {}),
  });
  const app = createApp({
    db: pool,
    vault: () => storage.vault(),
    engine: options.engine,
    sources: [...sources.keys()],
    sync: options.sync ?? [],
    operators: new Operators(options),
    crm: (connection) => {
      const vault = storage.vault();
      return vault === null ? null : (options.crm?.(connection, vault) ?? null);
    },
    console: options.console ?? plainConsole(sources),
    connect: options.connect ?? { connectors: new Map(), publicUrl: null },
    metrics,
    logger,
    nowMs: options.nowMs ?? Date.now,
  });
  const server = await listen({ webhooks, app, host: options.host, port: options.port });
  return {
    host: server.host,
    port: server.port,
    opened: storage.opened,
    async close(closing) {
      await server.close(closing);
      await storage.close();
    },
  };
}

function plainConsole(sources: ApiOptions['sources']): ConsoleSettings {
  const connections = [...sources].map(
    ([id, { source }]) => ({ id, kind: source.kind, role: 'source', feeds: [] }) as const,
  );
  return { zone: 'UTC', reportZone: 'UTC', connections, mapping: {}, temporalUi: null };
}
