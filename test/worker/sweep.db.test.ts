/** The sweep finds what was lost on its way between the database and Temporal. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { insertBooking } from '../../db/bookings';
import { saveHealth } from '../../db/connection-health';
import { saveSync } from '../../db/crm-ledger';
import { withTransaction } from '../../db/pool';
import { sweep } from '../../worker/sweep';
import type { BookingSignals } from '../../worker/workflow-signals';
import { testDatabase, type TestDatabase } from '../support/postgres';

const SOURCE = 'calcom-sales';
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

/** A booking that has been waiting for this CRM for so long. */
async function parked(connection: string, sinceMinutes: number): Promise<void> {
  const { pool } = database;
  const rootUid = randomUUID();
  const bookingId = `${SOURCE}/${rootUid}`;
  await withTransaction(pool, (tx) => insertBooking(tx, { id: bookingId, connection: SOURCE, rootUid }));
  await saveSync(pool, { bookingId, connection, state: 'parked', reason: 'unavailable' });
  await pool.query(`UPDATE crm_sync SET updated_at = now() - make_interval(mins => $2) WHERE booking_id = $1`, [
    bookingId,
    sinceMinutes,
  ]);
}

const health = (connection: string, state: 'up' | 'down') =>
  saveHealth(database.pool, { connection, state, reason: null, untilMs: null, nowMs: Date.now() });

/** Which connections a sweep has look again. */
async function probed(): Promise<string[]> {
  const asked: string[] = [];
  const signals: Partial<BookingSignals> = {
    probeNow: async ({ connection }) => void asked.push(connection),
    wake: async () => undefined,
  };
  const client = { workflow: { list: async function* () {} } } as unknown as Client;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const { pool } = database;
  await sweep({ pool, client, signals: signals as BookingSignals, crmConnections: [], log, holder: 'test' });
  return asked;
}

test('a CRM that is up although a booking has waited for it for half an hour is looked at again, with all that wait', async () => {
  for (const [connection, state] of [
    ['forgot', 'up'],
    ['away', 'down'],
    ['busy', 'up'],
  ] as const)
    await health(connection, state);
  await parked('forgot', 31);
  await parked('forgot', 45);
  await parked('away', 31);
  await parked('busy', 1);
  expect(await probed()).toEqual(['forgot']);
});
