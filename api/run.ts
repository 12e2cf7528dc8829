/**
 * The API as a process: from environment and booksync.yaml to a listening server, and back.
 * Invariant: only what can never work (settings, keys, port) ends it; a database or a Temporal that is away does not.
 */
import type pg from 'pg';
import type { Config } from '../config/config';
import type { Environment } from '../config/environment';
import { failPointsFrom } from '../config/fail-points';
import type { Logger } from '../config/logger';
import { connectTemporalClient, temporalNamespaceOf } from '../config/temporal';
import { warnOfZoneDifferencesSoon } from '../config/zone-probe';
import { migrate } from '../db/migrate';
import { createPool } from '../db/pool';
import { parseMasterKeys, type Vault } from '../db/vault';
import { tokenStore } from '../db/credentials';
import type { Connector } from '../integrations/connector';
import type { Crm, CrmWebhooks } from '../integrations/ports';
import { connectorOf, crmOf, crmWebhooksOf, isCrm, isSource, sourceOf } from '../integrations/registry';
import { createEngine } from './engine';
import type { ConsoleSettings } from './pages/settings';
import { startApi } from './start';
import type { WebhookSource } from './webhooks/receive';

export interface ApiProcess {
  readonly host: string;
  readonly port: number;
  /** Resolves when everything was given back; rejects when webhooks can never be stored (`VaultError`). */
  readonly ended: Promise<void>;
  /** Stops accepting and lets requests finish. Safe to call twice. */
  stop(): void;
}

/** Resolves once it listens. `BOOKSYNC_MIGRATE=on` makes it migrate first; otherwise the worker or `booksync migrate` does. */
export async function runApi(from: { environment: Environment; config: Config; log: Logger }): Promise<ApiProcess> {
  const { environment, config, log } = from;
  const { databaseUrl, masterKey, variables } = environment;
  if (databaseUrl === null)
    throw new Error('DATABASE_URL is not set: the API needs the PostgreSQL that it stores webhooks in');
  if (masterKey === null) throw new Error('BOOKSYNC_MASTER_KEY is not set: without it no delivery can be stored');
  if (environment.apiToken === null && config.console.operators.length === 0)
    log.warn('BOOKSYNC_API_TOKEN is not set: the operator API refuses everybody');

  const masterKeys = parseMasterKeys(masterKey);
  if (variables.BOOKSYNC_MIGRATE === 'on') await migrate(databaseUrl);
  const pool = createPool(databaseUrl, { applicationName: 'booksync-api' });
  const engine = createEngine(() => connectTemporalClient(environment));
  const crmWebhooks = crmsOf(config);
  const api = await startApi({
    pool,
    masterKeys,
    engine,
    sources: sourcesOf(config),
    crmWebhooks,
    sync: config.sync,
    apiToken: environment.apiToken,
    operators: config.console.operators,
    console: consoleOf(config, environment),
    crm: crmClients(config, pool),
    connect: { connectors: connectorsOf(config), publicUrl: config.publicUrl },
    host: environment.host,
    port: environment.port,
    logger: log,
    failPoint: failPointsFrom(variables.BOOKSYNC_FAIL_POINT),
  });
  const webhooks = [...sourcesOf(config).keys(), ...crmWebhooks.keys()];
  log.info({ host: api.host, port: api.port, webhooks }, 'api ready');
  warnOfZoneDifferencesSoon(log);

  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const ended = Promise.race([stopped, api.opened.then(() => stopped)]).finally(async () => {
    await api.close();
    await Promise.allSettled([engine.close(), pool.end()]);
  });
  return { host: api.host, port: api.port, ended, stop };
}

function connectorsOf(config: Config): Map<string, Connector> {
  const connectors = new Map<string, Connector>();
  for (const [id, settings] of Object.entries(config.connections)) {
    const connector = connectorOf(settings);
    if (connector !== null) connectors.set(id, connector);
  }
  return connectors;
}

/** The configuration's sources with their live secrets. */
export function sourcesOf(config: Config): Map<string, WebhookSource> {
  const sources = new Map<string, WebhookSource>();
  for (const [id, connection] of Object.entries(config.connections)) {
    if (!isSource(connection.kind)) continue;
    const secrets = 'webhookSecrets' in connection ? connection.webhookSecrets : [];
    sources.set(id, { source: sourceOf(connection.kind), secrets });
  }
  return sources;
}

/** The CRMs whose webhooks are set up. */
function crmsOf(config: Config): Map<string, CrmWebhooks> {
  const crms = new Map<string, CrmWebhooks>();
  for (const [id, connection] of Object.entries(config.connections)) {
    const webhooks = crmWebhooksOf(connection);
    if (webhooks !== null) crms.set(id, webhooks);
  }
  return crms;
}

function consoleOf(config: Config, environment: Environment): ConsoleSettings {
  const { temporalUiAddress } = environment;
  return {
    zone: config.account.zone,
    reportZone: config.report.zone,
    connections: Object.entries(config.connections).map(([id, { kind }]) => ({
      id,
      kind,
      role: isSource(kind) ? 'source' : 'crm',
      feeds: config.sync.filter(({ source }) => source === id).flatMap(({ crms }) => crms),
    })),
    mapping: config.mapping,
    temporalUi:
      temporalUiAddress === null ? null : { address: temporalUiAddress, namespace: temporalNamespaceOf(environment) },
  };
}

/** One client per CRM connection and process, made when it is first needed: it keeps the rate limit. */
function crmClients(config: Config, pool: pg.Pool): (connection: string, vault: Vault) => Crm | null {
  const clients = new Map<string, Crm>();
  return (id, vault) => {
    const settings = Object.hasOwn(config.connections, id) ? config.connections[id] : undefined;
    if (settings === undefined || !isCrm(settings)) return null;
    const client = clients.get(id) ?? crmOf(id, settings, tokenStore({ pool, vault }, id));
    clients.set(id, client);
    return client;
  };
}
