/**
 * The host asked for another time and the guest chose none: after the hold a person decides, and may decide to wait on.
 */
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { bookingWorkflowOf, endWorkflows, taskOf, workflowEnded } from '../support/world-records';

const KIND = 'stale_reschedule';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

/** A booking whose guest was asked for a new time, and when the wish was heard. */
async function askedToMove(): Promise<{ guest: BookingOptions; heardAtMs: number }> {
  const guest = await world.aGuest(3 * DAY);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.hear(bookingCancelled({ ...guest, requestReschedule: true }));
  const booking = await world.settled(guest.uid);
  expect(booking.status).toBe('reschedule_requested');
  const wish = booking.timeline.find(({ type }) => type === 'reschedule_requested');
  return { guest, heardAtMs: wish!.atMs };
}

/** Clocks may change during the hold: so many calendar days, give or take an hour. */
async function openAfter(guest: BookingOptions, sinceMs: number, count: number): Promise<void> {
  await world.sleepUntil(sinceMs + 7 * DAY - HOUR - MINUTE);
  expect((await world.booking(guest.uid)).tasks.filter(({ state }) => state === 'open')).toEqual([]);
  await world.sleepUntil(sinceMs + 7 * DAY + HOUR + MINUTE);
  const booking = await world.until(guest.uid, 'a person is asked', (b) => b.tasks.length === count);
  expect(booking.tasks.at(-1)).toMatchObject({ kind: KIND, state: 'open', owner: 'front-desk' });
}

async function taskEnded(guest: BookingOptions, state: 'decided' | 'withdrawn'): Promise<void> {
  const task = await taskOf(world, guest.uid, KIND);
  expect(task.state).toBe(state);
  await workflowEnded(world, task.workflowId);
}

test('a person keeps waiting and is asked again seven days later, then cancels, and the booking closes', async () => {
  const { guest, heardAtMs } = await askedToMove();
  await openAfter(guest, heardAtMs, 1);
  expect((await taskOf(world, guest.uid, KIND)).evidence).toEqual({
    holdSinceMs: heardAtMs,
    agreedStartMs: null,
    slotEndMs: guest.startMs + 30 * MINUTE,
  });

  const decidedAtMs = await world.now();
  await world.decide(guest.uid, KIND, { decision: 'keep_waiting' });
  expect(await world.settled(guest.uid)).toMatchObject({ status: 'reschedule_requested' });
  await openAfter(guest, decidedAtMs, 2);

  await world.decide(guest.uid, KIND, { decision: 'canceled' });
  expect(await world.settled(guest.uid)).toMatchObject({ status: 'canceled' });
  expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'CANCELED', startMs: guest.startMs }]);
  await taskEnded(guest, 'decided');
  await world.sleep(73 * HOUR);
  await eventually(async () =>
    expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' }),
  );
});

test('the guest chooses after all: the question is withdrawn, and the booking is at its new time', async () => {
  const { guest, heardAtMs } = await askedToMove();
  await openAfter(guest, heardAtMs, 1);
  const startMs = Math.ceil(((await world.now()) + 2 * DAY) / MINUTE) * MINUTE;
  const again = { ...guest, uid: `${guest.uid}-new`, startMs };
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  expect(await world.settled(again.uid)).toMatchObject({ status: 'scheduled', slot: { startMs } });
  await taskEnded(guest, 'withdrawn');
});
