import { bookingCreated } from '../../local/samples/calcom-body';
import { aWorld, DAY, HOUR, type World } from '../support/world';
import { endWorkflows, taskOf, confirmed, workflowOf } from '../support/world-records';
import { bookingWorkflowId } from '../../domain/ids';
let world: World;
let hold: (() => Promise<void>) | null = null;
beforeAll(async () => {
  world = await aWorld({ failPoint: async (n) => { if (n === 'record' && hold) { await hold(); } } });
});
afterEach(() => endWorkflows(world));
test.each([false, true])('X%s', async (late) => {
  const guest = await world.aGuest(10 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  if (late) hold = async () => { for (;;) { if ((await workflowOf(world, workflowId)).status === 'COMPLETED') return; } };
  await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
  await world.settled(guest.uid);
  hold = null;
  const { events } = await world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(guest.uid)).id)).fetchHistory();
  for (const e of events ?? []) { const k = Object.keys(e).filter((x) => x.endsWith('Attributes')).join(); if (/xternal|hild/.test(k)) process.stderr.write(`${e.eventId} ${k}\n`); }
  process.stderr.write('before\n');
  await world.sleep(HOUR);
  process.stderr.write('after\n');
});
