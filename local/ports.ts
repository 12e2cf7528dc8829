/** Free ports, and who has the ones that are taken. Everything here is about 127.0.0.1. */
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { Refusal } from './refusal';

// Below the range from which the kernel takes the ports of outgoing connections, so that nothing slips in while a part is down.
const FIRST_PORT = 15_000;
const LAST_PORT = 31_999;

/** A port that nobody listens on at this moment; `preferred` when that one is free. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Refusal(
    `No free port was found between ${FIRST_PORT} and ${LAST_PORT}: end some of the programs that listen there.`,
  );
}

/** Whether this process could listen on the port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Throws a Refusal that names the first taken port, who has it where that can be known, and the variable to change. */
export async function requireFreePorts(ports: Readonly<Record<string, number>>): Promise<void> {
  const byPort = new Map<number, string>();
  for (const [variable, port] of Object.entries(ports)) {
    const other = byPort.get(port);
    if (other !== undefined) throw new Refusal(`${variable} and ${other} are both ${port}: give each its own port.`);
    byPort.set(port, variable);
    if (await isFree(port)) continue;
    const holder = portHolder(port);
    throw new Refusal(
      `Port ${port} is taken${holder === null ? '' : ` by ${holder}`}: free it, or set ${variable} to another port.`,
    );
  }
}

/** "node (process 4711)", or null where the operating system does not say. */
export function portHolder(port: number): string | null {
  if (process.platform !== 'linux') return null;
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (links.some((link) => sockets.has(link))) {
        return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
      }
    } catch {
      continue; // The process ended meanwhile, or is not ours to look into.
    }
  }
  return null;
}

/** Rows of /proc/net/tcp: local address (hex, port last) in column 1, state in column 3 (0A is listening), inode in column 9. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    return readFileSync(table, 'utf8')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === '0A')
      .map((columns) => `socket:[${columns[9]}]`);
  } catch {
    return [];
  }
}
