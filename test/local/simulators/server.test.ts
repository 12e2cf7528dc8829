/** The simulators' server: which vendors there are, and the process that `npm start` runs. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startSimulators } from '../../../local/simulators/server';

const ROOT = join(__dirname, '../../..');

describe('the server', () => {
  test('lists its vendors and answers 404 for others', async () => {
    const simulators = await startSimulators({ port: 0 });
    try {
      expect(await (await fetch(simulators.url)).json()).toEqual({
        vendors: ['calcom', 'gohighlevel', 'hubspot', 'mail', 'slack'],
      });
      const unknown = await fetch(`${simulators.url}/salesforce/x`, { method: 'POST', body: '{}' });
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_vendor' } });
    } finally {
      await simulators.close();
    }
  });

  test('rejects when its port is taken, and leaves nothing open', async () => {
    const first = await startSimulators({ port: 0 });
    try {
      await expect(startSimulators({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await expect(startSimulators({ port: 0, mailPort: first.smtpPort })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    } finally {
      await first.close();
    }
  });

  test('ends answers that are held back when it closes', async () => {
    const simulators = await startSimulators({ port: 0 });
    simulators.hubspot.setFaults([{ delayMs: 600_000 }]);
    const call = fetch(`${simulators.url}/hubspot/crm/owners/2026-09`);
    const outcome = expect(call).rejects.toThrow('fetch failed');
    while (simulators.hubspot.requests().length === 0) await new Promise(setImmediate);
    await simulators.close();
    await outcome;
  });
});

describe('the process', () => {
  let stateDir: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(stateDir, { recursive: true, force: true });
  });

  const start = async (env: Record<string, string> = {}): Promise<{ child: ChildProcess; ready: ReadyLine }> => {
    const child = fork(join(ROOT, 'local/simulators/main.ts'), {
      cwd: ROOT,
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, SIMULATORS_PORT: '0', SMTP_PORT: '0', SIMULATORS_STATE_DIR: stateDir, ...env },
    });
    children.push(child);
    if (child.stdout === null) throw new Error('The process has no standard output.');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, ready: JSON.parse(line) as ReadyLine };
  };
  interface ReadyLine {
    readonly ready: boolean;
    readonly url: string;
    readonly smtpPort: number;
  }

  test.each(['SIGTERM', 'disconnect'] as const)('says when it is ready, and on %s saves and exits', async (how) => {
    const { child, ready } = await start();
    expect(ready).toEqual({
      ready: true,
      url: expect.any(String),
      port: expect.any(Number),
      smtpPort: expect.any(Number),
    });
    const created = await fetch(`${ready.url}/hubspot/crm/objects/2026-09/contacts`, {
      method: 'POST',
      headers: { authorization: 'Bearer t', 'content-type': 'application/json' },
      body: JSON.stringify({ properties: { email: 'sample.guest@example.com' } }),
    });
    expect(created.status).toBe(201);
    const exited = once(child, 'exit');
    if (how === 'disconnect') child.disconnect();
    else child.kill(how);
    expect((await exited)[0]).toBe(0);
    expect(await readFile(join(stateDir, 'hubspot.json'), 'utf8')).toContain('sample.guest@example.com');
  });

  test('exits with a sentence when a port is no port', async () => {
    const child = fork(join(ROOT, 'local/simulators/main.ts'), {
      cwd: ROOT,
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, SIMULATORS_PORT: 'http' },
    });
    children.push(child);
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(complaint).toContain('SIMULATORS_PORT must be a port');
  });
});
