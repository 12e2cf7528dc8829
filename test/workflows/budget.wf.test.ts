/**
 * What a booking's whole life costs at the engine: billed actions, and events that a replay has to read.
 */
import { writeSync } from 'node:fs';
import { loadConfig } from '../../config/config';
import { billOf, type Bill } from '../support/actions';
import { wholeLife } from '../support/whole-life';
import { aWorld } from '../support/world';

test('created, moved four times, reminded twice, canceled, closed: at most 35 actions and 125 events', async () => {
  const { messages } = loadConfig('booksync.example.yaml', {});
  // The budget is of the lifecycle alone; the confirmation is one more attempt of `sendMessage`.
  const world = await aWorld({ settings: { messages: { ...messages, confirmation: false } } });
  const workflowId = await wholeLife(world);
  const bill = billOf(await world.env.client.workflow.getHandle(workflowId).fetchHistory());
  print(bill);
  expect(bill.items).toMatchObject({ signals: 6, 'attempts of sendMessage': 2, 'attempts of syncCrm': 6 });
  expect(bill.actions).toBeLessThanOrEqual(35);
  expect(bill.events).toBeLessThanOrEqual(125);
});

function print({ items, actions, events }: Bill): void {
  const line = Object.entries(items).map(([item, count]) => `${item} ${count}`);
  writeSync(1, `budget: ${line.join(', ')}, total ${actions} actions, ${events} events\n`);
}
