/** The sweep finds what was lost on its way between the database and Temporal. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { insertBooking } from '../../db/bookings';
import { saveHealth } from '../../db/connection-health';
import { saveSync } from '../../db/crm-ledger';
import { withTransaction } from '../../db/pool';
import { bookingWorkflowId } from '../../workflows/contract';
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

interface Asked {
  /** Which connections are to look again. */
  readonly probed: string[];
  /** Which bookings were woken, and why. */
  readonly woken: string[];
}

/** A sweep while the workflows of these bookings run. */
async function swept(given: { zoneData?: string; running?: readonly string[] } = {}): Promise<Asked> {
  const asked: Asked = { probed: [], woken: [] };
  const signals: Partial<BookingSignals> = {
    probeNow: async ({ connection }) => void asked.probed.push(connection),
    wake: async ({ bookingId, reason }) => void asked.woken.push(`${bookingId} ${reason}`),
  };
  const running = (given.running ?? []).map((id) => ({ workflowId: bookingWorkflowId(id) }));
  const client = {
    workflow: {
      list: async function* () {
        yield* running;
      },
    },
  } as unknown as Client;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const { pool } = database;
  const zoneData = given.zoneData ?? '2026a';
  await sweep({ pool, client, signals: signals as BookingSignals, crmConnections: [], zoneData, log, holder: 'test' });
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
  expect((await swept()).probed).toEqual(['forgot']);
});

test('a new release of the zone data wakes every open booking once, and an older one beside it wakes none', async () => {
  const { pool } = database;
  const rootUid = randomUUID();
  const id = `${SOURCE}/${rootUid}`;
  await withTransaction(pool, (tx) => insertBooking(tx, { id, connection: SOURCE, rootUid }));
  const wokenBy = async (zoneData: string): Promise<string[]> => {
    const { rows } = await pool.query<{ id: string }>('SELECT id FROM booking');
    const { woken } = await swept({ zoneData, running: rows.map((row) => row.id) });
    return woken.filter((line) => line.startsWith(id));
  };
  await wokenBy('2026b');
  expect(await wokenBy('2026b')).toEqual([]);
  expect(await wokenBy('2026c')).toEqual([`${id} zone_data`]);
  expect(await wokenBy('2026c')).toEqual([]);
  expect(await wokenBy('2026b')).toEqual([]);
});
