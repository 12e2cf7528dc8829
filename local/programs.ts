/**
 * Where the two Temporal programs are. Looks in the same places, in the same order, as scripts/setup/programs.mjs, which obtains them:
 * environment variable, what setup wrote down, `.cache/`. Invariant: an answer is a file that exists.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import known from '../scripts/temporal-programs.json';
import { Refusal } from './refusal';

export const projectRoot = path.resolve(__dirname, '..');

type ProgramName = keyof typeof known;

/** Path of the `temporal` command line program, whose `server start-dev` is the embedded server. Throws a Refusal without one. */
export function temporalCliPath(): string {
  return programPath('temporal');
}

/** Path of the time-skipping test server. Throws a Refusal without one. */
export function temporalTestServerPath(): string {
  return programPath('temporal-test-server');
}

function programPath(name: ProgramName): string {
  const { environmentVariable, version } = known[name];
  const cache = path.join(projectRoot, '.cache/temporal');
  const candidates = [
    process.env[environmentVariable],
    recordedPath(path.join(cache, 'programs.json'), name),
    path.join(cache, `${name}-${version}`, name),
  ];
  const found = candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (found !== undefined) return found;
  throw new Refusal(
    `The program ${name} was not found: run "node scripts/setup.mjs", or set ${environmentVariable} to a copy of it.`,
  );
}

function recordedPath(file: string, name: ProgramName): string | undefined {
  if (!existsSync(file)) return undefined;
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<ProgramName, { path: string }>>;
  return recorded[name]?.path;
}
