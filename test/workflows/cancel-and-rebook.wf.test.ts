/**
 * Bookings that are called off, come back, or are heard of in the wrong order.
 */
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import {
  bookingWorkflowOf,
  endWorkflows,
  messagesOf,
  remindersOf,
  reminderSent,
  writesOf,
} from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

async function booked(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  return guest;
}

const rebooked = (from: BookingOptions, startMs: number): BookingOptions => ({
  ...from,
  uid: `${from.uid}-new`,
  startMs,
  sequence: 2,
});

test('canceled one second before a reminder: it is not sent, and says why', async () => {
  const guest = await booked(10 * DAY);
  const dueAtMs = guest.startMs - 72 * HOUR;
  await world.sleepUntil(dueAtMs - 1_000);
  await world.hear(bookingCancelled(guest));
  await world.settled(guest.uid);
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'CANCELED', startMs: guest.startMs }]);

  await world.sleepUntil(guest.startMs - 24 * HOUR + MINUTE);
  const reminders = await remindersOf(world, guest.uid);
  expect(reminders.map((m) => [m.state, m.reason, m.attempts])).toEqual([
    ['skipped', 'the booking was canceled', 0],
    ['skipped', 'the booking was canceled', 0],
  ]);
  expect(world.mails(guest.guest).map((mail) => mail.subject.slice(0, 9))).toEqual(['Confirmed']);
});

test('the host asks for another time: quiet until the guest chooses one, then the same booking and meeting go on', async () => {
  const guest = await booked(6 * DAY);
  await world.hear(bookingCancelled({ ...guest, requestReschedule: true }));
  const asked = await world.settled(guest.uid);
  expect(asked).toMatchObject({ status: 'reschedule_requested' });
  expect(world.meetings(guest.uid)).toEqual([
    { id: expect.any(String), outcome: 'RESCHEDULED', startMs: guest.startMs },
  ]);
  await world.sleepUntil(guest.startMs - 72 * HOUR + MINUTE);
  expect((await remindersOf(world, guest.uid)).map((m) => m.reason)).toEqual(
    Array(2).fill('the host asked for another time'),
  );

  const again = rebooked(guest, guest.startMs + 3 * DAY);
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  const booking = await world.settled(again.uid);
  expect(booking).toMatchObject({ id: asked.id, status: 'scheduled', chain: [guest.uid, again.uid] });
  expect(world.meetings(guest.uid)).toEqual([
    { id: asked.crm[0]!.appointmentId, outcome: 'SCHEDULED', startMs: again.startMs },
  ]);
  await world.sleepUntil(again.startMs - 72 * HOUR);
  await reminderSent(world, again.uid, { startMs: again.startMs, beforeMs: 72 * HOUR });
});

test('canceled, then rebooked from the canceled appointment: the same booking and meeting live again', async () => {
  const guest = await booked(6 * DAY);
  await world.hear(bookingCancelled(guest));
  const canceled = await world.settled(guest.uid);
  expect(canceled).toMatchObject({ status: 'canceled' });

  const again = rebooked(guest, guest.startMs + DAY);
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  const booking = await world.settled(again.uid);
  expect(booking).toMatchObject({ id: canceled.id, status: 'scheduled', slot: { startMs: again.startMs } });
  expect(world.meetings(guest.uid)).toEqual([
    { id: canceled.crm[0]!.appointmentId, outcome: 'SCHEDULED', startMs: again.startMs },
  ]);
  // Past the instant at which the canceled booking would have closed.
  await world.sleepUntil(again.startMs - 24 * HOUR);
  await reminderSent(world, again.uid, { startMs: again.startMs, beforeMs: 24 * HOUR });
  expect(await bookingWorkflowOf(world, again.uid)).toMatchObject({ status: 'RUNNING' });
});

test('rebooked after the canceled booking had closed: a new run of the same workflow goes on with it', async () => {
  const guest = await booked(12 * DAY);
  await world.hear(bookingCancelled(guest));
  await world.settled(guest.uid);
  const before = await bookingWorkflowOf(world, guest.uid);
  await world.sleep(72 * HOUR + MINUTE);
  expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' });

  const again = rebooked(guest, guest.startMs + DAY);
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  await world.settled(again.uid);
  const after = await bookingWorkflowOf(world, again.uid);
  expect(after.status).toBe('RUNNING');
  expect(after.runId).not.toBe(before.runId);
  await world.sleepUntil(again.startMs - 24 * HOUR);
  await reminderSent(world, again.uid, { startMs: again.startMs, beforeMs: 24 * HOUR });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'SCHEDULED', startMs: again.startMs }]);
});

test('a reschedule that arrives before its creation: one booking at the new time, the creation is called late', async () => {
  const first = await world.aGuest(6 * DAY);
  const second: BookingOptions = { ...first, uid: `${first.uid}-new`, startMs: first.startMs + DAY };
  const requests = world.countCrmRequests();
  await world.hear(bookingRescheduled({ ...second, previous: first }));
  await world.settled(second.uid);
  await world.sleep(5 * MINUTE);
  await world.hear(bookingCreated(first));

  const booking = await world.settled(first.uid);
  expect(booking).toMatchObject({
    status: 'scheduled',
    slot: { startMs: second.startMs },
    chain: [first.uid, second.uid],
  });
  expect(booking.timeline.map(({ type, outcome, why }) => [type, outcome, why])).toEqual([
    ['rescheduled', 'applied', 'moved to another time'],
    [
      'scheduled',
      'superseded',
      expect.stringMatching(/^scheduled; it arrived late, the booking had already moved on \(rescheduled, /),
    ],
  ]);
  expect(world.meetings(first.uid)).toEqual([
    { id: booking.crm[0]!.appointmentId, outcome: 'SCHEDULED', startMs: second.startMs },
  ]);
  expect(writesOf(requests(), 'POST', 'meetings')).toHaveLength(1);

  await world.sleepUntil(second.startMs - 24 * HOUR);
  await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs: 24 * HOUR });
  expect((await messagesOf(world, second.uid)).filter((m) => m.slotStartMs === first.startMs)).toEqual([]);
  expect(world.mails(first.guest)).toHaveLength(3);
});
