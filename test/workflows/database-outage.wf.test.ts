/**
 * PostgreSQL is away for an hour: nothing is lost, nothing is done twice, and everything goes on by itself.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { bookingWorkflowOf, endWorkflows, messagesOf, remindersOf, taskOf, tell, workflowOf, writesOf } from '../support/world-records';

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
  await world.settled(guest.uid);
  return guest;
}

/** Shuts the database for an hour that begins at an instant; `meanwhile` happens a minute into it. */
async function anHourWithoutDatabase(atMs: number, meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
  await world.sleepUntil(atMs);
  await world.activitiesEnded();
  world.databaseGate.shut();
  await world.sleepUntil(atMs + MINUTE);
  await meanwhile();
  await world.sleepUntil(atMs + HOUR);
  world.databaseGate.open();
  // The longest pause between two attempts is five minutes.
  await world.sleepUntil(atMs + HOUR + 6 * MINUTE);
}

async function eventsDuring(uid: string, outage: () => Promise<void>): Promise<number> {
  const before = await bookingWorkflowOf(world, uid);
  await outage();
  const after = await bookingWorkflowOf(world, uid);
  expect(after.runId).toBe(before.runId);
  return after.events - before.events;
}

test('a reminder that is due in that hour goes out once when the database is back', async () => {
  const guest = await booked(5 * DAY);
  const dueAtMs = guest.startMs - 72 * HOUR;
  const events = await eventsDuring(guest.uid, () => anHourWithoutDatabase(dueAtMs - 10 * MINUTE));
  await world.until(guest.uid, 'reminder sent', (b) => b.messages.some((m) => m.dueAtMs === dueAtMs && m.state === 'sent'));
  const [reminder] = await remindersOf(world, guest.uid);
  expect(reminder).toMatchObject({ dueAtMs, state: 'sent', attempts: 1 });
  expect(reminder!.settledAtMs).toBeGreaterThan(dueAtMs + 50 * MINUTE);
  expect(reminder!.settledAtMs).toBeLessThan(dueAtMs + 57 * MINUTE);
  expect(world.mails(guest.guest)).toHaveLength(2);
  process.stdout.write(`an hour without PostgreSQL, one reminder due: ${events} history events\n`);
  expect(events).toBeLessThan(40);
});

test('a move that is heard in that hour is recorded and written once afterwards, and the old reminder never goes out', async () => {
  const first = await booked(5 * DAY);
  const second = { ...first, uid: `${first.uid}-new`, startMs: first.startMs + DAY };
  const requests = world.countCrmRequests();
  const events = await eventsDuring(first.uid, () =>
    anHourWithoutDatabase(first.startMs - 72 * HOUR - 10 * MINUTE, () => world.hear(bookingRescheduled({ ...second, previous: first }))),
  );
  expect(await world.settled(second.uid)).toMatchObject({ status: 'scheduled', slot: { startMs: second.startMs }, version: 2 });
  expect(world.meetings(first.uid)).toEqual([{ id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs }]);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toHaveLength(1);
  const messages = await messagesOf(world, second.uid);
  expect(messages.filter((m) => m.slotStartMs === first.startMs && m.kind === 'reminder').map((m) => m.state)).toEqual(['skipped', 'skipped']);
  expect(world.mails(first.guest)).toHaveLength(1);
  process.stdout.write(`an hour without PostgreSQL, one move heard: ${events} history events\n`);
  expect(events).toBeLessThan(40);
});

test('a slot that ends and an outcome that is heard in that hour, its CRM write parked behind the database: all of it follows', async () => {
  const guest = await booked(30 * HOUR);
  const events = await eventsDuring(guest.uid, () =>
    anHourWithoutDatabase(guest.startMs + 25 * MINUTE, () => tell(world, guest.uid, 'showed')),
  );
  expect(await world.settled(guest.uid)).toMatchObject({ status: 'showed', crm: [{ state: 'synced', outcome: 'showed' }] });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'COMPLETED', startMs: guest.startMs }]);
  process.stdout.write(`an hour without PostgreSQL, an outcome heard: ${events} history events\n`);
  expect(events).toBeLessThan(40);
});

test('a CRM write that meets the outage ends in a parked booking, which the connection brings back by itself', async () => {
  const guest = await booked(5 * DAY);
  const second = { ...guest, uid: `${guest.uid}-new`, startMs: guest.startMs + DAY };
  // The write is on its way when the database goes: HubSpot takes it, the ledger cannot be told.
  world.simulators.hubspot.setFaults([{ method: 'PATCH', path: '/meetings/', delayMs: 1_000 }]);
  const requests = world.countCrmRequests();
  await world.hear(bookingRescheduled({ ...second, previous: guest }));
  await world.until(second.uid, 'recorded', (b) => b.version === 2);
  while (writesOf(requests(), 'PATCH', 'meetings').length === 0) await world.now();
  const events = await eventsDuring(guest.uid, async () => {
    world.databaseGate.shut();
    await world.sleep(HOUR);
    world.databaseGate.open();
    await world.sleep(6 * MINUTE);
  });
  await world.until(second.uid, 'synced', (b) => b.crm[0]?.state === 'synced');
  await world.settled(second.uid);
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs }]);
  expect(writesOf(requests(), 'POST', 'meetings')).toHaveLength(0);
  process.stdout.write(`an hour without PostgreSQL, a CRM write under way: ${events} history events\n`);
  expect(events).toBeLessThan(40);
});

test('a task that a person decides in that hour is decided, and the booking goes on, when the database is back', async () => {
  const guest = await booked(5 * DAY, { unknown: true });
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  let decided: Promise<void> = Promise.resolve();
  await anHourWithoutDatabase((await world.now()) + MINUTE, async () => {
    // The person waits for the answer; the others' time goes on.
    decided = world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
  });
  await decided;
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'created', crm: [{ state: 'synced' }], tasks: [{ state: 'decided' }] });
  expect(world.meetings(guest.uid)).toHaveLength(1);
  expect(await workflowOf(world, workflowId)).toMatchObject({ status: 'COMPLETED' });
});
