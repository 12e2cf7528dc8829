/**
 * What a rep does in a CRM becomes the booking's, once: with two CRMs, a source that is told, echoes that come late or doubled,
 * conflicts that a person decides, and records that were deleted.
 */
import { loadConfig } from '../../config/config';
import type { FieldOwners } from '../../domain/field-owners';
import type { CrmMapping } from '../../domain/settings';
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { fakeSource, type FakeSource } from '../support/fake-source';
import { aWorld, CRM, DAY, HOUR, SOURCE, type World } from '../support/world';
import { confirmed, endWorkflows, taskOf, writesOf } from '../support/world-records';

const GHL = 'ghl-main';
const to = (stageId: string) => ({ stageId, onlyFrom: null });
const GHL_MAPPING: CrmMapping = {
  pipelineId: 'pipe-main',
  forwardOnly: true,
  lead: null,
  notes: false,
  eventTypes: {},
  stageOrder: ['stage-new', 'stage-booked', 'stage-no-show', 'stage-showed', 'stage-canceled', 'stage-won'],
  byStatus: { scheduled: to('stage-booked'), no_show: to('stage-no-show') },
};

let world: World;
let fake: FakeSource;
let mapping: Record<string, CrmMapping>;
beforeAll(async () => {
  fake = fakeSource(() => world.now());
  const config = loadConfig('booksync.example.yaml', {});
  mapping = { ...config.mapping, [GHL]: GHL_MAPPING };
  world = await aWorld({
    expectsFailures: true,
    sourceApi: fake.api,
    source: fake.source,
    settings: {
      connections: { [SOURCE]: { kind: 'calcom' }, [CRM]: { kind: 'hubspot' }, [GHL]: { kind: 'gohighlevel' } },
      sync: config.sync.map((one) => ({ ...one, crms: [CRM, GHL], createPerson: 'create' as const })),
      mapping,
    },
  });
});
beforeEach(() => {
  fake.writes.length = 0;
  fake.isAway = false;
});
afterEach(() => endWorkflows(world));
afterAll(() => {
  expect(world.simulators.gohighlevel.state().violationReasons).toEqual({});
  expect(world.simulators.hubspot.state().violations).toBe(0);
});

/** Booked here, at the source, and in both CRMs. */
async function aBooking(inMs = 10 * DAY): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs, { unknown: true });
  fake.book(guest.uid, { startMs: guest.startMs, email: guest.guest.email! });
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  return guest;
}

const meetingOf = ({ uid }: BookingOptions) => world.meetings(uid)[0]!;
const eventOf = (guest: BookingOptions) => {
  const { contacts, events } = world.simulators.gohighlevel.state();
  const contact = contacts.find(({ texts }) => texts.email === guest.guest.email);
  return events.filter((event) => event.contactId === contact?.id).at(-1)!;
};

const changedIn = async (guest: BookingOptions, connection: string) =>
  world.signals.wake({ bookingId: (await world.booking(guest.uid)).id, reason: 'crm_changed', connection });

const sentences = async (uid: string): Promise<string[]> => {
  const { timeline } = await world.booking(uid);
  return timeline
    .filter(({ type }) => type.startsWith('crm_'))
    .map(({ source, outcome, why }) => `${source} ${outcome}: ${why}`);
};

const bookingIs = (guest: BookingOptions, status: string) =>
  world.until(guest.uid, status, (booking) => booking.status === status);

/** The source was told of a move, and what it shows since then is heard. */
async function movedAtSource(uid: string): Promise<void> {
  await eventually(() => expect(fake.writes).toEqual([`reschedule ${uid}`]), { what: 'the source to be told' });
  await world.activitiesEnded();
  await world.hear();
}

/** The CRMs' calls that change something, since. */
function countWrites(): () => string[] {
  const hubspot = world.countCrmRequests();
  const before = world.simulators.gohighlevel.requests().length;
  return () => [
    ...writesOf(hubspot(), 'PATCH', 'meetings').map(() => CRM),
    ...world.simulators.gohighlevel
      .requests()
      .slice(before)
      .filter(({ method, path }) => method === 'PUT' && path.includes('/appointments/'))
      .map(() => GHL),
  ];
}

/** How many reads of appointments are on record: a wake has been dealt with when there is one more. */
const reads = (): number =>
  world.simulators.hubspot.requests().filter(({ method, path }) => method === 'GET' && path.includes('/meetings/'))
    .length;

