/**
 * One source, two CRMs: each gets the booking in its own words, at its own time, and one status per lead.
 */
import { undo } from '../../cli/undo';
import { loadConfig } from '../../config/config';
import type { CrmMapping } from '../../domain/settings';
import { bookingCancelled, bookingCreated, bookingRescheduled, noShowUpdated } from '../../local/samples/calcom-body';
import { aWorld, createContact, CRM, DAY, HOUR, SOURCE, type World } from '../support/world';
import { endWorkflows, taskOf } from '../support/world-records';

const GHL = 'gohighlevel-main';
const to = (stageId: string) => ({ stageId, onlyFrom: null });
const ghlMapping: CrmMapping = {
  pipelineId: 'pipe-main',
  stageOrder: ['stage-new', 'stage-booked', 'stage-no-show', 'stage-showed', 'stage-canceled', 'stage-won'],
  forwardOnly: true,
  notes: true,
  byStatus: { scheduled: to('stage-booked'), canceled: to('stage-canceled') },
  eventTypes: {},
  lead: {
    rule: { kind: 'newest' },
    byEventType: {},
    field: 'field-roof-age',
    byStatus: {
      scheduled: { value: 'Booked', tags: ['booked'] },
      canceled: { value: 'Canceled', tags: ['canceled'] },
    },
  },
};

let world: World;
beforeAll(async () => {
  const { mapping, sync } = loadConfig('booksync.example.yaml', {});
  world = await aWorld({
    expectsFailures: true,
    settings: {
      connections: {
        [SOURCE]: { kind: 'calcom' },
        [CRM]: { kind: 'hubspot' },
        [GHL]: { kind: 'gohighlevel' },
      },
      sync: sync.map((one) => ({
        ...one,
        crms: [CRM, GHL],
        createPerson: 'create',
        company: 'company',
        matchOn: ['link', 'email', 'phone', 'name_company'],
      })),
      mapping: { [CRM]: { ...mapping[CRM]!, notes: true }, [GHL]: ghlMapping },
    },
  });
});
afterEach(() => endWorkflows(world));
afterAll(() => expect(world.simulators.gohighlevel.state().violationReasons).toEqual({}));

const location = () => world.simulators.gohighlevel.state();
const contactsOf = (email: string | undefined) =>
  location().contacts.filter((contact) => contact.texts.email === email);
const eventsOf = (contactId: string) => location().events.filter((event) => event.contactId === contactId);
const cardsOf = (contactId: string) => location().opportunities.filter((card) => card.contactId === contactId);
const requestsSince = (): (() => number) => {
  const before = world.simulators.gohighlevel.requests().length;
  return () => world.simulators.gohighlevel.requests().length - before;
};

test('a booking lives in both: made, moved and canceled once in each, with its stage, field and tags', async () => {
  const guest = await world.aGuest(10 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  const booked = await world.settled(guest.uid);
  expect(booked.crm.map(({ connection, state }) => [connection, state]).sort()).toEqual([
    [GHL, 'synced'],
    [CRM, 'synced'],
  ]);
  // A reason is only told where a CRM shows less than the booking.
  expect(booked.crm.map(({ reason }) => reason)).toEqual([null, null]);
  const [contact, ...others] = contactsOf(guest.guest.email);
  expect(others).toEqual([]);
  expect(contact).toMatchObject({ tags: ['booked'] });
  expect(JSON.stringify(contact)).toContain('Booked');
  expect(eventsOf(contact!.id)).toMatchObject([{ status: 'confirmed', startMs: guest.startMs }]);
  expect(cardsOf(contact!.id)).toMatchObject([{ pipelineStageId: 'stage-booked' }]);

  const requests = requestsSince();
  const moved = { ...guest, uid: `${guest.uid}-2`, startMs: guest.startMs + HOUR };
  await world.hear(bookingRescheduled({ ...moved, previous: guest }));
  await world.settled(moved.uid);
  expect(eventsOf(contact!.id)).toMatchObject([{ status: 'confirmed', startMs: moved.startMs }]);
  expect((await world.booking(moved.uid)).crm.map(({ reason }) => reason)).toEqual([null, null]);
  expect(requests()).toBeLessThanOrEqual(2);

  await world.hear(bookingCancelled(moved));
  await world.settled(moved.uid);
  expect(eventsOf(contact!.id)).toMatchObject([{ status: 'cancelled' }]);
  expect(cardsOf(contact!.id)).toMatchObject([{ pipelineStageId: 'stage-canceled' }]);
  expect(contactsOf(guest.guest.email)).toMatchObject([{ tags: ['canceled'] }]);
  expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'CANCELED' }]);
  // Automations of the customer would message the guest a second time.
  expect(location().sideEffects.counts.guest_notified).toBe(0);
});

