/**
 * Nothing was heard after the slot: the host is asked, then a person reviews, and each decision goes on from there.
 */
import { erasePerson } from '../../db/persons';
import { bookingCreated, bookingRescheduled, noShowUpdated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { reassignUpdate, snoozeUpdate, taskViewQuery } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import {
  bookingWorkflowOf,
  endWorkflows,
  messageSent,
  reminderSent,
  taskOf,
  workflowEnded,
} from '../support/world-records';

let world: World;
beforeAll(async () => {
  const emails = { 'front-desk': 'desk@example.com', manager: 'manager@example.com' };
  const tasks = { owner: 'front-desk', dueAfterMs: 4 * HOUR, remindAfterMs: 2 * HOUR, escalateTo: ['manager'] };
  world = await aWorld({ settings: { tasks: { ...tasks, notices: { emails, slack: false } } } });
});
afterEach(() => endWorkflows(world));

const endOf = (guest: BookingOptions): number => guest.startMs + 30 * MINUTE;

/** A booking of whose outcome nothing was heard, a minute after its review was opened. */
async function underReview(): Promise<BookingOptions> {
  const host = { name: 'Hugo Review', email: `hugo.${Math.random().toString(36).slice(2, 8)}@example.com` };
  const guest = await world.aGuest(30 * HOUR, { host });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.sleepUntil(endOf(guest) + 24 * HOUR + MINUTE);
  await world.until(guest.uid, 'under review', (b) => b.tasks.some((task) => task.state === 'open'));
  return guest;
}

async function expectSettled(guest: BookingOptions, status: string, outcome: string): Promise<void> {
  expect(await world.settled(guest.uid)).toMatchObject({ status });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome, startMs: guest.startMs }]);
}

async function taskEnded(guest: BookingOptions, state: 'decided' | 'withdrawn'): Promise<void> {
  const task = await taskOf(world, guest.uid, 'no_show_review');
  expect(task.state).toBe(state);
  await workflowEnded(world, task.workflowId);
}

test('the host is asked by e-mail two hours after the slot, a person reviews after a day', async () => {
  const host = { name: 'Hedda Asked', email: 'hedda.asked@example.com' };
  const guest = await world.aGuest(30 * HOUR, { host });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);

  await world.sleepUntil(endOf(guest) + 2 * HOUR - MINUTE);
  const waiting = await world.until(guest.uid, 'over', (b) => b.status === 'awaiting_outcome');
  expect(waiting.messages.find((m) => m.kind === 'outcome_ask')).toMatchObject({ state: 'planned' });
  await world.sleepUntil(endOf(guest) + 2 * HOUR);
  await messageSent(world, guest.uid, { kind: 'outcome_ask', dueAtMs: endOf(guest) + 2 * HOUR });
  expect(world.mails({ email: host.email })).toHaveLength(1);

  await world.sleepUntil(endOf(guest) + 24 * HOUR - MINUTE);
  expect((await world.booking(guest.uid)).tasks).toEqual([]);
  await world.sleepUntil(endOf(guest) + 24 * HOUR + MINUTE);
  await world.until(guest.uid, 'under review', (b) => b.tasks.length === 1);
  const task = await taskOf(world, guest.uid, 'no_show_review');
  expect(task).toMatchObject({
    state: 'open',
    owner: 'front-desk',
    evidence: { noShowSuspectedAtMs: null, slotEndMs: endOf(guest) },
  });
  // Never a silent "completed": until a person decides, the CRM shows what it showed before.
  await expectSettled(guest, 'awaiting_outcome', 'SCHEDULED');
});

