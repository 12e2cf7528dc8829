/**
 * What a folder of a simulated vendor offers to the server, and what it gets from it.
 * Invariant: a vendor owns everything under `/{name}/…`, its state file, and whatever else it opens until `close`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface VendorContext {
  readonly host: string;
  /** Epoch milliseconds; skipped time in tests. */
  readonly clock: () => number;
  /** Port of the mail sink; 0 for any free one. */
  readonly mailPort: number;
  /** Absolute folder for state files; null keeps state in memory only. */
  readonly stateDir: string | null;
}

export interface VendorSimulator {
  readonly name: string;
  /** Answers one request whose path begins with `/{name}`. */
  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Stops everything that it opened; its state is on disk afterwards. */
  close(): Promise<void>;
}