test('a new booking of somebody whom GoHighLevel knows costs at most seven calls, and nothing when nothing changes', async () => {
  const first = await world.aGuest(11 * DAY, { unknown: true });
  await world.hear(bookingCreated(first));
  await world.settled(first.uid);
  const known = await world.aGuest(12 * DAY, { unknown: true });
  const { id } = world.simulators.gohighlevel.act({
    action: 'createContact',
    email: known.guest.email!,
    firstName: 'Known',
    lastName: 'Guest',
  }) as { id: string };
  const requests = requestsSince();
  await world.hear(bookingCreated(known));
  await world.settled(known.uid);
  expect(eventsOf(id)).toHaveLength(1);
  expect(requests()).toBeLessThanOrEqual(7);
  const before = requests();
  await world.signals.wake({ bookingId: (await world.booking(known.uid)).id, reason: 'sweep' });
  await world.settled(known.uid);
  expect(requests()).toBe(before);
});

test('twenty bookings of one person at once: one contact, one opportunity, twenty appointments', async () => {
  const first = await world.aGuest(20 * DAY, { unknown: true });
  const bookings = Array.from({ length: 20 }, (_, n) => ({
    ...first,
    uid: `${first.uid}-${n}`,
    startMs: first.startMs + n * HOUR,
  }));
  await world.hear(...bookings.map((booking) => bookingCreated(booking)));
  // They wait for each other, a person at a time.
  for (let round = 0; round < 20 && eventsOf(contactsOf(first.guest.email)[0]?.id ?? '').length < 20; round += 1) {
    await world.sleep(60_000);
  }
  for (const { uid } of bookings) await world.settled(uid);
  const [contact, ...others] = contactsOf(first.guest.email);
  expect(others).toEqual([]);
  expect(cardsOf(contact!.id)).toHaveLength(1);
  expect(
    eventsOf(contact!.id)
      .map((event) => event.startMs)
      .sort(),
  ).toEqual(bookings.map(({ startMs }) => startMs));
});

