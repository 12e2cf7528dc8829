/**
 * A booking whose run gets long continues as new, in the middle of whatever is going on, and nobody notices.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { bookingWorkflowId, connectionWorkflowId } from '../../domain/ids';
import { bookingViewQuery, probeNowSignal } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { aWorld, CRM, DAY, HOUR, MINUTE, type World } from '../support/world';
import {
  bookingWorkflowOf,
  endWorkflows,
  messagesOf,
  reminderSent,
  taskOf,
  workflowOf,
  writesOf,
} from '../support/world-records';

const MAX_EVENTS = 80;
const HELD_MS = 4_000;
/** Released as soon as it may be; without that, just before the caller gives up. */
const HELD_AT_MOST_MS = 9_000;

let world: World;
beforeAll(async () => {
  world = await aWorld({ maxHistoryEvents: MAX_EVENTS, expectsFailures: true });
});
afterEach(async () => {
  world.simulators.hubspot.setFaults([]);
  world.simulators.hubspot.changeSettings({ down: false });
  await endWorkflows(world);
});

async function booked(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  return guest;
}

const later = (guest: BookingOptions): BookingOptions => ({
  ...guest,
  uid: `${guest.uid}-new`,
  startMs: guest.startMs + DAY,
});

/** Wakes the booking for nothing, again and again, until its run is long enough to end. */
async function fillRun(uid: string): Promise<string> {
  const { id: bookingId } = await world.booking(uid);
  const { runId } = await bookingWorkflowOf(world, uid);
  await eventually(async () => {
    const run = await bookingWorkflowOf(world, uid);
    // A few more than enough: the run counts at its last step, which the newest events come after.
    if (run.runId !== runId || run.events >= MAX_EVENTS + 5) return true;
    await world.signals.wake({ bookingId, reason: 'sweep' });
    return false;
  });
  return runId;
}

const newRun = (uid: string, after: string): Promise<unknown> =>
  eventually(async () => (await bookingWorkflowOf(world, uid)).runId !== after, { what: 'a new run' });

test('continued as new while a CRM write is under way: no second attempt at once, tasks decidable, each message once', async () => {
  // Whether the confirmation was taken over is unknown: a person is asked.
  world.simulators.mail.setFaults([{ at: 'after_data', action: 'reset' }]);
  const first = await booked(10 * DAY);
  await world.until(first.uid, 'a person asked', (b) => b.tasks.some((task) => task.kind === 'message_unknown'));
  const second = later(first);

  const requests = world.countCrmRequests();
  world.simulators.hubspot.setFaults([{ method: 'PATCH', path: '/meetings/', delayMs: HELD_AT_MOST_MS }]);
  await world.hear(bookingRescheduled({ ...second, previous: first }));
  await eventually(() => writesOf(requests(), 'PATCH', 'meetings').length === 1, { what: 'the write under way' });
  const run = await fillRun(second.uid);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toEqual([expect.objectContaining({ status: null })]);
  expect((await bookingWorkflowOf(world, second.uid)).runId).toBe(run);
  world.simulators.hubspot.release();
  await newRun(second.uid, run);
  await world.settled(second.uid);

  // One look and one write: the new run finds in the ledger that the held write went through, and asks nothing of the CRM.
  expect(requests().map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  expect(world.meetings(first.uid)).toEqual([
    { id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toHaveLength(1);
  expect(writesOf(requests(), 'POST', 'meetings')).toHaveLength(0);

  const handle = world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(second.uid)).id));
  const task = await taskOf(world, second.uid, 'message_unknown');
  expect((await handle.query(bookingViewQuery)).openTasks).toEqual([task.workflowId]);
  await world.decide(second.uid, 'message_unknown', { decision: 'was_sent' });
  await eventually(async () => expect((await handle.query(bookingViewQuery)).openTasks).toEqual([]));

  for (const beforeMs of [72 * HOUR, 24 * HOUR]) {
    await world.sleepUntil(second.startMs - beforeMs);
    await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs });
  }
  expect(world.mails(first.guest)).toHaveLength(3);
  expect(Object.values(world.simulators.mail.mailbox().countByMessageId).every((count) => count === 1)).toBe(true);
});

