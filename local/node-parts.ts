/**
 * The parts that are our own programs: simulators, API, worker. Each runs its TypeScript entry point in a process of its own.
 * Invariant: each has a channel to its parent and ends when the parent is gone.
 */
import path from 'node:path';
import type { PartDefinition } from './part';
import { projectRoot } from './programs';

/** Absolute paths of the programs. */
export interface EntryPoints {
  readonly simulators: string;
  readonly api: string;
  readonly worker: string;
}

export interface NodePartOptions {
  /** Asked for at every start: the database's address is known only when it runs. */
  readonly env: () => NodeJS.ProcessEnv;
  readonly entryPoints: Partial<EntryPoints>;
  readonly ports: { readonly api: number };
}

/** Ready when it says so: one JSON line with `"ready":true`. */
export function simulatorsPart({ env, entryPoints }: NodePartOptions): PartDefinition {
  const entry = entryPoints.simulators ?? path.join(projectRoot, 'local/simulators/main.ts');
  return nodePart('simulators', { entry, env, isReady: (log) => /"ready":\s*true/.test(log) });
}

/** Ready when it answers `GET /healthz`; whether it can work, `/readyz` tells. */
export function apiPart({ env, entryPoints, ports }: NodePartOptions): PartDefinition {
  const entry = entryPoints.api ?? path.join(projectRoot, 'api/main.ts');
  const isReady = async (): Promise<boolean> =>
    (await getStatus(`http://127.0.0.1:${ports.api}/healthz`)).status === 200;
  return nodePart('api', { entry, env, isReady });
}

/** Ready when it says so: one JSON log line with the message "worker ready". */
export function workerPart({ env, entryPoints }: NodePartOptions): PartDefinition {
  const entry = entryPoints.worker ?? path.join(projectRoot, 'worker/main.ts');
  return nodePart('worker', { entry, env, isReady: (log) => /"msg":\s*"worker ready"/.test(log) });
}

/** Arguments with which Node runs a TypeScript (or JavaScript) file. */
export function nodeArguments(entry: string): string[] {
  return entry.endsWith('.ts') ? ['--require', require.resolve('./typescript.cjs'), entry] : [entry];
}

/** One GET, at most 2 s. Status 0 when nobody answers. */
export async function getStatus(url: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return { status: response.status, text: `${response.status} ${(await response.text()).slice(0, 500)}` };
  } catch {
    return { status: 0, text: 'no answer' };
  }
}

interface NodePart {
  readonly entry: string;
  readonly env: () => NodeJS.ProcessEnv;
  readonly isReady: PartDefinition['isReady'];
}

function nodePart(name: string, { entry, env, isReady }: NodePart): PartDefinition {
  return {
    name,
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    isReady,
    command: () => ({ file: process.execPath, args: nodeArguments(entry), cwd: projectRoot, env: env(), ipc: true }),
  };
}
