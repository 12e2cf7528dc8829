/**
 * One HTTP exchange as simulators see it: the request below the vendor's base path, and the answer to give.
 * Invariant: a request's body is read in full before anything is decided, so a reset after it means that the vendor had all of it.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

const MAX_BODY_BYTES = 5 * 1024 * 1024;

export interface SimRequest {
  readonly method: string;
  /** Below the vendor's base path, with its query: `/crm/objects/2026-09/contacts?limit=1`. */
  readonly path: string;
  /** `path` without its query, without a trailing slash. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SimAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `undefined`: no body. A string is sent as it is, as HTML; everything else as JSON. */
  readonly body: unknown;
  /** Why the request breaks the vendor's contract; null or absent when it does not. Never a value out of the request. */
  readonly violation?: string | null;
}

/** Thrown when a request's body is larger than any simulated vendor takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Reads a request below `basePath` (`/hubspot`). Throws `BodyTooLarge` beyond 5 MiB, and the socket's error when it breaks. */
export async function readRequest(incoming: IncomingMessage, basePath: string): Promise<SimRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLarge(`The request's body is larger than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const path = (incoming.url ?? '/').slice(basePath.length) || '/';
  const url = new URL(path.startsWith('/') ? path : `/${path}`, 'http://simulator.invalid');
  return {
    method: incoming.method ?? 'GET',
    path,
    pathname: url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

/** Sends an answer; `truncate` announces its full length, sends half of it and cuts the connection. */
export function sendAnswer(response: ServerResponse, answer: SimAnswer, options: { truncate?: boolean } = {}): void {
  const payload = Buffer.from(
    answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
  );
  response.writeHead(answer.status, {
    ...(answer.body === undefined
      ? {}
      : {
          'content-type':
            typeof answer.body === 'string' ? 'text/html; charset=utf-8' : 'application/json;charset=utf-8',
          'content-length': String(payload.length),
        }),
    ...answer.headers,
  });
  if (options.truncate !== true) {
    response.end(payload);
    return;
  }
  response.write(payload.subarray(0, Math.floor(payload.length / 2)), () => response.socket?.destroy());
}

/** Cuts the connection with a TCP reset: the caller sees ECONNRESET, no answer. */
export function resetConnection(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** An answer of the simulators themselves, as opposed to one that a vendor would give. */
export function simulatorError(status: number, code: string, message: string): SimAnswer {
  return { status, body: { error: { code, message } } };
}
