/**
 * A reminder of so many calendar days, across a change of the clocks: planned once, sent once, at the wall time of the guest's own zone.
 */
import moment from 'moment-timezone';
import { loadConfig } from '../../config/config';
import { wallClock } from '../../config/zones';
import { bookingCreated, bookingRescheduled } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { confirmed, endWorkflows, messageSent, messagesOf } from '../support/world-records';

let world: World;
/** By how much a later release of the zone data has the days turn, in the zone of which it says something new. */
let turnedLaterMs = 0;
const RENEWED = 'America/Boise';
beforeAll(async () => {
  const { messages } = loadConfig('booksync.example.yaml', {});
  world = await aWorld({
    settings: { messages: { ...messages, reminders: [{ kind: 'days', days: 1 }] } },
    wallClock: {
      ...wallClock,
      plusDays: (atMs, zone, days) =>
        wallClock.plusDays(atMs, zone, days) + (zone === RENEWED ? Math.sign(days) * turnedLaterMs : 0),
    },
  });
});
afterEach(() => endWorkflows(world));

const utcOffsetMs = (atMs: number, zone: string): number => 0 - moment.tz.zone(zone)!.utcOffset(atMs) * MINUTE;

/** The next change of the clocks there, at least three days ahead, and by how much they are then turned forward (negative: back). */
async function nextChange(zone: string): Promise<{ atMs: number; turnedMs: number }> {
  const earliestMs = (await world.now()) + 3 * DAY;
  const atMs = moment.tz.zone(zone)!.untils.find((untilMs) => untilMs !== null && untilMs > earliestMs)!;
  return { atMs, turnedMs: utcOffsetMs(atMs, zone) - utcOffsetMs(atMs - 1, zone) };
}

/** Reminders of the booking, and how long before their slot they are due. */
const reminders = async (guest: BookingOptions): Promise<[state: string, beforeMs: number][]> =>
  (await messagesOf(world, guest.uid))
    .filter((message) => message.kind === 'reminder')
    .map(({ state, slotStartMs, dueAtMs }) => [state, slotStartMs - dueAtMs]);

const remindersInMailbox = (guest: BookingOptions): number[] =>
  world
    .mails(guest.guest)
    .filter((mail) => mail.subject.startsWith('Reminder'))
    .map((mail) => mail.atMs);

test.each(['Europe/Berlin', 'Australia/Lord_Howe'])(
  'the reminder of a day before crosses the next change of the clocks in %s: one, at the same wall time',
  async (zone) => {
    const change = await nextChange(zone);
    expect(Math.abs(change.turnedMs)).toBe(zone === 'Europe/Berlin' ? HOUR : HOUR / 2);
    const guest = { ...(await world.aGuest(DAY, { zone })), startMs: change.atMs + 20 * HOUR };
    await world.hear(bookingCreated(guest));
    await confirmed(world, guest.uid);
    const { id: bookingId } = await world.booking(guest.uid);
    await world.signals.wake({ bookingId, reason: 'sweep' });
    await world.settled(guest.uid);
    expect(await reminders(guest)).toEqual([['planned', DAY - change.turnedMs]]);

    const dueAtMs = guest.startMs - DAY + change.turnedMs;
    await world.sleepUntil(dueAtMs);
    await messageSent(world, guest.uid, { kind: 'reminder', dueAtMs });
    await world.sleepUntil(guest.startMs);
    expect(await reminders(guest)).toEqual([['sent', DAY - change.turnedMs]]);
    expect(remindersInMailbox(guest)).toHaveLength(1);
  },
);

test('moved across the change, the reminder is planned anew by the new day, and the old one is not sent', async () => {
  const change = await nextChange('Europe/Berlin');
  const before = {
    ...(await world.aGuest(DAY, { zone: 'Europe/Berlin' })),
    startMs: change.atMs - DAY,
  };
  await world.hear(bookingCreated(before));
  await confirmed(world, before.uid);
  const after = { ...before, uid: `${before.uid}-1`, startMs: change.atMs + 20 * HOUR, sequence: 1 };
  const iCalUid = `${before.uid}@Cal.com`;
  await world.hear(bookingRescheduled({ ...after, iCalUid, previous: before }));
  await world.settled(after.uid);

  const dueAtMs = after.startMs - DAY + change.turnedMs;
  await world.sleepUntil(dueAtMs);
  await messageSent(world, after.uid, { kind: 'reminder', dueAtMs });
  expect(await reminders(after)).toEqual([
    ['skipped', DAY],
    ['sent', DAY - change.turnedMs],
  ]);
  expect(remindersInMailbox(after)).toHaveLength(1);
});

test('a new release of the zone data moves the reminder of a booking of which nothing else is heard', async () => {
  const guest = await world.aGuest(5 * DAY, { zone: RENEWED });
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  await world.settled(guest.uid);
  const [[, before]] = (await reminders(guest)) as [[string, number]];

  turnedLaterMs = HOUR;
  const { id: bookingId } = await world.booking(guest.uid);
  await world.signals.wake({ bookingId, reason: 'zone_data' });
  await eventually(async () => (await reminders(guest))[0]![1] === before + HOUR, { what: 'the moved reminder' });
  const dueAtMs = guest.startMs - before - HOUR;
  await world.sleepUntil(dueAtMs);
  await messageSent(world, guest.uid, { kind: 'reminder', dueAtMs });
  expect(remindersInMailbox(guest)).toHaveLength(1);
});
