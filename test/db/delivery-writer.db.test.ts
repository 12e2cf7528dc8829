/** The delivery writer on a real database: stored once, in order, in batches whose rows don't harm each other. */
import { randomBytes } from 'node:crypto';
import {
  createDeliveryWriter,
  dedupeKeyOf,
  DeliveryRefusedError,
  readDelivery,
  StoreUnavailableError,
  takeWaiting,
  type NewDelivery,
} from '../../db/deliveries';
import { createPool, type Db } from '../../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { testDatabase, type TestDatabase } from '../support/postgres';

let database: TestDatabase;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(randomBytes(32).toString('base64')));
});

let connectionCount = 0;
/** Each test has a source of its own. */
const newConnection = (): string => `source-${(connectionCount += 1)}`;

function delivery(connection: string, text: string, headers: Record<string, string> = {}): NewDelivery {
  const body = Buffer.from(text);
  return { connection, body, headers, dedupeKey: dedupeKeyOf(null, body) };
}

const writer = (
  options: { maxBatch?: number; maxInFlight?: number; maxWaiting?: number; pool?: Db; now?: () => number } = {},
) => createDeliveryWriter({ pool: database.pool, vault, ...options });

/** Counts the statements of a pool and how many run at once. */
function watched(pool: Db): { db: Db; statements: () => number; mostAtOnce: () => number } {
  let [statements, running, most] = [0, 0, 0];
  const query: Db['query'] = async (text, values) => {
    statements += 1;
    most = Math.max(most, (running += 1));
    try {
      return await pool.query(text, values);
    } finally {
      running -= 1;
    }
  };
  return { db: { query }, statements: () => statements, mostAtOnce: () => most };
}

const bodies = async (connection: string): Promise<string[]> =>
  (await takeWaiting(database.pool, connection, 1000, Date.now())).map((row) =>
    vault.openDelivery(row.id, row).toString(),
  );