test('a card that a rep has moved on stays where it is, and the booking says why', async () => {
  const guest = await world.aGuest(9 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  const [contact] = contactsOf(guest.guest.email);
  const [card] = cardsOf(contact!.id);
  world.simulators.gohighlevel.act({ action: 'moveStage', id: card!.id, stageId: 'stage-won' });
  await world.hear(bookingCancelled(guest));
  const booking = await world.settled(guest.uid);
  expect(cardsOf(contact!.id)).toMatchObject([{ pipelineStageId: 'stage-won' }]);
  expect(booking.crm.find(({ connection }) => connection === GHL)).toMatchObject({ reason: 'a person moved the deal' });
});

test('a tag that a person set stays, also where the mapping knows its word', async () => {
  const guest = await world.aGuest(8 * DAY, { unknown: true });
  const { act } = world.simulators.gohighlevel;
  const { id } = act({ action: 'createContact', email: guest.guest.email! }) as { id: string };
  await tag(id, 'canceled');
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  expect(contactsOf(guest.guest.email)).toMatchObject([{ tags: ['canceled', 'booked'] }]);
});

test('a settled outcome is noted once in each CRM that the mapping says so of, and a correction is another note', async () => {
  const guest = await world.aGuest(6 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  const booked = await world.settled(guest.uid);
  const personIn = (connection: string) => booked.crm.find((crm) => crm.connection === connection)!.personId!;
  const { hubspot, gohighlevel } = world.simulators;
  const inHighlevel = (): string[] =>
    gohighlevel
      .state()
      .notes.filter((note) => note.ownerId === personIn(GHL))
      .map(({ body }) => body);
  const inHubspot = (): string[] => {
    const { associations, objects } = hubspot.state();
    const ids = associations.filter(({ from, to }) => from.id === personIn(CRM) && to.type === 'notes');
    return ids.map(({ to }) => objects.notes.find(({ id }) => id === to.id)?.properties['hs_note_body'] ?? '');
  };
  expect([inHubspot(), inHighlevel()]).toEqual([[], []]);

  // The note is applied and its answer lost: it is found again by its key, not written again.
  hubspot.setFaults([{ method: 'POST', path: '/crm/objects/2026-09/notes', connection: 'reset_after' }]);
  gohighlevel.setFaults([{ method: 'POST', path: `/contacts/${personIn(GHL)}/notes`, connection: 'reset_after' }]);
  await world.sleepUntil(guest.startMs + HOUR);
  const mark = async (noShow: boolean): Promise<void> => {
    const { email } = guest.guest;
    await world.hear(noShowUpdated({ uid: guest.uid, email: email!, noShow, createdAtMs: await world.now() }));
    await world.settled(guest.uid);
  };
  await mark(true);
  expect([hubspot.faultsLeft(), gohighlevel.faultsLeft()]).toEqual([[], []]);
  const noShow = expect.stringContaining('No-show. Appointment: ') as string;
  expect([inHubspot(), inHighlevel()]).toEqual([[noShow], [noShow]]);

  await mark(false);
  await mark(true);
  expect([inHubspot().length, inHighlevel().length]).toEqual([1, 1]);

  await world.hear(bookingCancelled(guest));
  await world.settled(guest.uid);
  const canceled = expect.stringContaining('Canceled by the guest. Appointment: ') as string;
  expect([inHubspot(), inHighlevel()]).toEqual([
    [noShow, canceled],
    [noShow, canceled],
  ]);
});

test('name and company: the only one without another address is taken; somebody known under one is the first candidate', async () => {
  const { act } = world.simulators.gohighlevel;
  const guest = await world.aGuest(7 * DAY, { unknown: true, answers: { company: 'Sample Roofing Inc.' } });
  const name = { name: 'Nora Namesake', email: 'nora@example.com' };
  const names = { firstName: 'Nora', lastName: 'Namesake' };
  const taken = act({ action: 'createContact', ...names, companyName: 'Sample Roofing' }).id;
  const hubspotId = await createContact(world.simulators, { ...name, email: 'nora.private@example.com' });
  const namesake = await createContact(world.simulators, { name: name.name, phone: '+13035550177' });
  const company = { company: 'SAMPLE ROOFING' };
  world.simulators.hubspot.act({ action: 'editContact', contactId: hubspotId, properties: company });

  await world.hear(bookingCreated({ ...guest, guest: name }));
  const booking = await world.settled(guest.uid);
  const inCrm = (connection: string) => booking.crm.find((crm) => crm.connection === connection);
  expect(inCrm(GHL)).toMatchObject({ state: 'synced', personId: taken });
  expect(contactsOf('nora@example.com')).toMatchObject([{ id: taken }]);
  expect(inCrm(CRM)).toMatchObject({ state: 'needs_contact' });
  expect((await taskOf(world, guest.uid, 'match_contact')).evidence).toMatchObject({
    candidates: [
      { id: hubspotId, agrees: ['firstName', 'lastName', 'company'], differs: ['email'] },
      { id: namesake, agrees: ['firstName', 'lastName'] },
    ],
  });
  const { rows } = await world.database.pool.query<{ written: unknown }>(
    `SELECT after AS written FROM crm_write WHERE connection = $1 AND crm_id = $2 AND action = 'link'`,
    [GHL, taken],
  );
  expect(rows).toEqual([{ written: { matchedOn: 'name_company', filled: ['email'], words: ['email'] } }]);
});

test('what was written to GoHighLevel is taken back, and a tag that somebody else had put there stays', async () => {
  const guest = await world.aGuest(15 * DAY, { unknown: true });
  const { id } = world.simulators.gohighlevel.act({
    action: 'createContact',
    email: guest.guest.email!,
    firstName: 'Known',
    lastName: 'Guest',
  }) as { id: string };
  await tag(id, 'booked');
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.hear(bookingCancelled(guest));
  const { id: bookingId } = await world.settled(guest.uid);
  const contact = () => location().contacts.find((one) => one.id === id)!;
  expect(contact().tags).toEqual(['canceled']);

  const nowMs = await world.now();
  const lines: string[] = [];
  const all = await undo(
    { booking: `${SOURCE}/${guest.uid}`, connection: GHL, yes: true },
    {
      pool: world.database.pool,
      client: () => Promise.resolve(world.env.client),
      nowMs: () => nowMs,
      tell: (line) => void lines.push(line),
    },
  );
  expect(lines.join('\n')).not.toContain(CRM);
  expect([all, lines.filter((line) => /^(left|conflict)/.test(line))]).toEqual([true, []]);
  expect(contact().tags).toEqual(['booked']);
  expect(JSON.stringify(contact().customFields)).not.toContain('Canceled');
  expect(eventsOf(id)).toMatchObject([{ status: 'cancelled' }]);
  expect(cardsOf(id)).toMatchObject([{ pipelineStageId: 'stage-booked' }]);
  const notes = location().notes.filter(({ contactId }) => contactId === id);
  expect(notes.map(({ body }) => body.includes('no longer holds'))).toEqual(notes.map(() => true));
  expect(await world.settled(guest.uid)).toMatchObject({ id: bookingId, status: 'canceled' });
});

async function tag(contactId: string, word: string): Promise<void> {
  const headers = { authorization: 'Bearer pit-demo', version: 'v3', 'content-type': 'application/json' };
  const url = `${world.simulators.url}/gohighlevel/contacts/${contactId}/tags`;
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ tags: [word] }) });
  expect(answer.ok).toBe(true);
}
