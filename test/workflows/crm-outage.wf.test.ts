/**
 * HubSpot is away for hours: guests notice nothing, bookings wait without trying, and one write follows when it is back.
 */
import { loadConfig } from '../../config/config';
import { bookingCancelled, bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { bookingWorkflowId, connectionWorkflowId } from '../../domain/ids';
import { connectionViewQuery } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { aWorld, CRM, DAY, HOUR, MINUTE, type World } from '../support/world';
import { bookingWorkflowOf, endWorkflows, remindersOf, reminderSent, taskOf, writesOf } from '../support/world-records';

let world: World;
beforeAll(async () => {
  // Closing after two hours instead of three days: an outage over a close has fewer probes to play through.
  const outcome = { askAfterMs: 2 * HOUR, reviewAfterMs: 24 * HOUR, rescheduleHoldDays: 7, closeAfterMs: 2 * HOUR };
  const { mapping } = loadConfig('booksync.example.yaml', {});
  // From another stage than this one a deal goes there only if it was put into that by this service.
  const byStatus = { ...mapping[CRM]!.byStatus, canceled: { stageId: 'closedlost', onlyFrom: ['qualifiedtobuy'] } };
  world = await aWorld({
    expectsFailures: true,
    settings: { outcome, mapping: { [CRM]: { ...mapping[CRM]!, byStatus } } },
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  world.simulators.hubspot.changeSettings({ down: false });
  await endWorkflows(world);
});

const PROBE = /^\/crm\/owners\/[^/]+\?limit=1$/;

async function booked(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  return guest;
}

const goDown = (down: 'unavailable' | 'reset' = 'unavailable'): void =>
  void world.simulators.hubspot.changeSettings({ down });
const comeBack = (): void => void world.simulators.hubspot.changeSettings({ down: false });
const parked = async (uid: string): Promise<void> => {
  // Its few attempts take some minutes, which are skipped.
  await world.sleep(5 * MINUTE);
  await world.until(uid, 'parked', (b) => b.crm[0]?.state === 'parked');
};
const synced = (uid: string) => world.until(uid, 'synced', (b) => b.crm[0]?.state === 'synced');

test('six hours without HubSpot: reminders on time, three moves, few attempts, and one write when it is back', async () => {
  const first = await booked(10 * DAY);
  // Two hours into the outage the first reminder of the time that holds then is due.
  await world.sleepUntil(first.startMs - 74 * HOUR);
  const downAtMs = await world.now();
  goDown();
  const requests = world.countCrmRequests();

  const moves = [1, 2, 3].map((nth) => ({
    ...first,
    uid: `${first.uid}-${nth}`,
    startMs: first.startMs + nth * MINUTE,
    sequence: nth,
  }));
  const [one, two, three] = moves as [BookingOptions, BookingOptions, BookingOptions];
  await world.hear(bookingRescheduled({ ...one, previous: first }));
  await parked(one.uid);
  await world.sleepUntil(one.startMs - 72 * HOUR);
  await reminderSent(world, one.uid, { startMs: one.startMs, beforeMs: 72 * HOUR });
  await world.sleepUntil(downAtMs + 3 * HOUR);
  await world.hear(bookingRescheduled({ ...two, previous: one }));
  await world.sleepUntil(downAtMs + 5 * HOUR);
  await world.hear(bookingRescheduled({ ...three, previous: two }));
  await world.settled(three.uid);
  await world.sleepUntil(downAtMs + 6 * HOUR);

  expect(await world.booking(three.uid)).toMatchObject({
    status: 'scheduled',
    slot: { startMs: three.startMs },
    crm: [{ state: 'parked' }],
  });
  expect(world.meetings(first.uid)).toEqual([expect.objectContaining({ startMs: first.startMs })]);
  const attempts = requests().filter((request) => !PROBE.test(request.path));
  expect(attempts.length).toBeGreaterThan(0);
  expect(attempts.length).toBeLessThanOrEqual(10);
  const view = await world.env.client.workflow.getHandle(connectionWorkflowId(CRM)).query(connectionViewQuery);
  expect(view).toMatchObject({ state: 'down' });
  // One prober for everything that waits: 15 s, doubled up to five minutes.
  expect(requests().length - attempts.length).toBeLessThan(100);

  const afterwards = world.countCrmRequests();
  comeBack();
  await world.sleep(5 * MINUTE);
  await synced(three.uid);
  await world.settled(three.uid);
  expect(writesOf(afterwards(), 'PATCH', 'meetings')).toHaveLength(1);
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(afterwards(), 'POST', type).length)).toEqual([
    0, 0, 0,
  ]);
  expect(world.meetings(first.uid)).toEqual([{ id: expect.any(String), outcome: 'SCHEDULED', startMs: three.startMs }]);

  await world.sleepUntil(three.startMs - 24 * HOUR);
  await reminderSent(world, three.uid, { startMs: three.startMs, beforeMs: 24 * HOUR });
  const sent = (await remindersOf(world, three.uid)).filter((m) => m.state === 'sent');
  expect(sent.map((m) => [m.slotStartMs, m.beforeMs])).toEqual([
    [one.startMs, 72 * HOUR],
    [three.startMs, 24 * HOUR],
  ]);
  const { events } = await bookingWorkflowOf(world, three.uid);
  process.stdout.write(`history of a booking with three moves through six hours without its CRM: ${events} events\n`);
});

test('booked while HubSpot cuts every connection: confirmed at once, written once when it is back, other bookings too', async () => {
  goDown('reset');
  const guests = [await world.aGuest(5 * DAY, { unknown: true }), await world.aGuest(6 * DAY, { unknown: true })];
  for (const guest of guests) await world.hear(bookingCreated(guest));
  for (const guest of guests) {
    await world.until(guest.uid, 'confirmed', (b) =>
      b.messages.some((m) => m.kind === 'confirmation' && m.state === 'sent'),
    );
  }
  await world.sleep(HOUR);
  for (const guest of guests)
    expect((await world.booking(guest.uid)).crm).toEqual([expect.objectContaining({ state: 'parked' })]);

  comeBack();
  const requests = world.countCrmRequests();
  await world.sleep(5 * MINUTE);
  for (const guest of guests) {
    await world.until(guest.uid, 'asked for', (b) => b.crm[0]?.state === 'needs_contact');
    expect(await taskOf(world, guest.uid, 'match_contact')).toMatchObject({ state: 'open' });
    await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
    await synced(guest.uid);
    expect(world.meetings(guest.uid)).toHaveLength(1);
  }
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([2, 2, 2]);
});

test('canceled during the outage: the booking does not close before its CRM says canceled', async () => {
  const guest = await booked(10 * DAY);
  goDown();
  await world.hear(bookingCancelled(guest));
  await parked(guest.uid);
  // Longer than the time after which a canceled booking closes.
  await world.sleep(3 * HOUR);
  expect(world.meetings(guest.uid)).toEqual([expect.objectContaining({ outcome: 'SCHEDULED' })]);
  expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'RUNNING' });

  comeBack();
  await world.sleep(5 * MINUTE);
  await synced(guest.uid);
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome: 'CANCELED', startMs: guest.startMs }]);
  await world.sleep(MINUTE);
  expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' });
});

