/** The poll on a real database, against an API that shows what the test says. */
import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPollSource, type PollResult } from '../../activities/poll-source';
import type { ActivityDeps } from '../../activities/deps';
import { takeWaiting } from '../../db/deliveries';
import { findOrCreatePerson } from '../../db/persons';
import type { PersonData } from '../../domain/person';
import { withTransaction } from '../../db/pool';
import { saveHealth } from '../../db/connection-health';
import { readPoll, savePoll } from '../../db/source-polls';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import { fold } from '../../domain/fold';
import { SourceError, type SourcePerson } from '../../integrations/ports';
import { DAY, HOUR, aFact, slotAt, START } from '../support/facts';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { readSource, shownApi, type Shown, type ShownApi } from '../support/read-source';

const MINUTE = 60_000;
const T0 = START - 10 * DAY;
const SLOT = slotAt(START);

let database: TestDatabase;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(randomBytes(32).toString('base64')));
});

interface Source {
  readonly connection: string;
  readonly api: ShownApi;
  readonly warnings: unknown[];
  /** What the connection's workflow was told. */
  readonly told: unknown[];
  /** Polls at an instant. */
  poll(nowMs: number): Promise<PollResult>;
  /** What the dispatcher would find. */
  inbox(): Promise<{ type: string; uid: string }[]>;
}

/** Attempts fail here on purpose. */
const quiet = new DefaultLogger('ERROR');

let count = 0;
/** Each test has a source of its own. */
function aSource(): Source {
  count += 1;
  const connection = `source-${count}`;
  let clockMs = T0;
  const api = shownApi(() => clockMs);
  const warnings: unknown[] = [];
  const told: unknown[] = [];
  const deps = {
    pool: database.pool,
    vault,
    source: () => readSource,
    sourceApi: (id: string) => (id === connection ? api : null),
    log: { info: () => undefined, warn: (fields: unknown) => void warnings.push(fields) },
    settings: { connections: { [connection]: { kind: 'calcom' } } },
    signals: {
      sourceDown: (to: object) => void told.push(to),
      probeNow: (to: object) => void told.push({ ...to, probe: true }),
    },
  } as unknown as ActivityDeps;
  const pollSource = createPollSource(deps);
  return {
    connection,
    told,
    api,
    warnings,
    poll: (nowMs) => {
      clockMs = nowMs;
      const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: nowMs }, { logger: quiet });
      return environment.run(pollSource, { connection });
    },
    inbox: async () => {
      const rows = await takeWaiting(database.pool, connection, 1_000, START + 30 * DAY);
      return rows.flatMap(
        (row) => JSON.parse(vault.openDelivery(row.id, row).toString('utf8')) as { type: string; uid: string }[],
      );
    },
  };
}

const NOBODY = { name: null, firstName: null, lastName: null, phone: null, zone: null, locale: null };
const person = (email: string): SourcePerson & PersonData => ({ ...NOBODY, email });
const GUEST = person('guest@example.com');
const HOST = person('host@example.com');

/** A booking that we know by a webhook: scheduled at SLOT, with GUEST and HOST. */
async function known(connection: string, uid: string, webhookAtMs: number): Promise<string> {
  const bookingId = `${connection}/${uid}`;
  const { pool } = database;
  const [guest, host] = await withTransaction(
    pool,
    async (tx) => [await findOrCreatePerson(tx, vault, GUEST), await findOrCreatePerson(tx, vault, HOST)] as const,
  );
  const fact = aFact('scheduled', { uid, slot: SLOT, personId: guest.id, hostId: host.id, receivedAtMs: webhookAtMs });
  const { picture } = fold([fact], webhookAtMs, { trustHeadCount: false });
  await pool.query('INSERT INTO booking (id, connection, root_uid, picture) VALUES ($1, $2, $3, $4)', [
    bookingId,
    connection,
    uid,
    JSON.stringify(picture),
  ]);
  await pool.query('INSERT INTO booking_alias (connection, uid, booking_id) VALUES ($1, $2, $3)', [
    connection,
    uid,
    bookingId,
  ]);
  return bookingId;
}

/** A webhook of the booking that was taken on at once. */
async function webhook(connection: string, bookingId: string, atMs: number): Promise<void> {
  await database.pool.query(
    `WITH came AS (
       INSERT INTO delivery (id, connection, dedupe_key, received_at, settled_at, sealed_body, wrapped_key, state)
       VALUES (gen_random_uuid(), $1, $3, $4, $4, '', '', 'done') RETURNING id
     )
     INSERT INTO booking_event (id, booking_id, connection, type, fact, delivery_id, received_at)
     SELECT gen_random_uuid(), $2, $1, 'no_show', '{}', id, $4 FROM came`,
    [connection, bookingId, randomBytes(32), new Date(atMs)],
  );
}

