/**
 * A wrong mapping moved deals: undo puts back what nobody touched since, and asks about the rest. A changed one is applied when it is told to.
 */
import { loadConfig } from '../../config/config';
import { mapping as mappingCommand } from '../../cli/mapping';
import { undo, type UndoOptions } from '../../cli/undo';
import type { CrmMapping } from '../../domain/settings';
import { mappingVersionOf, saveMappingVersion } from '../../db/mapping-versions';
import { bookingCancelled, bookingCreated } from '../../local/samples/calcom-body';
import { findTask } from '../../db/task-view';
import { eventually } from '../support/eventually';
import { endWorkflows } from '../support/world-records';
import { aWorld, CRM, DAY, SOURCE, type World } from '../support/world';

const to = (stageId: string) => ({ stageId, onlyFrom: null });
const { mapping: example } = loadConfig('booksync.example.yaml', {});
/** Who cancels an appointment of the samples' event type is said to have signed. */
const mapping: CrmMapping = {
  ...example[CRM]!,
  byStatus: { scheduled: to('appointmentscheduled'), canceled: to('qualifiedtobuy') },
  eventTypes: { 4711: { byStatus: { canceled: to('contractsent') } } },
};

let world: World;
beforeAll(async () => {
  world = await aWorld({ settings: { mapping: { [CRM]: mapping } } });
});
afterEach(() => endWorkflows(world));

const stageOf = (dealId: string) =>
  world.simulators.hubspot.state().objects.deals.find(({ id }) => id === dealId)?.properties.dealstage;

async function run(options: UndoOptions): Promise<{ all: boolean; lines: string[] }> {
  const lines: string[] = [];
  const nowMs = await world.now();
  const tools = { pool: world.database.pool, client: () => Promise.resolve(world.env.client), nowMs: () => nowMs };
  const all = await undo(options, { ...tools, tell: (line) => void lines.push(line) });
  return { all, lines };
}

test('of five deals that a wrong mapping moved four go back, and about the one that a rep moved since a person is asked', async () => {
  const guests = await Promise.all([1, 2, 3, 4, 5].map((day) => world.aGuest(day * DAY)));
  await world.hear(...guests.map((guest) => bookingCreated(guest)));
  for (const { uid } of guests) await world.settled(uid);
  const from = new Date(await world.now()).toISOString();
  await world.sleep(1_000);
  await world.hear(...guests.map((guest) => bookingCancelled(guest)));
  const deals: string[] = [];
  for (const { uid } of guests) deals.push((await world.settled(uid)).crm[0]!.opportunityId!);
  expect(deals.map(stageOf)).toEqual(Array(5).fill('contractsent'));
  world.simulators.hubspot.act({ action: 'moveStage', dealId: deals[4]!, stageId: 'closedwon' });

  const what = {
    mappingVersion: mappingVersionOf(mapping),
    between: [from, new Date(await world.now()).toISOString()],
  };
  const requests = world.countCrmRequests();
  const preview = await run({ ...what, yes: false });
  expect(preview.lines.filter((line) => line.startsWith('back'))).toHaveLength(5);
  expect(preview.lines.at(-1)).toMatch(/^5 of 10 record\(s\) would go back/);
  expect(requests()).toEqual([]);

  const { all, lines } = await run({ ...what, yes: true });
  expect(all).toBe(false);
  expect(lines.filter((line) => line.startsWith('reverted'))).toHaveLength(4);
  expect(deals.map(stageOf)).toEqual([...Array<string>(4).fill('appointmentscheduled'), 'closedwon']);
  const moved = await world.until(guests[4]!.uid, 'is asked about', ({ tasks }) =>
    tasks.some(({ state }) => state === 'open'),
  );
  expect(moved.tasks.filter(({ state }) => state === 'open')).toMatchObject([{ kind: 'conflict' }]);

  // Asked, a person decides that it goes back after all; of the rest nothing is touched by it.
  const [asked] = moved.tasks.filter(({ state }) => state === 'open');
  expect(await findTask(world.database.pool, asked!.id)).toMatchObject({ evidence: { crm: { stageId: 'closedwon' } } });
  await world.decide(guests[4]!.uid, 'conflict', { decision: 'keep_booking' });
  await eventually(() => expect(deals.map(stageOf)).toEqual(Array(5).fill('appointmentscheduled')), {
    what: 'the deal to go back',
  });
  await eventually(
    async () => {
      const { rows } = await world.database.pool.query(`SELECT DISTINCT state FROM undo_item WHERE state <> 'left'`);
      expect(rows).toEqual([{ state: 'reverted' }]);
    },
    { what: 'the ledger to say so' },
  );

  // Taken back once, and not written again by itself.
  const after = world.countCrmRequests();
  const again = await run({ ...what, yes: false });
  expect(again.lines.at(-1)).toMatch(/^0 of /);
  for (const { uid } of guests) {
    await world.signals.wake({ bookingId: `${SOURCE}/${uid}`, reason: 'sweep' });
    await world.settled(uid);
  }
  expect(after()).toEqual([]);
});

