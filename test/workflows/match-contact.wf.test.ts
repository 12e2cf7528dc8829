/**
 * Guests whom the CRM does not know, or knows twice: a person decides, and the same booking goes on from exactly there.
 */
import { listMatchRules, removeMatchRule } from '../../db/match-rules';
import { withTransaction } from '../../db/pool';
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { decideUpdate } from '../../workflows/contract';
import { aWorld, createContact, DAY, HOUR, MINUTE, type World } from '../support/world';
import { endWorkflows, reminderSent, taskOf, workflowEnded, writesOf } from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

async function stranger(): Promise<BookingOptions> {
  const guest = await world.aGuest(10 * DAY, { unknown: true });
  await world.hear(bookingCreated(guest));
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ status: 'scheduled', contactMatch: 'none' });
  expect(booking.crm[0]).toMatchObject({ state: 'needs_contact', appointmentId: null });
  return guest;
}

const contactOfMeeting = (meetingId: string): string[] =>
  world.simulators.hubspot
    .state()
    .associations.filter(({ from, to }) => from.type === 'meetings' && from.id === meetingId && to.type === 'contacts')
    .map(({ to }) => to.id);

const contactsWith = (email: string | undefined): { id: string }[] =>
  world.simulators.hubspot.state().objects.contacts.filter((contact) => contact.properties.email === email);

async function taskEnded(uid: string, state: 'decided' | 'withdrawn' = 'decided'): Promise<void> {
  const task = await taskOf(world, uid, 'match_contact');
  expect(task.state).toBe(state);
  await workflowEnded(world, task.workflowId);
}

test('nobody matches: the guest is confirmed and reminded while a person is asked, and nothing is written to the CRM', async () => {
  const requests = world.countCrmRequests();
  const guest = await stranger();
  const task = await taskOf(world, guest.uid, 'match_contact');
  expect(task).toMatchObject({
    state: 'open',
    about: 'hubspot-main',
    evidence: { reason: 'nobody matches', candidates: [] },
  });
  await world.sleepUntil(guest.startMs - 72 * HOUR);
  await reminderSent(world, guest.uid, { startMs: guest.startMs, beforeMs: 72 * HOUR });
  for (const type of ['contacts', 'meetings', 'deals']) {
    expect([...writesOf(requests(), 'POST', type), ...writesOf(requests(), 'PATCH', type)]).toEqual([]);
  }
});

test('use_contact: one meeting on that contact, no new contact, and later moves go there without asking again', async () => {
  const guest = await stranger();
  const chosen = await createContact(world.simulators, {
    name: 'Other Address',
    email: `other.${guest.uid}@example.com`,
  });
  const requests = world.countCrmRequests();
  await world.decide(guest.uid, 'match_contact', { decision: 'use_contact', personId: chosen });
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'person_decided' });
  expect(booking.crm[0]).toMatchObject({ state: 'synced', personId: chosen });
  expect(contactOfMeeting(booking.crm[0]!.appointmentId!)).toEqual([chosen]);
  await taskEnded(guest.uid);

  const again = { ...guest, uid: `${guest.uid}-new`, startMs: guest.startMs + DAY };
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  expect(await world.settled(again.uid)).toMatchObject({
    contactMatch: 'person_decided',
    tasks: [{ state: 'decided' }],
  });
  expect(world.meetings(guest.uid)).toEqual([
    { id: booking.crm[0]!.appointmentId, outcome: 'SCHEDULED', startMs: again.startMs },
  ]);
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([0, 1, 1]);
});

test('create_contact: exactly one contact, one meeting and one deal are made', async () => {
  const guest = await stranger();
  const requests = world.countCrmRequests();
  await world.decide(guest.uid, 'match_contact', { decision: 'create_contact' });
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'created' });
  expect(contactsWith(guest.guest.email)).toEqual([expect.objectContaining({ id: booking.crm[0]!.personId })]);
  expect(contactOfMeeting(booking.crm[0]!.appointmentId!)).toEqual([booking.crm[0]!.personId]);
  await taskEnded(guest.uid);
  await world.sleepUntil(guest.startMs - 24 * HOUR + MINUTE);
  await world.until(guest.uid, 'reminded', (b) => b.messages.filter((m) => m.state === 'sent').length === 3);
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([1, 1, 1]);
});

