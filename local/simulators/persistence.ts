/**
 * Keeps a simulator's state in one JSON file, so that a restarted demo finds the records that it made.
 * Invariant: the file is always a whole state (temporary file, then rename), at most a moment old, and current after `close`.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

export interface StateFile {
  /** The state changed: write it soon. */
  changed(): void;
  /** Writes what is not written yet and stops. */
  close(): Promise<void>;
}

/** Used where no folder is configured: state lives and dies with the process. */
const noStateFile: StateFile = { changed: () => {}, close: async () => {} };

const DEBOUNCE_MS = 25;
/** A large state is written less often, so that writing takes at most a tenth of the time. */
const IDLE_PER_WRITE = 9;

/**
 * Opens `<dir>/<name>.json`; `dir` is absolute, made when missing, and null where nothing is kept. `snapshot` returns what
 * `JSON.stringify` can take, as `schema` describes it. `saved` is null when there is none yet. Rejects when the file is not one of ours.
 */
export async function openState<Schema extends z.ZodType>(of: {
  readonly dir: string | null;
  readonly name: string;
  /** Whose state it is, for a reader: `Slack channel`. */
  readonly what: string;
  readonly schema: Schema;
  readonly snapshot: () => unknown;
}): Promise<{ readonly file: StateFile; readonly saved: z.output<Schema> | null }> {
  if (of.dir === null) return { file: noStateFile, saved: null };
  const path = join(of.dir, `${of.name}.json`);
  const value = await load(path);
  const saved = value === null ? null : of.schema.safeParse(value);
  if (saved?.success === false) {
    const problems = z.prettifyError(saved.error);
    throw new Error(`${path} is not a saved ${of.what}. Delete it to begin with an empty one.\n${problems}`);
  }
  return { file: createStateFile(path, of.snapshot), saved: saved?.data ?? null };
}

/** Null: there is none. Throws when the file is not JSON. */
async function load(file: string): Promise<unknown> {
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
}

function createStateFile(file: string, snapshot: () => unknown): StateFile {
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
