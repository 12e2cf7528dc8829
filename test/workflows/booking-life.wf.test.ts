/**
 * The life of a booking in skipped time: messages, slots, moves, outcomes.
 */
import { bookingCreated } from '../../local/samples/calcom-body';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});

test('booked: confirmation at once, one meeting on the right contact, deal in its stage, reminders on time', async () => {
  const guest = await world.aGuest(10 * DAY);
  await world.hear(bookingCreated(guest));
  const booking = await world.settled(guest.uid);
  expect(booking).toMatchObject({ status: 'scheduled', contactMatch: 'email' });
  expect(booking.crm[0]).toMatchObject({ state: 'synced', stage: 'appointmentscheduled', outcome: 'scheduled' });
  expect(world.meetings(guest.uid)).toEqual([
    { id: booking.crm[0]!.appointmentId, outcome: 'SCHEDULED', startMs: guest.startMs },
  ]);
  await world.until(guest.uid, 'confirmed', (b) =>
    b.messages.some((m) => m.kind === 'confirmation' && m.state === 'sent'),
  );

  await world.sleepUntil(guest.startMs - 72 * HOUR - MINUTE);
  expect(world.mails(guest.guest)).toHaveLength(1);
  await world.sleep(2 * MINUTE);
  await world.until(guest.uid, 'first reminder sent', (b) => b.messages.filter((m) => m.state === 'sent').length === 2);
  await world.sleepUntil(guest.startMs - 24 * HOUR + MINUTE);
  await world.until(
    guest.uid,
    'second reminder sent',
    (b) => b.messages.filter((m) => m.state === 'sent').length === 3,
  );
  expect(world.mails(guest.guest).map((mail) => mail.subject.slice(0, 8))).toEqual([
    'Confirme',
    'Reminder',
    'Reminder',
  ]);
});
