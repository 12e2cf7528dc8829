/**
 * One HTTP request over `fetch`: sent once, with a time limit, answered with text.
 * Invariant: a failure says whether anything may have reached the other side, and its text never holds the address or a body.
 */

export interface HttpCall {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly fetch?: typeof fetch;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** Name and value of every header, names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

/** There was no answer, or not all of it. `code` is the socket's code, `timeout`, or `no code`. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';

  constructor(
    readonly code: string,
    /** False: the connection was never made, so nothing was applied. */
    readonly maySent: boolean,
  ) {
    super(`no answer (${code})${maySent ? '' : ', nothing was sent'}`);
  }
}

/** Failures before a byte of the request left: a connection that was never made. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Redirects are not followed: credentials would travel to an address that nobody configured. Throws `NetworkFailure`. */
export async function sendOnce(call: HttpCall): Promise<HttpAnswer> {
  const stop = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, call.timeoutMs);
  try {
    const response = await (call.fetch ?? fetch)(call.url, {
      method: call.method,
      headers: call.headers,
      redirect: 'manual',
      signal: stop.signal,
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const text = await response.text();
    const headers: [string, string][] = [];
    response.headers.forEach((value, name) => headers.push([name, value]));
    return { status: response.status, header: (name) => response.headers.get(name), headers, text };
  } catch (thrown) {
    throw networkFailureOf(thrown, timedOut);
  } finally {
    clearTimeout(timer);
  }
}

/** What a thrown error of `fetch` means. The cause is not kept: its text may hold the address. */
export function networkFailureOf(thrown: unknown, timedOut: boolean): NetworkFailure {
  // Our own clock says nothing about how far the request got, so it outranks the socket's code.
  if (timedOut) return new NetworkFailure('timeout', true);
  const cause = property(thrown, 'cause');
  const code = wordOf(property(cause, 'code')) ?? wordOf(property(thrown, 'code')) ?? 'no code';
  const syscall = property(cause, 'syscall') ?? property(thrown, 'syscall');
  return new NetworkFailure(code, !(NOT_SENT_CODES.has(code) || syscall === 'connect' || syscall === 'getaddrinfo'));
}

// Read by shape: `fetch` may live in another realm, where `instanceof Error` is false.
function property(value: unknown, name: 'cause' | 'code' | 'syscall'): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function wordOf(code: unknown): string | null {
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : null;
}
