/**
 * What `npm start` and `npm test` need before they can run: npm packages, PostgreSQL's files, two Temporal programs;
 * with `--browser`, as tests call it, also a browser where this machine can install one.
 * Invariant: plain Node without any package, safe to interrupt and to run again, and silent when nothing is missing.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './setup/browser.mjs';
import { ensureNpmPackages, ensurePostgresFiles } from './setup/packages.mjs';
import { ensureTemporalPrograms } from './setup/programs.mjs';
import { Unmet } from './setup/unmet.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => console.log(`setup: ${line}`);

function ensureNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 3)) return;
  throw new Unmet(
    `This is Node ${process.versions.node}, and 20.3 or newer is needed: install a newer Node and run it again.`,
  );
}

try {
  ensureNodeVersion();
  await ensureNpmPackages({ root, say });
  await ensurePostgresFiles({ root });
  await ensureTemporalPrograms({ root, say, env: process.env });
  if (process.argv.includes('--browser')) await ensureChromium({ say, env: process.env });
} catch (error) {
  if (!(error instanceof Unmet)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