test('a CRM that is back before its booking has heard that it was parked is written all the same', async () => {
  const guest = await booked(10 * DAY);
  const run = world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(guest.uid)).id));
  const isWoken = async (): Promise<void> => {
    const { events } = await run.fetchHistory();
    const signals = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
    expect(signals).toContain('wake');
  };
  // The row says `parked`, the connection finds its CRM up and wakes the booking, and only then the attempt that parked it ends.
  const parks = world.signals.parked;
  const told = jest.spyOn(world.signals, 'parked').mockImplementationOnce(async (of) => {
    comeBack();
    await parks(of);
    await eventually(isWoken, { what: 'the booking to be woken' });
  });
  goDown();
  const move = { ...guest, uid: `${guest.uid}-moved`, startMs: guest.startMs + HOUR, sequence: 1 };
  await world.hear(bookingRescheduled({ ...move, previous: guest }));
  await world.sleep(5 * MINUTE);
  await synced(move.uid);
  expect(told).toHaveBeenCalledTimes(1);
  expect(world.meetings(guest.uid)).toEqual([expect.objectContaining({ startMs: move.startMs })]);
});

test('a deal whose create was never answered stands where the booking stands by the time it is found', async () => {
  const deals = () => world.simulators.hubspot.state().objects.deals;
  const before = deals().length;
  // Made at once and answered late, with an error: by then nobody answers.
  const create = '^/crm/objects/[^/]+/deals$';
  world.simulators.hubspot.setFaults([{ method: 'POST', path: create, status: 500, apply: true, delayMs: 2_000 }]);
  const guest = await world.aGuest(10 * DAY);
  await world.hear(bookingCreated(guest));
  await eventually(() => expect(deals()).toHaveLength(before + 1), { what: 'the deal', everyMs: 20 });
  goDown();
  await parked(guest.uid);
  await world.hear(bookingCancelled(guest));
  await world.until(guest.uid, 'canceled', ({ status }) => status === 'canceled');
  comeBack();
  await world.sleep(10 * MINUTE);
  await synced(guest.uid);
  const [crm] = (await world.settled(guest.uid)).crm;
  expect(crm).toMatchObject({ stage: 'closedlost', outcome: 'canceled' });
  const made = deals().slice(before);
  expect(made.map(({ id, properties }) => [id, properties.dealstage])).toEqual([[crm?.opportunityId, 'closedlost']]);
});
