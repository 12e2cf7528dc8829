/**
 * Runs the check and both test projects, all of them even when one fails, and counts.
 * Invariant: the exit code is 0 only when nothing failed and tests were really run.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];

/** Runs `npm run <script>` with its output shown; resolves with the exit code. */
function runScript(script, ...args) {
  return new Promise((done) => {
    const [file, ...before] = npm;
    const child = spawn(file, [...before, 'run', script, '--', ...args], { cwd: root, stdio: 'inherit' });
    child.once('error', () => done(127));
    child.once('close', (code) => done(code ?? 1));
  });
}

/** A test script's own numbers; one failure when it ended without any. */
async function runTests(script) {
  const file = join(root, '.cache/ci', `${script.replace(':', '-')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const code = await runScript(script, '--json', `--outputFile=${file}`);
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  // A file that can't even be loaded has no tests to count.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  failures.push(...result.testResults.filter((suite) => suite.status === 'failed').map((suite) => suite.message));
  return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** What jest says of each file that failed; said again at the end, where it is not far above the last line. */
const failures = [];
const results = [
  await runScript('check').then((code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })),
  await runTests('test'),
  await runTests('test:crash'),
];
const sum = (what) => results.reduce((total, result) => total + result[what], 0);
process.exitCode = sum('failed') === 0 && results[1].passed > 0 ? 0 : 1;
for (const message of failures) console.log(`${message.split('\n').slice(0, 60).join('\n')}\n`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
