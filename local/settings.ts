/** What `npm start` is told by the environment, in the terms of the stack. */
import path from 'node:path';
import { readEnvironment } from '../config/environment';
import { freePort, requireFreePorts } from './ports';
import { projectRoot } from './programs';
import type { StackOptions } from './stack';

export interface Settings {
  readonly stack: StackOptions;
  /** Why the samples are not played, for a person; null: they are. */
  readonly noSamplesBecause: string | null;
  /** The configuration is the example's, with its simulated Cal.com, which has to know where to send its webhooks. */
  readonly usesSimulatedCalcom: boolean;
  /** The same of its simulated HubSpot. */
  readonly usesSimulatedHubspot: boolean;
  /** What the samples are signed with. */
  readonly webhookSecret: string;
  /** What the simulated HubSpot signs its webhooks with. */
  readonly hubspotClientSecret: string;
  /** The token that the example configuration uses at the CRM. */
  readonly hubspotToken: string;
}

/** PostgreSQL's port has no variable of its own; this one is taken while it is free, so that addresses stay the same. */
const POSTGRES_PORT = 5439;

/** Throws `ConfigError` with every variable that can't be used. */
export async function readSettings(env: NodeJS.ProcessEnv): Promise<Settings> {
  const { databaseUrl, temporalAddress, ...read } = readEnvironment(env);
  const named = {
    PORT: read.port,
    SIMULATORS_PORT: read.simulatorsPort,
    SMTP_PORT: read.smtpPort,
    ...(temporalAddress === null && { TEMPORAL_PORT: read.temporalPort, TEMPORAL_UI_PORT: read.temporalUiPort }),
  };
  const stack: StackOptions = {
    dataDir: path.resolve(projectRoot, read.dataDir),
    ports: {
      api: read.port,
      postgres: await freePort(POSTGRES_PORT),
      temporal: read.temporalPort,
      temporalUi: read.temporalUiPort,
      simulators: read.simulatorsPort,
      smtp: read.smtpPort,
    },
    supervised: true,
    ui: true,
    beforeStart: () => requireFreePorts(named),
    ...(databaseUrl !== null && { databaseUrl }),
    ...(temporalAddress !== null && { temporalAddress }),
  };
  return {
    stack,
    noSamplesBecause: noSamplesBecause(read.samples, read.variables),
    usesSimulatedCalcom: !read.variables.BOOKSYNC_CONFIG && !read.variables.CALCOM_BASE_URL,
    usesSimulatedHubspot:
      !read.variables.BOOKSYNC_CONFIG && !read.variables.HUBSPOT_BASE_URL && !read.variables.HUBSPOT_WEBHOOK_URL,
    webhookSecret: read.variables.CALCOM_WEBHOOK_SECRET || 'demo-calcom-secret',
    hubspotClientSecret: read.variables.HUBSPOT_CLIENT_SECRET || 'hubspot-demo-secret',
    hubspotToken: read.variables.HUBSPOT_TOKEN || 'pat-demo',
  };
}

/** Samples make contacts in the CRM, so they are only ever played against the simulator, in the example's configuration. */
function noSamplesBecause(wanted: boolean, variables: Readonly<Record<string, string>>): string | null {
  if (!wanted) return 'BOOKSYNC_SAMPLES is off';
  if (variables.BOOKSYNC_CONFIG) return 'BOOKSYNC_CONFIG names a configuration of yours';
  if (variables.HUBSPOT_BASE_URL) return 'HUBSPOT_BASE_URL names a CRM of yours';
  return null;
}
