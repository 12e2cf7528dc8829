/** Waking what waited: no faster than may be written, on from where a lost attempt was, and not while the connection is down again. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createWakeParked } from '../../activities/connection-health';
import type { ActivityDeps } from '../../activities/deps';
import { insertBooking } from '../../db/bookings';
import { saveHealth } from '../../db/connection-health';
import { saveSync } from '../../db/crm-ledger';
import { testDatabase, type TestDatabase } from '../support/postgres';

const CONNECTION = 'hubspot-main';
const IDS = ['calcom-sales/a', 'calcom-sales/b', 'calcom-sales/c'];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database;
  for (const id of IDS) {
    await insertBooking(pool, { id, connection: 'calcom-sales', rootUid: id.slice(-1) });
    await saveSync(pool, { bookingId: id, connection: CONNECTION, state: 'parked', reason: 'unavailable' });
  }
});
beforeEach(() => database.pool.query('TRUNCATE connection_health'));

/** `onWake` is called with every booking that is woken. */
async function wake(given: { requestsPerSecond: number; before?: object; onWake?: (id: string) => Promise<void> }) {
  const woken: { id: string; atMs: number }[] = [];
  const deps = {
    pool: database.pool,
    settings: { connections: { [CONNECTION]: { kind: 'hubspot', requestsPerSecond: given.requestsPerSecond } } },
    signals: {
      wake: async ({ bookingId }: { bookingId: string }) => {
        woken.push({ id: bookingId, atMs: performance.now() });
        await given.onWake?.(bookingId);
      },
    },
    log: { info: () => undefined },
  } as unknown as ActivityDeps;
  const environment = new MockActivityEnvironment({ heartbeatDetails: given.before });
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  const count = await environment.run(createWakeParked(deps), { connection: CONNECTION });
  return { count, beats, woken, ids: woken.map(({ id }) => id) };
}

test('each waits for about seven calls of the one before it', async () => {
  const { count, ids, woken } = await wake({ requestsPerSecond: 70 });
  expect([count, ids]).toEqual([3, IDS]);
  expect(woken[2]!.atMs - woken[0]!.atMs).toBeGreaterThanOrEqual(198);
});

test('an attempt after a lost one goes on behind the last that was woken', async () => {
  const before = { woken: 1, after: IDS[0] };
  const { count, ids, beats } = await wake({ requestsPerSecond: 1_000, before });
  expect([count, ids]).toEqual([3, IDS.slice(1)]);
  expect(beats.at(-1)).toEqual({ woken: 3, after: IDS[2] });
});

test('when the connection is down again, the others go on waiting', async () => {
  const down = { connection: CONNECTION, state: 'down', reason: 'unavailable', untilMs: null, nowMs: 0 } as const;
  const onWake = (): Promise<void> => saveHealth(database.pool, down);
  expect(await wake({ requestsPerSecond: 1_000, onWake })).toMatchObject({ count: 1, ids: IDS.slice(0, 1) });
});
