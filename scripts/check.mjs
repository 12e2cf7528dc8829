/**
 * `npm run check`: format, lint, types, arrows, unused code. All of them run, two at a time, so that one look shows every problem.
 */
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './setup/run.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const program = (path, ...args) => [join(root, 'node_modules', path), ...args];

// The longest first.
const steps = [
  ['lint', ...program('eslint/bin/eslint.js', '.', '--max-warnings=0', '--cache', '--cache-location=.cache/eslint/')],
  ['types', ...program('typescript/bin/tsc', '-p', '.')],
  ['format', ...program('prettier/bin/prettier.cjs', '--check', '.', '--cache', '--cache-location=.cache/prettier')],
  ['arrows', ...program('dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', '.')],
  ['unused', ...program('knip/bin/knip.js')],
];

const waiting = [...steps];
const failed = [];

async function work() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const [name, ...args] = step;
    const startedAt = Date.now();
    const { code, output } = await run(process.execPath, args, { cwd: root });
    if (code !== 0) failed.push(name);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
    if (code !== 0) console.log(output.trimEnd());
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
