/** HubSpot's quota of the day is used up: nothing is sent until the account's next midnight, then everything that waited is written. */
import { restUntilMs } from '../../domain/connection-rest';
import { wallClock } from '../../config/zones';
import { bookingCreated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { aWorld, CRM, DAY, MINUTE, type World } from '../support/world';
import { writesOf } from '../support/world-records';

const ZONE = 'America/New_York';

let world: World;
beforeAll(async () => {
  const connections = { [CRM]: { kind: 'hubspot', timeZone: ZONE }, 'calcom-sales': { kind: 'calcom' } };
  world = await aWorld({ expectsFailures: true, settings: { connections } });
});

test('bookings of a used-up day wait without a call until midnight in the zone of the account', async () => {
  const { hubspot } = world.simulators;
  const guests: BookingOptions[] = [];
  for (let n = 0; n < 4; n += 1) guests.push(await world.aGuest(5 * DAY + n * MINUTE));
  hubspot.changeSettings({ rateLimits: { tenSecondly: 1_000, searchPerSecond: 1_000, daily: 1 } });
  const [first, ...others] = guests;
  await world.hear(bookingCreated(first!));
  await world.until(first!.uid, 'parked', (b) => b.crm[0]?.state === 'parked');
  const parkedAtMs = await world.now();

  const between = world.countCrmRequests();
  await world.hear(...others.map((guest) => bookingCreated(guest)));
  for (const { uid } of others) await world.until(uid, 'parked', (b) => b.crm[0]?.reason === 'daily_limit');
  const midnightMs = restUntilMs(
    { retryAfterMs: null, daily: { resetInMs: null } },
    { nowMs: parkedAtMs, zone: ZONE, clock: wallClock },
  )!;
  await world.sleepUntil(midnightMs - 2 * MINUTE);
  expect(between()).toEqual([]);
  const { rows } = await world.database.pool.query<{ reason: string; until: Date }>(
    'SELECT reason, until FROM connection_health WHERE connection = $1',
    [CRM],
  );
  expect(rows[0]!.reason).toBe('daily_limit');
  expect(Math.abs(rows[0]!.until.getTime() - midnightMs)).toBeLessThan(MINUTE);
  expect((await world.database.pool.query('SELECT kind FROM task')).rows).toEqual([]);

  hubspot.changeSettings({ rateLimits: null });
  await world.sleepUntil(midnightMs + 2 * MINUTE);
  for (const { uid } of guests) await world.until(uid, 'synced', (b) => b.crm[0]?.state === 'synced');
  expect(writesOf(between(), 'POST', 'meetings')).toHaveLength(guests.length);
});
