/**
 * A scripted HTTP server for tests of vendors' clients: it answers what the test says and remembers what it was asked.
 * Invariant: every server started here is closed after the test's file.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sentBody } from '../support/canned-routes';
import { cleanUp } from '../support/clean-up';

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** JSON as it means, a form as its fields. */
  readonly body: unknown;
}

export type Reply =
  | {
      readonly status: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  /** `hang` never answers, `reset` cuts the connection, `cut` sends half of a body. */
  | 'hang'
  | 'reset'
  | 'cut';

export interface ScriptedServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** Starts on a free port of the loopback; `answer` is called once per request. */
export async function scriptedServer(
  answer: (asked: Asked, n: number) => Reply | Promise<Reply>,
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://scripted.invalid');
      const text = Buffer.concat(chunks).toString('utf8');
      const one: Asked = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: text === '' ? undefined : sentBody(incoming.headers, text),
      };
      asked.push(one);
      void Promise.resolve(answer(one, asked.length)).then((reply) => send(response, reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  cleanUp(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return;
  if (reply === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (reply === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"status":', () => response.socket?.destroy());
    return;
  }
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(reply.text ?? (reply.json === undefined ? '' : JSON.stringify(reply.json)));
}
