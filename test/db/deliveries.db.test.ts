/** Deliveries on a real database: handed out in order, settled once, tied to people, listed and replayed. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  createDeliveryWriter,
  dedupeKeyOf,
  listDeliveries,
  markDead,
  markDone,
  markIgnored,
  postpone,
  readDelivery,
  replayDelivery,
  takeWaiting,
  tieToPerson,
} from '../../db/deliveries';
import { erasePerson, findOrCreatePerson } from '../../db/persons';
import { withTransaction } from '../../db/pool';
import { ErasedError, openVault, parseMasterKeys, type Vault } from '../../db/vault';
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

async function store(connection: string, text: string): Promise<string> {
  const body = Buffer.from(text);
  const writer = createDeliveryWriter({ pool: database.pool, vault });
  return (await writer.store({ connection, body, headers: {}, dedupeKey: dedupeKeyOf(null, body) })).id;
}

const bodies = async (connection: string): Promise<string[]> =>
  (await takeWaiting(database.pool, connection, 1000, Date.now())).map((row) =>
    vault.openDelivery(row.id, row).toString(),
  );

describe('the dispatcher', () => {
  test('gets what waits in order of arrival, up to the limit', async () => {
    const connection = newConnection();
    const ids = [await store(connection, 'a'), await store(connection, 'b'), await store(connection, 'c')];
    const taken = await takeWaiting(database.pool, connection, 2, Date.now());
    expect(taken.map((row) => row.id)).toEqual(ids.slice(0, 2));
  });

  test('does not get a postponed delivery before its time', async () => {
    const connection = newConnection();
    const id = await store(connection, 'later');
    const untilMs = Date.now() + 60_000;
    await postpone(database.pool, id, { untilMs, reason: 'source unreachable' });
    expect(await takeWaiting(database.pool, connection, 10, untilMs - 1)).toEqual([]);
    expect(await takeWaiting(database.pool, connection, 10, untilMs)).toMatchObject([{ id, attempts: 1 }]);
  });

  test('settles a delivery once: the first word counts', async () => {
    const connection = newConnection();
    const [done, ignored, dead] = [
      await store(connection, 'a'),
      await store(connection, 'b'),
      await store(connection, 'c'),
    ];
    const factIds = [randomUUID(), randomUUID()];
    await markDone(database.pool, done, { trigger: 'BOOKING_CREATED', factIds });
    await markDead(database.pool, done, { trigger: 'BOOKING_CREATED', reason: 'late' });
    await markIgnored(database.pool, ignored, { trigger: 'PING', reason: 'unknown trigger' });
    await markDead(database.pool, dead, { trigger: null, reason: 'not JSON' });
    expect(await takeWaiting(database.pool, connection, 10, Date.now())).toEqual([]);
    const { deliveries } = await listDeliveries(database.pool, { limit: 3 });
    expect(deliveries).toMatchObject([
      {
        id: dead,
        state: 'dead',
        trigger: null,
        reason: 'not JSON',
        factIds: [],
        settledAtMs: expect.any(Number) as unknown,
      },
      { id: ignored, state: 'ignored', trigger: 'PING', reason: 'unknown trigger' },
      { id: done, state: 'done', trigger: 'BOOKING_CREATED', reason: null, factIds },
    ]);
  });

  test('gets a replayed delivery again, with its attempts forgotten', async () => {
    const connection = newConnection();
    const id = await store(connection, 'dead');
    await postpone(database.pool, id, { untilMs: 0, reason: 'x' });
    expect(await replayDelivery(database.pool, id)).toBe(false);
    await markDead(database.pool, id, { trigger: null, reason: 'not JSON' });
    expect(await replayDelivery(database.pool, id)).toBe(true);
    expect(await takeWaiting(database.pool, connection, 10, Date.now())).toMatchObject([{ id, attempts: 0 }]);
    expect(await replayDelivery(database.pool, randomUUID())).toBe(false);
  });
});

test('lists go page by page, newest first, and by state', async () => {
  const connection = newConnection();
  const ids = [await store(connection, 'a'), await store(connection, 'b'), await store(connection, 'c')];
  for (const id of ids) await markIgnored(database.pool, id, { trigger: 'PAGES', reason: 'test' });
  const first = await listDeliveries(database.pool, { state: 'ignored', limit: 2 });
  expect(first.deliveries.map((row) => row.id)).toEqual([ids[2], ids[1]]);
  const second = await listDeliveries(database.pool, { state: 'ignored', limit: 2, cursor: first.nextCursor ?? '' });
  expect(second.deliveries[0]?.id).toBe(ids[0]);
});

describe('a body tied to a person', () => {
  const person = (email: string): Promise<{ id: string }> =>
    withTransaction(database.pool, (tx) =>
      findOrCreatePerson(tx, vault, {
        name: null,
        firstName: null,
        lastName: null,
        email,
        phone: null,
        zone: null,
        locale: null,
      }),
    );
  const tie = (id: string, personId: string): Promise<void> =>
    withTransaction(database.pool, (tx) => tieToPerson(tx, vault, id, personId));

  test('is readable for the dispatcher and for lists until that person is erased', async () => {
    const connection = newConnection();
    const id = await store(connection, 'secret');
    const guest = await person('tied@example.com');
    await tie(id, guest.id);
    await tie(id, guest.id);
    expect(await bodies(connection)).toEqual(['secret']);
    await withTransaction(database.pool, (tx) => erasePerson(tx, guest.id));
    expect(await readDelivery(database.pool, vault, id)).toMatchObject({ id, body: null });
    const [row] = await takeWaiting(database.pool, connection, 1, Date.now());
    expect(() => row && vault.openDelivery(row.id, row)).toThrow(ErasedError);
  });

  test('moves to another person, and then survives the erasure of the first', async () => {
    const id = await store(newConnection(), 'moved');
    const [first, second] = [await person('first@example.com'), await person('second@example.com')];
    await tie(id, first.id);
    await tie(id, second.id);
    await withTransaction(database.pool, (tx) => erasePerson(tx, first.id));
    expect(await readDelivery(database.pool, vault, id)).toMatchObject({ body: Buffer.from('moved') });
    await expect(tie(id, first.id)).rejects.toBeInstanceOf(ErasedError);
  });
});

test('the dedupe key tells provider ids and bodies apart', () => {
  const keys = [
    dedupeKeyOf(null, Buffer.from('a')),
    dedupeKeyOf('1', Buffer.from('a')),
    dedupeKeyOf('1', Buffer.from('b')),
    dedupeKeyOf('2', Buffer.from('a')),
  ];
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(4);
  expect(dedupeKeyOf('1', Buffer.from('a'))).toEqual(keys[1]);
});
