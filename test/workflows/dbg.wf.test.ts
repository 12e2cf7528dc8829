import { bookingCreated } from '../../local/samples/calcom-body';
import { aWorld, DAY, HOUR, type World } from '../support/world';
import { endWorkflows, taskOf, workflowOf, bookingWorkflowOf } from '../support/world-records';
import { eventually } from '../support/eventually';
let world: World;
beforeAll(async () => {
  world = await aWorld({ maxHistoryEvents: 80 });
});
afterEach(() => endWorkflows(world));
test('X', async () => {
  const guest = await world.aGuest(10 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  const { id: bookingId } = await world.booking(guest.uid);
  const { runId } = await bookingWorkflowOf(world, guest.uid);
  await eventually(async () => {
    const run = await bookingWorkflowOf(world, guest.uid);
    if (run.runId !== runId) return true;
    await world.signals.wake({ bookingId, reason: 'sweep' });
    return false;
  });
  await world.settled(guest.uid);
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
  await eventually(async () => (await workflowOf(world, workflowId)).status === 'COMPLETED', { what: 'the task ended' });
  await world.settled(guest.uid);
  for (const id of [workflowId, 'booking/' + bookingId]) {
    const { events } = await world.env.client.workflow.getHandle(id).fetchHistory();
    for (const e of events ?? []) { const k = Object.keys(e).filter((x) => x.endsWith('Attributes')).join(); process.stderr.write(`${e.eventId} ${k} ${JSON.stringify(e.workflowTaskFailedEventAttributes?.cause ?? '')}\n`); }
  }
  process.stderr.write('before\n');
  await world.sleep(HOUR);
  process.stderr.write('after\n');
});
