/**
 * A booking that moves: its reminders follow, the old ones die, and the CRM keeps one meeting.
 */
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { endWorkflows, messageSent, messagesOf, remindersOf, reminderSent, writesOf } from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

/** The booking as it is after its guest chose another time. */
function moved(from: BookingOptions, startMs: number, nth = 1): BookingOptions {
  return { ...from, uid: `${from.uid}-${nth}`, startMs, sequence: nth, iCalUid: from.iCalUid ?? `${from.uid}@Cal.com` };
}

async function booked(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  return guest;
}

async function move(from: BookingOptions, startMs: number, nth = 1): Promise<BookingOptions> {
  const to = moved(from, startMs, nth);
  await world.hear(bookingRescheduled({ ...to, previous: from }));
  await world.settled(to.uid);
  return to;
}

const oneMeetingAt = (guest: BookingOptions, startMs: number, outcome = 'SCHEDULED'): void =>
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome, startMs }]);

test('moved before any reminder: both reminders go to the new time, on time, and none to the old one', async () => {
  const first = await booked(10 * DAY);
  const second = await move(first, first.startMs + 2 * DAY);
  oneMeetingAt(first, second.startMs);

  for (const beforeMs of [72 * HOUR, 24 * HOUR]) {
    await world.sleepUntil(second.startMs - beforeMs);
    await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs });
  }
  const old = (await remindersOf(world, first.uid)).filter((message) => message.slotStartMs === first.startMs);
  expect(old.map(({ state, reason }) => [state, reason])).toEqual([
    ['skipped', 'the booking moved to another time'],
    ['skipped', 'the booking moved to another time'],
  ]);
  expect(world.mails(first.guest)).toHaveLength(3);
});

test('moved after the first reminder: the new time gets its own first reminder, the second of the old one is dropped', async () => {
  const first = await booked(10 * DAY);
  await world.sleepUntil(first.startMs - 72 * HOUR);
  await reminderSent(world, first.uid, { startMs: first.startMs, beforeMs: 72 * HOUR });
  const second = await move(first, first.startMs + 3 * DAY);

  await world.sleepUntil(second.startMs - 72 * HOUR);
  await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs: 72 * HOUR });
  await world.sleepUntil(second.startMs - 24 * HOUR);
  await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs: 24 * HOUR });
  expect((await remindersOf(world, first.uid)).map((m) => [m.slotStartMs, m.beforeMs, m.state])).toEqual([
    [first.startMs, 72 * HOUR, 'sent'],
    [first.startMs, 24 * HOUR, 'skipped'],
    [second.startMs, 72 * HOUR, 'sent'],
    [second.startMs, 24 * HOUR, 'sent'],
  ]);
  expect(world.mails(first.guest)).toHaveLength(4);
  oneMeetingAt(first, second.startMs);
});

test('moved into the past: the slot is over at once, the guest is told nothing more, the host is asked', async () => {
  const host = { name: 'Hana Past', email: 'hana.past@example.com' };
  const guest = await world.aGuest(10 * DAY, { host });
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  const startMs = Math.floor((await world.now()) / MINUTE) * MINUTE - 3 * HOUR;
  const past = await move(guest, startMs);

  const booking = await world.until(past.uid, 'host asked', (b) =>
    b.messages.some((m) => m.kind === 'outcome_ask' && m.state === 'sent' && m.dueAtMs === startMs + 150 * MINUTE),
  );
  expect(booking).toMatchObject({ status: 'awaiting_outcome', slot: { startMs } });
  expect(booking.messages.filter((m) => m.kind === 'reminder').map((m) => m.state)).toEqual(['skipped', 'skipped']);
  expect(world.mails({ email: host.email }).map((mail) => mail.subject)).toEqual([
    expect.stringMatching(/^How did it go/),
  ]);
  expect(world.mails(guest.guest)).toHaveLength(1);
  oneMeetingAt(guest, startMs);
});

