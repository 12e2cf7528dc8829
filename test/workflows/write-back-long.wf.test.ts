/** A source that stays away for long: the booking's runs go on as new ones, none forgets what is to be told, and it is told once. */
import { bookingCreated } from '../../local/samples/calcom-body';
import { bookingWorkflowId } from '../../domain/ids';
import { bookingViewQuery, decideBookingUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { fakeSource, type FakeSource } from '../support/fake-source';
import { aWorld, DAY, HOUR, type World } from '../support/world';
import { bookingWorkflowOf, confirmed, endWorkflows } from '../support/world-records';

let world: World;
let fake: FakeSource;
beforeAll(async () => {
  fake = fakeSource(() => world.now());
  world = await aWorld({ sourceApi: fake.api, source: fake.source, expectsFailures: true, maxHistoryEvents: 80 });
});
afterEach(() => endWorkflows(world));

test('a source that is away for a day is told once when it is back, over several runs of the booking', async () => {
  const guest = await world.aGuest(20 * DAY);
  fake.book(guest.uid, { startMs: guest.startMs, email: guest.guest.email! });
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  const { runId } = await bookingWorkflowOf(world, guest.uid);
  const handle = world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(guest.uid)).id));
  fake.isAway = true;
  await handle.executeUpdate(decideBookingUpdate, { args: [{ decision: 'canceled', startMs: null, by: 'op-7' }] });
  await world.settled(guest.uid);
  await world.sleep(DAY);
  expect((await bookingWorkflowOf(world, guest.uid)).runId).not.toBe(runId);
  expect(await handle.query(bookingViewQuery)).toMatchObject({ status: 'canceled' });
  expect(fake.writes).toEqual([]);

  fake.isAway = false;
  await world.sleep(2 * HOUR);
  await eventually(async () => expect(await handle.query(bookingViewQuery)).toMatchObject({ source: 'told' }));
  expect(fake.writes).toEqual([`cancel ${guest.uid}`]);
});
