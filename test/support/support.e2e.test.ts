import { Client, Connection } from '@temporalio/client';
import { searchAttributes } from '../../workflows/contract';
import { eventually } from './eventually';
import { emptyDatabase, testDatabase } from './postgres';
import { startProcess, testDirectory } from './processes';
import { devServer, quietTemporal, timeSkippingEnvironment } from './temporal';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

beforeAll(quietTemporal);

describe('test support', () => {
  test('gives every caller a migrated database of its own', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    await one.pool.query('CREATE TABLE mine (n int)');
    await expect(other.pool.query('SELECT * FROM mine')).rejects.toThrow(/does not exist/);
    await expect(other.pool.query('SELECT * FROM booking')).resolves.toMatchObject({ rowCount: 0 });
    await one.drop();
    await expect(one.pool.query('SELECT 1')).rejects.toThrow();
  });

  test('gives a database without any table', async () => {
    const { pool } = await emptyDatabase();
    await expect(pool.query('SELECT * FROM booking')).rejects.toThrow(/does not exist/);
  });

  test('gives a Temporal whose clock jumps', async () => {
    const env = await timeSkippingEnvironment();
    const before = await env.currentTimeMs();
    await env.sleep('30 days');
    expect((await env.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 86_400_000);
  });

  test('gives a real Temporal that keeps its workflows in a file through kill -9', async () => {
    const server = await devServer({ dbFilename: path.join(testDirectory(), 'temporal.db') });
    const start = async (): Promise<void> => {
      const connection = await Connection.connect({ address: server.address });
      await new Client({ connection }).workflow
        .start('nobody', {
          taskQueue: 'nobody',
          workflowId: 'kept',
          typedSearchAttributes: [{ key: searchAttributes.NeedsHuman, value: true }],
        })
        .finally(() => connection.close());
    };
    await eventually(start, { what: 'the search attributes to be known' });
    await server.kill9();
    await server.restart();
    await expect(start()).rejects.toThrow(/already started/i);
  });

  test('ends the processes that it started and shows what they said', async () => {
    const entry = path.join(testDirectory(), 'program.js');
    writeFileSync(entry, 'console.log("one"); console.log("two", process.env.WHAT); setInterval(() => {}, 1000);');
    const program = startProcess({ entry, env: { WHAT: 'else' } });
    expect(await program.line(/^two/)).toBe('two else');
    expect(await program.kill9()).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(program.line(/^three/)).rejects.toThrow(/ended before[^]*two else/);
  });

  test('reports what was still wrong when something never becomes true', async () => {
    const never = eventually(() => expect(1).toBe(2), { timeoutMs: 60, what: 'one to be two' });
    await expect(never).rejects.toThrow(/Waited 60 ms for one to be two, in vain[^]*Expected: .*2/);
  });
});
