/**
 * A wrong mapping moved deals: undo puts back what nobody touched since, and asks about the rest. A changed one is applied when it is told to.
 */
import { loadConfig } from '../../config/config';
import { mapping as mappingCommand } from '../../cli/mapping';
import { undo, type UndoOptions } from '../../cli/undo';
import type { CrmMapping } from '../../domain/settings';
import { mappingVersionOf, saveMappingVersion } from '../../db/mapping-versions';
import { createHubspotCrm } from '../../integrations/hubspot/crm';
import { bookingCancelled, bookingCreated } from '../../local/samples/calcom-body';
import { findTask } from '../../db/task-view';
import { eventually } from '../support/eventually';
import { endWorkflows } from '../support/world-records';
import { aWorld, createContact, CRM, DAY, SOURCE, type World } from '../support/world';

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
  world = await aWorld({ expectsFailures: true, settings: { mapping: { [CRM]: mapping } } });
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

/** A field of the contact and a note follow the booking too. */
const NOTED: CrmMapping = {
  ...mapping,
  notes: true,
  lead: {
    rule: { kind: 'newest' },
    byEventType: {},
    field: 'company',
    byStatus: { scheduled: { value: 'Booked', tags: [] }, canceled: { value: 'Canceled', tags: [] } },
  },
};

test.each([
  ['nothing', {}, /Expected either --booking/],
  ['a booking that nobody knows', { booking: `${SOURCE}/unheard-of` }, /No booking is known/],
  ['a kind that nobody knows', { booking: 'a/b', kinds: ['deal'] }, /Expected --kind to be one or more of/],
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
    pool,
    config,
    tell: (line: string) => void lines.push(line),
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
  // Asked, the CRM knows of a rep's move that the ledger has not heard of.
  const live = async (): Promise<string> => {
    lines.length = 0;
    await mappingCommand({ apply: false, live: true }, { ...tools, crm: () => crm });
    return lines.join('\n');
  };
  const crm = createHubspotCrm({ baseUrl: `${world.simulators.url}/hubspot`, token: 'pat-demo' });
  expect(await live()).toContain('stage appointmentscheduled → qualifiedtobuy');
  world.simulators.hubspot.act({ action: 'moveStage', dealId, stageId: 'contractsent' });
  expect(await live()).toContain('stage stays at contractsent: a person moved the deal');
  world.simulators.hubspot.act({ action: 'moveStage', dealId, stageId: 'appointmentscheduled' });
  expect(woken).toEqual([]);

  expect(await mappingCommand({ apply: true, yes: true }, tools)).toBe(true);
  expect(woken).toContain(`${SOURCE}/${guest.uid}`);
  await world.until(guest.uid, 'is written anew', () => stageOf(dealId) === 'qualifiedtobuy');
  await world.settled(guest.uid);
  // The bookings of the tests before were woken too, and may take a moment longer.
  await eventually(
    async () => {
      lines.length = 0;
      await mappingCommand({ apply: false }, tools);
      expect(lines[0]).toMatch(/0 open booking\(s\) are older, 0 would change/);
      return true;
    },
    { what: 'every woken booking to be written under the new mapping' },
  );
});

describe('of one booking', () => {
  beforeAll(() => void ((world.settings.mapping as Record<string, CrmMapping>)[CRM] = NOTED));
  afterAll(() => void ((world.settings.mapping as Record<string, CrmMapping>)[CRM] = mapping));

  /** A contact without a phone, of whom a rep noted something, and what the CRM holds of it. */
  async function aCanceled(inDays: number) {
    const name = 'Una Undone';
    const email = `una.${inDays}@example.com`;
    const contactId = await createContact(world.simulators, { name, email });
    const { hubspot } = world.simulators;
    hubspot.act({ action: 'editContact', contactId, properties: { company: 'Call first' } });
    const guest = await world.aGuest(inDays * DAY, { unknown: true, guest: { name, email, phone: '+12025550147' } });
    await world.hear(bookingCreated(guest));
    await world.settled(guest.uid);
    await world.hear(bookingCancelled(guest));
    const dealId = (await world.settled(guest.uid)).crm[0]!.opportunityId!;
    const contact = () => hubspot.state().objects.contacts.find(({ id }) => id === contactId)!.properties;
    const notes = () => hubspot.state().objects.notes.map(({ properties }) => properties['hs_note_body'] ?? '');
    return { guest, contactId, dealId, contact, notes, booking: `${SOURCE}/${guest.uid}` };
  }

  test('everything goes back: deal, fields and status of the contact; what was made is canceled, and its note says so', async () => {
    const { booking, contact, dealId, guest, notes } = await aCanceled(6);
    expect(contact()).toMatchObject({ phone: '+12025550147', company: 'Canceled' });
    const preview = await run({ booking, yes: false });
    expect(preview.lines.join('\n')).toMatch(/back .* appointment .*canceled with the reason in its text/);
    expect(preview.lines.join('\n')).not.toContain('Call first');

    const { all, lines } = await run({ booking, yes: true });
    expect(lines.filter((line) => /^(left|conflict)/.test(line))).toEqual([]);
    expect(all).toBe(true);
    expect(stageOf(dealId)).toBe('appointmentscheduled');
    expect(contact()).toMatchObject({ company: 'Call first', phone: null });
    expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'CANCELED' }]);
    expect(notes().at(-1)).toContain('Taken back');
    // Its own echo is no news, and nothing of it is personal outside the vault.
    await world.signals.wake({ bookingId: booking, reason: 'sweep' });
    expect((await world.settled(guest.uid)).tasks.filter(({ state }) => state === 'open')).toEqual([]);
    const { rows } = await world.database.pool.query<{ text: string }>(
      `SELECT row_to_json(w)::text AS text FROM (SELECT before, after FROM crm_write UNION ALL SELECT item, NULL FROM undo_item) w`,
    );
    expect(rows.map(({ text }) => text).join('\n')).not.toMatch(/Call first|2025550147|Una/);
  });

  test('what a person changed since is asked about by name, and goes back when they say so', async () => {
    const { booking, contact, contactId, guest } = await aCanceled(9);
    const { hubspot } = world.simulators;
    hubspot.act({ action: 'editContact', contactId, properties: { company: 'Won back', phone: '+12025550148' } });
    const kinds = ['person', 'lead'];
    const { all, lines } = await run({ booking, kinds, yes: true });
    expect(all).toBe(false);
    expect(lines.filter((line) => line.startsWith('conflict'))).toHaveLength(2);
    expect(lines.join('\n')).toMatch(/conflict .* lead .*: company\n|conflict .* person .*: phone/);
    expect(contact()).toMatchObject({ company: 'Won back', phone: '+12025550148' });
    const asked = await world.until(guest.uid, 'is asked about', ({ tasks }) => tasks.length >= 2);
    const { pool } = world.database;
    const found = await Promise.all(asked.tasks.map(({ id }) => findTask(pool, id)));
    expect(JSON.stringify(found)).not.toMatch(/Won back|2025550148/);
    // The first that is open, then the other one.
    for (const left of [1, 0]) {
      await world.decide(guest.uid, 'conflict', { decision: 'keep_booking' });
      await world.until(
        guest.uid,
        'is decided',
        ({ tasks }) => tasks.filter(({ state }) => state === 'open').length === left,
      );
    }
    await eventually(() => expect(contact()).toMatchObject({ company: 'Call first', phone: null }), {
      what: 'both fields to go back',
    });
  });
});
