import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { claimDataDir, processIdentity } from '../../local/processes';
import { hasNamespace } from '../../local/temporal';
import { startStack, type PartName } from '../../local/stack';
import { eventually } from '../support/eventually';
import { startProcess, testDirectory, testStack } from '../support/processes';

// Each of these starts several servers, which a busy machine does slowly.
jest.setTimeout(300_000);

const standIns = {
  api: path.join(__dirname, 'stand-ins/api.ts'),
  worker: path.join(__dirname, 'stand-ins/worker.ts'),
  simulators: path.join(__dirname, 'stand-ins/simulators.ts'),
};
const ALL: readonly PartName[] = ['postgres', 'temporal', 'simulators', 'api', 'worker'];

const query = async (connectionString: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text).finally(() => client.end());
  return rows;
};

describe('a stack on free ports', () => {
  test('starts five processes, migrates the database, and leaves none of them behind', async () => {
    const stack = await testStack({ entryPoints: standIns });
    const pids = ALL.map((part) => stack.pid(part));
    expect(new Set(pids).size).toBe(5);
    expect(pids).not.toContain(null);
    expect(await query(stack.databaseUrl, 'SELECT 1 AS one FROM booking LIMIT 1')).toEqual([]);
    expect(await hasNamespace(stack.temporalAddress, 'default')).toBe(true);

    await stack.stop();
    expect(pids.map((pid) => processIdentity(pid ?? 0))).toEqual([null, null, null, null, null]);
    expect(existsSync(path.join(stack.logFile('api'), '../../claim.json'))).toBe(false);
  });

  test('tells the parts where everything is', async () => {
    const stack = await testStack({
      entryPoints: standIns,
      parts: ['postgres', 'api'],
      env: { CALCOM_WEBHOOK_SECRET: 'x' },
    });
    const env = (await (await fetch(`${stack.apiUrl}/env`)).json()) as Record<string, string>;
    expect(env).toMatchObject({
      PORT: String(stack.ports.api),
      DATABASE_URL: stack.databaseUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      SIMULATORS_PORT: String(stack.ports.simulators),
      SMTP_PORT: String(stack.ports.smtp),
      BOOKSYNC_API_TOKEN: stack.apiToken,
      TZ: 'UTC',
      CALCOM_WEBHOOK_SECRET: 'x',
    });
    expect(Buffer.from(env.BOOKSYNC_MASTER_KEY ?? '', 'base64')).toHaveLength(32);
    expect(path.basename(env.BOOKSYNC_CONFIG ?? '')).toBe('booksync.example.yaml');
    await stack.stop();
  });

  test('keeps what was committed through kill -9 of PostgreSQL, and its address', async () => {
    const stack = await testStack({ entryPoints: standIns, parts: ['postgres'] });
    const { databaseUrl } = stack;
    await query(databaseUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    await stack.kill9('postgres');
    expect(stack.pid('postgres')).toBeNull();
    await stack.restart('postgres');
    expect(stack.databaseUrl).toBe(databaseUrl);
    expect(await query(databaseUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await stack.stop();
  });

  test('goes on with the same data, secrets and token when it is started again', async () => {
    const dataDir = testDirectory();
    const options = { dataDir, entryPoints: standIns, parts: ['postgres', 'temporal'] } as const;
    const first = await testStack(options);
    await query(first.databaseUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    const second = await testStack(options);
    expect(await query(second.databaseUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(second.apiToken).toBe(first.apiToken);
    expect(second.env.BOOKSYNC_MASTER_KEY).toBe(first.env.BOOKSYNC_MASTER_KEY);
    await second.stop();
  });

  test('that is killed and restarted part by part is ready again', async () => {
    const stack = await testStack({ entryPoints: standIns });
    for (const part of ALL) {
      const before = stack.pid(part);
      await stack.kill9(part);
      await stack.restart(part);
      expect(stack.pid(part)).not.toBe(before);
    }
    await stack.whenReady();
    await stack.stop();
  });

  test('says why a part did not start, and leaves nothing running', async () => {
    const dataDir = testDirectory();
    const starting = startStack({
      dataDir,
      fast: true,
      entryPoints: standIns,
      parts: ['postgres', 'worker'],
      env: { STAND_IN_WORKER: 'fails' },
    });
    await expect(starting).rejects.toThrow(/worker did not start: ended \(exit code 3\)[^]*no such task queue/);
    expect(JSON.parse(readFileSync(path.join(dataDir, 'processes.json'), 'utf8'))).toEqual({});
    claimDataDir(dataDir)();
  });
});

describe('a supervised stack', () => {
  test('brings a killed part back and says so', async () => {
    const said: string[] = [];
    const stack = await testStack({
      entryPoints: standIns,
      parts: ['postgres', 'api'],
      supervised: true,
      say: (line) => said.push(line),
    });
    const before = stack.pid('postgres') ?? 0;
    process.kill(before, 'SIGKILL');
    await eventually(() => said.includes('postgres is back'), { what: 'PostgreSQL to be back' });
    expect(said.find((line) => line.startsWith('postgres ended by itself (SIGKILL)'))).toBeDefined();
    expect(stack.pid('postgres')).not.toBe(before);
    await stack.whenReady();
    await stack.stop();
  });
});

describe('a data directory', () => {
  test('belongs to one stack at a time', async () => {
    const stack = await testStack({ entryPoints: standIns, parts: ['postgres'] });
    const dataDir = path.dirname(path.dirname(stack.logFile('postgres')));
    await expect(startStack({ dataDir, parts: [] })).rejects.toThrow(
      /^Another start \(process \d+\) is using .*BOOKSYNC_DATA_DIR/,
    );
    await stack.stop();
  });

  test('is taken over from a start that was killed, whose processes are ended first', async () => {
    const dataDir = testDirectory();
    const killed = startProcess({ entry: path.join(__dirname, 'stand-ins/supervisor.ts'), args: [dataDir] });
    const pids = JSON.parse((await killed.line(/^\[/)).trim()) as number[];
    await killed.kill9();
    const ours = pids.filter((pid) => processIdentity(pid) !== null);
    expect(ours.length).toBeGreaterThan(0);

    const said: string[] = [];
    const stack = await testStack({
      dataDir,
      entryPoints: standIns,
      parts: ['postgres'],
      say: (line) => said.push(line),
    });
    expect(said[0]).toMatch(/^an earlier start was killed; ended what it had left running: .*postgres/);
    expect(ours.map(processIdentity)).toEqual(ours.map(() => null));
    await stack.stop();
  });

  test('with a damaged Temporal database starts with a fresh one and keeps the damaged file', async () => {
    const dataDir = testDirectory();
    const said: string[] = [];
    const options = {
      dataDir,
      entryPoints: standIns,
      fast: false,
      parts: ['temporal'],
      say: (line: string) => said.push(line),
    } as const;
    mkdirSync(path.join(dataDir, 'temporal'));
    const dbFile = path.join(dataDir, 'temporal/temporal.db');
    writeFileSync(dbFile, 'not a database at all');
    const stack = await testStack(options);
    const line = said.find((one) => one.includes('was damaged'));
    const aside = /is now (\S+);/.exec(line ?? '')?.[1] ?? '';
    expect(readFileSync(aside, 'utf8')).toBe('not a database at all');
    await stack.stop();

    // A right beginning and nonsense after it: only the server itself notices.
    for (const suffix of ['-wal', '-shm']) rmSync(dbFile + suffix, { force: true });
    writeFileSync(dbFile, Buffer.concat([readFileSync(dbFile).subarray(0, 100), Buffer.alloc(100_000, 0xa5)]));
    said.length = 0;
    const again = await testStack(options);
    expect(said.some((one) => one.includes('was damaged'))).toBe(true);
    await again.stop();
  });
});
