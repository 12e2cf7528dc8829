/**
 * A transport that hands requests to a simulator in this process, without a socket: for tests that send tens of thousands.
 * Invariant: the simulator gets the same method, path, headers and bytes as over HTTP; a cut connection rejects as a socket's does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAnswer, HttpQuestion, Transport } from '../../../integrations/transport';
import type { VendorSimulator } from '../../../local/simulators/vendor';

/** `vendor` is the simulator that serves the adapter's base URL. */
export function directTransport(vendor: VendorSimulator): Transport {
  return (question) => ({ answer: exchange(vendor, question), stop: () => undefined });
}

function exchange(vendor: VendorSimulator, question: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const cut = (): void => reject(Object.assign(new Error('cut'), { code: 'ECONNRESET', syscall: 'read' }));
    let status = 0;
    let headers: Readonly<Record<string, string>> = {};
    const response = {
      writeHead(code: number, given: Readonly<Record<string, string>>) {
        status = code;
        headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
      },
      write: (_half: Buffer, done: () => void) => done(),
      end: (payload: Buffer) =>
        resolve({ status, header: (name) => headers[name.toLowerCase()] ?? null, text: payload.toString('utf8') }),
      socket: { destroy: cut, resetAndDestroy: cut },
    };
    vendor
      .handle(incomingOf(question) as unknown as IncomingMessage, response as unknown as ServerResponse)
      .catch(reject);
  });
}

function incomingOf({ url, method, headers, body }: HttpQuestion): object {
  const { pathname, search } = new URL(url);
  const chunks = body === undefined ? [] : [Buffer.from(body)];
  return { method, headers, url: pathname + search, complete: true, [Symbol.asyncIterator]: () => chunks.values() };
}