test('where the host has no address, the review is opened when the host would have been asked', async () => {
  const host = { name: 'Hanno Unreachable', email: 'hanno.unreachable@example.com' };
  const guest = await world.aGuest(30 * HOUR, { host });
  await world.hear(bookingCreated(guest));
  const { hostId } = await world.settled(guest.uid);
  await erasePerson(world.database.pool, hostId!);
  await world.sleepUntil(endOf(guest) + 2 * HOUR - MINUTE);
  expect((await world.booking(guest.uid)).tasks).toEqual([]);
  await world.sleepUntil(endOf(guest) + 2 * HOUR + MINUTE);
  await world.until(guest.uid, 'under review', (b) => b.tasks.some((task) => task.kind === 'no_show_review'));
  expect(world.mails({ email: host.email })).toEqual([]);
});

test.each([
  ['showed', 'COMPLETED', 'qualifiedtobuy'],
  ['no_show', 'NO_SHOW', 'appointmentscheduled'],
  ['canceled', 'CANCELED', 'appointmentscheduled'],
] as const)(
  'the review decides "%s": the meeting becomes %s, the deal is in %s, and the booking closes',
  async (decision, outcome, stage) => {
    const guest = await underReview();
    await world.decide(guest.uid, 'no_show_review', { decision });
    await expectSettled(guest, decision, outcome);
    expect((await world.booking(guest.uid)).crm[0]).toMatchObject({ state: 'synced', stage });
    await taskEnded(guest, 'decided');
    await world.sleep(73 * HOUR);
    await eventually(async () =>
      expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' }),
    );
  },
);

test('the review decides "rescheduled": the booking waits for the new time, and goes on with it when it comes', async () => {
  const guest = await underReview();
  await world.decide(guest.uid, 'no_show_review', { decision: 'rescheduled' });
  await expectSettled(guest, 'reschedule_requested', 'RESCHEDULED');
  await taskEnded(guest, 'decided');

  await world.sleep(100 * HOUR);
  expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'RUNNING' });
  const startMs = Math.ceil(((await world.now()) + 4 * DAY) / MINUTE) * MINUTE;
  const again = { ...guest, uid: `${guest.uid}-new`, startMs };
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  expect(await world.settled(again.uid)).toMatchObject({ status: 'scheduled' });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'SCHEDULED', startMs }]);
  await world.sleepUntil(startMs - 24 * HOUR);
  await reminderSent(world, again.uid, { startMs, beforeMs: 24 * HOUR });
});

test('an outcome heard from the source withdraws the review, and its workflow ends', async () => {
  const guest = await underReview();
  const { email = '' } = guest.guest;
  await world.hear(noShowUpdated({ uid: guest.uid, email, noShow: true, createdAtMs: await world.now() }));
  await expectSettled(guest, 'no_show', 'NO_SHOW');
  await taskEnded(guest, 'withdrawn');
});

test('a mark that is taken back after the review was withdrawn opens a second review', async () => {
  const guest = await underReview();
  const { email = '' } = guest.guest;
  await world.hear(noShowUpdated({ uid: guest.uid, email, noShow: true, createdAtMs: await world.now() }));
  await world.settled(guest.uid);
  await world.sleep(HOUR);
  await world.hear(noShowUpdated({ uid: guest.uid, email, noShow: false, createdAtMs: await world.now() }));
  const booking = await world.until(guest.uid, 'second review', (b) => b.tasks.length === 2);
  expect(booking.tasks.map((task) => task.state)).toEqual(['withdrawn', 'open']);
  await world.decide(guest.uid, 'no_show_review', { decision: 'showed' });
  await expectSettled(guest, 'showed', 'COMPLETED');
  await taskEnded(guest, 'decided');
});

