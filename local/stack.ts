/**
 * The whole stack on one machine: PostgreSQL, Temporal, simulators, API, worker, as child processes.
 * `npm start` runs it supervised; crash and end-to-end tests run it unsupervised on free ports and kill parts of it.
 * Invariant: whatever was started is stopped by `stop()`, also when starting fails half-way.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../db/migrate';
import { apiPart, getStatus, simulatorsPart, workerPart, type EntryPoints } from './node-parts';
import { Part, type PartDefinition } from './part';
import { freePort } from './ports';
import { ensureDatabase, initialisePostgres, postgresPart, postgresUrl } from './postgres';
import { claimDataDir, endSurvivors, ProcessRegister } from './processes';
import { projectRoot } from './programs';
import { secretsOf } from './secrets';
import { supervise } from './supervise';
import { temporalPart } from './temporal';
import { workflowBundleFile } from './workflow-bundle';

export type PartName = 'postgres' | 'temporal' | 'simulators' | 'api' | 'worker';

/** The order in which parts are stopped: who uses another stops first. */
const STOP_ORDER: readonly PartName[] = ['worker', 'api', 'simulators', 'temporal', 'postgres'];

export interface StackPorts {
  readonly api: number;
  readonly postgres: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly simulators: number;
  readonly smtp: number;
}

export interface StackOptions {
  /** Everything that is kept is kept below it. One stack at a time. */
  readonly dataDir: string;
  /** Those that are absent become free ones. */
  readonly ports?: Partial<StackPorts>;
  /** Which parts to run; all, unless said otherwise. */
  readonly parts?: readonly PartName[];
  /** Restart what ends by itself, and say so. Off unless said otherwise, because tests kill on purpose. */
  readonly supervised?: boolean;
  /** A PostgreSQL or a Temporal of yours, instead of the embedded one. */
  readonly databaseUrl?: string;
  readonly temporalAddress?: string;
  /** Temporal's Web UI. Off unless said otherwise. */
  readonly ui?: boolean;
  /** Temporal in memory and PostgreSQL without fsync: faster; a killed process still loses nothing in PostgreSQL. */
  readonly fast?: boolean;
  /** Added to the environment of simulators, API and worker; wins over what the stack itself says. */
  readonly env?: Readonly<Record<string, string>>;
  /** Other programs in the place of ours, for tests of the stack itself. */
  readonly entryPoints?: Partial<EntryPoints>;
  /** Called when nothing of an earlier start is left and nothing new runs yet; may throw a Refusal. */
  readonly beforeStart?: () => Promise<void>;
  /** Gives up starting, and stops what had started. */
  readonly signal?: AbortSignal;
  /** Progress, one line at a time, for a person. */
  readonly say?: (line: string) => void;
}

export interface Stack {
  readonly ports: StackPorts;
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  readonly simulatorsUrl: string;
  /** Environment in which a further process of ours would run: `booksync …`, a second worker. */
  readonly env: NodeJS.ProcessEnv;
  /** Process id, or null while the part is not running. */
  pid(part: PartName): number | null;
  /** What the latest run of the part has printed. */
  log(part: PartName): string;
  logFile(part: PartName): string;
  /** kill -9; the part stays down until `restart`. Resolves when it is gone. */
  kill9(part: PartName): Promise<void>;
  /** Asks the part to end (SIGTERM) and waits until it has. */
  stopPart(part: PartName): Promise<void>;
  /** Starts the part again, stopping it first when it runs. Resolves when it is ready (the API: when it answers /healthz). */
  restart(part: PartName): Promise<void>;
  /** Resolves when the API's /readyz answers 200; throws with its last answer after `timeoutMs` (30 s). */
  whenReady(timeoutMs?: number): Promise<void>;
  /** Stops everything in order. May be called twice. */
  stop(): Promise<void>;
}

