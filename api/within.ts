/** A bound on waiting. */

/** Rejects when `work` takes longer than `timeoutMs`; `work` itself goes on and its late result is dropped. */
export function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeoutError(`No answer within ${timeoutMs} ms.`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}
