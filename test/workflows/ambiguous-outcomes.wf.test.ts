/**
 * Every call of a sync, taken from the journal of a clean run, is once carried out without the caller hearing of it.
 * Whatever the call was, the CRM ends with one contact, one deal and one meeting, and the ledger knows them.
 */
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { HttpFaultInput } from '../../local/simulators/faults';
import { loadConfig } from '../../config/config';
import { bookingWorkflowId, bookingViewQuery } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { HOST, lastName, OWNER_ID, STORIES, type Story } from '../support/sync-stories';
import { aWorld, CRM, HOUR, type World } from '../support/world';

const FAULTS: readonly (readonly [string, HttpFaultInput])[] = [
  ['is applied and its answer is dropped', { connection: 'reset_after' }],
  ['is applied and answered with 500', { status: 500, apply: true }],
  ['is applied and half its answer arrives', { truncate: true }],
];

let world: World;
let people = 0;

/** A request of a clean run: the how manieth it was in its step, and what it was. */
interface Call {
  readonly story: Story;
  readonly step: number;
  readonly position: number;
  readonly name: string;
}
const calls: Call[] = [];

beforeAll(async () => {
  const { mapping, sync } = loadConfig('booksync.example.yaml', {});
  const byStatus = { ...mapping[CRM]!.byStatus, canceled: { stageId: 'closedlost', onlyFrom: null } };
  world = await aWorld({
    expectsFailures: true,
    settings: {
      mapping: { [CRM]: { ...mapping[CRM]!, byStatus } },
      sync: sync.map((one) => ({ ...one, createPerson: 'create' as const })),
    },
  });
  // Owners, pipelines and properties are asked for once and remembered: those calls are tried in test/integrations/crm.
  for (const story of STORIES) await live(story);
  for (const story of STORIES) calls.push(...(await live(story)));
});

test('the calls of a sync are these, and each of them is tried below', () => {
  expect([...new Set(calls.map((call) => call.name))].sort()).toEqual([
    'GET /crm/objects/contacts/{email}?email,phone,firstname,lastname,company,mobilephone',
    'GET /crm/objects/contacts/{email}?email,phone,firstname,lastname,company,mobilephone → 404',
    'GET /crm/objects/deals/{id}?pipeline,dealstage',
    'GET /crm/objects/meetings/{id}?hs_meeting_body',
    'GET /crm/objects/meetings/{id}?hs_meeting_start_time,hs_meeting_end_time,hs_meeting_outcome,hs_meeting_title,hubspot_owner_id',
    'PATCH /crm/objects/contacts/{id}',
    'PATCH /crm/objects/deals/{id}',
    'PATCH /crm/objects/meetings/{id}',
    'POST /crm/associations/contacts/deals/batch/read',
    'POST /crm/objects/contacts',
    'POST /crm/objects/contacts/search',
    'POST /crm/objects/deals',
    'POST /crm/objects/deals/batch/read',
    'POST /crm/objects/meetings',
  ]);
});

describe.each(STORIES.map((story) => [story.name, story] as const))('%s', (_name, story) => {
  test.each(FAULTS)(
    'a call that %s ends as if it had been answered',
    async (_what, fault) => {
      const own = withoutRepetitions(calls).filter((call) => call.story === story);
      expect(own).not.toEqual([]);
      for (const { step, position, name } of own) {
        await live(story, { step, faults: [{ ...fault, skip: position, times: 1 }] }).catch((error: unknown) => {
          throw new Error(`${name}, request ${position + 1} of step ${step + 1}: ${String(error)}`, { cause: error });
        });
      }
    },
    60_000,
  );
});

/** The same call with the same answer is tried once, in the first story that made it. */
function withoutRepetitions(all: readonly Call[]): Call[] {
  const seen = new Map<string, Call>();
  for (const call of all) {
    const { story, step, position, name } = call;
    const before = all.filter((o) => o.story === story && o.step === step && o.name === name && o.position < position);
    const key = `${story.apart ? story.name : ''} ${name} ${before.length}`;
    if (!seen.has(key)) seen.set(key, call);
  }
  return [...seen.values()];
}

test.each([
  ['contact', '/contacts$', '{email}'],
  ['deal', '/deals$', '/contacts/deals/batch/read'],
  ['meeting', '/meetings$', '/contacts/meetings/batch/read'],
])(
  'a %s whose create was not answered is not made twice when reading back fails as well',
  async (_what, path, find) => {
    const stranger = STORIES[2]!;
    const lost: HttpFaultInput = { method: 'POST', path, connection: 'reset_after' };
    // The first look is before the create, where there is one; the second is the reading back.
    const looks = (await live(stranger)).filter(({ name }) => name.includes(find)).length;
    await live(stranger, {
      step: 0,
      faults: [lost, { path: find.replace('{email}', '%40'), skip: looks, connection: 'reset_before' }],
    });
  },
);

// ---------------------------------------------------------------- one life

/** Plays a story with a guest of its own; faults strike during one step. Its end is checked. Returns its calls. */
async function live(story: Story, trouble?: { step: number; faults: HttpFaultInput[] }): Promise<Call[]> {
  people += 1;
  const guest = await world.aGuest(480 * HOUR, { host: HOST, ...story.guest(people) });
  await story.before?.(world.simulators, guest);
  const made: Call[] = [];
  for (const [step, tell] of story.steps.entries()) {
    const since = world.countCrmRequests();
    const faults = trouble?.step === step ? trouble.faults : [];
    world.simulators.hubspot.setFaults(faults);
    await world.hear(...tell(guest));
    await allSynced(guest);
    for (const [position, request] of since().entries()) made.push({ story, step, position, name: nameOf(request) });
    expect(world.simulators.hubspot.faultsLeft()).toEqual([]);
  }
  await expectOneOfEach(story, guest);
  return made;
}

