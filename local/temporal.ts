/**
 * The embedded Temporal dev server.
 * Invariant: a damaged database file never keeps the stack from starting; it is moved aside, and the facts in PostgreSQL rebuild the rest.
 */
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { isFree } from './ports';
import type { PartDefinition } from './part';
import { projectRoot, temporalCliPath } from './programs';

export interface TemporalOptions {
  readonly port: number;
  /** Port of the Web UI; null: none. */
  readonly uiPort: number | null;
  /** SQLite file; null: in memory, forgotten when it ends. */
  readonly dbFile: string | null;
  readonly say: (line: string) => void;
}

/** The server as a part of the stack. */
export function temporalPart(options: TemporalOptions): PartDefinition {
  const { port, dbFile, say } = options;
  return {
    name: 'temporal',
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    command: () => {
      if (dbFile !== null) prepareFile(dbFile, say);
      return { file: temporalCliPath(), args: serverArguments(options), cwd: projectRoot, env: cleanEnvironment() };
    },
    isReady: () => hasNamespace(`127.0.0.1:${port}`, 'default'),
    repair: async (log) => {
      if (dbFile === null || !existsSync(dbFile) || !(await isFree(port))) return false;
      if (!/malformed|not a database|disk image|sqlite|corrupt/i.test(log)) return false;
      moveAside(dbFile, say);
      return true;
    },
  };
}

function serverArguments({ port, uiPort, dbFile }: TemporalOptions): string[] {
  const ui =
    uiPort === null ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort), '--ui-disable-news-fetch'];
  // The default pragmas allow a third of the throughput; these are as safe against a killed process.
  const file = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'];
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    // Skipped time, per workflow and only on request: what the rehearsal runs on.
    ...['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
    ...ui,
    ...(dbFile === null ? [] : ['--db-filename', dbFile, ...file]),
  ];
}

/** Whether a Temporal server answers at the address and knows the namespace. */
export async function hasNamespace(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    await connection.withDeadline(
      Date.now() + 2_000,
      () => connection?.workflowService.describeNamespace({ namespace }) ?? Promise.reject(new Error('not connected')),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close().catch(() => undefined);
  }
}

function prepareFile(dbFile: string, say: (line: string) => void): void {
  mkdirSync(path.dirname(dbFile), { recursive: true });
  if (existsSync(dbFile) && statSync(dbFile).size > 0 && !isSqlite(dbFile)) moveAside(dbFile, say);
}

function isSqlite(file: string): boolean {
  const head = Buffer.alloc(16);
  const fd = openSync(file, 'r');
  readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  return head.toString('latin1') === 'SQLite format 3\0';
}

function moveAside(dbFile: string, say: (line: string) => void): void {
  const aside = `${dbFile}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(dbFile + suffix)) renameSync(dbFile + suffix, aside + suffix);
  }
  say(`Temporal's database file was damaged and is now ${aside}; workflows are rebuilt from the facts in PostgreSQL`);
}

/** TEMPORAL_* of a user who works with another cluster must not configure this server. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
