/**
 * Answers by route, for transports that need no socket, and what was sent.
 * Invariant: a request that no route answers fails the test by name.
 */

export interface SentRequest {
  readonly method: string;
  /** Path with query, as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as it means, a form as its fields. */
  readonly body: unknown;
}

export type Canned = {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
/** `METHOD /path-prefix` → answer, or a list of answers used one after the other (the last one stays). */
export type Routes = Readonly<Record<string, Canned | readonly Canned[]>>;

/** The longest prefix that matches a line (`METHOD /path`) answers it. */
export function cannedAnswers(routes: Routes): (line: string) => Canned {
  const used = new Map<string, number>();
  return (line) => {
    const [key] = prefixesOf(routes, line).sort((a, b) => b.length - a.length);
    const found = key === undefined ? undefined : routes[key];
    if (key === undefined || found === undefined) throw new Error(`No canned answer for ${line}`);
    const list: readonly Canned[] = Array.isArray(found) ? found : [found as Canned];
    const n = used.get(key) ?? 0;
    used.set(key, n + 1);
    const chosen = list[Math.min(n, list.length - 1)];
    if (chosen === undefined) throw new Error(`An empty list of answers for ${line}`);
    return chosen;
  };
}

export const prefixesOf = (routes: Routes, line: string): string[] =>
  Object.keys(routes).filter((prefix) => line.startsWith(prefix));

export function sentBody(headers: { readonly 'content-type'?: string | undefined }, body: string | undefined): unknown {
  if (body === undefined) return undefined;
  if (headers['content-type'] === 'application/json') return JSON.parse(body) as unknown;
  return Object.fromEntries(new URLSearchParams(body));
}
