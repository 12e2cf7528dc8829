/**
 * The benchmarks' own processes: floors and load generators run apart from what they measure, as the API and the worker do.
 * Invariant: a child says once that it is ready, answers each request in its order, and ends when its parent is gone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { nodeArguments } from '../local/node-parts';

export interface Child<Request, Answer> {
  readonly pid: number | null;
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** One request at a time. Throws when the child ends instead of answering. */
  ask(request: Request): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startChild<Request extends object, Answer>(
  entry: string,
  env: NodeJS.ProcessEnv,
): Promise<Child<Request, Answer>> {
  const execArgv = nodeArguments(entry).slice(0, -1);
  const child = fork(entry, [], { env, execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const failed = (): void => reject(new Error(`${entry} ended before it had answered`));
      child.once('exit', failed);
      child.once('message', (message) => {
        child.off('exit', failed);
        resolve(message);
      });
    });
  const ready = (await next()) as Record<string, unknown>;
  return {
    pid: child.pid ?? null,
    ready,
    ask: (request) => {
      const answer = next() as Promise<Answer>;
      child.send(request);
      return answer;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.disconnect();
      await ended;
    },
  };
}

/** The child's side: says that it is ready and answers from then on. */
export function serveParent<Request, Answer>(
  ready: Readonly<Record<string, unknown>>,
  answer: (request: Request) => Promise<Answer> | Answer,
): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    Promise.resolve(answer(request)).then(
      (message) => process.send?.(message),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.(ready);
}
