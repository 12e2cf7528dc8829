/**
 * Chromium for the browser tests, where this machine can install it by itself: Debian's package, as root.
 * Invariant: what can't be installed is said in one sentence and stops nothing; those tests then say that they were left out.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLine, run } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @param {{ say: (line: string) => void, env: NodeJS.ProcessEnv }} options */
export async function ensureChromium({ say, env }) {
  const isThere = (name) => (env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  if (env.CHROMIUM_PATH || NAMES.some(isThere)) return;
  const advice = 'browser tests are left out; install Chromium, or set CHROMIUM_PATH';
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !isThere('apt-get')) return say(advice);
  say('installing Chromium for the browser tests, once');
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  const whileRunning = (seconds) => say(`still installing Chromium (${seconds} s)`);
  await run('apt-get', ['update'], { env: quiet, whileRunning });
  const installed = await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], {
    env: quiet,
    whileRunning,
  });
  say(installed.code === 0 ? 'Chromium is installed' : `${advice} (${lastLine(installed.output)})`);
}
