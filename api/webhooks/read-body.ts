/**
 * Reads a request's raw bytes with a size cap and a time limit.
 * Invariant: never holds more than the cap in memory, never rejects, and says why when there is no body to work with.
 */
import type { IncomingMessage } from 'node:http';

export interface BodyLimits {
  readonly maxBytes: number;
  /** From the call of `readBody` to the last byte. */
  readonly timeoutMs: number;
}

export type BodyRead =
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_slow' }
  /** The sender hung up, or sent less or other than it announced. */
  | { readonly kind: 'aborted' };

/** What `Content-Length` announces in bytes, or null when the sender does not say (chunked). */
export function announcedBytes(request: IncomingMessage): number | null {
  const value = request.headers['content-length'];
  return value === undefined ? null : Number(value);
}

/** Reads until the end, the cap, the time limit or the sender's hang-up, whichever is first. Stops listening then. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  if ((announcedBytes(request) ?? 0) > limits.maxBytes) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => finish({ kind: 'too_slow' }), limits.timeoutMs);

    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > limits.maxBytes) finish({ kind: 'too_large' });
      else chunks.push(chunk);
    }
    function onEnd(): void {
      const [only] = chunks;
      finish({ kind: 'body', bytes: chunks.length === 1 && only ? only : Buffer.concat(chunks, size) });
    }
    function onGone(): void {
      finish({ kind: 'aborted' });
    }
    function finish(result: BodyRead): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      resolve(result);
    }
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}
