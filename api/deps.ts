/** What the API's routes are given. Invariant: routes get their time, database and engine from here, never from the environment. */
import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Vault } from '../db/vault';
import type { ApiMetrics } from './metrics';

export interface ApiDeps {
  readonly db: pg.Pool;
  /** May be a client of a lazy connection: the API starts, and takes webhooks, while Temporal is away. */
  readonly temporal: Client;
  /** Connection ids of every configured source. */
  readonly sources: readonly string[];
  /** Null closes the operator API. */
  readonly apiToken: string | null;
  /** Null until the database was reachable for the first time. */
  readonly vault: () => Vault | null;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** How long a decision may take until it is reported as unconfirmed; 10 s unless a test is impatient. */
  readonly decisionTimeoutMs?: number;
}
