/**
 * The real stack for crash tests: parts are armed with a fail point, killed and started again; the database, Temporal and
 * the simulators can be looked into. Invariant: looking never fails because a part is down right now, it is repeated.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type pg from 'pg';
import type { FailPoint } from '../../config/fail-points';
import { createPool } from '../../db/pool';
import type { PartName, Stack } from '../../local/stack';
import type { HttpFaultInput } from '../../local/simulators/faults';
import { bookingWorkflowId } from '../../workflows/contract';
import { cleanUp } from './clean-up';
import { eventually, PATIENCE_MS } from './eventually';
import { testDirectory, testStack } from './processes';

export interface HubspotRecordView {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly archived: boolean;
}

export interface HubspotView {
  readonly objects: Readonly<Record<'contacts' | 'meetings' | 'deals', readonly HubspotRecordView[]>>;
  readonly associations: readonly {
    readonly from: { readonly type: string; readonly id: string };
    readonly to: { readonly type: string; readonly id: string };
  }[];
  readonly violations: number;
}

export interface JournalView {
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly applied: boolean;
}

export interface MailView {
  readonly messages: readonly { readonly to: readonly string[]; readonly subject: string }[];
  readonly countByMessageId: Readonly<Record<string, number>>;
}

/** What one arming is waited for, and how the process that waits at its point is let go. */
export interface Armed {
  /** Resolves when the point was reached: the process is gone (`kill`) or waits there (`pause`). */
  reached(timeoutMs?: number): Promise<void>;
  /** Lets a paused process go on; nothing for a killed one. */
  release(): void;
}

export interface CrashStack {
  readonly stack: Stack;
  readonly pool: pg.Pool;
  readonly client: Client;
  /** Starts the part anew with a fail point in its environment, or, with `{}`, without one. */
  startWith(part: PartName, env: Readonly<Record<string, string>>): Promise<void>;
  /** `startWith` for a fail point of that part. */
  arm(part: 'api' | 'worker', point: FailPoint, action: 'kill' | 'pause'): Promise<Armed>;
  rows<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  booking(bookingId: string): WorkflowHandle;
  hubspot(): Promise<HubspotView>;
  crmJournal(): Promise<readonly JournalView[]>;
  crmFaults(faults: readonly HttpFaultInput[]): Promise<void>;
  mails(): Promise<MailView>;
}

export interface CrashStackOptions {
  /** Temporal and PostgreSQL write to files that survive a kill; false is faster and only right where neither is killed. */
  readonly durable: boolean;
  /** In the environment of the first start of simulators, API and worker. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function crashStack(options: CrashStackOptions): Promise<CrashStack> {
  const dataDir = testDirectory();
  // The stack reads this object at every start of a part, so a change holds from the next start on.
  const env: Record<string, string> = { ...options.env };
  const stack = await testStack({ dataDir, fast: !options.durable, env });
  const forget = (): void => {
    for (const name of Object.keys(env)) delete env[name];
  };
  forget();
  const pool = createPool(stack.databaseUrl, { max: 4, applicationName: 'crash-test' });
  cleanUp(() => pool.end());
  const connection = await Connection.connect({ address: stack.temporalAddress });
  cleanUp(() => connection.close());
  const client = new Client({ connection });

  const admin = async <T>(request: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${stack.simulatorsUrl}/${request}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${request} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const startWith: CrashStack['startWith'] = async (part, more) => {
    Object.assign(env, more);
    await stack.restart(part).finally(forget);
  };
  let armings = 0;

  return {
    stack,
    pool,
    client,
    startWith,
    arm: async (part, point, action) => {
      armings += 1;
      const file = path.join(dataDir, `fail-point-${armings}`);
      await startWith(part, { BOOKSYNC_FAIL_POINT: `${point}=${action === 'kill' ? 'kill' : `pause:${file}`}` });
      return armedWith({
        isReached: () => (action === 'kill' ? stack.pid(part) === null : existsSync(`${file}.reached`)),
        file,
        point,
      });
    },
    rows: (text, values) =>
      eventually(async () => (await pool.query(text, values)).rows, {
        what: 'the database to answer',
      }),
    booking: (bookingId) => client.workflow.getHandle(bookingWorkflowId(bookingId)),
    hubspot: () => admin('hubspot/_admin/state'),
    crmJournal: () => admin('hubspot/_admin/requests'),
    crmFaults: (faults) => admin('hubspot/_admin/faults', { faults }),
    mails: () => admin('mail/_admin/messages'),
  };
}

function armedWith(armed: { isReached: () => boolean; file: string; point: FailPoint }): Armed {
  return {
    reached: async (timeoutMs = PATIENCE_MS) => {
      await eventually(armed.isReached, { timeoutMs, what: `the fail point ${armed.point} to be reached` });
    },
    release: () => writeFileSync(armed.file, ''),
  };
}
