/**
 * Keeps a simulator's state in one JSON file, so that a restarted demo finds the records that it made.
 * Invariant: the file is always a whole state (temporary file, then rename), at most a moment old, and current after `close`.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface StateFile {
  /** The saved state; null when there is none. Throws when the file is not JSON. */
  load(): Promise<unknown>;
  /** The state changed: write it soon. */
  changed(): void;
  /** Writes what is not written yet and stops. */
  close(): Promise<void>;
}

/** Used where no folder is configured: state lives and dies with the process. */
export const noStateFile: StateFile = { load: async () => null, changed: () => {}, close: async () => {} };

const DEBOUNCE_MS = 25;
/** A large state is written less often, so that writing takes at most a tenth of the time. */
const IDLE_PER_WRITE = 9;

/** `file` is absolute; its folder is made when missing. `snapshot` returns what `JSON.stringify` can take. */
export function createStateFile(options: { readonly file: string; readonly snapshot: () => unknown }): StateFile {
  const { file, snapshot } = options;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let pending = false;
  let closed = false;
  let lastWriteMs = 0;

  const write = async (): Promise<void> => {
    const startedAtMs = Date.now();
    pending = false;
    const temporary = `${file}.${process.pid}.tmp`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(snapshot()));
    await rename(temporary, file);
    lastWriteMs = Date.now() - startedAtMs;
  };
  const schedule = (): void => {
    if (timer !== null || closed) return;
    timer = setTimeout(
      () => {
        writing = writing
          .then(write)
          .catch((error: unknown) => {
            pending = true;
            process.stderr.write(`The simulators' state could not be written to ${file}: ${String(error)}\n`);
          })
          .then(() => {
            timer = null;
            if (pending) schedule();
          });
      },
      Math.max(DEBOUNCE_MS, lastWriteMs * IDLE_PER_WRITE),
    );
  };

  return {
    async load() {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new Error(`${file} is not JSON. Delete it to begin with an empty simulator.`, { cause: error });
      }
    },
    changed() {
      pending = true;
      schedule();
    },
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
      if (pending) await write();
    },
  };
}