test('no_contact: the CRM is left alone for good, the guest is reminded as ever', async () => {
  const requests = world.countCrmRequests();
  const guest = await stranger();
  await world.decide(guest.uid, 'match_contact', { decision: 'no_contact' });
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'no_contact' });
  expect(booking.crm[0]).toMatchObject({ state: 'skipped', appointmentId: null });
  await taskEnded(guest.uid);

  const again = { ...guest, uid: `${guest.uid}-new`, startMs: guest.startMs + DAY };
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  expect(await world.settled(again.uid)).toMatchObject({ tasks: [{ state: 'decided' }] });
  await world.sleepUntil(again.startMs - 72 * HOUR);
  await reminderSent(world, again.uid, { startMs: again.startMs, beforeMs: 72 * HOUR });
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([0, 0, 0]);
  expect(contactsWith(guest.guest.email)).toEqual([]);
});

test('a decision holds for the guest’s next booking, until it is taken back: then they are matched anew', async () => {
  const first = await stranger();
  const chosen = await createContact(world.simulators, {
    name: 'Known Guest',
    email: `known.${first.uid}@example.com`,
  });
  await world.decide(first.uid, 'match_contact', { decision: 'use_contact', personId: chosen });
  await world.settled(first.uid);

  const second = await world.aGuest(12 * DAY, { unknown: true, guest: first.guest });
  await world.hear(bookingCreated(second));
  expect((await world.settled(second.uid)).crm[0]).toMatchObject({ state: 'synced', personId: chosen });

  const { pool } = world.database;
  const [rule, ...others] = await listMatchRules(pool, { after: null, limit: 10 });
  expect([rule, others]).toMatchObject([{ choice: { crmPersonId: chosen }, bookings: 2 }, expect.anything()]);
  const removal = { id: rule!.id, by: 'operator', nowMs: Date.now() };
  expect(await withTransaction(pool, (tx) => removeMatchRule(tx, removal))).toBe(true);

  const third = await world.aGuest(14 * DAY, { unknown: true, guest: first.guest });
  await world.hear(bookingCreated(third));
  expect((await world.settled(third.uid)).crm[0]).toMatchObject({ state: 'needs_contact', appointmentId: null });
});

test('a decision that the task does not allow is refused with a sentence, and the task stays open', async () => {
  const guest = await stranger();
  const { workflowId } = await taskOf(world, guest.uid, 'match_contact');
  const handle = world.env.client.workflow.getHandle(workflowId);
  const decide = async (decision: { decision: string; personId?: string }): Promise<string> => {
    try {
      await handle.executeUpdate(decideUpdate, { args: [{ ...decision, by: 'operator' }] });
      return 'accepted';
    } catch (error) {
      return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    }
  };
  expect(await decide({ decision: 'showed' })).toBe(
    '"showed" is not a decision of a match_contact task; allowed are use_contact, create_contact, no_contact',
  );
  expect(await decide({ decision: 'use_contact' })).toBe(
    'use_contact needs "personId", the CRM id of the contact to use',
  );
  expect(await decide({ decision: 'no_contact', personId: '1' })).toBe(
    '"personId" only goes with use_contact, not with no_contact',
  );
  expect((await world.booking(guest.uid)).tasks).toEqual([expect.objectContaining({ state: 'open' })]);

  expect(await decide({ decision: 'no_contact' })).toBe('accepted');
  await world.settled(guest.uid);
  await taskEnded(guest.uid);
});

test('several match: the candidates are in the evidence, and the chosen one gets the meeting', async () => {
  const person = { name: 'Pat Phone', phone: '+13035550142' };
  const twins = [
    await createContact(world.simulators, person),
    await createContact(world.simulators, { ...person, name: 'P. Phone' }),
  ];
  const guest = await world.aGuest(10 * DAY, { unknown: true, guest: person });
  await world.hear(bookingCreated(guest));
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ contactMatch: 'ambiguous' });
  const task = await taskOf(world, guest.uid, 'match_contact');
  expect(task.evidence).toMatchObject({ reason: 'several match' });
  const { candidates } = task.evidence as { candidates: { id: string }[] };
  expect(candidates.map(({ id }) => id).sort()).toEqual([...twins].sort());

  await world.decide(guest.uid, 'match_contact', { decision: 'use_contact', personId: twins[1]! });
  const decided = await world.settled(guest.uid);
  expect(decided).toMatchObject({ contactMatch: 'person_decided', crm: [{ personId: twins[1] }] });
  expect(contactOfMeeting(decided.crm[0]!.appointmentId!)).toEqual([twins[1]]);
});

test('a contact that turns up in the CRM while nobody decides: the next change of the booking finds it and asks no longer', async () => {
  const guest = await stranger();
  const id = await createContact(world.simulators, guest.guest);
  const again = { ...guest, uid: `${guest.uid}-new`, startMs: guest.startMs + DAY };
  await world.hear(bookingRescheduled({ ...again, previous: guest }));
  const booking = await world.settled(again.uid);
  expect(booking).toMatchObject({ contactMatch: 'email', crm: [{ state: 'synced', personId: id }] });
  await taskEnded(again.uid, 'withdrawn');
});
