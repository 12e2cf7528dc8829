/**
 * The API's HTTP server: webhooks go to the fast handler, all else to express.
 * Invariant: closing answers every request that was taken before it ends a connection, within a bound.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorBody } from './errors';
import type { WebhookHandler } from './webhooks/receive';

export interface ApiServer {
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets requests finish, then resolves. What is still open after `graceMs` is cut. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface ServerParts {
  readonly webhooks: WebhookHandler;
  readonly app: (request: IncomingMessage, response: ServerResponse) => void;
  readonly host: string;
  readonly port: number;
}

const GRACE_MS = 10_000;
const IDLE_SWEEP_MS = 25;

/** Resolves once it listens; rejects when the port is taken or the host is not ours. */
export async function listen(parts: ServerParts): Promise<ApiServer> {
  const server = http.createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      // Bounds slow bodies outside /webhooks/ too; those have a tighter limit of their own.
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      // Longer than load balancers keep a connection idle (60 s), so that they end it and not we under their next request.
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      if (request.url?.startsWith('/webhooks/')) parts.webhooks(request, response);
      else parts.app(request, response);
    },
  );
  server.on('clientError', answerBrokenHttp);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, close: ({ graceMs = GRACE_MS } = {}) => closeServer(server, graceMs) };
}

function closeServer(server: http.Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // Connections become idle one by one as their requests end; only Node's idle ones are closed by `close` itself.
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve();
    });
  });
}

const BROKEN_HTTP: Readonly<Record<string, { status: string; code: string; message: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'headers_too_large',
    message: 'The request headers are larger than 16 KiB.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'too_slow',
    message: 'The request did not arrive in time.',
  },
};

/** What could not be read as HTTP gets a JSON answer too. */
function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy(error);
    return;
  }
  const broken = BROKEN_HTTP[error.code ?? ''] ?? {
    status: '400 Bad Request',
    code: 'broken_http',
    message: 'The request is not valid HTTP.',
  };
  const body = JSON.stringify(errorBody(broken.code, broken.message));
  socket.end(
    `HTTP/1.1 ${broken.status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
