/** The API as the process that operators start: it comes up without Temporal, says so, and goes in order. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import pino from 'pino';
import { runApi } from '../../api/run';
import { loadConfig } from '../../config/config';
import { readEnvironment } from '../../config/environment';
import { nodeArguments } from '../../local/node-parts';
import { freePort } from '../../local/ports';
import { sign, SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { testDatabase } from '../support/postgres';
import { send } from './http';

const root = path.join(__dirname, '../..');
const SECRET = 'secret-of-this-test';
const KEY = Buffer.alloc(32, 1).toString('base64');

interface ApiChild {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

async function startMain(env: Record<string, string>, options: { ipc?: boolean } = {}): Promise<ApiChild> {
  const child = spawn(process.execPath, nodeArguments(path.join(root, 'api/main.ts')), {
    cwd: root,
    env: { PATH: process.env.PATH, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
  });
  cleanUp(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return { child, output: () => text, exit };
}

function portOf(api: ApiChild): Promise<number> {
  return eventually(
    () => {
      const line = api
        .output()
        .split('\n')
        .find((one) => one.includes('"msg":"api ready"'));
      return line !== undefined && (JSON.parse(line) as { port: number }).port;
    },
    { what: 'the line "api ready"' },
  );
}

it('takes webhooks while Temporal is away, and ends in order on SIGTERM', async () => {
  const { url, pool } = await testDatabase();
  const api = await startMain({ DATABASE_URL: url, BOOKSYNC_MASTER_KEY: KEY, CALCOM_WEBHOOK_SECRET: SECRET });
  const port = await portOf(api);
  const deliver = () =>
    send(port, { path: '/webhooks/calcom-sales', headers: { [SIGNATURE_HEADER]: sign('{}', SECRET) }, body: '{}' });
  await eventually(async () => (await deliver()).status === 202);
  expect((await send(port, { path: '/webhooks/nobody', body: '{}' })).status).toBe(404);
  expect((await send(port, { method: 'GET', path: '/api/v1/bookings' })).status).toBe(401);
  const ready = await send(port, { method: 'GET', path: '/readyz' });
  expect([ready.status, ready.json<{ checks: unknown }>().checks]).toMatchObject([
    503,
    { database: { ok: true }, temporal: { ok: false }, dispatcher: { ok: false } },
  ]);
  api.child.kill('SIGTERM');
  expect(await api.exit).toBe(0);
  expect((await pool.query('SELECT 1 FROM delivery')).rows).toHaveLength(1);
});

it('ends when the process that started it is gone', async () => {
  const { url } = await testDatabase();
  const api = await startMain({ DATABASE_URL: url, BOOKSYNC_MASTER_KEY: KEY }, { ipc: true });
  await portOf(api);
  api.child.disconnect();
  expect(await api.exit).toBe(0);
});

it.each([
  ['no database address', { databaseUrl: null }, 'DATABASE_URL is not set'],
  ['no master key', { masterKey: null }, 'BOOKSYNC_MASTER_KEY is not set'],
  ['a master key that is none', { masterKey: 'short' }, 'Master key'],
])('does not start without what it can not do without: %s', async (_what, changed, sentence) => {
  const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', BOOKSYNC_MASTER_KEY: KEY };
  const environment = { ...readEnvironment(env), ...changed };
  const config = loadConfig(path.join(root, 'booksync.example.yaml'), env);
  await expect(runApi({ environment, config, log: pino({ level: 'silent' }) })).rejects.toThrow(sentence);
});