/** Starts the stack and resolves when it is ready for use. Throws a Refusal, or an Error with the last words of the part that failed. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = path.resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const giveBack = claimDataDir(dataDir);
  try {
    const survivors = await endSurvivors(dataDir);
    if (survivors.length > 0)
      options.say?.(`an earlier start was killed; ended what it had left running: ${survivors.join(', ')}`);
    await options.beforeStart?.();
    const stack = new RunningStack(options, dataDir, await choosePorts(options), giveBack);
    await stack.start();
    return stack;
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function choosePorts({ ports = {} }: StackOptions): Promise<StackPorts> {
  const given = Object.values(ports);
  const another = async (): Promise<number> => {
    const port = await freePort();
    return given.includes(port) ? another() : (given.push(port), port);
  };
  return {
    api: ports.api ?? (await another()),
    postgres: ports.postgres ?? (await another()),
    temporal: ports.temporal ?? (await another()),
    temporalUi: ports.temporalUi ?? (await another()),
    simulators: ports.simulators ?? (await another()),
    smtp: ports.smtp ?? (await another()),
  };
}

class RunningStack implements Stack {
  readonly apiUrl: string;
  readonly apiToken: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  readonly simulatorsUrl: string;
  private readonly parts = new Map<PartName, Part>();
  private readonly postgres: { readonly directory: string; readonly port: number; readonly durable: boolean };
  private readonly masterKey: string;
  private readonly say: (line: string) => void;
  private readonly endings: (() => void)[] = [];
  private stopped: Promise<void> | null = null;
  private workflowBundle: string | null = null;

  constructor(
    private readonly options: StackOptions,
    private readonly dataDir: string,
    readonly ports: StackPorts,
    private readonly giveBack: () => void,
  ) {
    const secrets = secretsOf(dataDir);
    this.apiToken = options.env?.BOOKSYNC_API_TOKEN ?? process.env.BOOKSYNC_API_TOKEN ?? secrets.apiToken;
    this.masterKey = options.env?.BOOKSYNC_MASTER_KEY ?? process.env.BOOKSYNC_MASTER_KEY ?? secrets.masterKey;
    this.apiUrl = `http://127.0.0.1:${ports.api}`;
    this.simulatorsUrl = `http://127.0.0.1:${ports.simulators}`;
    this.temporalAddress = options.temporalAddress ?? `127.0.0.1:${ports.temporal}`;
    this.temporalUiUrl = options.ui && !options.temporalAddress ? `http://127.0.0.1:${ports.temporalUi}` : null;
    this.postgres = { directory: path.join(dataDir, 'postgres'), port: ports.postgres, durable: !options.fast };
    this.say = options.say ?? (() => undefined);
    this.createParts();
  }

  get databaseUrl(): string {
    return this.options.databaseUrl ?? postgresUrl(this.postgres);
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      TZ: 'UTC',
      PORT: String(this.ports.api),
      DATABASE_URL: this.databaseUrl,
      TEMPORAL_ADDRESS: this.temporalAddress,
      SIMULATORS_PORT: String(this.ports.simulators),
      SMTP_PORT: String(this.ports.smtp),
      SIMULATORS_STATE_DIR: path.join(this.dataDir, 'simulators'),
      ...(this.temporalUiUrl !== null && { TEMPORAL_UI_ADDRESS: this.temporalUiUrl }),
      BOOKSYNC_DATA_DIR: this.dataDir,
      BOOKSYNC_CONFIG: path.resolve(process.env.BOOKSYNC_CONFIG ?? path.join(projectRoot, 'booksync.example.yaml')),
      BOOKSYNC_API_TOKEN: this.apiToken,
      BOOKSYNC_MASTER_KEY: this.masterKey,
      ...(this.workflowBundle && { BOOKSYNC_WORKFLOW_BUNDLE: this.workflowBundle }),
      ...this.options.env,
    };
  }

  private createParts(): void {
    const { dataDir, options, ports, say } = this;
    const register = new ProcessRegister(dataDir);
    const nodeOptions = { env: () => this.env, entryPoints: options.entryPoints ?? {}, ports };
    const definitions: Record<PartName, PartDefinition | null> = {
      postgres: options.databaseUrl ? null : postgresPart(this.postgres),
      temporal: options.temporalAddress ? null : temporalPart({ ...this.temporalSettings(), say }),
      simulators: simulatorsPart(nodeOptions),
      api: apiPart(nodeOptions),
      worker: workerPart(nodeOptions),
    };
    for (const name of options.parts ?? STOP_ORDER) {
      const definition = definitions[name];
      if (definition !== null) this.parts.set(name, new Part(definition, { dataDir, register }));
    }
  }

  private temporalSettings(): Pick<Parameters<typeof temporalPart>[0], 'port' | 'uiPort' | 'dbFile'> {
    return {
      port: this.ports.temporal,
      uiPort: this.options.ui ? this.ports.temporalUi : null,
      dbFile: this.options.fast ? null : path.join(this.dataDir, 'temporal', 'temporal.db'),
    };
  }

  async start(): Promise<void> {
    const giveUp = (): void => void this.stop();
    this.options.signal?.addEventListener('abort', giveUp);
    try {
      // First, because the environment of all others contains the address, and the address the password that is made here.
      if (this.parts.has('postgres')) await initialisePostgres(this.postgres);
      await allOrNothing(
        [
          this.begin('temporal'),
          this.begin('simulators'),
          this.startDatabase().then(() => allOrNothing([this.begin('api'), this.beginWorker()], giveUp)),
        ],
        giveUp,
      );
      if (this.parts.has('api') && this.parts.has('worker')) await this.whenReady(60_000);
    } catch (error) {
      await this.stop();
      throw error;
    } finally {
      this.options.signal?.removeEventListener('abort', giveUp);
    }
    if (this.options.supervised) for (const part of this.parts.values()) this.endings.push(supervise(part, this.say));
  }

  private async startDatabase(): Promise<void> {
    if (this.parts.has('postgres')) {
      await this.begin('postgres');
      await ensureDatabase(this.postgres);
    }
    if (this.parts.has('postgres') || this.options.databaseUrl) await migrate(this.databaseUrl);
  }

  private async begin(name: PartName): Promise<void> {
    if (this.stopped !== null) throw new Error('the stack was stopped while it was starting');
    const part = this.parts.get(name);
    if (part === undefined) return;
    const startedAt = Date.now();
    await part.start();
    this.say(`${name} is up (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  }

  private async beginWorker(): Promise<void> {
    if (this.parts.has('worker') && this.options.entryPoints?.worker === undefined)
      this.workflowBundle = await workflowBundleFile();
    await this.begin('worker');
  }

  private part(name: PartName): Part {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`${name} is not a part of this stack`);
    return part;
  }

  pid(name: PartName): number | null {
    return this.part(name).pid;
  }

  log(name: PartName): string {
    return this.part(name).log();
  }

  logFile(name: PartName): string {
    return this.part(name).logFile;
  }

  kill9(name: PartName): Promise<void> {
    return this.part(name).kill9();
  }

  stopPart(name: PartName): Promise<void> {
    return this.part(name).stop();
  }

  async restart(name: PartName): Promise<void> {
    await this.part(name).stop();
    await this.part(name).start();
  }

  async whenReady(timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const answer = await getStatus(`${this.apiUrl}/readyz`);
      if (answer.status === 200) return;
      if (Date.now() > deadline) throw new Error(`The API was not ready after ${timeoutMs / 1000} s: ${answer.text}`);
      if (this.stopped !== null) throw new Error('the stack was stopped while it was starting');
      await sleep(50);
    }
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopParts();
    return this.stopped;
  }

  private async stopParts(): Promise<void> {
    for (const end of this.endings) end();
    for (const name of STOP_ORDER) await this.parts.get(name)?.stop();
    this.giveBack();
  }
}

/** Waits for all, so that nothing is still starting when this ends. Throws the first failure, at which it gives up the others. */
async function allOrNothing(promises: readonly Promise<void>[], giveUp: () => void): Promise<void> {
  const failures: unknown[] = [];
  const failed = (error: unknown): void => {
    failures.push(error);
    giveUp();
  };
  await Promise.all(promises.map((promise) => promise.catch(failed)));
  if (failures.length > 0) throw failures[0];
}
