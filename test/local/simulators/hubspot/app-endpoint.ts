/** The app's own end of the portal's webhooks: a server that keeps what it was sent and answers as it is told. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SentEvent {
  readonly eventId: number;
  readonly subscriptionType: string;
  readonly objectId: number;
  readonly objectTypeId?: string;
  readonly propertyName?: string;
  readonly propertyValue?: string;
  readonly attemptNumber: number;
  readonly changeSource: string;
  readonly portalId: number;
}

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly events: readonly SentEvent[];
}

export interface AppEndpoint {
  readonly url: string;
  readonly received: readonly Received[];
  /** Status of the next answers, in order; 204 when there are none left. */
  readonly answers: number[];
  close(): Promise<void>;
}

/** Listens on a free port, under a path with a query that must be decoded before it is signed. */
export async function startApp(): Promise<AppEndpoint> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const events = JSON.parse(text) as SentEvent[];
      received.push({ url: request.url ?? '', headers: request.headers, text, events });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks?tenant=a%3Ab`,
    received,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
