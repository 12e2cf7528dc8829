/** What the API's routes are given. Invariant: routes get their time, database and engine from here, never from the environment. */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Vault } from '../db/vault';
import type { Crm } from '../integrations/ports';
import type { Connector } from '../integrations/connector';
import type { Engine } from './engine';
import type { ApiMetrics } from './metrics';
import type { Operators } from './operators';
import type { ConsoleSettings } from './pages/settings';

export interface ConnectDeps {
  /** By connection: accounts that can be connected with OAuth. */
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Where browsers reach this service; null: nothing can be connected. */
  readonly publicUrl: string | null;
}

export interface ApiDeps {
  readonly db: pg.Pool;
  readonly engine: Engine;
  /** Connection ids of every configured source. */
  readonly sources: readonly string[];
  /** Which sources feed which CRMs. */
  readonly sync: readonly { readonly source: string; readonly crms: readonly string[] }[];
  /** Who may use the operator API and the console. */
  readonly operators: Operators;
  readonly connect: ConnectDeps;
  /** Null until the database was reachable for the first time. */
  readonly vault: () => Vault | null;
  /** Reads a CRM's records to show them; null: there is no such CRM, or the database was not there yet to keep its tokens. */
  readonly crm: (connection: string) => Crm | null;
  readonly console: ConsoleSettings;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
}
