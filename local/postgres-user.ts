/**
 * PostgreSQL refuses to run as root. Started by root (a container, usually), it runs as `postgres` or `nobody` instead,
 * who often cannot reach the project (a clone in /root, a private temporary directory).
 * Invariant: neither the project's nor anybody's permissions are loosened for that.
 */
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './refusal';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Who PostgreSQL must run as, or null for "as ourselves". Throws a Refusal when root has nobody to become. */
export function postgresUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const columns = rows.find((row) => row.startsWith(`${name}:`))?.split(':');
    if (columns) return { uid: Number(columns[2]), gid: Number(columns[3]) };
  }
  throw new Refusal(
    'PostgreSQL does not run as root, and this machine has neither a user "postgres" nor "nobody": start as another user, or set DATABASE_URL.',
  );
}

/** Whether the user may read the path and pass through every directory above it. */
export function canReach(user: User, target: string): boolean {
  const isAllowed = (entry: string, bits: number): boolean => {
    const { mode, uid, gid } = statSync(entry);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    return ((mode >> shift) & bits) === bits;
  };
  for (let above = path.dirname(target); ; above = path.dirname(above)) {
    if (!isAllowed(above, 0o1)) return false;
    if (above === path.dirname(above)) return isAllowed(target, 0o4);
  }
}

/**
 * PostgreSQL's programs in a place that the user can reach: where they are, or else a copy under /var/tmp.
 * Throws a Refusal when somebody else could have written that copy.
 */
export function reachablePrograms(user: User | null, native: string, version: string): string {
  if (user === null || canReach(user, path.join(native, 'share/postgresql/postgres.bki'))) return native;
  const copy = `/var/tmp/booksync-postgres-${version}`;
  if (!existsSync(copy)) {
    const incoming = `${copy}.${process.pid}`;
    rmSync(incoming, { recursive: true, force: true });
    mkdirSync(incoming, { mode: 0o700 });
    cpSync(native, incoming, { recursive: true, verbatimSymlinks: true });
    openToAll(incoming);
    renameSync(incoming, copy);
  }
  const { uid, mode } = lstatSync(copy);
  if (uid === 0 && (mode & 0o022) === 0) return copy;
  throw new Refusal(`${copy} does not belong to root alone: remove it and start again.`);
}

/** Readable, and executable where the owner may execute; whatever the umask made of it. */
function openToAll(entry: string): void {
  const info = lstatSync(entry);
  if (info.isSymbolicLink()) return;
  const isExecutable = info.isDirectory() || (info.mode & 0o100) !== 0;
  chmodSync(entry, isExecutable ? 0o755 : 0o644);
  if (info.isDirectory()) for (const name of readdirSync(entry)) openToAll(path.join(entry, name));
}