/** Skips the waits between attempts until every CRM shows the newest version. */
async function allSynced(guest: BookingOptions): Promise<void> {
  const { pool } = world.database;
  await eventually(
    async () => {
      await world.sleep(1_000);
      const { rows } = await pool.query<{ id: string; version: number; state: string; written: number }>(
        `SELECT b.id, b.version, s.state, s.written_version AS written FROM booking b
           LEFT JOIN crm_sync s ON s.booking_id = b.id
         WHERE b.root_uid LIKE $1 || '%' AND b.merged_into IS NULL`,
        [guest.uid],
      );
      expect(rows.map(({ id, state, version, written }) => ({ id, state, behind: version - written }))).toEqual(
        rows.map(({ id }) => ({ id, state: 'synced', behind: 0 })),
      );
      for (const { id, version } of rows) {
        const handle = world.env.client.workflow.getHandle(bookingWorkflowId(id));
        expect(await handle.query(bookingViewQuery)).toMatchObject({ version, crm: { [CRM]: 'synced' } });
      }
      const { rowCount } = await pool.query(
        `SELECT 1 FROM booking_event e JOIN booking b ON b.id = e.booking_id WHERE b.root_uid LIKE $1 || '%' AND e.outcome IS NULL`,
        [guest.uid],
      );
      expect(rowCount).toBe(0);
    },
    { timeoutMs: 15_000, what: 'every CRM to be in step' },
  );
}

async function expectOneOfEach(story: Story, guest: BookingOptions): Promise<void> {
  const { objects, associations } = world.simulators.hubspot.state();
  const { ends } = story;
  const contacts = objects.contacts.filter(({ properties }) => properties.lastname === lastName(guest.guest));
  const deals = objects.deals.filter(({ properties }) => properties.dealname?.includes(guest.guest.name));
  const meetings = objects.meetings.filter(({ properties }) => properties.hs_meeting_title?.includes(guest.guest.name));
  const surplus = meetings.filter(({ properties }) => properties.hs_meeting_body?.includes('Continued by another'));
  const live = meetings.filter((meeting) => !surplus.includes(meeting));
  expect({ contacts: contacts.length, deals: deals.length, meetings: live.length, surplus: surplus.length }).toEqual({
    contacts: 1,
    deals: 1,
    meetings: 1,
    surplus: ends.surplus ?? 0,
  });
  const [contact, deal, meeting] = [contacts[0]!, deals[0]!, live[0]!];
  const startMs = guest.startMs + ends.movedMs;
  expect(meeting.properties).toMatchObject({ hs_meeting_outcome: ends.outcome, hubspot_owner_id: OWNER_ID });
  expect(Date.parse(meeting.properties.hs_meeting_start_time ?? '')).toBe(startMs);
  expect(Date.parse(meeting.properties.hs_meeting_end_time ?? '')).toBe(startMs + HOUR / 2);
  expect(deal.properties).toMatchObject({ pipeline: 'default', dealstage: ends.stage });
  if (guest.guest.email) expect(contact.properties.email).toBe(guest.guest.email);
  for (const one of surplus) expect(one.properties.hs_meeting_outcome).toBe('CANCELED');
  const linked = (to: { id: string }): boolean =>
    associations.some((link) => link.from.id === meeting.id && link.to.id === to.id);
  expect({ withContact: linked(contact), withDeal: linked(deal) }).toEqual({ withContact: true, withDeal: true });
  await expectLedger(guest, { person: contact.id, opportunity: deal.id, appointment: meeting.id });
}

async function expectLedger(guest: BookingOptions, ids: Readonly<Record<string, string>>): Promise<void> {
  const { id } = await world.booking(guest.uid);
  const { rows } = await world.database.pool.query<{ type: string; state: string; crm_id: string }>(
    `SELECT l.type, l.state, l.crm_id FROM crm_link l, booking b
     WHERE b.id = $1 AND l.state <> 'tombstone' AND (l.booking_id = b.id OR l.external_key = 'p:' || b.person_id)`,
    [id],
  );
  const byType = (a: { type: string }, b: { type: string }): number => a.type.localeCompare(b.type);
  expect([...rows].sort(byType)).toEqual(
    Object.entries(ids)
      .map(([type, crm_id]) => ({ type, state: 'done', crm_id }))
      .sort(byType),
  );
}

// ---------------------------------------------------------------- small things

/** Method, path without version, ids and addresses, which properties are read, and the answer where it is not 2xx. */
function nameOf({ method, path, status }: { method: string; path: string; status: number | null }): string {
  const { pathname, searchParams } = new URL(path, 'http://crm.invalid');
  const asked = searchParams.getAll('properties');
  const name = pathname
    .replace(/\/\d{4}-\d{2}/, '')
    .replace(/\/\d+(?=\/|$)/g, '/{id}')
    .replace(/\/[^/]*(%40|@)[^/]*/, '/{email}');
  const refused = status !== null && status >= 300 ? ` → ${status}` : '';
  return `${method} ${name}${asked.length > 0 ? `?${asked.join()}` : ''}${refused}`;
}
