/**
 * A new lead through the running service: source and owner on the contact once, a score of the booking, one note for the team.
 */
import { loadConfig } from '../../config/config';
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import { aWorld, DAY, type World } from '../support/world';
import { endWorkflows } from '../support/world-records';

const OWNERS = ['host@example.com', 'estimator@example.com'];
const IDS: Readonly<Record<string, string>> = { 'host@example.com': '77001', 'estimator@example.com': '77002' };
const answers = { budget: '$ 15,000', company: 'Sample Roofing' };
let world: World;

beforeAll(async () => {
  const { sync } = loadConfig('booksync.example.yaml', {});
  const settings = sync.map((entry) => ({
    ...entry,
    createPerson: 'create' as const,
    leads: entry.leads && { ...entry.leads, owner: { kind: 'round_robin' as const, owners: OWNERS } },
  }));
  world = await aWorld({ settings: { sync: settings } });
});
afterEach(async () => {
  await endWorkflows(world);
  expect(world.simulators.hubspot.state().violations ?? 0).toBe(0);
  world.simulators.slack.reset();
});

const contactOf = (email: string) =>
  world.simulators.hubspot.state().objects.contacts.find(({ properties }) => properties.email === email);
const scoreOf = async (uid: string) => (await world.booking(uid)).leadScore;

test('new people get source and owners in turns, once; a deal follows its lead, an appointment its host', async () => {
  const guests = await Promise.all([1, 2, 3, 4].map(() => world.aGuest(3 * DAY, { unknown: true })));
  const bookings = await Promise.all(
    guests.map(async (guest, n) => ({ ...guest, startMs: guest.startMs + n * 3_600_000 })),
  );
  await world.hear(...bookings.map(bookingCreated));
  for (const { uid } of bookings) await world.settled(uid);
  const owners = bookings.map(({ guest }) => contactOf(guest.email!)?.properties);
  expect(owners.map((one) => one?.lead_source)).toEqual(Array(4).fill('Booking page'));
  const counts = Object.values(IDS).map((id) => owners.filter((one) => one?.hubspot_owner_id === id).length);
  expect(counts).toEqual([2, 2]);
  const { objects } = world.simulators.hubspot.state();
  expect(objects.deals.map(({ properties }) => properties.hubspot_owner_id).sort()).toEqual(
    owners.map((one) => one?.hubspot_owner_id).sort(),
  );

  // What a rep changes afterwards stays, and the next booking of the lead goes to the same owner.
  const [first] = bookings;
  const contact = contactOf(first!.guest.email!)!;
  const other = Object.values(IDS).find((id) => id !== contact.properties.hubspot_owner_id)!;
  world.simulators.hubspot.act({
    action: 'editContact',
    contactId: contact.id,
    properties: { hubspot_owner_id: other },
  });
  const second = { ...first!, uid: `${first!.uid}-2`, startMs: first!.startMs + DAY };
  await world.hear(bookingCreated(second));
  await world.settled(second.uid);
  expect(contactOf(first!.guest.email!)?.properties.hubspot_owner_id).toBe(other);
});

test('a booking whose answers score high is told to the team once, however often it moves', async () => {
  const booking = await world.aGuest(3 * DAY, { answers });
  await world.hear(bookingCreated(booking));
  await world.until(booking.uid, 'noted', ({ messages }) =>
    messages.some(({ kind, channel, state }) => kind === 'lead_note' && channel === 'slack' && state === 'sent'),
  );
  expect(await scoreOf(booking.uid)).toBe(60);
  const moved = { ...booking, uid: `${booking.uid}-b`, startMs: booking.startMs + DAY };
  await world.hear(bookingRescheduled({ ...moved, previous: booking }));
  await world.settled(moved.uid);
  await world.activitiesEnded();
  const [note, ...others] = world.simulators.slack.notes();
  expect(others).toEqual([]);
  expect(note?.text).toMatch(/^New lead, 60 points, booking scheduled\. <http\S+\|Open the booking>$/);
  expect(note?.text).not.toContain(booking.guest.name);
});

test('a note of which nobody knows whether it was posted asks a person, and is not posted again', async () => {
  world.simulators.slack.setFaults([{ connection: 'reset_after' }]);
  const booking = await world.aGuest(3 * DAY, { answers });
  await world.hear(bookingCreated(booking));
  await world.until(booking.uid, 'asked', ({ tasks }) =>
    tasks.some(({ kind, state }) => kind === 'message_unknown' && state === 'open'),
  );
  expect(world.simulators.slack.notes()).toHaveLength(1);
});

test('a booking with few points, or without answers, brings no note', async () => {
  const little = await world.aGuest(3 * DAY, { answers: { budget: '500', company: 'Roofing & more' } });
  const silent = await world.aGuest(4 * DAY);
  await world.hear(bookingCreated(little), bookingCreated(silent));
  await world.settled(little.uid);
  await world.settled(silent.uid);
  expect([await scoreOf(little.uid), await scoreOf(silent.uid)]).toEqual([20, null]);
  const kinds = [...(await world.booking(little.uid)).messages, ...(await world.booking(silent.uid)).messages];
  expect(kinds.filter(({ kind }) => kind === 'lead_note')).toEqual([]);
});
