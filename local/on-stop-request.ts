/** Everything that means "stop": Ctrl-C, a signal, a closed terminal, or the npm that started us being gone. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopRequest {
  readonly signal: AbortSignal;
  readonly whenStopped: Promise<void>;
}

export function onStopRequest(): StopRequest {
  const request = new AbortController();
  const whenStopped = new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve()));
  const stop = (): void => request.abort();
  for (const signal of SIGNALS) process.on(signal, stop);
  // A killed npm does not pass signals on, and would leave everything running with nobody to stop it.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => (process.ppid === parent ? undefined : stop()), 500).unref();
  }
  return { signal: request.signal, whenStopped };
}