test('a review that nobody decides is reminded of after two hours, and goes to the next owner when it is due', async () => {
  const guest = await underReview();
  const opened = await taskOf(world, guest.uid, 'no_show_review');
  expect(opened.dueAtMs - opened.openedAtMs).toBe(4 * HOUR);
  const audit = async (): Promise<unknown[]> => {
    const { rows } = await world.database.pool.query<{ action: string; at: Date; detail: { owner: string } }>(
      'SELECT action, at, detail FROM audit_entry WHERE subject = $1 ORDER BY id',
      [opened.id],
    );
    return rows.map(({ action, at, detail }) => [
      action,
      Math.round((at.getTime() - opened.openedAtMs) / MINUTE),
      detail.owner,
    ]);
  };
  await world.sleepUntil(opened.openedAtMs + 2 * HOUR + MINUTE);
  await eventually(async () => expect(await audit()).toEqual([['task.reminded', 120, 'front-desk']]));
  expect(await taskOf(world, guest.uid, 'no_show_review')).toMatchObject({ owner: 'front-desk' });

  await world.sleepUntil(opened.dueAtMs + MINUTE);
  await eventually(async () =>
    expect(await taskOf(world, guest.uid, 'no_show_review')).toMatchObject({ owner: 'manager' }),
  );
  expect(await audit()).toEqual([
    ['task.reminded', 120, 'front-desk'],
    ['task.escalated', 240, 'manager'],
  ]);
  // Escalated, not lost: the new owner decides it.
  await world.sleep(20 * HOUR);
  await world.decide(guest.uid, 'no_show_review', { decision: 'no_show' });
  await expectSettled(guest, 'no_show', 'NO_SHOW');
  await taskEnded(guest, 'decided');
});

test('a review that rests is neither reminded of nor due, comes back by itself, and then has the time that was left', async () => {
  const sentTo = (email: string): number => world.mails({ email }).length;
  const before = {
    'desk@example.com': sentTo('desk@example.com'),
    'manager@example.com': sentTo('manager@example.com'),
  };
  const guest = await underReview();
  const opened = await taskOf(world, guest.uid, 'no_show_review');
  const { client } = world.env;
  const handle = client.workflow.getHandle(opened.workflowId);
  const subjects = (email: 'desk@example.com' | 'manager@example.com') =>
    world
      .mails({ email })
      .slice(before[email])
      .map(({ subject }) => subject);
  const told = (email: 'desk@example.com' | 'manager@example.com', subject: string) =>
    eventually(async () => expect(await Promise.resolve(subjects(email))).toContain(subject));
  await told('desk@example.com', 'A task for front-desk: How did it go?');

  const untilMs = opened.openedAtMs + 30 * HOUR;
  const { dueAtMs } = await handle.executeUpdate(snoozeUpdate, { args: [{ untilMs, by: 'anna-1' }] });
  const leftMs = dueAtMs - untilMs;
  expect(leftMs).toBeGreaterThan(3.9 * HOUR);
  expect(leftMs).toBeLessThanOrEqual(4 * HOUR);
  expect(await taskOf(world, guest.uid, 'no_show_review')).toMatchObject({ dueAtMs, snoozedUntilMs: untilMs });

  await world.sleepUntil(untilMs - MINUTE);
  expect(subjects('desk@example.com')).toHaveLength(1);
  expect(await handle.query(taskViewQuery)).toMatchObject({ owner: 'front-desk', snoozedUntilMs: untilMs });
  await world.sleepUntil(untilMs + MINUTE);
  await told('desk@example.com', 'Awake again, for front-desk: How did it go?');
  await world.sleepUntil(untilMs + leftMs - 2 * HOUR + MINUTE);
  await told('desk@example.com', 'Still open, for front-desk: How did it go?');
  await world.sleepUntil(dueAtMs + MINUTE);
  await told('manager@example.com', 'Overdue, now for manager: How did it go?');
  expect(subjects('desk@example.com')).toHaveLength(3);

  await expect(handle.executeUpdate(snoozeUpdate, { args: [{ untilMs: 1, by: 'anna-1' }] })).rejects.toThrow();
  await handle.executeUpdate(reassignUpdate, { args: [{ owner: 'front-desk', by: 'anna-1' }] });
  await told('desk@example.com', 'Handed to front-desk: How did it go?');
  await world.decide(guest.uid, 'no_show_review', { decision: 'showed' });
  await taskEnded(guest, 'decided');
});