const booked: Shown = { type: 'scheduled', slot: SLOT, guest: GUEST, host: HOST };
const absent: Shown = { type: 'no_show', about: GUEST };
const present: Shown = { type: 'no_show_reverted', about: GUEST };

describe('gap filling', () => {
  test('feeds what we never heard of, once', async () => {
    const source = aSource();
    source.api.show('A', [booked], { changedAtMs: T0 - HOUR });
    expect(await source.poll(T0)).toEqual({ kind: 'polled', read: 1, fed: 1 });
    expect(await source.inbox()).toMatchObject([{ type: 'scheduled', uid: 'A' }]);
    expect(await source.poll(T0 + MINUTE)).toMatchObject({ fed: 0 });
  });

  test('feeds nothing that a booking shows already, and remembers that it saw it', async () => {
    const source = aSource();
    const bookingId = await known(source.connection, 'A', T0 - HOUR);
    await webhook(source.connection, bookingId, T0 - HOUR);
    source.api.show('A', [booked], { changedAtMs: T0 - HOUR });
    expect(await source.poll(T0)).toEqual({ kind: 'polled', read: 1, fed: 0 });
    expect(await source.poll(T0 + 5 * MINUTE)).toMatchObject({ fed: 0 });
    expect(await source.inbox()).toEqual([]);
  });

  test('feeds a cancellation that no webhook told', async () => {
    const source = aSource();
    await known(source.connection, 'A', T0 - HOUR);
    source.api.show('A', [booked], { changedAtMs: T0 - HOUR });
    await source.poll(T0);
    source.api.show('A', [{ ...booked, type: 'canceled' }], { changedAtMs: T0 + MINUTE });
    expect(await source.poll(T0 + 5 * MINUTE)).toMatchObject({ fed: 1 });
    expect(await source.inbox()).toMatchObject([{ type: 'canceled', uid: 'A' }]);
  });

  test('feeds another host, whom no webhook ever tells', async () => {
    const source = aSource();
    await known(source.connection, 'A', T0 - HOUR);
    source.api.show('A', [{ ...booked, host: person('second.host@example.com') }], { changedAtMs: T0 - MINUTE });
    expect(await source.poll(T0)).toMatchObject({ fed: 1 });
  });

  test('feeds a change that no picture shows, when nothing was pushed that could explain it', async () => {
    const source = aSource();
    await known(source.connection, 'A', T0 - HOUR);
    source.api.show('A', [booked], { changedAtMs: T0 - HOUR });
    await source.poll(T0);
    const details = {
      title: null,
      notes: null,
      location: 'Room 2',
      joinUrl: null,
      cancellationReason: null,
      answers: {},
    };
    source.api.show('A', [{ ...booked, details }], { changedAtMs: T0 + MINUTE });
    expect(await source.poll(T0 + 5 * MINUTE)).toMatchObject({ fed: 1 });
  });

  test('follows ended appointments for two days, because their marks touch no change time', async () => {
    const source = aSource();
    await known(source.connection, 'A', T0);
    const end = { changedAtMs: T0, endMs: SLOT.endMs };
    source.api.show('A', [booked, present], end);
    expect(await source.poll(SLOT.endMs + HOUR)).toMatchObject({ fed: 0 });
    source.api.show('A', [booked, absent], end);
    expect(await source.poll(SLOT.endMs + 47 * HOUR)).toMatchObject({ fed: 1 });
    source.api.show('A', [booked, present], end);
    expect(await source.poll(SLOT.endMs + 49 * HOUR)).toMatchObject({ read: 1, fed: 1 });
    expect(await source.poll(SLOT.endMs + 98 * HOUR)).toMatchObject({ read: 0 });
  });

  test('finds a lost un-marking although the API shows again what it showed before', async () => {
    const source = aSource();
    const bookingId = await known(source.connection, 'A', T0);
    const end = { changedAtMs: T0, endMs: SLOT.endMs };
    source.api.show('A', [booked, present], end);
    await source.poll(SLOT.endMs + MINUTE);
    // A webhook marks the guest as absent; the one that takes it back is lost.
    await webhook(source.connection, bookingId, SLOT.endMs + 5 * MINUTE);
    await database.pool.query(
      `UPDATE booking SET picture = picture || '{"status": "no_show", "outcome": {"value": "no_show", "by": "source", "sureness": "marked"}}'
       WHERE id = $1`,
      [bookingId],
    );
    expect(await source.poll(SLOT.endMs + 10 * MINUTE)).toMatchObject({ fed: 1 });
    expect((await source.inbox()).map(({ type }) => type)).toEqual(['scheduled', 'no_show_reverted']);
  });
});

