/**
 * PostgreSQL is away for an hour: nothing is lost, nothing is done twice, and everything goes on by itself.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import {
  bookingWorkflowOf,
  confirmed,
  endWorkflows,
  remindersOf,
  reminderSent,
  taskOf,
  tell,
  workflowEnded,
  writesOf,
} from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld({ expectsFailures: true });
});
afterEach(async () => {
  world.databaseGate.open();
  await endWorkflows(world);
});

async function booked(inMs: number, given: { unknown?: boolean } = {}): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs, given);
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  return guest;
}

/**
 * Shuts the database for an hour from now; `meanwhile` happens a minute into it. Returns how many events the hour and its
 * catching up added to the booking's history.
 */
async function anHourWithoutDatabase(
  uid: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<number> {
  const before = await bookingWorkflowOf(world, uid);
  const atMs = await world.now();
  world.databaseGate.shut();
  await world.sleepUntil(atMs + MINUTE);
  await meanwhile();
  await world.sleepUntil(atMs + HOUR);
  // Leases run by PostgreSQL's own clock, which is not skipped: one that a cut-off write held would have expired by now.
  await world.database.pool.query(`UPDATE lease SET expires_at = '-infinity' WHERE name LIKE 'crm/%'`);
  world.databaseGate.open();
  // The longest pause between two attempts is five minutes.
  await world.sleepUntil(atMs + HOUR + 6 * MINUTE);
  await world.activitiesEnded();
  const after = await bookingWorkflowOf(world, uid);
  expect(after.runId).toBe(before.runId);
  return after.events - before.events;
}

function expectFew(events: number, what: string): void {
  process.stdout.write(`an hour without PostgreSQL, ${what}: ${events} history events\n`);
  expect(events).toBeGreaterThan(0);
  expect(events).toBeLessThan(40);
}

/** At the instant, with everything done that was due before it. */
async function waitUntil(atMs: number): Promise<void> {
  await world.sleepUntil(atMs);
  await world.activitiesEnded();
}

test('a reminder that is due in that hour goes out once when the database is back', async () => {
  const guest = await booked(5 * DAY);
  const dueAtMs = guest.startMs - 72 * HOUR;
  await waitUntil(dueAtMs - 10 * MINUTE);
  const events = await anHourWithoutDatabase(guest.uid, async () => {
    await world.sleepUntil(dueAtMs + 49 * MINUTE);
    expect(await remindersOf(world, guest.uid)).toContainEqual(expect.objectContaining({ dueAtMs, state: 'planned' }));
    expect(world.mails(guest.guest)).toHaveLength(1);
  });
  await world.until(guest.uid, 'reminder sent', (b) =>
    b.messages.some((m) => m.dueAtMs === dueAtMs && m.state === 'sent'),
  );
  expect(await remindersOf(world, guest.uid)).toContainEqual(expect.objectContaining({ dueAtMs, attempts: 1 }));
  expect(world.mails(guest.guest)).toHaveLength(2);
  expectFew(events, 'a reminder due');
});

test('a move that is heard in that hour is recorded and written once afterwards, and the old reminder never goes out', async () => {
  const first = await booked(5 * DAY);
  const second = { ...first, uid: `${first.uid}-new`, startMs: first.startMs + DAY };
  const requests = world.countCrmRequests();
  await waitUntil(first.startMs - 72 * HOUR - 10 * MINUTE);
  const events = await anHourWithoutDatabase(first.uid, () =>
    world.hear(bookingRescheduled({ ...second, previous: first })),
  );
  expect(await world.settled(second.uid)).toMatchObject({
    status: 'scheduled',
    slot: { startMs: second.startMs },
    version: 2,
  });
  expect(world.meetings(first.uid)).toEqual([
    { id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toHaveLength(1);
  const old = (await remindersOf(world, second.uid)).filter((m) => m.slotStartMs === first.startMs);
  expect(old.map((m) => m.state)).toEqual(['skipped', 'skipped']);
  expect(world.mails(first.guest)).toHaveLength(1);
  await world.sleepUntil(second.startMs - 72 * HOUR);
  await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs: 72 * HOUR });
  expectFew(events, 'a move heard and a reminder due');
});

test('an outcome that is heard and a slot that ends in that hour are recorded and written afterwards', async () => {
  const guest = await booked(30 * HOUR);
  await waitUntil(guest.startMs + 25 * MINUTE);
  const events = await anHourWithoutDatabase(guest.uid, () => tell(world, guest.uid, 'showed'));
  expect(await world.settled(guest.uid)).toMatchObject({
    status: 'showed',
    crm: [{ state: 'synced', outcome: 'showed' }],
  });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'COMPLETED', startMs: guest.startMs }]);
  expectFew(events, 'an outcome heard and the slot over');
});

test('a CRM write that was under way ends in a parked booking, which its connection brings back without a second meeting', async () => {
  const guest = await booked(5 * DAY);
  const second = { ...guest, uid: `${guest.uid}-new`, startMs: guest.startMs + DAY };
  const requests = world.countCrmRequests();
  // HubSpot takes the write, and the ledger cannot be told.
  world.simulators.hubspot.setFaults([{ method: 'PATCH', path: '/meetings/', delayMs: 1_000 }]);
  await world.hear(bookingRescheduled({ ...second, previous: guest }));
  await eventually(() => writesOf(requests(), 'PATCH', 'meetings').length === 1, { what: 'the write under way' });
  const events = await anHourWithoutDatabase(guest.uid);
  await world.until(second.uid, 'synced', (b) => b.crm[0]?.state === 'synced');
  await world.settled(second.uid);
  expect(world.meetings(guest.uid)).toEqual([
    { id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
  expect(writesOf(requests(), 'POST', 'meetings')).toHaveLength(0);
  expectFew(events, 'a CRM write under way');
});

test('a task that a person decides in that hour is decided when the database is back, and the booking goes on', async () => {
  const guest = await booked(5 * DAY, { unknown: true });
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  let decided: Promise<void> = Promise.resolve();
  const events = await anHourWithoutDatabase(guest.uid, async () => {
    // The person waits for the answer; everybody else's time goes on.
    decided = world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
    await eventually(async () => {
      const { raw } = await world.env.client.workflow.getHandle(workflowId).describe();
      return raw.pendingActivities?.some((activity) => activity.activityType?.name === 'decideTask') ?? false;
    });
  });
  await decided;
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'created', crm: [{ state: 'synced' }], tasks: [{ state: 'decided' }] });
  expect(world.meetings(guest.uid)).toHaveLength(1);
  await workflowEnded(world, workflowId);
  expectFew(events, 'a task decided');
});