describe('the writer', () => {
  test('stores the exact bytes and headers', async () => {
    const connection = newConnection();
    const body = Buffer.from([0, 255, 0x7b, 0x5c, 0x22, 0xc3, 0x28]);
    const stored = await writer().store({
      connection,
      body,
      headers: { 'x-trace': 'a"\\ü,{}' },
      dedupeKey: dedupeKeyOf('1', body),
    });
    expect(stored.status).toBe('stored');
    expect(await readDelivery(database.pool, vault, stored.id)).toMatchObject({
      body,
      headers: { 'x-trace': 'a"\\ü,{}' },
      state: 'stored',
    });
  });

  test('answers a repeat with the first id and counts it', async () => {
    const connection = newConnection();
    const first = await writer().store(delivery(connection, 'again'));
    expect(await writer().store(delivery(connection, 'again'))).toEqual({ id: first.id, status: 'duplicate' });
    expect(await writer().store(delivery(newConnection(), 'again'))).toMatchObject({ status: 'stored' });
    expect(await readDelivery(database.pool, vault, first.id)).toMatchObject({ repeats: 1 });
  });

  test('stores one of equal deliveries within a batch and calls the others duplicates', async () => {
    const connection = newConnection();
    const shared = writer();
    const results = await Promise.all(['x', 'y', 'x', 'x'].map((text) => shared.store(delivery(connection, text))));
    expect(results.map((result) => result.status)).toEqual(['stored', 'stored', 'duplicate', 'duplicate']);
    expect(new Set([results[0], results[2], results[3]].map((result) => result?.id)).size).toBe(1);
    expect(await readDelivery(database.pool, vault, results[0]?.id ?? '')).toMatchObject({ repeats: 2 });
    await Promise.all(['x', 'x'].map((text) => shared.store(delivery(connection, text))));
    expect(await readDelivery(database.pool, vault, results[0]?.id ?? '')).toMatchObject({ repeats: 4 });
  });

  test('shares statements, at most two at once, and keeps the order of arrival', async () => {
    const connection = newConnection();
    const pool = watched(database.pool);
    const shared = writer({ pool: pool.db, maxBatch: 50 });
    const texts = Array.from({ length: 400 }, (_, i) => `n${i}`);
    await Promise.all(texts.map((text) => shared.store(delivery(connection, text))));
    expect(pool.statements()).toBe(8);
    expect(pool.mostAtOnce()).toBe(2);
    const serial = newConnection();
    const ordered = writer({ maxInFlight: 1, maxBatch: 50 });
    await Promise.all(texts.map((text) => ordered.store(delivery(serial, text))));
    expect(await bodies(serial)).toEqual(texts);
    expect(await bodies(connection)).toHaveLength(400);
  });

  test('a row that PostgreSQL refuses does not harm its neighbours', async () => {
    const connection = newConnection();
    const shared = writer();
    const texts = Array.from({ length: 30 }, (_, i) => `n${i}`);
    const results = await Promise.allSettled(
      texts.map((text, i) =>
        shared.store(delivery(connection, text, i === 7 || i === 23 ? { bad: 'nul \u0000 canary' } : {})),
      ),
    );
    const refused = results.flatMap((result, i) => (result.status === 'rejected' ? [[i, result.reason] as const] : []));
    expect(refused.map(([i]) => i)).toEqual([7, 23]);
    for (const [, reason] of refused) {
      expect(reason).toBeInstanceOf(DeliveryRefusedError);
      expect(String(reason)).toMatch(/SQLSTATE 22P05/);
      expect(String(reason)).not.toContain('canary');
    }
    expect((await bodies(connection)).sort()).toEqual(texts.filter((_, i) => i !== 7 && i !== 23).sort());
  });

  test('two writers with the same deliveries in opposite order store each once', async () => {
    const connection = newConnection();
    const texts = Array.from({ length: 200 }, (_, i) => `n${i}`);
    const [left, right] = [writer({ maxBatch: 25 }), writer({ maxBatch: 25 })];
    const results = await Promise.all([
      ...texts.map((text) => left.store(delivery(connection, text))),
      ...[...texts].reverse().map((text) => right.store(delivery(connection, text))),
    ]);
    expect(results.filter((result) => result.status === 'stored')).toHaveLength(200);
    expect(new Set(results.map((result) => result.id)).size).toBe(200);
  });

  test('a database that is not there rejects every caller, and nothing is acknowledged', async () => {
    const gone = createPool('postgres://nobody@127.0.0.1:1/none');
    const shared = writer({ pool: gone });
    const results = await Promise.allSettled(['a', 'b'].map((text) => shared.store(delivery(newConnection(), text))));
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) as unknown });
      expect(result).toMatchObject({ reason: { message: expect.stringContaining('ECONNREFUSED') as unknown } });
    }
    await gone.end();
  });

  test('refuses at once when too many wait, instead of filling the memory', async () => {
    const connection = newConnection();
    const shared = writer({ maxWaiting: 3 });
    const results = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((text) => shared.store(delivery(connection, text))),
    );
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  });

  test('closing settles what was accepted and refuses what comes later', async () => {
    const connection = newConnection();
    const shared = writer();
    let settled = false;
    const pending = shared.store(delivery(connection, 'last')).then((stored) => {
      settled = true;
      return stored;
    });
    await shared.close();
    expect(settled).toBe(true);
    expect(await pending).toMatchObject({ status: 'stored' });
    await expect(shared.store(delivery(connection, 'late'))).rejects.toBeInstanceOf(StoreUnavailableError);
    await shared.close();
  });

  test('wakes listeners once for what is new, and a given clock sets the time of receipt', async () => {
    const connection = newConnection();
    const heard: (string | undefined)[] = [];
    const listener = await database.pool.connect();
    try {
      listener.on('notification', (message) => heard.push(message.payload));
      await listener.query('LISTEN delivery');
      const clocked = writer({ now: () => Date.UTC(2026, 2, 8, 10) });
      const { id } = await clocked.store(delivery(connection, 'ring'));
      await clocked.store(delivery(connection, 'ring'));
      await listener.query('SELECT 1');
      expect(heard.filter((payload) => payload === connection)).toEqual([connection]);
      expect(await readDelivery(database.pool, vault, id)).toMatchObject({ receivedAtMs: Date.UTC(2026, 2, 8, 10) });
    } finally {
      listener.release(true);
    }
  });
});
