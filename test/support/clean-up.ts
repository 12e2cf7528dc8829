/**
 * What a test file opened is closed when the file ends, the newest first, also when a test failed half-way.
 * Invariant: importing this file is enough; every helper of this folder registers what it opens.
 */
const pending: (() => unknown)[] = [];

/** Remembers something to close after the last test of this file. Closing must be harmless when it was closed already. */
export function cleanUp(close: () => unknown): void {
  pending.push(close);
}

/** Closes it all now, for a part of a file that opens much. Throws when something could not be closed, after the rest was. */
export async function cleanUpNow(): Promise<void> {
  const failures: unknown[] = [];
  for (let close = pending.pop(); close !== undefined; close = pending.pop()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `Cleaning up failed: ${failures.map(String).join('; ')}`);
}

afterAll(cleanUpNow);
