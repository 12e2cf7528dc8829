/**
 * How it went: marks of the source, words of an operator, their reversals, and corrections after the workflow has closed.
 */
import { bookingCreated, noShowUpdated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { DecidedOutcome } from '../../domain/facts';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { bookingWorkflowOf, endWorkflows, messagesOf, tell } from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

async function booked(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  return guest;
}

async function noShow(guest: BookingOptions, marked: boolean): Promise<void> {
  const { email = '' } = guest.guest;
  await world.hear(noShowUpdated({ uid: guest.uid, email, noShow: marked, createdAtMs: await world.now() }));
}

const operatorSays = (uid: string, outcome: DecidedOutcome): Promise<void> =>
  tell(world, uid, 'outcome_decided', { decision: { kind: 'outcome', outcome } });

async function expectSettled(guest: BookingOptions, status: string, outcome: string): Promise<void> {
  expect(await world.settled(guest.uid)).toMatchObject({ status });
  expect(world.meetings(guest.uid)).toEqual([{ id: expect.any(String), outcome, startMs: guest.startMs }]);
}

test.each([
  ['the source', (uid: string) => tell(world, uid, 'showed')],
  ['an operator', (uid: string) => operatorSays(uid, 'showed')],
])(
  "%s says that the guest came, before the slot's end: nobody is asked, the deal moves, the booking closes",
  async (_, say) => {
    const guest = await booked(4 * DAY);
    await world.sleepUntil(guest.startMs + 10 * MINUTE);
    await say(guest.uid);
    await expectSettled(guest, 'showed', 'COMPLETED');
    expect((await world.booking(guest.uid)).crm[0]).toMatchObject({ stage: 'qualifiedtobuy', outcome: 'showed' });

    await world.sleepUntil(guest.startMs + 30 * HOUR);
    const [ask] = (await messagesOf(world, guest.uid)).filter((m) => m.kind === 'outcome_ask');
    expect(ask).toMatchObject({ state: 'skipped', reason: 'the outcome is known: showed', attempts: 0 });
    expect((await world.booking(guest.uid)).tasks).toEqual([]);
    await world.sleepUntil(guest.startMs + 10 * MINUTE + 73 * HOUR);
    expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' });
  },
);

test('no-show, taken back, showed, no-show again: status and CRM outcome follow each word', async () => {
  const guest = await booked(4 * DAY);
  await world.sleepUntil(guest.startMs + 31 * MINUTE);
  await world.until(guest.uid, 'recorded as over', (b) => b.status === 'awaiting_outcome');
  await noShow(guest, true);
  await expectSettled(guest, 'no_show', 'NO_SHOW');
  await world.sleep(MINUTE);
  await noShow(guest, false);
  await expectSettled(guest, 'awaiting_outcome', 'SCHEDULED');
  await world.sleep(MINUTE);
  await tell(world, guest.uid, 'showed');
  await expectSettled(guest, 'showed', 'COMPLETED');
  await world.sleep(MINUTE);
  await noShow(guest, true);
  await expectSettled(guest, 'no_show', 'NO_SHOW');

  const { timeline } = await world.booking(guest.uid);
  expect(timeline.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual([
    'scheduled applied',
    'no_show applied',
    'no_show_reverted applied',
    'showed applied',
    'no_show applied',
  ]);
});

test('a no-show mark that is taken back before the slot begins gives the guest the reminder all the same', async () => {
  const guest = await booked(4 * DAY);
  await noShow(guest, true);
  await expectSettled(guest, 'no_show', 'NO_SHOW');
  await world.sleep(HOUR);
  await noShow(guest, false);
  await expectSettled(guest, 'scheduled', 'SCHEDULED');
  await world.sleepUntil(guest.startMs - 24 * HOUR + MINUTE);
  await world.until(guest.uid, 'both reminders sent', (b) => b.messages.filter((m) => m.state === 'sent').length === 3);
});

test("an operator's word outranks the source's later mark, and only a later operator's word changes it", async () => {
  const guest = await booked(4 * DAY);
  await world.sleepUntil(guest.startMs + HOUR);
  await operatorSays(guest.uid, 'showed');
  await expectSettled(guest, 'showed', 'COMPLETED');
  await world.sleep(MINUTE);
  await noShow(guest, true);
  await expectSettled(guest, 'showed', 'COMPLETED');
  await world.sleep(MINUTE);
  await operatorSays(guest.uid, 'canceled');
  await expectSettled(guest, 'canceled', 'CANCELED');
});

test('a correction after the workflow has closed: a new run records it, the CRM follows, and it closes again', async () => {
  const guest = await booked(4 * DAY);
  await world.sleepUntil(guest.startMs + HOUR);
  await tell(world, guest.uid, 'showed');
  await expectSettled(guest, 'showed', 'COMPLETED');
  const first = await bookingWorkflowOf(world, guest.uid);
  await world.sleep(73 * HOUR);
  expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED', runId: first.runId });

  await noShow(guest, true);
  await expectSettled(guest, 'no_show', 'NO_SHOW');
  const second = await bookingWorkflowOf(world, guest.uid);
  expect(second.runId).not.toBe(first.runId);
  await world.sleep(73 * HOUR);
  await eventually(async () =>
    expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' }),
  );
  expect(world.mails(guest.guest)).toHaveLength(3);
});
