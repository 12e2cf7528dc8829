/** After the last test, or when the run is interrupted: ends what global-setup.ts started and removes its directory. */
import { rmSync } from 'node:fs';

const closers: (() => Promise<void>)[] = [];

/** Remembers what to end. Called by global-setup.ts only, which runs in the same process. */
export function tearDownWith(close: () => Promise<void>): void {
  if (closers.length === 0) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void globalTeardown().then(() => process.exit(130)));
    }
  }
  closers.push(close);
}

export default async function globalTeardown(): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  const directory = process.env.BOOKSYNC_TEST_DIR;
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}
