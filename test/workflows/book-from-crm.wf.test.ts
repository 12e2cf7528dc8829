/**
 * What a rep agrees on in a CRM is booked at Cal.com, once, and the rep's record becomes the booking's; where that can't be done, a
 * person is asked.
 */
import { loadConfig } from '../../config/config';
import { hearAppointments } from '../../db/crm-appointments';
import { appointmentSubject } from '../../domain/crm-appointment';
import type { CrmMapping } from '../../domain/settings';
import { createCalcomApi } from '../../integrations/calcom/source-api';
import { decideUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { aWorld, createContact, CRM, DAY, HOUR, SOURCE, type World } from '../support/world';
import { endWorkflows } from '../support/world-records';

const GHL = 'ghl-main';
const GHL_MAPPING: CrmMapping = {
  pipelineId: 'pipe-main',
  forwardOnly: true,
  lead: null,
  notes: false,
  eventTypes: {},
  stageOrder: ['stage-new', 'stage-booked'],
  byStatus: { scheduled: { stageId: 'stage-booked', onlyFrom: null } },
};

let world: World;
beforeAll(async () => {
  const config = loadConfig('booksync.example.yaml', {});
  const bookFromCrm = { source: SOURCE, eventType: '101', byCalendar: {}, byOwner: {}, zone: 'America/Denver' };
  world = await aWorld({
    expectsFailures: true,
    sourceApi: ({ url }) => createCalcomApi({ baseUrl: `${url}/calcom`, apiKey: 'cal_demo' }, null),
    settings: {
      connections: {
        [SOURCE]: { kind: 'calcom' },
        [CRM]: { kind: 'hubspot', bookFromCrm },
        [GHL]: { kind: 'gohighlevel', bookFromCrm },
      },
      sync: config.sync.map((one) => ({ ...one, crms: [CRM, GHL], createPerson: 'create' as const })),
      mapping: { ...config.mapping, [GHL]: GHL_MAPPING },
    },
  });
});
afterEach(async () => {
  world.simulators.calcom.setFaults([]);
  await endWorkflows(world);
});
afterAll(() => {
  expect(world.simulators.calcom.state().violations).toBe(0);
  expect(world.simulators.hubspot.state().violations).toBe(0);
  expect(world.simulators.gohighlevel.state().violationReasons).toEqual({});
});

let people = 0;
async function aMeeting(inMs: number): Promise<{ crmId: string; startMs: number; email: string }> {
  people += 1;
  const email = `rep.guest${people}@example.com`;
  const contactId = await createContact(world.simulators, { name: `Rita Rep${people}`, email });
  const startMs = Math.ceil(((await world.now()) + inMs) / HOUR) * HOUR;
  const [made] = world.simulators.hubspot.act({
    action: 'createMeeting',
    contactId,
    startMs,
    minutes: 30,
    title: 'Agreed on the phone',
  });
  return { crmId: made!.id, startMs, email };
}

/** What the dispatcher does when a webhook tells of the record. */
async function told(connection: string, crmId: string): Promise<void> {
  await hearAppointments(world.database.pool, { connection, crmIds: [crmId], nowMs: await world.now() });
  await world.signals.crmAppointment({ connection, crmId });
}

interface Row {
  state: string;
  reason: string | null;
  uid: string | null;
}
const rowOf = async (crmId: string): Promise<Row> => {
  const { rows } = await world.database.pool.query<Row>(
    'SELECT state, reason, uid FROM crm_appointment WHERE crm_id = $1',
    [crmId],
  );
  return rows[0]!;
};
const becomes = (crmId: string, row: Partial<Row>) =>
  eventually(async () => expect(await rowOf(crmId)).toMatchObject(row), {
    what: `${crmId} ${row.state}`,
  });

const bookedFor = (email: string) =>
  world.simulators.calcom.state().bookings.filter((one) => one.attendees.some((guest) => guest.email === email));
const meeting = (id: string) => world.simulators.hubspot.state().objects.meetings.find((one) => one.id === id)!;
const meetingsWith = (contactOf: string): number =>
  world.simulators.hubspot
    .state()
    .associations.filter(({ from, to }) => from.type === 'meetings' && to.type === 'contacts' && to.id === contactOf)
    .length;

async function decide(crmId: string, connection: string, decision: string): Promise<void> {
  const { rows } = await world.database.pool.query<{ workflow_id: string }>(
    `SELECT workflow_id FROM task WHERE about = $1 AND state = 'open'`,
    [appointmentSubject({ connection, crmId })],
  );
  const handle = world.env.client.workflow.getHandle(rows[0]!.workflow_id);
  await eventually(() => handle.describe().then(() => true), { what: 'the workflow of the task' });
  await handle.executeUpdate(decideUpdate, { args: [{ decision, by: 'operator' }] });
}

test("a meeting that a rep makes is booked once, becomes the booking's own, and keeps the rep's words", async () => {
  const { crmId, startMs, email } = await aMeeting(3 * DAY);
  for (let n = 0; n < 3; n += 1) await told(CRM, crmId);
  await becomes(crmId, { state: 'booked' });
  await told(CRM, crmId);
  const { uid } = await rowOf(crmId);
  await world.hear();
  const booking = await world.settled(uid!);
  expect(bookedFor(email)).toMatchObject([{ uid, startMs, metadata: { booksync_record: `${CRM}/${crmId}` } }]);
  expect(booking).toMatchObject({ status: 'scheduled', slot: { startMs } });
  const inHubspot = booking.crm.find(({ connection }) => connection === CRM)!;
  expect(inHubspot).toMatchObject({ state: 'synced', appointmentId: crmId });
  expect(meetingsWith(inHubspot.personId!)).toBe(1);
  expect(meeting(crmId).properties).toMatchObject({ hs_meeting_title: 'Agreed on the phone' });
  expect(meeting(crmId).properties.hs_meeting_body ?? '').not.toContain('Booking reference');
  // The slot is held no longer than it took.
  expect(world.simulators.calcom.requests().filter(({ method }) => method === 'DELETE')).not.toEqual([]);
  expect(booking.crm.find(({ connection }) => connection === GHL)).toMatchObject({ state: 'synced' });

  // From now on it is a booking like any other.
  world.simulators.hubspot.act({ action: 'setOutcome', meetingId: crmId, outcome: 'CANCELED' });
  await world.signals.wake({ bookingId: booking.id, reason: 'crm_changed', connection: CRM });
  await world.until(uid!, 'canceled', ({ status }) => status === 'canceled');
});

test('a time that the rep changes before the booking is written there is not taken back: the booking follows', async () => {
  const { crmId, startMs } = await aMeeting(8 * DAY);
  await told(CRM, crmId);
  await becomes(crmId, { state: 'booked' });
  // Nobody tells of it: the first write to the record finds it.
  const movedMs = startMs + DAY;
  world.simulators.hubspot.act({ action: 'moveMeeting', meetingId: crmId, startMs: movedMs });
  await world.hear();
  const { uid } = await rowOf(crmId);
  await world.until(uid!, 'moving', ({ timeline }) => timeline.some(({ type }) => type === 'crm_reported'));
  expect(Date.parse(meeting(crmId).properties.hs_meeting_start_time ?? '')).toBe(movedMs);
});

test('an answer that is lost, and a look-up after it that is lost too, end in one booking', async () => {
  const { crmId, email } = await aMeeting(4 * DAY);
  world.simulators.calcom.setFaults([
    { method: 'POST', path: '^/v2/bookings$', connection: 'reset_after' },
    { method: 'GET', path: '^/v2/bookings\\?', connection: 'reset_before' },
  ]);
  await told(CRM, crmId);
  await eventually(() => expect(world.simulators.calcom.faultsLeft()).toEqual([]), { what: 'both faults' });
  await world.sleep(60_000);
  await becomes(crmId, { state: 'booked' });
  expect(bookedFor(email)).toHaveLength(1);
});

test('a slot that is gone is asked about: tried again when it is free, and left in the CRM where a person says so', async () => {
  const { crmId, startMs, email } = await aMeeting(5 * DAY);
  const other = world.simulators.calcom.book({ startMs, guest: { name: 'Faster Guest', email: 'faster@example.com' } });
  await told(CRM, crmId);
  await becomes(crmId, { state: 'asked', reason: 'slot_gone' });
  const { rows } = await world.database.pool.query(`SELECT kind, booking_id, evidence FROM task WHERE about = $1`, [
    appointmentSubject({ connection: CRM, crmId }),
  ]);
  expect(rows).toEqual([
    { kind: 'conflict', booking_id: null, evidence: { field: 'slot_gone', connection: CRM, crmId } },
  ]);
  world.simulators.calcom.cancel(other.uid);
  await decide(crmId, CRM, 'try_again');
  await becomes(crmId, { state: 'booked' });
  expect(bookedFor(email)).toMatchObject([{ startMs }]);

  const { crmId: second } = await aMeeting(5 * DAY);
  await told(CRM, second);
  await becomes(second, { state: 'asked', reason: 'slot_gone' });
  await decide(second, CRM, 'keep_crm_only');
  await becomes(second, { state: 'left', reason: 'kept_in_crm' });
});

test('an appointment in HighLevel, moved by the rep to a time that is free, is booked without being asked about any longer', async () => {
  const { gohighlevel, calcom } = world.simulators;
  const startMs = Math.ceil(((await world.now()) + 6 * DAY) / HOUR) * HOUR;
  calcom.book({ startMs, guest: { name: 'Faster Guest', email: 'faster@example.com' } });
  const email = 'lead@example.com';
  const { id: contactId } = gohighlevel.act({ action: 'createContact', firstName: 'Lea', lastName: 'Lead', email });
  const { id } = gohighlevel.act({ action: 'createAppointment', contactId: contactId!, startMs, title: 'Site visit' });
  await told(GHL, id!);
  await becomes(id!, { state: 'asked', reason: 'slot_gone' });
  gohighlevel.act({ action: 'moveAppointment', id: id!, startMs: startMs + 2 * HOUR });
  await world.signals.crmAppointment({ connection: GHL, crmId: id! });
  await becomes(id!, { state: 'booked' });
  const { rows } = await world.database.pool.query(`SELECT state FROM task WHERE about = $1`, [
    appointmentSubject({ connection: GHL, crmId: id! }),
  ]);
  expect(rows).toEqual([{ state: 'withdrawn' }]);
  await world.hear();
  const booking = await world.settled((await rowOf(id!)).uid!);
  expect(booking.crm.find(({ connection }) => connection === GHL)).toMatchObject({ appointmentId: id });
  const events = gohighlevel.state().events.filter((event) => event.contactId === contactId);
  expect(events).toMatchObject([{ id, title: 'Site visit', startMs: startMs + 2 * HOUR, status: 'confirmed' }]);
});

test("one whose webhook was lost is found by the night's comparison, once", async () => {
  const { crmId } = await aMeeting(40 * DAY);
  const { pool } = world.database;
  const compare = async (n: number): Promise<unknown> => {
    // The simulated CRM dates what is made there by the wall clock.
    await pool.query(
      `INSERT INTO crm_read_back (connection, read_at, looked, told) VALUES ($1, now() - interval '2 days', 0, 0)
       ON CONFLICT (connection) DO UPDATE SET read_at = excluded.read_at`,
      [CRM],
    );
    const options = { workflowId: `read-back/${CRM}/${n}`, taskQueue: 'bookings', args: [{ connection: CRM }] };
    return (await world.env.client.workflow.start('readBack', options)).result();
  };
  expect(await compare(1)).toMatchObject({ kind: 'compared', heard: 1 });
  await becomes(crmId, { state: 'booked' });
  expect(await compare(2)).not.toHaveProperty('heard');
});
