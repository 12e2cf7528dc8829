/** Reads of a source on a real database: what is news, what is fed once, what is only remembered. */
import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { takeWaiting } from '../../db/deliveries';
import { withTransaction } from '../../db/pool';
import { feedRead, HEADERS_OF_A_READ, newsOf, readPictureOf, rememberRead } from '../../db/source-reads';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { READ_HEADERS, type SourceRead } from '../../integrations/ports';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { aRead } from '../support/read-source';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 24, 12);

let database: TestDatabase;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(randomBytes(32).toString('base64')));
});

let count = 0;
/** Each test has a source of its own, with a booking known by uid A. */
async function aSource(): Promise<{ connection: string; bookingId: string }> {
  count += 1;
  const connection = `source-${count}`;
  const bookingId = `${connection}/A`;
  await database.pool.query('INSERT INTO booking (id, connection, root_uid) VALUES ($1, $2, $3)', [
    bookingId,
    connection,
    'A',
  ]);
  await database.pool.query('INSERT INTO booking_alias (connection, uid, booking_id) VALUES ($1, $2, $3)', [
    connection,
    'A',
    bookingId,
  ]);
  return { connection, bookingId };
}

/** A webhook that brought a fact. `settledAtMs`: when it was taken on; null: its booking was not told yet. */
async function heard(
  from: { connection: string; bookingId: string },
  at: { receivedAtMs: number; settledAtMs: number | null; origin?: 'webhook' | 'poll' },
): Promise<void> {
  const deliveryId = randomUUID();
  await database.pool.query(
    `INSERT INTO delivery (id, connection, dedupe_key, received_at, settled_at, sealed_body, wrapped_key, origin)
     VALUES ($1, $2, $3, $4, $5, '', '', $6)`,
    [
      ...[deliveryId, from.connection, randomBytes(32), new Date(at.receivedAtMs)],
      ...[at.settledAtMs && new Date(at.settledAtMs), at.origin ?? 'webhook'],
    ],
  );
  await database.pool.query(
    `INSERT INTO booking_event (id, booking_id, connection, type, fact, delivery_id, received_at)
     VALUES ($1, $2, $3, 'no_show', '{}', $4, $5)`,
    [randomUUID(), from.bookingId, from.connection, deliveryId, new Date(at.receivedAtMs)],
  );
}

const booked = (readAtMs: number, uid = 'A'): SourceRead => aRead(uid, [{ type: 'scheduled' }], readAtMs);
const canceled = (readAtMs: number, uid = 'A'): SourceRead => aRead(uid, [{ type: 'canceled' }], readAtMs);

const feed = (connection: string, read: SourceRead): Promise<boolean> =>
  withTransaction(database.pool, (tx) =>
    feedRead(tx, vault, { connection, read, origin: 'poll', nowMs: read.readAtMs }),
  );
const news = async (connection: string, read: SourceRead): Promise<string | undefined> =>
  (await newsOf(database.pool, connection, [read])).get(read.uid);
const waiting = (connection: string) => takeWaiting(database.pool, connection, 100, T0 + 60 * MINUTE);

test('a read that is fed waits for the dispatcher like a webhook, sealed, labelled, and with the headers of a read', async () => {
  const { connection } = await aSource();
  const read = booked(T0);
  expect(await feed(connection, read)).toBe(true);
  const [delivery, ...others] = await waiting(connection);
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({ receivedAtMs: T0, headers: READ_HEADERS });
  expect(vault.openDelivery(delivery!.id, delivery!)).toEqual(read.body);
  const { rows } = await database.pool.query('SELECT origin, sealed_body FROM delivery WHERE id = $1', [delivery!.id]);
  expect(rows).toMatchObject([{ origin: 'poll' }]);
  expect((rows[0] as { sealed_body: Buffer }).sealed_body.includes('scheduled')).toBe(false);
  expect(HEADERS_OF_A_READ).toEqual(READ_HEADERS);
});

test('the dispatcher is woken when the transaction of a fed read commits', async () => {
  const { connection } = await aSource();
  const client = new pg.Client({ connectionString: database.url });
  cleanUp(() => client.end());
  const rung: (string | undefined)[] = [];
  client.on('notification', ({ payload }) => rung.push(payload));
  await client.connect();
  await client.query('LISTEN delivery');
  await feed(connection, booked(T0));
  await eventually(() => rung.includes(connection), { what: 'a notification' });
});

test('the same content is fed once, and a return to an earlier content is fed again', async () => {
  const { connection } = await aSource();
  const fed: boolean[] = [];
  for (const [nth, read] of [booked, booked, canceled, booked, booked].entries()) {
    fed.push(await feed(connection, read(T0 + nth * 5 * MINUTE)));
  }
  expect(fed).toEqual([true, false, true, true, false]);
  expect(await waiting(connection)).toHaveLength(3);
});

