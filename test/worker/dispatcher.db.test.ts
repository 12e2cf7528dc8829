/**
 * The dispatcher on a real database: what it tells whom, and what it writes down about a delivery.
 */
import { listOpenBookings } from '../../db/bookings';
import { SourceError, type SourceApi, type SourceEvent } from '../../integrations/ports';
import { startDispatcher } from '../../worker/dispatcher';
import { createDoorbell } from '../../worker/doorbell';
import type { BookingSignals } from '../../worker/workflow-signals';
import { slotAt, START } from '../support/facts';
import { eventually } from '../support/eventually';
import { aPlacingWorld, anEvent, plainSource, SOURCE, type PlacingWorld } from './placing-world';

let world: PlacingWorld;
beforeAll(async () => {
  world = await aPlacingWorld();
});

interface Told {
  readonly bookingId: string;
  readonly what: string;
}

/** Dispatches until nothing waits any more. */
async function dispatch(
  events: readonly SourceEvent[],
  sourceApi: SourceApi | null = null,
  failPoint: (name: string) => Promise<void> | void = () => undefined,
): Promise<Told[]> {
  const told: Told[] = [];
  const signals = {
    factsArrived: ({ bookingId, factType }: { bookingId: string; factType: string }) =>
      Promise.resolve(void told.push({ bookingId, what: factType })),
    wake: ({ bookingId, reason }: { bookingId: string; reason: string }) =>
      Promise.resolve(void told.push({ bookingId, what: reason })),
  } as unknown as BookingSignals;
  const { pool, url } = world.database;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const doorbell = createDoorbell({ databaseUrl: url, pollMs: 20, log });
  await world.store(events.map((event) => ({ events: [event] })));
  const dispatcher = startDispatcher({
    pool,
    vault: world.vault,
    signals,
    doorbell,
    log,
    holder: 'test',
    failPoint,
    sources: new Map([[SOURCE, plainSource]]),
    sourceApi: () => sourceApi,
  });
  try {
    await eventually(
      async () => {
        const { rows } = await pool.query(`SELECT count(*)::int AS waiting FROM delivery WHERE state = 'stored'`);
        expect(rows).toEqual([{ waiting: 0 }]);
      },
      { timeoutMs: 60_000, what: 'everything to be dispatched' },
    );
  } finally {
    await dispatcher.stop();
    await doorbell.close();
  }
  return told;
}

async function reasonsOf(uid: string): Promise<unknown[]> {
  const { rows } = await world.database.pool.query<{ reason: string | null }>(
    `SELECT d.reason FROM delivery d WHERE EXISTS (
       SELECT 1 FROM booking_event e WHERE e.id = ANY (d.fact_ids) AND e.fact->>'uid' = $1) ORDER BY d.seq`,
    [uid],
  );
  return rows.map((row) => row.reason);
}

test('a thousand events of one booking are told in a few signals, and none is lost', async () => {
  const events = Array.from({ length: 1_000 }, (_, n) =>
    anEvent('rescheduled', 'burst', { slot: slotAt(START + n * 60_000), sequence: n }),
  );
  const told = await dispatch(events);
  const [id, ...others] = await world.bookingsOf('burst');
  expect(others).toEqual([]);
  expect(await world.factsOf(id!)).toHaveLength(1_000);
  expect(told.every(({ bookingId }) => bookingId === id)).toBe(true);
  // One for a batch of 64.
  expect(told.length).toBeLessThanOrEqual(1_000 / 64 + 2);
  expect((await world.pictureOf(id!)).slot).toEqual(slotAt(START + 999 * 60_000));
});

test('a delivery that only repeats another says so, and nobody is told', async () => {
  const event = anEvent('scheduled', 'again', { slot: slotAt(START) });
  await dispatch([event]);
  expect(await dispatch([event])).toEqual([]);
  expect(await reasonsOf('again')).toEqual([null, 'another delivery had said the same']);
});

test('a link tells the booking that lives on, and the one that ends', async () => {
  await dispatch([anEvent('scheduled', 'm1'), anEvent('rescheduled', 'm3', { predecessorUid: 'm2' })]);
  const told = await dispatch([anEvent('rescheduled', 'm2', { predecessorUid: 'm1' })]);
  expect(told).toEqual([
    { bookingId: `${SOURCE}/m1`, what: 'rescheduled' },
    { bookingId: `${SOURCE}/m2`, what: 'merged' },
  ]);
});

test('a mark about somebody of a shared appointment who was not heard of waits for them, and says so', async () => {
  await dispatch([anEvent('scheduled', 'shared', { seat: { id: 's1' }, guest: 'one@example.com' })]);
  expect(await dispatch([anEvent('no_show', 'shared', { about: 'two@example.com' })])).toEqual([]);
  const { rows } = await world.database.pool.query(`SELECT reason FROM delivery ORDER BY seq DESC LIMIT 1`);
  expect(rows).toEqual([{ reason: 'about somebody of a shared appointment who was not heard of yet' }]);
  await dispatch([anEvent('scheduled', 'shared', { seat: { id: 's2' }, guest: 'two@example.com' })]);
  const facts = await Promise.all((await world.bookingsOf('shared')).map((id) => world.factsOf(id)));
  expect(facts.map((told) => told.map((fact) => fact.type).sort()).sort()).toEqual([
    ['no_show', 'scheduled'],
    ['scheduled'],
  ]);
});

test('a source that fails holds nothing up', async () => {
  const asked: string[] = [];
  const readBooking = (uid: string): Promise<never> => {
    asked.push(uid);
    return Promise.reject(new SourceError('rate_limited', 'readBooking: 429', { retryAfterMs: 60_000 }));
  };
  const events = [1, 2, 3].map((n) => anEvent('rescheduled', `f${n}`, { predecessorUid: `g${n}` }));
  await dispatch(events, { readBooking } as unknown as SourceApi);
  expect(asked).toHaveLength(1);
  for (const n of [1, 2, 3]) expect(await world.bookingsOf(`f${n}`)).toEqual([`${SOURCE}/g${n}`]);
});

test('the lease is kept while the source takes its time', async () => {
  const expiry = async (): Promise<Date> => {
    const text = 'SELECT expires_at FROM lease WHERE name = $1';
    const { rows } = await world.database.pool.query<{ expires_at: Date }>(text, [`dispatcher/${SOURCE}`]);
    return rows[0]!.expires_at;
  };
  const readBooking = async (): Promise<null> => {
    const before = await expiry();
    const isRenewed = async (): Promise<void> => expect((await expiry()).getTime()).toBeGreaterThan(before.getTime());
    await eventually(isRenewed, { timeoutMs: 15_000, what: 'the lease to be renewed' });
    return null;
  };
  const events = [anEvent('rescheduled', 'slow', { predecessorUid: 'slower' })];
  await dispatch(events, { readBooking } as unknown as SourceApi);
  expect(await world.bookingsOf('slow')).toEqual([`${SOURCE}/slower`]);
});

test('a booking that is about to be told is left to the dispatcher, and to the sweep once it was told', async () => {
  const open = (): Promise<string[]> => listOpenBookings(world.database.pool, '', 1_000);
  const seen = new Map<string, string[]>();
  await dispatch([anEvent('scheduled', 'swept', { slot: slotAt(START) })], null, async (point) => {
    seen.set(point, await open());
  });
  const [id] = await world.bookingsOf('swept');
  expect(seen.get('facts-before-signal')).not.toContain(id);
  expect(seen.get('signal-before-done')).not.toContain(id);
  expect(await open()).toContain(id);
});
