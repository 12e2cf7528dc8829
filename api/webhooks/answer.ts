/**
 * Writes one JSON answer on a plain response.
 * Invariant: the sender gets the answer even when it is still sending a body that nobody wants.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcedBytes } from './read-body';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How much of an unwanted body is read and thrown away before the connection is cut. */
const DISCARD_MAX_BYTES = 16 * 1024 * 1024;
const DISCARD_MAX_MS = 2_000;
/** An unread body up to this size is left to Node, which throws it away and keeps the connection. */
const KEEP_ALIVE_MAX_BYTES = 1024 * 1024;

export function answer(request: IncomingMessage, response: ServerResponse, reply: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(reply.body);
  const headers: Record<string, string | number> = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...reply.headers,
  };
  if (isStillSending(request)) {
    response.writeHead(reply.status, { ...headers, connection: 'close' });
    response.write(text);
    discardRest(request, () => response.end());
    return;
  }
  response.writeHead(reply.status, headers);
  response.end(text);
}

function isStillSending(request: IncomingMessage): boolean {
  if (request.complete) return false;
  const announced = announcedBytes(request);
  // Bodies are announced by a length or by chunked coding; a request with neither has none.
  if (announced === null) return request.headers['transfer-encoding'] !== undefined;
  return announced > KEEP_ALIVE_MAX_BYTES || request.readableDidRead;
}

/** Closing a socket with unread bytes resets it, and the reset can overtake the answer: so the rest is read first, within bounds. */
function discardRest(request: IncomingMessage, done: () => void): void {
  let discarded = 0;
  const timer = setTimeout(finish, DISCARD_MAX_MS);
  function onData(chunk: Buffer): void {
    discarded += chunk.length;
    if (discarded > DISCARD_MAX_BYTES) finish();
  }
  function finish(): void {
    clearTimeout(timer);
    request.off('data', onData).off('end', finish).off('close', finish);
    done();
  }
  request.on('data', onData).on('end', finish).on('close', finish);
  request.resume();
}