test('of one booking the moves go back, and the lines say why the rest stays', async () => {
  const guest = await world.aGuest(6 * DAY);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.hear(bookingCancelled(guest));
  const dealId = (await world.settled(guest.uid)).crm[0]!.opportunityId!;
  const { lines } = await run({ booking: `${SOURCE}/${guest.uid}`, yes: true });
  expect(lines.join('\n')).toMatch(/stays .* appointment .*decide about the booking/);
  expect(stageOf(dealId)).toBe('appointmentscheduled');
});

test.each([
  ['nothing', {}, /Expected either --booking/],
  ['a booking that nobody knows', { booking: `${SOURCE}/unheard-of` }, /No booking is known/],
  ['a mapping without a time', { mappingVersion: 'abc' }, /Expected --between/],
])('asked for %s it says what it needs', async (_what, options, sentence) => {
  await expect(run({ ...options, yes: true })).rejects.toThrow(sentence);
});

test('a changed mapping touches a live booking only when it is applied, and then only those that it changes', async () => {
  const { pool } = world.database;
  const [guest, other] = await Promise.all([world.aGuest(7 * DAY), world.aGuest(8 * DAY)]);
  await world.hear(bookingCreated(guest), bookingCreated(other));
  const dealId = (await world.settled(guest.uid)).crm[0]!.opportunityId!;
  await world.settled(other.uid);
  await world.hear(bookingCancelled(other));
  await world.settled(other.uid);
  // As a worker does that starts with another file.
  const changed: CrmMapping = { ...mapping, byStatus: { ...mapping.byStatus, scheduled: to('qualifiedtobuy') } };
  (world.settings.mapping as Record<string, CrmMapping>)[CRM] = changed;
  const lines: string[] = [];
  const woken: string[] = [];
  const config = { mapping: { [CRM]: changed }, sync: [] };
  const tools = {
    ...{ pool, config, tell: (line: string) => void lines.push(line) },
    wake: (bookingId: string) => {
      woken.push(bookingId);
      return world.signals.wake({ bookingId, reason: 'sweep' });
    },
  };
  await world.signals.wake({ bookingId: `${SOURCE}/${guest.uid}`, reason: 'sweep' });
  await world.settled(guest.uid);
  expect(stageOf(dealId)).toBe('appointmentscheduled');

  expect(await mappingCommand({ apply: true, yes: true }, tools)).toBe(false);
  expect(lines.at(-1)).toMatch(/the worker runs with mapping none/);
  await saveMappingVersion(pool, { connection: CRM, mapping: changed, nowMs: await world.now() });
  expect(await mappingCommand({ apply: false }, tools)).toBe(true);
  expect(lines).toContainEqual(`  ${SOURCE}/${guest.uid}: stage appointmentscheduled → qualifiedtobuy`);
  expect(lines.join('\n')).not.toContain(other.uid);
  expect(woken).toEqual([]);

  expect(await mappingCommand({ apply: true, yes: true }, tools)).toBe(true);
  expect(woken).toContain(`${SOURCE}/${guest.uid}`);
  await world.until(guest.uid, 'is written anew', () => stageOf(dealId) === 'qualifiedtobuy');
  await world.settled(guest.uid);
  lines.length = 0;
  await mappingCommand({ apply: false }, tools);
  expect(lines[0]).toMatch(/0 open booking\(s\) are older, 0 would change/);
});