test("moved to inside a reminder's window: that reminder is skipped and says why, the later one is sent", async () => {
  const first = await booked(10 * DAY);
  const second = await move(first, Math.ceil(((await world.now()) + 30 * HOUR) / MINUTE) * MINUTE);

  await world.sleepUntil(second.startMs - 24 * HOUR);
  await reminderSent(world, second.uid, { startMs: second.startMs, beforeMs: 24 * HOUR });
  const [early] = (await remindersOf(world, second.uid)).filter((m) => m.slotStartMs === second.startMs);
  expect(early).toMatchObject({
    beforeMs: 72 * HOUR,
    state: 'skipped',
    reason: "booked inside this reminder's window",
  });
  expect(world.mails(first.guest)).toHaveLength(2);
});

test('moved three times within a minute: the writes collapse, and one meeting is at the newest time', async () => {
  const first = await booked(10 * DAY);
  const moves = [1, 2, 3].map((nth) => moved(first, first.startMs + nth * DAY, nth));
  const [one, two, three] = moves as [BookingOptions, BookingOptions, BookingOptions];
  const requests = world.countCrmRequests();
  // The first write is held back until the other two moves have been heard.
  world.simulators.hubspot.setFaults([{ method: 'PATCH', path: '/meetings/', delayMs: 1_500 }]);
  await world.hear(bookingRescheduled({ ...one, previous: first }));
  await eventually(() => writesOf(requests(), 'PATCH', 'meetings').length === 1, { what: 'the first write under way' });
  await world.hear(bookingRescheduled({ ...two, previous: one }), bookingRescheduled({ ...three, previous: two }));
  expect(writesOf(requests(), 'PATCH', 'meetings')).toEqual([expect.objectContaining({ status: null })]);

  const booking = await world.settled(three.uid);
  expect(booking).toMatchObject({ status: 'scheduled', slot: { startMs: three.startMs } });
  expect(booking.chain).toEqual([first.uid, one.uid, two.uid, three.uid]);
  oneMeetingAt(first, three.startMs);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toHaveLength(2);
  expect(writesOf(requests(), 'POST', 'meetings')).toHaveLength(0);

  await world.sleepUntil(three.startMs - 24 * HOUR);
  await reminderSent(world, three.uid, { startMs: three.startMs, beforeMs: 24 * HOUR });
  const sent = (await messagesOf(world, three.uid)).filter((m) => m.state === 'sent' && m.kind === 'reminder');
  expect(sent.map((m) => m.slotStartMs)).toEqual([three.startMs, three.startMs]);
});

test('moved away and back: a reminder that was sent for that time is not sent again, the one that was not is', async () => {
  const first = await booked(10 * DAY);
  await world.sleepUntil(first.startMs - 72 * HOUR);
  await reminderSent(world, first.uid, { startMs: first.startMs, beforeMs: 72 * HOUR });
  const away = await move(first, first.startMs + 5 * DAY);
  await world.sleep(HOUR);
  const back = await move(away, first.startMs, 2);

  await world.sleepUntil(first.startMs - 24 * HOUR);
  await reminderSent(world, back.uid, { startMs: first.startMs, beforeMs: 24 * HOUR });
  await world.sleepUntil(first.startMs + 30 * MINUTE + 2 * HOUR);
  await messageSent(world, back.uid, { kind: 'outcome_ask', dueAtMs: first.startMs + 30 * MINUTE + 2 * HOUR });
  expect((await remindersOf(world, back.uid)).map((m) => [m.slotStartMs, m.beforeMs, m.state])).toEqual([
    [first.startMs, 72 * HOUR, 'sent'],
    [first.startMs, 24 * HOUR, 'sent'],
    [away.startMs, 72 * HOUR, 'skipped'],
    [away.startMs, 24 * HOUR, 'skipped'],
  ]);
  expect(world.mails(first.guest).map((mail) => mail.subject.slice(0, 8))).toEqual([
    'Confirme',
    'Reminder',
    'Reminder',
  ]);
  oneMeetingAt(first, first.startMs);
});