describe('windows', () => {
  test('begin a day back, overlap from poll to poll, and end now', async () => {
    const source = aSource();
    await source.poll(T0);
    await source.poll(T0 + 5 * MINUTE);
    expect(source.api.calls.filter(({ list }) => list === 'changed')).toEqual([
      { list: 'changed', fromMs: T0 - DAY, toMs: T0 },
      { list: 'changed', fromMs: T0 - 10 * MINUTE, toMs: T0 + 5 * MINUTE },
    ]);
    expect(source.api.calls.filter(({ list }) => list === 'ended')).toEqual([
      { list: 'ended', fromMs: T0 - 2 * DAY, toMs: T0 },
      { list: 'ended', fromMs: T0 - 2 * DAY, toMs: T0 + 5 * MINUTE },
    ]);
    expect(await readPoll(database.pool, source.connection)).toEqual({
      changedUntilMs: T0 + 5 * MINUTE,
      endedUntilMs: T0 + 5 * MINUTE,
      polledAtMs: expect.any(Number),
      reason: null,
    });
  });

  test('of an outage are worked off one by one, and a failure half-way costs none of those before it', async () => {
    const source = aSource();
    const weekAgo = T0 - 7 * DAY;
    await savePoll(database.pool, { connection: source.connection, changedUntilMs: weekAgo, endedUntilMs: weekAgo });
    source.api.show('A', [booked], { changedAtMs: weekAgo + HOUR });
    const failing = source.api.listChanged.bind(source.api);
    source.api.listChanged = (window) => {
      if (source.api.calls.length === 3) source.api.failures.push(new SourceError('unavailable', 'list answered 503'));
      return failing(window);
    };
    await expect(source.poll(T0)).rejects.toMatchObject({ type: 'unavailable', nonRetryable: false });
    const halfWay = await readPoll(database.pool, source.connection);
    expect(halfWay).toMatchObject({ polledAtMs: null, reason: 'unavailable', endedUntilMs: weekAgo });
    expect(halfWay.changedUntilMs).toBe(source.api.calls[2]!.toMs);
    expect(await source.inbox()).toHaveLength(1);

    expect(await source.poll(T0)).toMatchObject({ kind: 'polled', fed: 0 });
    expect(source.api.calls[4]).toEqual(source.api.calls[3]);
    expect(await readPoll(database.pool, source.connection)).toMatchObject({ changedUntilMs: T0, reason: null });
  });
});

describe('an API in trouble', () => {
  test('that asks for a pause gets it from the engine', async () => {
    const source = aSource();
    source.api.failures.push(new SourceError('rate_limited', 'list answered 429', { retryAfterMs: 42_000 }));
    await expect(source.poll(T0)).rejects.toMatchObject({ type: 'rate_limited', nextRetryDelay: 42_000 });
    expect(await readPoll(database.pool, source.connection)).toMatchObject({ reason: 'rate_limited' });
  });

  test.each(['reauth_required', 'refused', 'contract_violation'] as const)(
    'that no repetition helps ends the poll with the word: %s',
    async (errorClass) => {
      const source = aSource();
      const trouble = new SourceError(errorClass, 'list answered 4xx', {
        vendorText: 'guest@example.com is not yours',
      });
      source.api.failures.push(trouble);
      expect(await source.poll(T0)).toEqual({ kind: 'stopped', reason: errorClass });
      expect(await readPoll(database.pool, source.connection)).toMatchObject({ reason: errorClass, polledAtMs: null });
      expect(JSON.stringify(source.warnings)).not.toContain('@');
      const { connection } = source;
      const isRefused = errorClass === 'reauth_required';
      expect(source.told).toEqual(isRefused ? [{ connection, reason: errorClass }] : []);
      expect(await source.poll(T0 + 5 * MINUTE)).toMatchObject({ kind: 'polled' });
      expect(await readPoll(database.pool, source.connection)).toMatchObject({ reason: null });
    },
  );

  test('and then answers makes the connection that was found down probe at once', async () => {
    const source = aSource();
    const { connection } = source;
    const down = { state: 'down', reason: 'reauth_required', untilMs: null, nowMs: T0 } as const;
    await saveHealth(database.pool, { connection, ...down });
    expect(await source.poll(T0)).toMatchObject({ kind: 'polled' });
    expect(source.told).toEqual([{ connection, role: 'source', probe: true }]);
  });

  test('never gets its own words into a failure that Temporal keeps', async () => {
    const source = aSource();
    const cause = new Error('guest@example.com');
    source.api.failures.push(
      new SourceError('unavailable', 'list answered 503', { vendorText: 'guest@example.com', cause }),
    );
    const failure = await source.poll(T0).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'list answered 503', cause: undefined });
    expect(JSON.stringify(failure)).not.toContain('guest');
  });

  test('whose connection has no API is not polled', async () => {
    const source = aSource();
    const other = { ...source, connection: 'source-without-api' };
    const deps = { ...database, sourceApi: () => null } as unknown as ActivityDeps;
    const run = new MockActivityEnvironment().run(createPollSource(deps), { connection: other.connection });
    expect(await run).toEqual({ kind: 'no_api' });
  });
});
