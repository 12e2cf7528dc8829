/**
 * How many requests a booking costs at HubSpot, counted at the simulator through the real workflow and activities.
 * The same at the port, for every CRM: test/integrations/crm/economy.test.ts.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import { HOST } from '../support/sync-stories';
import { inStep } from '../support/whole-life';
import { aWorld, DAY, HOUR, type World } from '../support/world';
import { tell } from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
  // What a process asks once, whatever the booking: owners, pipelines, key properties.
  const guest = await world.aGuest(10 * DAY, { host: HOST });
  await requestsUntilInStep(guest.uid, () => world.hear(bookingCreated(guest)));
});
afterAll(() => expect(world.simulators.hubspot.state().violations).toBe(0));

async function requestsUntilInStep(uid: string, happens: () => Promise<void>): Promise<string[]> {
  const since = world.countCrmRequests();
  await happens();
  await inStep(world, uid);
  return since().map(({ method, path }) => `${method} ${path.split('?')[0]}`);
}

/** So many at most, and more than none: else nothing was counted. */
function expectWithin(requests: readonly string[], most: number): void {
  expect(requests).not.toEqual([]);
  expect({ requests, isWithin: requests.length <= most }).toEqual({ requests, isWithin: true });
}

test('a new booking of a known person costs at most 6 requests, hearing of it again none, a move 2, an outcome 4', async () => {
  const guest = await world.aGuest(10 * DAY, { host: HOST });
  expectWithin(await requestsUntilInStep(guest.uid, () => world.hear(bookingCreated(guest))), 6);

  await world.sleep(HOUR);
  // The calendar's own word again: a new fact that changes nothing.
  expect(
    await requestsUntilInStep(guest.uid, () =>
      world.hear(bookingCreated({ ...guest, createdAtMs: guest.startMs - 9 * DAY })),
    ),
  ).toEqual([]);

  const next = { ...guest, uid: `${guest.uid}-1`, startMs: guest.startMs + DAY };
  const move = bookingRescheduled({ ...next, sequence: 1, previous: guest });
  expectWithin(await requestsUntilInStep(guest.uid, () => world.hear(move)), 2);

  await world.sleepUntil(next.startMs + HOUR);
  await world.until(guest.uid, 'recorded as over', ({ status }) => status === 'awaiting_outcome');
  await inStep(world, guest.uid);
  expectWithin(await requestsUntilInStep(guest.uid, () => tell(world, guest.uid, 'showed')), 4);
});
