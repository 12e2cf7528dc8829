/**
 * What a booking's whole life costs at the engine: billed actions, and events that a replay has to read.
 */
import { writeSync } from 'node:fs';
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import { bookingWorkflowId } from '../../workflows/contract';
import { billOf } from '../support/actions';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});

test('created, moved four times, reminded twice, canceled, closed: at most 35 actions and 125 events', async () => {
  const guest = await world.aGuest(10 * DAY);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  let now = guest;
  for (const n of [1, 2, 3, 4]) {
    await world.sleep(HOUR);
    const next = { ...guest, uid: `${guest.uid}-${n}`, startMs: guest.startMs + n * DAY };
    await world.hear(bookingRescheduled({ ...next, sequence: n, previous: now }));
    await world.settled(guest.uid);
    now = next;
  }
  const sent = (count: number) => (b: { messages: readonly { kind: string; state: string }[] }) =>
    b.messages.filter((m) => m.kind === 'reminder' && m.state === 'sent').length === count;
  for (const [index, beforeMs] of [72 * HOUR, 24 * HOUR].entries()) {
    await world.sleepUntil(now.startMs - beforeMs + MINUTE);
    await world.until(guest.uid, 'reminded', sent(index + 1));
  }
  await world.hear(bookingCancelled({ ...now, sequence: 5 }));
  const { id } = await world.settled(guest.uid);
  await world.sleep(world.settings.outcome.closeAfterMs + MINUTE);
  const handle = world.env.client.workflow.getHandle(bookingWorkflowId(id));
  await eventually(async () => (await handle.describe()).status.name === 'COMPLETED', { what: 'the booking to be closed' });

  const history = await handle.fetchHistory();
  const { items, actions, events } = billOf(history);
  const line = Object.entries(items).map(([item, count]) => `${item} ${count}`).join(', ');
  writeSync(1, `budget: ${line}, total ${actions} actions, ${events} events\n`);
  expect(actions).toBeLessThanOrEqual(35);
  expect(events).toBeLessThanOrEqual(125);
});
