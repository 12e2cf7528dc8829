/** Reads Cal.com bodies for tests: our own fixtures, and the vendor's reference samples where their folder exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FIXTURES = resolve(__dirname, '../../fixtures/calcom');
const REFERENCE = resolve(__dirname, '../../../../shared/contracts/calcom');

export const fixtureNames = (): readonly string[] => readdirSync(FIXTURES).map((file) => file.replace(/\.json$/, ''));

export const fixtureBytes = (name: string): Buffer => readFileSync(join(FIXTURES, `${name}.json`));

/** A fixture with its payload's fields replaced; a field set to undefined is left out. */
export function fixtureWith(name: string, payload: Readonly<Record<string, unknown>>): Buffer {
  const body = JSON.parse(fixtureBytes(name).toString('utf8')) as { payload?: Record<string, unknown> };
  return Buffer.from(JSON.stringify({ ...body, payload: { ...body.payload, ...payload } }));
}

/** Parsed reference files of a folder by file name; null, with a printed sentence, where the reference is not at hand. */
export function referenceFiles(folder: 'webhooks' | 'derived'): ReadonlyMap<string, unknown> | null {
  const path = join(REFERENCE, folder);
  if (!existsSync(path)) {
    process.stdout.write(
      `Skipped: no comparison with Cal.com's reference samples, because ../shared/contracts/calcom/${folder} is absent.\n`,
    );
    return null;
  }
  return new Map(
    readdirSync(path).map((file) => [file, JSON.parse(readFileSync(join(path, file), 'utf8')) as unknown]),
  );
}
