/**
 * One HTTP exchange over `node:http`: sent once, over connections that are kept, answered with text.
 * Invariant: redirects are not followed, because the token would travel to an address that nobody configured.
 * Not `fetch`: its streams and abort signals cost a multiple of the exchange itself.
 */
import * as http from 'node:http';
import * as https from 'node:https';

export interface HttpQuestion {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as UTF-8 with its length. */
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
}

export interface Exchange {
  /** Rejects with the socket's error (`code`, `syscall`) when there was no answer, or not all of it. */
  readonly answer: Promise<HttpAnswer>;
  /** Breaks it off; `answer` rejects, unless it was there already. */
  stop(): void;
}

/** Throws what node:http throws for an address or a header that can't be sent. */
export type Transport = (question: HttpQuestion) => Exchange;

/** Shorter than the five seconds after which common servers close an idle connection, so that no request meets the closing. */
const IDLE_MS = 4_000;

/** Keeps connections for its own requests only; idle ones never hold up the end of the process. */
export function createTransport(): Transport {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, timeout: IDLE_MS }),
    'https:': new https.Agent({ keepAlive: true, timeout: IDLE_MS }),
  };
  return ({ url, method, headers, body }) => {
    const to = new URL(url);
    const secure = to.protocol === 'https:';
    const agent = agents[secure ? 'https:' : 'http:'];
    const request = (secure ? https : http).request(to, { method, headers: withLength(headers, body), agent });
    const answer = answerOf(request);
    // In one piece, so that head and body leave together and the length is known.
    request.end(body);
    return { answer, stop: () => void request.destroy() };
  };
}

/** Node leaves the length of a DELETE's body out, and the server then takes the body for the next request. */
function withLength(headers: HttpQuestion['headers'], body: string | undefined): HttpQuestion['headers'] {
  return body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
}

function answerOf(request: http.ClientRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, header: headersOf(response), text }));
    });
  });
}

function headersOf({ headers }: http.IncomingMessage): HttpAnswer['header'] {
  return (name) => {
    const value = headers[name.toLowerCase()];
    return value === undefined ? null : [value].flat().join(', ');
  };
}
