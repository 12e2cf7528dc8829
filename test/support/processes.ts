/** Our programs as child processes of a test: started from TypeScript, watched, killed, and gone when the test file ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { nodeArguments } from '../../local/node-parts';
import { endSurvivors } from '../../local/processes';
import { projectRoot } from '../../local/programs';
import { startStack, type Stack, type StackOptions } from '../../local/stack';
import { cleanUp } from './clean-up';
import { makeTestDirectory } from './directories';
import { eventually, PATIENCE_MS } from './eventually';

export interface StartProcessOptions {
  /** Absolute path of a TypeScript or JavaScript file. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process's environment; `undefined` removes a name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False: the process gets `env` and nothing else. */
  readonly inheritEnv?: boolean;
  /** Default: the project's root. */
  readonly cwd?: string;
}

export interface TestProcess {
  readonly pid: number;
  /** Everything that it has written to stdout and stderr. */
  output(): string;
  /** Resolves with the first line that matches. Throws with the output when the process ends first or `timeoutMs` (`PATIENCE_MS`) pass. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Resolves when a GET answers 200. Throws as `line` does. */
  answers(url: string, timeoutMs?: number): Promise<void>;
  /** Sends a signal, SIGTERM unless another is named, and resolves with how the process ended. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
  kill9(): Promise<Ending>;
  /** Resolves when it ends by itself. */
  readonly ended: Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function startProcess(options: StartProcessOptions): TestProcess {
  const { entry, args = [], env = {}, inheritEnv = true, cwd = projectRoot } = options;
  const child = spawn(process.execPath, [...nodeArguments(entry), ...args], {
    cwd,
    env: { ...(inheritEnv ? process.env : {}), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return watch(child, entry);
}

function watch(child: ChildProcess, entry: string): TestProcess {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let ending: Ending | null = null;
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve((ending = { code, signal })));
  });
  ended.catch(() => undefined);

  const waitFor = async <T>(
    what: string,
    timeoutMs: number,
    check: () => T | Promise<T>,
  ): Promise<Exclude<T, false>> => {
    const outcome = await eventually(async () => (await check()) || (ending !== null ? 'ended' : false), {
      timeoutMs,
      what: `${what} of ${entry}`,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nIts output:\n${text}`);
    });
    if (outcome === 'ended') throw new Error(`${entry} ended before ${what}. Its output:\n${text}`);
    return outcome as Exclude<T, false>;
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> => {
    if (ending === null) child.kill(signal);
    return ended;
  };
  cleanUp(() => stop('SIGKILL'));

  return {
    pid: child.pid ?? -1,
    output: () => text,
    line: (pattern, timeoutMs = PATIENCE_MS) =>
      waitFor(`a line like ${pattern}`, timeoutMs, () => text.split('\n').find((line) => pattern.test(line)) ?? false),
    answers: async (url, timeoutMs = PATIENCE_MS) => {
      await waitFor(`200 from ${url}`, timeoutMs, async () => (await fetch(url).catch(() => null))?.status === 200);
    },
    stop,
    kill9: () => stop('SIGKILL'),
    ended,
  };
}

/** A directory that is removed when the test file ends, after what a killed stack may have left running in it. */
export function testDirectory(): string {
  const directory = makeTestDirectory();
  cleanUp(async () => {
    await endSurvivors(directory);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** The stack on free ports in a directory of its own, unsupervised, so that a test may kill parts. It ends with the test file. */
export async function testStack(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({ dataDir: testDirectory(), fast: true, ...options });
  cleanUp(() => stack.stop());
  return stack;
}
