/**
 * Closed-loop load: a process that keeps a number of connections busy with signed webhooks, one request at a time on each.
 * Plain sockets instead of an HTTP client, because the generator shares the machine's cores with what it measures.
 */
import { connect, type Socket } from 'node:net';
import { serveParent } from './child';
import { percentile } from './figures';
import { createBodies, headersOf, WEBHOOK_PATH } from './webhook-bodies';

export interface LoadRequest {
  readonly port: number;
  readonly secret: string;
  readonly connections: number;
  readonly durationMs: number;
  /** Makes the uids of this run unlike those of any other. */
  readonly prefix: string;
}

export interface LoadResult {
  /** Answers 202. */
  readonly acks: number;
  /** Answers of any other status. */
  readonly others: number;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const bodies = createBodies();

async function load(request: LoadRequest): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: request.connections }, () => open(request.port)));
  const latencies: number[] = [];
  let acks = 0;
  let sent = 0;
  const startedAt = performance.now();
  const until = startedAt + request.durationMs;
  await Promise.all(
    sockets.map(async (socket) => {
      const exchange = exchangeOn(socket);
      while (performance.now() < until) {
        const bytes = requestBytes(`${request.prefix}-${(sent += 1)}`, request.secret);
        const sentAt = performance.now();
        if ((await exchange(bytes)) === 202) acks += 1;
        latencies.push(performance.now() - sentAt);
      }
      socket.destroy();
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  return {
    acks,
    others: sent - acks,
    elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

function requestBytes(uid: string, secret: string): string {
  const body = bodies(uid);
  const headers = { host: '127.0.0.1', 'content-length': Buffer.byteLength(body), ...headersOf(body, secret) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${WEBHOOK_PATH} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends one request and resolves with the status of its answer, which must announce its length. */
function exchangeOn(socket: Socket): (bytes: string) => Promise<number> {
  let received = '';
  let settle: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const head = received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
    if (length === undefined) settle?.reject(new Error('An answer came without a content-length'));
    else if (received.length >= head + 4 + Number(length)) {
      const status = Number(received.slice(9, 12));
      received = '';
      settle?.resolve(status);
    }
  });
  socket.on('close', () => settle?.reject(new Error('The server closed a connection before it had answered')));
  socket.on('error', (error) => settle?.reject(error));
  return (bytes) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(bytes);
    });
}

serveParent({}, load);
