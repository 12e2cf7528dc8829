/**
 * Who is running: identities of processes that survive the reuse of process ids, the register of what a stack started,
 * and the claim on a data directory. Invariant: a process is only ever killed when its identity is the recorded one.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './refusal';

export interface RecordedProcess {
  readonly pid: number;
  readonly identity: string;
  /** The gentle signal; SIGKILL follows when it does not help. */
  readonly stopSignal: NodeJS.Signals;
}

/** Boot and start time of a process, or null when there is no such process (a zombie counts as none). */
export function processIdentity(pid: number): string | null {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

/** What a stack started, written to `processes.json` at once, so that a later start can clean up after a hard kill. */
export class ProcessRegister {
  private readonly file: string;
  private processes: Record<string, RecordedProcess> = {};

  constructor(dataDir: string) {
    this.file = path.join(dataDir, 'processes.json');
  }

  put(name: string, pid: number, stopSignal: NodeJS.Signals): void {
    const identity = processIdentity(pid);
    if (identity === null) return;
    this.processes = { ...this.processes, [name]: { pid, identity, stopSignal } };
    this.write();
  }

  remove(name: string): void {
    const { [name]: _gone, ...rest } = this.processes;
    this.processes = rest;
    this.write();
  }

  private write(): void {
    if (!existsSync(path.dirname(this.file))) return;
    const incoming = `${this.file}.new`;
    writeFileSync(incoming, JSON.stringify(this.processes));
    renameSync(incoming, this.file);
  }
}

/** Ends what an earlier, hard-killed start left running. Returns the names of the parts that it ended. */
export async function endSurvivors(dataDir: string): Promise<readonly string[]> {
  const file = path.join(dataDir, 'processes.json');
  const recorded = readJson<Record<string, RecordedProcess>>(file) ?? {};
  const alive = Object.entries(recorded).filter(([, one]) => processIdentity(one.pid) === one.identity);
  await Promise.all(alive.map(([, one]) => endProcess(one)));
  rmSync(file, { force: true });
  return alive.map(([name]) => name).sort();
}

async function endProcess(one: RecordedProcess): Promise<void> {
  for (const signal of [one.stopSignal, 'SIGKILL'] as const) {
    if (processIdentity(one.pid) !== one.identity) return;
    process.kill(one.pid, signal);
    const deadline = Date.now() + 10_000;
    while (processIdentity(one.pid) === one.identity && Date.now() < deadline) await sleep(20);
  }
}

interface Claim {
  readonly pid: number;
  readonly identity: string | null;
}

/**
 * Claims a data directory for this process. Throws a Refusal when another live process has it.
 * The claim of a process that is gone is taken over.
 * @returns a function that gives the claim back
 */
export function claimDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'claim.json');
  const mine: Claim = { pid: process.pid, identity: processIdentity(process.pid) };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    // A link appears whole or not at all, so of two starts at the same moment exactly one gets it.
    while (!tryLink(draft, file)) {
      const theirs = readJson<Claim>(file);
      if (theirs && processIdentity(theirs.pid) === theirs.identity && theirs.identity !== null) {
        throw new Refusal(
          `Another start (process ${theirs.pid}) is using ${dataDir}: stop it first, or set BOOKSYNC_DATA_DIR to another directory.`,
        );
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(file, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readJson<T>(file: string): T | null {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
