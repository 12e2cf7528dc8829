/**
 * A scripted HTTP server for tests of the HubSpot client: it answers what the test says and remembers what it was asked.
 * Invariant: every server started here is closed by its test.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export type Reply =
  | {
      readonly status: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** `hang` never answers, `reset` cuts the connection, `cut` sends half of a body. */
  | 'hang'
  | 'reset'
  | 'cut';

export interface TinyServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Starts on a free port of the loopback. `answer` is called once per request, after its body was read. */
export async function startTinyServer(answer: (request: SeenRequest, n: number) => Reply): Promise<TinyServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://tiny.invalid');
      const text = Buffer.concat(chunks).toString('utf8');
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        authorization: incoming.headers.authorization,
        body: bodyOf(incoming.headers['content-type'], text),
      };
      seen.push(request);
      reply(response, answer(request, seen.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bodyOf(type: string | undefined, text: string): unknown {
  if (text === '') return undefined;
  return type === 'application/json' ? (JSON.parse(text) as unknown) : Object.fromEntries(new URLSearchParams(text));
}

function reply(response: ServerResponse, what: Reply): void {
  if (what === 'hang') return;
  if (what === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (what === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"id":', () => response.socket?.destroy());
    return;
  }
  response.writeHead(what.status, { 'content-type': 'application/json', ...what.headers });
  response.end(what.text ?? (what.json === undefined ? '' : JSON.stringify(what.json)));
}
