/**
 * HubSpot is away for six hours while many bookings change (`OUTAGE_BOOKINGS`; `npm run test:long` plays 200): reminders on time, one write per booking afterwards,
 * few attempts, never above the allowed rate, and nothing asked of a person.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { aWorld, CRM, DAY, HOUR, MINUTE, type World } from '../support/world';
import { endWorkflows, reminderSent, writesOf } from '../support/world-records';

const BOOKINGS = Number(process.env['OUTAGE_BOOKINGS'] ?? 20);
const MOST_ATTEMPTS = 10;
const PROBE = /^\/crm\/owners\/[^/]+\?limit=1$/;

let world: World;
beforeAll(async () => {
  world = await aWorld({ expectsFailures: true });
});
afterEach(() => endWorkflows(world));

interface Moved {
  readonly from: BookingOptions;
  readonly to: BookingOptions;
}

test(`${BOOKINGS} bookings move while HubSpot is away`, async () => {
  const { hubspot } = world.simulators;
  const first = await Promise.all(
    Array.from({ length: BOOKINGS }, (_, n) => world.aGuest(4 * DAY + (n % 50) * MINUTE)),
  );
  await world.hear(...first.map((guest) => bookingCreated(guest)));
  for (const { uid } of first) await world.settled(uid);
  hubspot.changeSettings({ down: 'unavailable' });
  const downAtMs = await world.now();

  const moves: Moved[] = first.map((from) => ({
    from,
    to: { ...from, uid: `${from.uid}-moved`, startMs: from.startMs - DAY + 5 * HOUR },
  }));
  const tried = world.countCrmRequests();
  await world.hear(...moves.map(({ from, to }) => bookingRescheduled({ ...to, previous: from })));
  for (const { to } of moves) await world.until(to.uid, 'moved', (b) => b.slot?.startMs === to.startMs);
  // Reminders of three days before the new times are due within the outage.
  // In steps: the first minutes hold most of the attempts, and a sleep has only so much patience with what happens in it.
  for (let minutes = 1; minutes <= 360; minutes += minutes < 10 ? 1 : 10) {
    await world.sleepUntil(downAtMs + minutes * MINUTE);
  }
  await world.sleepUntil(downAtMs + 6 * HOUR);
  const probes = tried().filter(({ path }) => PROBE.test(path)).length;
  expect(tried().length - probes).toBeLessThanOrEqual(BOOKINGS * MOST_ATTEMPTS);
  expect(probes).toBeLessThan(100);

  // Nobody's reminder waited for the CRM.
  for (const { to } of moves) await reminderSent(world, to.uid, { startMs: to.startMs, beforeMs: 72 * HOUR });

  const { pool } = world.database;
  const parked = await pool.query(
    `SELECT count(*)::int AS n FROM crm_sync WHERE connection = $1 AND state = 'parked'`,
    [CRM],
  );
  expect(parked.rows).toEqual([{ n: BOOKINGS }]);

  const afterwards = world.countCrmRequests();
  hubspot.changeSettings({ down: false });
  for (let round = 0; round < 20 && writesOf(afterwards(), 'PATCH', 'meetings').length < BOOKINGS; round += 1) {
    await world.sleep(MINUTE);
  }
  for (const { to } of moves) await world.settled(to.uid);
  expect(writesOf(afterwards(), 'PATCH', 'meetings')).toHaveLength(BOOKINGS);
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(afterwards(), 'POST', type).length)).toEqual([
    0, 0, 0,
  ]);
  for (const { from, to } of moves) expect(world.meetings(from.uid)).toMatchObject([{ startMs: to.startMs }]);

  const tasks = await pool.query(`SELECT kind FROM task`);
  expect(tasks.rows).toEqual([]);
  expect(hubspot.state().violations).toBe(0);
  process.stdout.write(
    `${BOOKINGS} bookings, six hours without their CRM: ${tried().length - probes} attempts, ${probes} probes\n`,
  );
}, 240_000);