test('a read that is older than the known one, or the same one, is not fed, whatever it shows', async () => {
  const { connection } = await aSource();
  expect(await feed(connection, canceled(T0 + MINUTE))).toBe(true);
  expect(await feed(connection, booked(T0))).toBe(false);
  expect(await feed(connection, booked(T0 + MINUTE))).toBe(false);
  await rememberRead(database.pool, connection, booked(T0));
  expect(await news(connection, canceled(T0 + 5 * MINUTE))).toBe('same');
});

describe('news of a read', () => {
  test('is that it is the first, that it changed, or nothing', async () => {
    const { connection } = await aSource();
    expect(await news(connection, booked(T0))).toBe('first');
    await rememberRead(database.pool, connection, booked(T0));
    expect(await news(connection, booked(T0 + MINUTE))).toBe('same');
    expect(await news(connection, canceled(T0 + MINUTE))).toBe('changed');
    expect(await news(connection, canceled(T0 - MINUTE))).toBe('same');
    const reads = [canceled(T0 + MINUTE), booked(T0, 'B')];
    expect([...(await newsOf(database.pool, connection, reads))]).toEqual(
      expect.arrayContaining([
        ['A', 'changed'],
        ['B', 'first'],
      ]),
    );
  });

  test('is that a webhook came since, so that an unchanged content may contradict it', async () => {
    const source = await aSource();
    await heard(source, { receivedAtMs: T0 - 10 * MINUTE, settledAtMs: T0 - 10 * MINUTE });
    await rememberRead(database.pool, source.connection, booked(T0));
    expect(await news(source.connection, booked(T0 + 5 * MINUTE))).toBe('same');
    await heard(source, { receivedAtMs: T0 + 2 * MINUTE, settledAtMs: T0 + 2 * MINUTE });
    expect(await news(source.connection, booked(T0 + 5 * MINUTE))).toBe('heard');
    expect(await feed(source.connection, booked(T0 + 5 * MINUTE))).toBe(true);
    expect(await news(source.connection, booked(T0 + 10 * MINUTE))).toBe('same');
  });

  test('is not that a poll brought something, or that the webhook came long before', async () => {
    const source = await aSource();
    await rememberRead(database.pool, source.connection, booked(T0));
    await heard(source, { receivedAtMs: T0 + MINUTE, settledAtMs: T0 + MINUTE, origin: 'poll' });
    expect(await news(source.connection, booked(T0 + 5 * MINUTE))).toBe('same');
  });

  test('counts a webhook from when it was taken on, however long before it came', async () => {
    const source = await aSource();
    await heard(source, { receivedAtMs: T0 - 60 * MINUTE, settledAtMs: null });
    await rememberRead(database.pool, source.connection, booked(T0));
    expect(await news(source.connection, booked(T0 + 5 * MINUTE))).toBe('heard');
    await database.pool.query('UPDATE delivery SET settled_at = $2 WHERE connection = $1', [
      source.connection,
      new Date(T0 + MINUTE),
    ]);
    expect(await news(source.connection, booked(T0 + 5 * MINUTE))).toBe('heard');
  });

  test('of a shared uid is what was heard of any of its participations', async () => {
    const { connection, bookingId } = await aSource();
    await database.pool.query('INSERT INTO participation (connection, uid, booking_id) VALUES ($1, $2, $3)', [
      connection,
      'S',
      bookingId,
    ]);
    await rememberRead(database.pool, connection, booked(T0, 'S'));
    await heard({ connection, bookingId }, { receivedAtMs: T0 + MINUTE, settledAtMs: T0 + MINUTE });
    expect(await news(connection, booked(T0 + 5 * MINUTE, 'S'))).toBe('heard');
  });
});

test('the picture of a uid is that of its one booking; several participations have none', async () => {
  const { connection, bookingId } = await aSource();
  expect(await readPictureOf(database.pool, connection, 'A')).toBeNull();
  await database.pool.query(`UPDATE booking SET picture = '{"status": "scheduled"}' WHERE id = $1`, [bookingId]);
  expect(await readPictureOf(database.pool, connection, 'A')).toEqual({ status: 'scheduled' });
  expect(await readPictureOf(database.pool, connection, 'B')).toBeNull();
  await database.pool.query('INSERT INTO participation (connection, uid, booking_id) VALUES ($1, $2, $3)', [
    connection,
    'A',
    bookingId,
  ]);
  expect(await readPictureOf(database.pool, connection, 'A')).toBeNull();
});
