/**
 * One process of the stack: started, waited for until ready, stopped, killed, restarted, its output in a log file.
 * Invariant: at most one process of a part lives at a time, and the register knows it from its first moment.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRegister } from './processes';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Run as this user; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Open a channel whose end tells the child that we are gone. */
  readonly ipc?: boolean;
}

export interface PartDefinition {
  readonly name: string;
  /** Asked for before every start, so it may prepare files first. */
  readonly command: () => Command | Promise<Command>;
  /** @param log what this run of the process has printed so far */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  readonly readyWithinMs: number;
  readonly stopSignal: NodeJS.Signals;
  /** The process ended before it was ready: did this repair something, so that another try makes sense? */
  readonly repair?: (log: string) => boolean | Promise<boolean>;
}

const MAX_LOG_BYTES = 20_000_000;
const STOP_WITHIN_MS = 15_000;
const MAX_REPAIRS = 40;

interface Run {
  readonly child: ChildProcess;
  readonly logStart: number;
  /** Resolves with how it ended: "exit code 1", "SIGKILL", or why it could not be started. */
  readonly ended: Promise<string>;
  endedAs: string | null;
}

export class Part {
  readonly name: string;
  readonly logFile: string;
  private run: Run | null = null;
  private stopping = false;
  private listener: ((how: string) => void) | null = null;

  constructor(
    private readonly definition: PartDefinition,
    private readonly options: { readonly dataDir: string; readonly register: ProcessRegister },
  ) {
    this.name = definition.name;
    this.logFile = path.join(options.dataDir, 'logs', `${definition.name}.log`);
  }

  /** The process id, or null when it is not running. */
  get pid(): number | null {
    return this.run !== null && this.run.endedAs === null ? (this.run.child.pid ?? null) : null;
  }

  /** Is told when the process ends without having been asked to, from the moment it was ready. */
  onUnexpectedEnd(listener: (how: string) => void): void {
    this.listener = listener;
  }

  /** What the latest run of the process has printed. */
  log(): string {
    return this.run === null ? '' : readFrom(this.logFile, this.run.logStart);
  }

  /** The latest run's last words, for a message about its end. */
  lastWords(): string {
    const lines = this.log().trimEnd().split('\n');
    return lines.slice(-8).join('\n');
  }

  /** Starts the process and resolves when it is ready. Throws with its last words when it ends before that or takes too long. */
  async start(): Promise<void> {
    if (this.pid !== null) throw new Error(`${this.name} is already running (process ${this.pid})`);
    this.stopping = false;
    for (let repairs = 0; ; repairs += 1) {
      const run = await this.spawn();
      const problem = await this.waitUntilReady(run);
      if (problem === null) {
        void run.ended.then((how) => (this.stopping || this.run !== run ? undefined : this.listener?.(how)));
        return;
      }
      if (!this.stopping && repairs < MAX_REPAIRS && (await this.definition.repair?.(this.log()))) continue;
      throw new Error(
        `${this.name} did not start: ${problem}. Its log (${this.logFile}) ends with:\n${this.lastWords()}`,
      );
    }
  }

  /** Asks the process to end, insists after 15 s, resolves when it is gone. Does nothing when it is not running. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { run } = this;
    if (run === null || run.endedAs !== null) return;
    run.child.kill(this.definition.stopSignal);
    const insisting = setTimeout(() => run.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await run.ended;
    clearTimeout(insisting);
  }

  /** kill -9, resolves when the process is gone. Does nothing when it is not running. */
  async kill9(): Promise<void> {
    this.stopping = true;
    const { run } = this;
    if (run === null || run.endedAs !== null) return;
    run.child.kill('SIGKILL');
    await run.ended;
  }

  private async spawn(): Promise<Run> {
    const command = await this.definition.command();
    if (this.stopping) throw new Error(`${this.name} was stopped while it was starting`);
    const log = openLog(this.logFile);
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      // A group of its own: Ctrl-C must reach only the supervisor, which stops the parts in order.
      detached: true,
      stdio: command.ipc ? ['ignore', log.fd, log.fd, 'ipc'] : ['ignore', log.fd, log.fd],
      ...command.user,
    });
    closeSync(log.fd);
    if (child.pid !== undefined) this.options.register.put(this.name, child.pid, this.definition.stopSignal);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const run: Run = { child, logStart: log.size, ended, endedAs: null };
    this.run = run;
    void ended.then((how) => {
      run.endedAs = how;
      this.options.register.remove(this.name);
    });
    return run;
  }

  /** Null when ready, otherwise what went wrong. */
  private async waitUntilReady(run: Run): Promise<string | null> {
    const deadline = Date.now() + this.definition.readyWithinMs;
    while (run.endedAs === null) {
      if (await this.definition.isReady(this.log())) return null;
      if (Date.now() > deadline) {
        run.child.kill('SIGKILL');
        await run.ended;
        return `not ready after ${this.definition.readyWithinMs / 1000} s`;
      }
      await sleep(40);
    }
    return `ended (${run.endedAs})`;
  }
}

function openLog(file: string): { readonly fd: number; readonly size: number } {
  mkdirSync(path.dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  return { fd: openSync(file, 'a'), size: existsSync(file) ? statSync(file).size : 0 };
}

function readFrom(file: string, start: number): string {
  const fd = openSync(file, 'r');
  try {
    const { size } = statSync(file);
    if (size < start) return readFileSync(file, 'utf8');
    const buffer = Buffer.alloc(size - start);
    readSync(fd, buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    closeSync(fd);
  }
}
