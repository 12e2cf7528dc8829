/** Signature vectors and webhook samples of the vendors, where they are at hand: reference only, nothing of them is in the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../../../shared/contracts');

/** The parsed file below `../shared/contracts`; null, said on stderr, where it is absent. */
export function contractFile<T>(file: string): T | null {
  const path = join(FOLDER, file);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T;
  process.stderr.write(`Skipped: ../shared/contracts/${file} is absent, so nothing was compared with it.\n`);
  return null;
}