test("a no-show that a rep marks in one CRM is the booking's, the source is told, the other CRM shows it; echoes change nothing", async () => {
  const guest = await aBooking(30 * HOUR);
  await world.sleepUntil(guest.startMs + HOUR);
  await bookingIs(guest, 'awaiting_outcome');
  await world.settled(guest.uid);
  const writes = countWrites();
  world.simulators.hubspot.act({ action: 'setOutcome', meetingId: meetingOf(guest).id, outcome: 'NO_SHOW' });
  await changedIn(guest, CRM);
  await bookingIs(guest, 'no_show');
  await eventually(() => expect(fake.writes).toEqual([`markAbsent ${guest.uid}`]), { what: 'the source to be told' });
  const before = await world.settled(guest.uid);
  expect(eventOf(guest)).toMatchObject({ status: 'noshow' });
  // The CRM in which it was marked has it already.
  expect(writes()).toEqual([GHL]);
  expect(await sentences(guest.uid)).toEqual([`${CRM} applied: marked as no-show in ${CRM}`]);

  // Late and doubled, from both.
  const readsBefore = reads();
  for (const connection of [CRM, GHL, CRM]) await changedIn(guest, connection);
  await eventually(() => expect(reads()).toBeGreaterThan(readsBefore), { what: 'the echo to be read' });
  expect(await world.settled(guest.uid)).toMatchObject({ status: 'no_show', version: before.version });
  expect(await sentences(guest.uid)).toHaveLength(1);
  expect([writes(), fake.writes.length]).toEqual([[GHL], 1]);

  // Right after an echo, another rep changes their mind in the other CRM.
  world.simulators.gohighlevel.act({ action: 'markAppointment', id: eventOf(guest).id, status: 'showed' });
  await changedIn(guest, GHL);
  await bookingIs(guest, 'showed');
  await eventually(() => expect(fake.writes).toHaveLength(2), { what: 'the source to be told again' });
  await world.settled(guest.uid);
  expect(meetingOf(guest)).toMatchObject({ outcome: 'COMPLETED' });
  expect((await sentences(guest.uid)).at(-1)).toMatch(`${GHL} applied: marked as showed in ${GHL}, replacing no-show`);
});

test("an appointment that is moved in a CRM moves at the source, and then in the other CRM; the rep's time is never undone", async () => {
  const guest = await aBooking();
  const startMs = guest.startMs + DAY;
  fake.isAway = true;
  const writes = countWrites();
  world.simulators.gohighlevel.act({ action: 'moveAppointment', id: eventOf(guest).id, startMs });
  await changedIn(guest, GHL);
  const waiting = await bookingIs(guest, 'reschedule_requested');
  expect(waiting.timeline.at(-1)).toMatchObject({ source: GHL, why: `moved in ${GHL}: moving to the agreed time` });
  await world.settled(guest.uid);
  expect(eventOf(guest)).toMatchObject({ status: 'confirmed', startMs });
  // The source answers again.
  fake.isAway = false;
  await world.sleep(20 * 60_000);
  await movedAtSource(guest.uid);
  const moved = await world.until(guest.uid, 'moved', (b) => b.status === 'scheduled' && b.slot?.startMs === startMs);
  await world.settled(moved.chain.at(-1)!);
  expect(meetingOf(guest)).toMatchObject({ startMs, outcome: 'SCHEDULED' });
  expect(writes().filter((connection) => connection === GHL)).toEqual([]);
});

test("canceled in a CRM: the source is told; what a rep does to a canceled one is asked about where it can't be followed", async () => {
  const guest = await aBooking();
  world.simulators.hubspot.act({ action: 'setOutcome', meetingId: meetingOf(guest).id, outcome: 'CANCELED' });
  await changedIn(guest, CRM);
  await bookingIs(guest, 'canceled');
  await eventually(() => expect(fake.writes).toEqual([`cancel ${guest.uid}`]), { what: 'the source to be told' });
  await world.hear(bookingCancelled(guest));
  await world.settled(guest.uid);
  expect(eventOf(guest)).toMatchObject({ status: 'cancelled' });

  world.simulators.hubspot.act({ action: 'setOutcome', meetingId: meetingOf(guest).id, outcome: 'SCHEDULED' });
  await changedIn(guest, CRM);
  await world.until(guest.uid, 'asked', (b) => b.tasks.some(({ kind }) => kind === 'conflict'));
  expect(await taskOf(world, guest.uid, 'conflict')).toMatchObject({
    evidence: { field: 'outcome', connection: CRM, booking: { status: 'canceled' }, crm: { status: 'scheduled' } },
  });
  await world.decide(guest.uid, 'conflict', { decision: 'keep_booking' });
  await eventually(() => expect(meetingOf(guest).outcome).toBe('CANCELED'), { what: 'the CRM to be written back' });
  expect((await world.settled(guest.uid)).status).toBe('canceled');
});

