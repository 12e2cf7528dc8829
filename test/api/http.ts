/** A plain HTTP client for tests that send what well-behaved clients would not. */
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; throws when it is not JSON. */
  json<T = { error: { code: string; message: string } }>(): T;
}

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Buffer | string;
  readonly agent?: http.Agent;
}

/** Sends one request to 127.0.0.1 and reads the whole answer, even when it comes before the body is sent. */
export function send(port: number, sent: Sent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        method: sent.method ?? 'POST',
        path: sent.path,
        headers: sent.headers,
        agent: sent.agent ?? false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(replyOf(response, Buffer.concat(chunks).toString())));
      },
    );
    request.on('error', reject);
    request.end(sent.body);
  });
}

function replyOf(response: http.IncomingMessage, text: string): Reply {
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: <T>() => JSON.parse(text) as T,
  };
}

/** Writes raw bytes and returns all that comes back until the server ends the connection. The client's side stays open. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(text);
  await once(socket, 'end');
  socket.destroy();
  return Buffer.concat(chunks).toString();
}

/** Writes raw bytes and hangs up at once, without waiting for an answer. */
export async function sendAndHangUp(port: number, text: string): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  await new Promise<void>((resolve, reject) => socket.write(text, (error) => (error ? reject(error) : resolve())));
  socket.resetAndDestroy();
}