test('continued as new while nobody has decided which contact it is: the task stays open, and its decision reaches the new run', async () => {
  const guest = await world.aGuest(10 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await newRun(guest.uid, await fillRun(guest.uid));
  await world.settled(guest.uid);
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  expect(await workflowOf(world, workflowId)).toMatchObject({ status: 'RUNNING' });

  const requests = world.countCrmRequests();
  await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
  expect(await world.settled(guest.uid)).toMatchObject({ contactMatch: 'created', tasks: [{ state: 'decided' }] });
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([1, 1, 1]);
});

test('continued as new while a message is being sent: it is sent once', async () => {
  const guest = await booked(4 * DAY);
  await world.sleepUntil(guest.startMs - 72 * HOUR - 1_000);
  world.simulators.mail.setFaults([{ at: 'before_data', action: 'delay', delayMs: HELD_MS }]);
  await world.sleepUntil(guest.startMs - 72 * HOUR);
  await world.until(guest.uid, 'being sent', (b) => b.messages.some((m) => m.state === 'sending'));
  await newRun(guest.uid, await fillRun(guest.uid));
  await reminderSent(world, guest.uid, { startMs: guest.startMs, beforeMs: 72 * HOUR });
  await world.settled(guest.uid);
  expect(world.mails(guest.guest)).toHaveLength(2);
  expect((await world.booking(guest.uid)).tasks).toEqual([]);
});

test('continued as new while its CRM is away: still parked, and brought back with the connection', async () => {
  const first = await booked(10 * DAY);
  const second = later(first);
  world.simulators.hubspot.changeSettings({ down: true });
  await world.hear(bookingRescheduled({ ...second, previous: first }));
  await world.sleep(5 * MINUTE);
  await world.until(second.uid, 'parked', (b) => b.crm[0]?.state === 'parked');
  const requests = world.countCrmRequests();
  await newRun(second.uid, await fillRun(second.uid));
  await world.until(second.uid, 'still parked', (b) => b.crm[0]?.state === 'parked');
  expect(requests().filter((request) => request.path.includes('/contacts'))).toEqual([]);

  world.simulators.hubspot.changeSettings({ down: false });
  await world.sleep(5 * MINUTE);
  await world.until(second.uid, 'synced', (b) => b.crm[0]?.state === 'synced');
  expect(world.meetings(first.uid)).toEqual([
    { id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
});

test('continued as new after its CRM came back, before the write succeeded: the new run writes, it is not parked again', async () => {
  const first = await booked(10 * DAY);
  const second = later(first);
  world.simulators.hubspot.changeSettings({ down: true });
  await world.hear(bookingRescheduled({ ...second, previous: first }));
  await world.sleep(5 * MINUTE);
  await world.until(second.uid, 'parked', (b) => b.crm[0]?.state === 'parked');

  // It answers again, but the first write of the booking is refused once more and waits for its next attempt.
  world.simulators.hubspot.setFaults([{ method: 'PATCH', path: '/meetings/', status: 503 }]);
  world.simulators.hubspot.changeSettings({ down: false });
  const requests = world.countCrmRequests();
  await world.env.client.workflow.getHandle(connectionWorkflowId(CRM)).signal(probeNowSignal);
  await eventually(() => writesOf(requests(), 'PATCH', 'meetings').some((request) => request.status === 503));
  await newRun(second.uid, await fillRun(second.uid));
  await world.until(second.uid, 'synced', (b) => b.crm[0]?.state === 'synced');
  await world.settled(second.uid);
  expect(world.meetings(first.uid)).toEqual([
    { id: expect.any(String), outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
});

test('a life of many short runs: every reminder once and on time, the outcome asked once, the review opened once', async () => {
  const host = { name: 'Holly Long', email: 'holly.long@example.com' };
  const guest = await world.aGuest(5 * DAY, { host });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  const endMs = guest.startMs + 30 * MINUTE;
  const instants = [guest.startMs - 72 * HOUR, guest.startMs - 24 * HOUR, endMs, endMs + 2 * HOUR, endMs + 24 * HOUR];
  const runs = new Set<string>();
  for (const atMs of instants) {
    await newRun(guest.uid, await fillRun(guest.uid));
    runs.add((await bookingWorkflowOf(world, guest.uid)).runId);
    await world.sleepUntil(atMs + MINUTE);
    await world.settled(guest.uid);
  }
  expect(runs.size).toBe(instants.length);
  await world.until(guest.uid, 'under review', (b) => b.tasks.length === 1);
  await newRun(guest.uid, await fillRun(guest.uid));
  await world.decide(guest.uid, 'no_show_review', { decision: 'no_show' });
  expect(await world.settled(guest.uid)).toMatchObject({ status: 'no_show', tasks: [{ state: 'decided' }] });

  const messages = await messagesOf(world, guest.uid);
  expect(messages.map((m) => [m.kind, m.state, m.attempts])).toEqual([
    ['confirmation', 'sent', 1],
    ['reminder', 'sent', 1],
    ['reminder', 'sent', 1],
    ['outcome_ask', 'sent', 1],
  ]);
  for (const { dueAtMs, settledAtMs } of messages) expect(settledAtMs! - dueAtMs).toBeLessThan(MINUTE);
  expect(world.mails(guest.guest)).toHaveLength(3);
  expect(world.mails({ email: host.email })).toHaveLength(1);
});