test('changes whose webhooks were lost are found by the nightly comparison; our own writes and a second look change nothing', async () => {
  const [marked, moved, gone, left] = [await aBooking(), await aBooking(), await aBooking(), await aBooking()];
  const { hubspot, gohighlevel } = world.simulators;
  hubspot.act({ action: 'setOutcome', meetingId: meetingOf(marked).id, outcome: 'CANCELED' });
  const startMs = moved.startMs + 40 * DAY;
  gohighlevel.act({ action: 'moveAppointment', id: eventOf(moved).id, startMs });
  gohighlevel.act({ action: 'deleteAppointment', id: eventOf(gone).id });
  const before = await world.booking(left.uid);
  const { pool } = world.database;
  const compare = async (connection: string): Promise<unknown> => {
    const { workflow } = world.env.client;
    await pool.query(`UPDATE crm_read_back SET read_at = read_at - interval '1 day'`);
    const workflowId = `read-back/${connection}/${reads()}`;
    const handle = await workflow.start('readBack', { workflowId, taskQueue: 'bookings', args: [{ connection }] });
    return handle.result();
  };
  const calls = world.countCrmRequests();
  expect(await compare(CRM)).toMatchObject({ kind: 'compared', told: 1 });
  expect(calls().filter(({ path }) => path.includes('/meetings/batch/read'))).toHaveLength(1);
  expect(await compare(GHL)).toMatchObject({ kind: 'compared', told: 2 });
  await bookingIs(marked, 'canceled');
  expect((await bookingIs(moved, 'reschedule_requested')).timeline.at(-1)).toMatchObject({ source: GHL });
  await world.until(gone.uid, 'asked', (b) => b.tasks.some(({ kind }) => kind === 'conflict'));
  expect(await world.settled(left.uid)).toMatchObject({ version: before.version });
  for (const guest of [marked, gone]) await world.settled(guest.uid);
  // What the ledger has taken over is no difference any more.
  expect(await compare(CRM)).toMatchObject({ kind: 'compared', told: 0 });
  const { rows } = await pool.query('SELECT connection, told FROM crm_read_back ORDER BY connection');
  expect(rows).toEqual([
    { connection: GHL, told: 2 },
    { connection: CRM, told: 0 },
  ]);
});

test('both sides moved it: nothing is written over, and a person decides', async () => {
  const guest = await aBooking();
  const [theirs, ours] = [guest.startMs + DAY, guest.startMs + 2 * DAY];
  // No webhook told of it: the look before the write does.
  world.simulators.hubspot.act({ action: 'moveMeeting', meetingId: meetingOf(guest).id, startMs: theirs });
  const moved = { ...guest, uid: `${guest.uid}-2`, startMs: ours };
  fake.book(moved.uid, { startMs: ours, email: guest.guest.email! });
  await world.hear(bookingRescheduled({ ...moved, previous: guest }));
  await world.until(guest.uid, 'asked', (b) => b.tasks.some(({ kind }) => kind === 'conflict'));
  await world.settled(guest.uid);
  expect(meetingOf(guest).startMs).toBe(theirs);
  expect(eventOf(guest).startMs).toBe(ours);
  expect(await taskOf(world, guest.uid, 'conflict')).toMatchObject({
    evidence: { field: 'slot', booking: { startMs: ours }, crm: { startMs: theirs } },
  });
  await world.decide(guest.uid, 'conflict', { decision: 'keep_crm' });
  await movedAtSource(moved.uid);
  const done = await world.until(guest.uid, 'moved', (b) => b.status === 'scheduled' && b.slot?.startMs === theirs);
  await world.settled(done.chain.at(-1)!);
  await eventually(() => expect(eventOf(guest).startMs).toBe(theirs), { what: 'the other CRM to follow' });
});

test('a field that the booking owns is written back, and the timeline says so', async () => {
  const owners: Partial<FieldOwners> = { slot: 'booking', stage: 'booking' };
  mapping[CRM] = { ...mapping[CRM]!, owners };
  try {
    const guest = await aBooking();
    const { id } = meetingOf(guest);
    world.simulators.hubspot.act({ action: 'moveMeeting', meetingId: id, startMs: guest.startMs + DAY });
    await changedIn(guest, CRM);
    await eventually(() => expect(meetingOf(guest).startMs).toBe(guest.startMs), {
      what: 'the time to be written back',
    });
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'scheduled' });
    expect(await sentences(guest.uid)).toEqual([
      `${CRM} superseded: moved in ${CRM}; the booking owns its time, so it is written back`,
    ]);
    expect(fake.writes).toEqual([]);
  } finally {
    mapping[CRM] = { ...mapping[CRM]!, owners: {} };
  }
});

test.each(['keep_booking', 'keep_crm'] as const)(
  'an appointment that was deleted in the CRM is asked about: %s',
  async (decision) => {
    const guest = await aBooking();
    const { id } = eventOf(guest);
    world.simulators.gohighlevel.act({ action: 'deleteAppointment', id });
    await changedIn(guest, GHL);
    await world.until(guest.uid, 'asked', (b) => b.tasks.some(({ kind }) => kind === 'conflict'));
    await world.settled(guest.uid);
    const live = () =>
      world.simulators.gohighlevel
        .state()
        .events.filter((e) => e.contactId === eventOf(guest)?.contactId && !e.isDeleted);
    await world.decide(guest.uid, 'conflict', { decision });
    if (decision === 'keep_booking') {
      await eventually(() => expect(live()).toMatchObject([{ startMs: guest.startMs }]), { what: 'a new appointment' });
      expect((await world.settled(guest.uid)).status).toBe('scheduled');
    } else {
      await bookingIs(guest, 'canceled');
      await eventually(() => expect(fake.writes).toEqual([`cancel ${guest.uid}`]), { what: 'the source to be told' });
      await world.settled(guest.uid);
      expect(meetingOf(guest)).toMatchObject({ outcome: 'CANCELED' });
    }
  },
);
