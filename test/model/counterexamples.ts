/**
 * Cases that once showed a difference between notebook and product, kept as JSON: a case to replay, and what it showed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './script';

export interface Counterexample {
  readonly file: string;
  /** What was wrong when it was found. */
  readonly showed: string;
  readonly case: Case;
}

const FOLDER = join(__dirname, 'counterexamples');

export function counterexamples(): Counterexample[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      file,
      ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Omit<Counterexample, 'file'>),
    }));
}

/** How a new one is printed, ready to be saved. */
export function asFixture(found: Case, showed: string): string {
  return JSON.stringify({ showed, case: found });
}
