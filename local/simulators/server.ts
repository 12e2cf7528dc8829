/**
 * Starts all simulated vendors on loopback: one HTTP server, `/{vendor}/…`, and the mail sink's SMTP port.
 * Invariant: `close` leaves no socket, no timer and no unwritten state behind.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendAnswer, simulatorError } from './exchange';
import { createVendors } from './registry';
import type { Vendors } from './registry';
import type { VendorSimulator } from './vendor';

export interface SimulatorsOptions {
  /** 0 for any free port. */
  readonly port: number;
  readonly host?: string;
  /** Epoch milliseconds. Default: the wall clock. */
  readonly clock?: () => number;
  /** SMTP port; default any free one. */
  readonly mailPort?: number;
  /** Absolute folder that keeps the vendors' records over restarts. Default: memory only. */
  readonly stateDir?: string | null;
}

export interface Simulators extends Vendors {
  /** `http://127.0.0.1:3900`; a vendor's base URL is `{url}/{vendor}`. */
  readonly url: string;
  readonly port: number;
  readonly smtpPort: number;
  close(): Promise<void>;
}

/** Rejects when a port is taken or a saved state can't be read. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const host = options.host ?? '127.0.0.1';
  const vendors = await createVendors({
    host,
    clock: options.clock ?? Date.now,
    mailPort: options.mailPort ?? 0,
    stateDir: options.stateDir ?? null,
  });
  const all: readonly VendorSimulator[] = Object.values(vendors);
  const byName = new Map(all.map((vendor) => [vendor.name, vendor]));
  const closeVendors = async (): Promise<void> => {
    await Promise.all(all.map((vendor) => vendor.close()));
  };
  const server = createServer((incoming, response) => {
    route(byName, incoming, response).catch((error: unknown) => {
      process.stderr.write(
        `A simulator failed: ${error instanceof Error ? (error.stack ?? error.message) : 'unknown'}\n`,
      );
      if (!response.headersSent) sendAnswer(response, simulatorError(500, 'simulator_failed', 'See the log.'));
    });
  });
  // Longer than any client's pool keeps a socket: an idle connection must not look like an injected reset.
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, options.port, host).catch(async (error: unknown) => {
    await closeVendors();
    throw error;
  });
  return {
    ...vendors,
    url: `http://${host}:${port}`,
    port,
    smtpPort: vendors.mail.smtpPort,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await closeVendors();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function route(
  vendors: ReadonlyMap<string, VendorSimulator>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = /^\/([^/?]*)/.exec(incoming.url ?? '/')?.[1] ?? '';
  const vendor = vendors.get(name);
  if (vendor !== undefined) return vendor.handle(incoming, response);
  incoming.resume();
  const list = [...vendors.keys()];
  if (name === '') return sendAnswer(response, { status: 200, body: { vendors: list } });
  sendAnswer(response, simulatorError(404, 'unknown_vendor', `Simulated vendors: ${list.join(', ')}.`));
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
