/**
 * Puts the worker process together: database, Temporal, workers, dispatcher, sweep.
 * Invariant: waits for what is not there yet, and gives everything back in the opposite order.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createActivities } from '../activities';
import type { Config } from '../config/config';
import { warnOfZoneDifferencesSoon } from '../config/zone-probe';
import { wallClock, zoneDataVersion } from '../config/zones';
import type { Environment } from '../config/environment';
import { failPointsFrom } from '../config/fail-points';
import type { Logger } from '../config/logger';
import {
  connectTemporalClient,
  connectTemporalWorker,
  ensureNamespaceRetention,
  registerSearchAttributes,
  temporalNamespaceOf,
} from '../config/temporal';
import { saveMappingVersion } from '../db/mapping-versions';
import { tokenStore } from '../db/credentials';
import { migrate } from '../db/migrate';
import { createPool } from '../db/pool';
import { openVault, parseMasterKeys } from '../db/vault';
import { createSmtpMessenger } from '../integrations/email/messenger';
import { crmOf, crmWebhooksOf, isCrm, isSource, sourceApiOf, sourceOf } from '../integrations/registry';
import { createSlackNotifier } from '../integrations/slack/notifier';
import type { Crm, CrmWebhooks, SourceApi } from '../integrations/ports';
import { startDispatcher } from './dispatcher';
import { createDoorbell } from './doorbell';
import { ensureSchedules, scheduledCrmsOf, scheduledReportOf, scheduledSourcesOf } from './schedules';
import { startReportUpkeep } from './report-upkeep';
import { startSweep } from './sweep';
import { createWorkers } from './worker';
import { createWorkflowSignals } from './workflow-signals';

export interface RunningWorker {
  /** Resolves when the process has given everything back; rejects when a worker failed for good. */
  readonly ended: Promise<void>;
  stop(): void;
}

export async function startWorker(from: {
  environment: Environment;
  config: Config;
  log: Logger;
}): Promise<RunningWorker> {
  const { environment, config, log } = from;
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const databaseUrl = environment.databaseUrl;
  if (databaseUrl === null)
    throw new Error('DATABASE_URL is not set: the worker needs the PostgreSQL that the API writes to');
  if (environment.masterKey === null)
    throw new Error('BOOKSYNC_MASTER_KEY is not set: without it no personal data can be read');

  const wait = waitingFor(log);
  await wait('PostgreSQL', () => migrate(databaseUrl));
  const pool = createPool(databaseUrl, { applicationName: 'booksync-worker' });
  const vault = await openVault(pool, parseMasterKeys(environment.masterKey));
  for (const [id, mapping] of Object.entries(config.mapping)) {
    await saveMappingVersion(pool, { connection: id, mapping, nowMs: Date.now() });
  }
  const client = await wait('Temporal', () => connectReady(environment));
  const connection = await wait('Temporal', () => connectTemporalWorker(environment));

  const failPoint = failPointsFrom(environment.variables.BOOKSYNC_FAIL_POINT);
  const maxHistoryEvents = Number(environment.variables.BOOKSYNC_MAX_HISTORY_EVENTS ?? 0);
  const signals = createWorkflowSignals(client, maxHistoryEvents > 0 ? { maxHistoryEvents } : {});
  const messenger = createSmtpMessenger({ smtpUrl: config.messages.smtpUrl, from: config.messages.from });
  const notifier = config.slack && createSlackNotifier(config.slack);
  const crmRates = new Map<string, number>();
  const crms = new Map<string, Crm>();
  const sources = new Map<string, ReturnType<typeof sourceOf>>();
  const crmWebhooks = new Map<string, CrmWebhooks>();
  const bookedFrom = new Set<string>();
  for (const [id, settings] of Object.entries(config.connections)) {
    if (isSource(settings.kind)) sources.set(id, sourceOf(settings.kind));
    if (!isCrm(settings)) continue;
    const webhooks = crmWebhooksOf(settings);
    if (webhooks !== null) crmWebhooks.set(id, webhooks);
    if (settings.bookFromCrm !== null) bookedFrom.add(id);
    crms.set(id, crmOf(id, settings, tokenStore({ pool, vault }, id)));
    crmRates.set(id, settings.requestsPerSecond);
  }
  const crm = (id: string): Crm => {
    const found = crms.get(id);
    if (!found)
      throw new Error(`Connection "${id}" is no CRM of this configuration; known are ${[...crms.keys()].join(', ')}`);
    return found;
  };
  const sourceApis = new Map(
    Object.entries(config.connections).map(([id, settings]) => [
      id,
      sourceApiOf(id, settings, tokenStore({ pool, vault }, id)),
    ]),
  );
  const sourceApi = (id: string): SourceApi | null => sourceApis.get(id) ?? null;
  const activities = createActivities({
    pool,
    vault,
    settings: config,
    crm,
    messenger,
    notifier,
    signals,
    log,
    failPoint,
    wallClock,
    source: (id) => sourceOf(config.connections[id]?.kind ?? id),
    sourceApi,
  });
  const codePath = environment.variables.BOOKSYNC_WORKFLOW_BUNDLE;
  const workers = await createWorkers({
    connection,
    namespace: temporalNamespaceOf(environment),
    activities,
    crmRates,
    ...(codePath && { workflowBundle: { codePath } }),
  });

  const holder = `${hostname()}#${process.pid}#${randomUUID()}`;
  const doorbell = createDoorbell({ databaseUrl, log });
  const dispatcher = startDispatcher({
    pool,
    vault,
    sources,
    crms: crmWebhooks,
    bookedFrom,
    sourceApi,
    signals,
    doorbell,
    log,
    holder,
    failPoint,
  });
  const crmConnections = [...crms.keys()];
  const sweep = startSweep({ pool, client, signals, crmConnections, zoneData: zoneDataVersion, log, holder });
  const reportUpkeep = startReportUpkeep({ pool, vault, settings: config, wallClock, log, holder });
  const runs = Promise.all(workers.map((worker) => worker.run()));
  log.info({ connections: Object.keys(config.connections) }, 'worker ready');
  warnOfZoneDifferencesSoon(log);
  // Not waited for: a namespace that allows no schedules costs the polls, not the worker.
  void wait('Temporal', () =>
    ensureSchedules(
      client,
      [...scheduledSourcesOf(config), ...scheduledCrmsOf(config), ...scheduledReportOf(config)],
      log,
    ),
  );

  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const ended = runs.finally(async () => {
    stop();
    sweep.stop();
    reportUpkeep.stop();
    await dispatcher.stop();
    await doorbell.close();
    messenger.close();
    await Promise.allSettled([connection.close(), client.connection.close(), pool.end()]);
  });
  return { ended: ended.then(() => undefined), stop };
}

/** Connected, with our search attributes and a retention that keeps a booking readable for its whole life. */
async function connectReady(environment: Environment): Promise<Client> {
  const client = await connectTemporalClient(environment);
  await registerSearchAttributes(client);
  await ensureNamespaceRetention(client);
  return client;
}

/** Repeats until it works: parts of a stack start in any order. Says once a minute what it waits for. */
function waitingFor(log: Logger): <T>(what: string, attempt: () => Promise<T>) => Promise<T> {
  return async (what, attempt) => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (tries % 60 === 0)
          log.warn({ what, error: error instanceof Error ? error.name : 'unknown' }, 'waiting for it');
        await delay(Math.min(1_000, 100 * 2 ** tries));
      }
    }
  };
}
