/**
 * Two bookings turn out to be one in the very moment in which the one that ends is being written to the CRM.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { aWorld, DAY, type World } from '../support/world';
import { endWorkflows } from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

const HELD = '/crm/objects/[^/]+/meetings$';

/** The CRM writes the next meeting on arrival and keeps its answer for itself; resolves when it does. */
async function whileAnswerIsHeld(act: () => Promise<void>): Promise<void> {
  world.simulators.hubspot.setFaults([{ method: 'POST', path: HELD, delayMs: 1_500 }]);
  await act();
  const isHeld = (): boolean =>
    world.simulators.hubspot
      .requests()
      .some(
        ({ method, path, applied, status }) =>
          method === 'POST' && path.endsWith('/meetings') && applied && status === null,
      );
  await eventually(isHeld, { what: 'the CRM to hold an answer back' });
}

async function pieces(): Promise<{ a: BookingOptions; b: BookingOptions; c: BookingOptions }> {
  const a = await world.aGuest(10 * DAY);
  const b: BookingOptions = { ...a, uid: `${a.uid}-b`, startMs: a.startMs + DAY, sequence: 1 };
  const c: BookingOptions = { ...a, uid: `${a.uid}-c`, startMs: a.startMs + 2 * DAY, sequence: 2 };
  return { a, b, c };
}

test('the survivor has a meeting already: the one that was being written becomes surplus and is canceled', async () => {
  const { a, b, c } = await pieces();
  await world.hear(bookingCreated(a));
  await world.settled(a.uid);
  await whileAnswerIsHeld(() => world.hear(bookingRescheduled({ ...c, previous: b, iCalUid: null })));
  await world.hear(bookingRescheduled({ ...b, previous: a, iCalUid: null }));

  const [own] = (await world.settled(a.uid)).crm;
  const meetings = [...world.meetings(a.uid)].sort((x, y) => x.outcome.localeCompare(y.outcome));
  expect(meetings.map(({ outcome }) => outcome)).toEqual(['CANCELED', 'SCHEDULED']);
  expect(meetings[1]).toEqual({ id: own!.appointmentId, outcome: 'SCHEDULED', startMs: c.startMs });
});

test('the survivor has none yet: it takes over the one that was being written, and makes no other', async () => {
  const { a, b, c } = await pieces();
  await whileAnswerIsHeld(() => world.hear(bookingRescheduled({ ...c, previous: b, iCalUid: null })));
  await world.hear(bookingCreated(a), bookingRescheduled({ ...b, previous: a, iCalUid: null }));

  const [own] = (await world.settled(a.uid)).crm;
  expect(world.meetings(a.uid)).toEqual([{ id: own!.appointmentId, outcome: 'SCHEDULED', startMs: c.startMs }]);
});
