/** Runs one command to its end and collects what it said. Never throws for a command that is missing or fails. */
import { spawn } from 'node:child_process';

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, whileRunning?: (seconds: number) => void }} [options]
 *   `whileRunning` is called every ten seconds, so that a long download does not look like a hang.
 * @returns {Promise<{ found: boolean, code: number | null, output: string }>}
 */
export function run(command, args, { cwd, env = process.env, timeoutMs = 600_000, whileRunning } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const startedAt = Date.now();
    const ticking = setInterval(() => whileRunning?.(Math.round((Date.now() - startedAt) / 1000)), 10_000);
    const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const finish = (result) => {
      clearInterval(ticking);
      clearTimeout(deadline);
      done({ ...result, output });
    };
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', () => finish({ found: false, code: null }));
    child.once('close', (code) => finish({ found: true, code }));
  });
}

/** The last line of some output that says something, for a one-sentence report. */
export function lastLine(output) {
  return (
    output
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1)
      ?.trim() ?? 'it said nothing'
  );
}
