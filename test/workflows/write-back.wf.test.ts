/**
 * What is decided here is told to the source, once: whatever becomes of the echo, and whatever people do there meanwhile.
 */
import { ApplicationFailure, WorkflowUpdateFailedError } from '@temporalio/client';
import { createEngine } from '../../api/engine';
import { loadConfig } from '../../config/config';
import { bookingCancelled, bookingCreated, bookingRescheduled, noShowUpdated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { BookingDecision } from '../../domain/booking-decisions';
import { bookingWorkflowId } from '../../domain/ids';
import { bookingViewQuery, decideBookingUpdate, type BookingView } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { fakeSource, type FakeSource } from '../support/fake-source';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import { bookingWorkflowOf, confirmed, endWorkflows, taskOf, tell, writesOf } from '../support/world-records';

let world: World;
let fake: FakeSource;
beforeAll(async () => {
  fake = fakeSource(() => world.now());
  // Bookings close soon after their end, so that few rounds of a source that is away pass until then.
  const outcome = { ...loadConfig('booksync.example.yaml', {}).outcome, closeAfterMs: 3 * HOUR };
  const given = { sourceApi: fake.api, source: fake.source, settings: { outcome } };
  world = await aWorld({ ...given, expectsFailures: true });
});
beforeEach(() => {
  fake.writes.length = 0;
  fake.isAway = false;
  fake.beforeWrite = null;
  fake.afterWrite = null;
});
afterEach(() => endWorkflows(world));

/** A guest who is booked here and at the source. */
async function aBooking(inMs: number): Promise<BookingOptions> {
  const guest = await world.aGuest(inMs);
  fake.book(guest.uid, { startMs: guest.startMs, email: guest.guest.email! });
  await world.hear(bookingCreated(guest));
  await confirmed(world, guest.uid);
  return guest;
}

/** One whose slot has begun an hour ago. */
async function aPastBooking(): Promise<BookingOptions> {
  const guest = await aBooking(30 * HOUR);
  await world.sleepUntil(guest.startMs + HOUR);
  await world.until(guest.uid, 'over', (b) => b.status === 'awaiting_outcome');
  return guest;
}

async function decide(uid: string, decision: BookingDecision['decision'], startMs: number | null = null) {
  const handle = world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(uid)).id));
  return handle.executeUpdate(decideBookingUpdate, { args: [{ decision, startMs, by: 'op-7' }] });
}

async function view(uid: string): Promise<BookingView> {
  return world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(uid)).id)).query(bookingViewQuery);
}

/** What a person reads of the workflow in Temporal's Web UI. */
async function details(uid: string): Promise<string> {
  const handle = world.env.client.workflow.getHandle(bookingWorkflowId((await world.booking(uid)).id));
  return JSON.stringify(await handle.query('__temporal_workflow_metadata'));
}

const until = (uid: string, word: BookingView['source']) =>
  eventually(async () => expect((await view(uid)).source).toBe(word), { what: `the source to be ${word}` });

async function ledger(uid: string): Promise<string[]> {
  const { rows } = await world.database.pool.query<{ word: string }>(
    `SELECT action || ' ' || state AS word FROM source_write WHERE booking_id = $1 ORDER BY at`,
    [(await world.booking(uid)).id],
  );
  return rows.map((row) => row.word);
}

const told = (uid: string, ...words: string[]) =>
  eventually(async () => expect(await ledger(uid)).toEqual(words), { what: `the ledger to say ${words.join(', ')}` });

const verdictsOf = async (uid: string): Promise<string[]> =>
  (await world.booking(uid)).timeline.map((entry) => `${entry.type} ${entry.outcome}`);

const noShow = (guest: BookingOptions, marked: boolean, createdAtMs: number) =>
  noShowUpdated({ uid: guest.uid, email: guest.guest.email!, noShow: marked, createdAtMs });

/** How often meetings of the CRM were changed since. */
function countMeetingWrites(): () => number {
  const requests = world.countCrmRequests();
  return () => writesOf(requests(), 'PATCH', 'meetings').length;
}

describe('a no-show that was decided here', () => {
  it('is marked at the source; its echo changes nothing, and the CRM is written once', async () => {
    const guest = await aPastBooking();
    const meetingWrites = countMeetingWrites();
    await decide(guest.uid, 'no_show');
    await until(guest.uid, 'told');
    expect(await details(guest.uid)).toContain('**Source:** calcom-sales:told');
    expect(fake.writes).toEqual([`markAbsent ${guest.uid}`]);
    const before = await world.settled(guest.uid);
    await world.hear(noShow(guest, true, await world.now()));
    const after = await world.settled(guest.uid);
    expect(after).toMatchObject({ status: 'no_show', version: before.version });
    expect(await verdictsOf(guest.uid)).toContain('no_show duplicate');
    expect([fake.writes.length, meetingWrites()]).toEqual([1, 1]);
  });

  it('is known to be told when its echo is faster than the answer', async () => {
    const guest = await aPastBooking();
    const meetingWrites = countMeetingWrites();
    fake.afterWrite = async () => world.hear(noShow(guest, true, await world.now()));
    await decide(guest.uid, 'no_show');
    await told(guest.uid, 'mark_absent done');
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'no_show' });
    expect([fake.writes.length, meetingWrites()]).toEqual([1, 1]);
  });

  it('stays decided when somebody takes the mark back right after the echo: that is said, and not fought over', async () => {
    const guest = await aPastBooking();
    await decide(guest.uid, 'no_show');
    await until(guest.uid, 'told');
    await world.hear(noShow(guest, true, await world.now()));
    await world.hear(noShow(guest, false, await world.now()));
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'no_show' });
    expect(await verdictsOf(guest.uid)).toContain('no_show_reverted superseded');
    expect(fake.writes).toHaveLength(1);
  });

  it('that the source had said first is not told to it', async () => {
    const guest = await aPastBooking();
    await world.hear(noShow(guest, true, await world.now()));
    await world.until(guest.uid, 'marked', (b) => b.status === 'no_show');
    await decide(guest.uid, 'no_show');
    await world.settled(guest.uid);
    expect((await view(guest.uid)).source).toBeNull();
    expect([fake.writes, await ledger(guest.uid)]).toEqual([[], []]);
  });
});

describe('a cancellation that was decided here', () => {
  it('is made at the source; its echo changes nothing, and the CRM is written once', async () => {
    const guest = await aBooking(5 * DAY);
    const meetingWrites = countMeetingWrites();
    await decide(guest.uid, 'canceled');
    await until(guest.uid, 'told');
    const before = await world.settled(guest.uid);
    await world.hear(bookingCancelled(guest));
    const after = await world.settled(guest.uid);
    expect(after).toMatchObject({ status: 'canceled', version: before.version });
    expect(fake.writes).toEqual([`cancel ${guest.uid}`]);
    expect(meetingWrites()).toBe(1);
  });

  it('does not swallow that the guest books again right after its echo', async () => {
    const guest = await aBooking(5 * DAY);
    await decide(guest.uid, 'canceled');
    await until(guest.uid, 'told');
    const again = { ...guest, uid: `${guest.uid}-again`, startMs: guest.startMs + DAY };
    await world.hear(bookingCancelled(guest), bookingRescheduled({ ...again, previous: guest }));
    expect(await world.settled(guest.uid)).toMatchObject({
      status: 'scheduled',
      chain: [guest.uid, again.uid],
      slot: { startMs: again.startMs },
    });
    expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'SCHEDULED', startMs: again.startMs }]);
    expect(fake.writes).toHaveLength(1);
  });

  it('gives way to a guest who moved the appointment between our look and our write', async () => {
    const guest = await aBooking(5 * DAY);
    const moved = { ...guest, uid: `${guest.uid}-moved`, startMs: guest.startMs + DAY };
    fake.beforeWrite = async () => {
      fake.appointments.get(guest.uid)!.state = 'moved';
      fake.book(moved.uid, { startMs: moved.startMs, email: guest.guest.email! });
      await world.hear(bookingRescheduled({ ...moved, previous: guest }));
    };
    await decide(guest.uid, 'canceled');
    await told(guest.uid, 'cancel done');
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'scheduled', slot: { startMs: moved.startMs } });
    expect(fake.writes).toEqual([`cancel ${guest.uid}`]);
    expect(fake.appointments.get(moved.uid)!.state).toBe('accepted');
  });
});

describe('a new time that was agreed on here', () => {
  const newUidOf = (uid: string): string =>
    [...fake.appointments.values()].find((one) => one.predecessorUid === uid)!.uid;

  it('moves the appointment, and the chain knows its new uid although the echo is lost', async () => {
    const guest = await aBooking(5 * DAY);
    const startMs = guest.startMs + 2 * DAY;
    await decide(guest.uid, 'rescheduled', startMs);
    await told(guest.uid, 'reschedule done');
    // What the dispatcher does with the read that was put into the inbox.
    await world.hear();
    const uid = newUidOf(guest.uid);
    expect(await world.settled(guest.uid)).toMatchObject({
      status: 'scheduled',
      chain: [guest.uid, uid],
      slot: { startMs },
    });
    expect(fake.writes).toEqual([`reschedule ${guest.uid}`]);
    expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'SCHEDULED', startMs }]);
  });

  it('is written to the CRM no second time by an echo that comes after the read', async () => {
    const guest = await aBooking(5 * DAY);
    const startMs = guest.startMs + 2 * DAY;
    await decide(guest.uid, 'rescheduled', startMs);
    await told(guest.uid, 'reschedule done');
    await world.hear();
    await world.settled(guest.uid);
    const meetingWrites = countMeetingWrites();
    await world.hear(bookingRescheduled({ ...guest, uid: newUidOf(guest.uid), startMs, previous: guest }));
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'scheduled', slot: { startMs } });
    expect([meetingWrites(), fake.writes.length]).toEqual([0, 1]);
  });

  it('is known by an echo that is faster than the answer, and not asked for again', async () => {
    const guest = await aBooking(5 * DAY);
    const startMs = guest.startMs + 2 * DAY;
    fake.afterWrite = async () => {
      await world.hear(bookingRescheduled({ ...guest, uid: newUidOf(guest.uid), startMs, previous: guest }));
    };
    await decide(guest.uid, 'rescheduled', startMs);
    await told(guest.uid, 'reschedule done');
    await world.hear();
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'scheduled', slot: { startMs } });
    expect((await view(guest.uid)).source).toBeNull();
    expect(fake.writes).toHaveLength(1);
  });

  it('does not swallow that the guest moves once more right after', async () => {
    const guest = await aBooking(5 * DAY);
    await decide(guest.uid, 'rescheduled', guest.startMs + 2 * DAY);
    await told(guest.uid, 'reschedule done');
    const second = { ...guest, uid: newUidOf(guest.uid), startMs: guest.startMs + 2 * DAY };
    const third = { ...guest, uid: `${guest.uid}-third`, startMs: guest.startMs + 3 * DAY };
    await world.hear(
      bookingRescheduled({ ...second, previous: guest }),
      bookingRescheduled({ ...third, previous: second, sequence: 2 }),
    );
    expect(await world.settled(guest.uid)).toMatchObject({
      status: 'scheduled',
      chain: [guest.uid, second.uid, third.uid],
      slot: { startMs: third.startMs },
    });
    expect(fake.writes).toHaveLength(1);
  });
});

describe('a source that refuses', () => {
  async function refused(): Promise<BookingOptions> {
    const guest = await aBooking(5 * DAY);
    fake.fail({ on: 'cancel', errorClass: 'refused' });
    await decide(guest.uid, 'canceled');
    await until(guest.uid, 'refused');
    expect(await details(guest.uid)).toContain('**Source:** calcom-sales:refused');
    expect((await view(guest.uid)).openTasks).toEqual([expect.stringMatching(/^task\/source_refused\//)]);
    return guest;
  }

  it('is told again when a person says so', async () => {
    const guest = await refused();
    await world.decide(guest.uid, 'source_refused', { decision: 'retry' });
    await until(guest.uid, 'told');
    expect(await ledger(guest.uid)).toEqual(['cancel refused', 'cancel done']);
    expect(fake.appointments.get(guest.uid)!.state).toBe('canceled');
  });

  it('is left as it is when a person says so', async () => {
    const guest = await refused();
    await world.decide(guest.uid, 'source_refused', { decision: 'skip' });
    await until(guest.uid, null);
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'canceled' });
    expect([fake.writes, await ledger(guest.uid)]).toEqual([[], ['cancel refused']]);
  });

  it('is no longer asked about once it says the same by itself', async () => {
    const guest = await refused();
    await world.hear(bookingCancelled(guest));
    await eventually(async () =>
      expect(await taskOf(world, guest.uid, 'source_refused')).toMatchObject({ state: 'withdrawn' }),
    );
    await eventually(async () => expect((await view(guest.uid)).openTasks).toEqual([]));
  });
});

describe('a source that does not answer', () => {
  it('is asked four times, then again after five minutes; the booking says that it waits', async () => {
    const guest = await aBooking(5 * DAY);
    const reads = fake.reads;
    for (let nth = 0; nth < 4; nth += 1) fake.fail({ on: 'readBooking', errorClass: 'unavailable' });
    await decide(guest.uid, 'canceled');
    await world.settled(guest.uid);
    await world.sleep(3 * MINUTE);
    await until(guest.uid, 'waiting');
    expect((await view(guest.uid)).waitingFor).toBe('the source to take what was decided here');
    expect([fake.reads - reads, fake.writes]).toEqual([4, []]);
    await world.sleep(6 * MINUTE);
    await until(guest.uid, 'told');
    expect(fake.writes).toEqual([`cancel ${guest.uid}`]);
  });

  it('keeps a canceled booking from closing until it has been told', async () => {
    const guest = await aBooking(12 * DAY);
    fake.isAway = true;
    await decide(guest.uid, 'canceled');
    await world.settled(guest.uid);
    await world.sleep(6 * HOUR);
    expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'RUNNING' });
    fake.isAway = false;
    await world.sleep(2 * HOUR);
    await eventually(async () =>
      expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' }),
    );
    expect(fake.writes).toEqual([`cancel ${guest.uid}`]);
  });
});

describe('a decision that makes no sense', () => {
  const refusalOf = async (uid: string, decision: BookingDecision['decision'], startMs: number | null = null) => {
    const error: unknown = await decide(uid, decision, startMs).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    const { cause } = error as WorkflowUpdateFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    return [(cause as ApplicationFailure).type, (cause as ApplicationFailure).message];
  };

  it('is refused in words, and leaves nothing behind', async () => {
    const guest = await aBooking(5 * DAY);
    const before = await world.booking(guest.uid);
    expect(await refusalOf(guest.uid, 'no_show')).toEqual(['DecisionRefused', expect.stringMatching(/begins at/)]);
    expect(await refusalOf(guest.uid, 'keep_waiting')).toEqual(['DecisionRefused', expect.stringMatching(/scheduled/)]);
    expect(await refusalOf(guest.uid, 'rescheduled', 1)).toEqual(['DecisionRefused', expect.stringMatching(/past/)]);
    expect((await world.settled(guest.uid)).timeline).toEqual(before.timeline);
  });

  it('is no decision when the booking says so already: nothing is stored twice', async () => {
    const guest = await aBooking(5 * DAY);
    await decide(guest.uid, 'canceled');
    await until(guest.uid, 'told');
    const before = await world.settled(guest.uid);
    await decide(guest.uid, 'canceled');
    expect((await world.settled(guest.uid)).timeline).toEqual(before.timeline);
    const { rows } = await world.database.pool.query(`SELECT actor, action FROM audit_entry WHERE subject = $1`, [
      bookingWorkflowId(before.id),
    ]);
    expect(rows).toEqual([{ actor: 'op-7', action: 'booking.decided.canceled' }]);
  });

  it('starts a closed booking again, and is refused there in the same words', async () => {
    const guest = await aPastBooking();
    await decide(guest.uid, 'showed');
    await world.settled(guest.uid);
    await world.sleep(4 * HOUR);
    await eventually(async () =>
      expect(await bookingWorkflowOf(world, guest.uid)).toMatchObject({ status: 'COMPLETED' }),
    );
    const engine = createEngine(() => Promise.resolve(world.env.client), { decisionTimeoutMs: 10_000 });
    const booking = await world.booking(guest.uid);
    const refused = await engine.decideBooking(booking, { decision: 'keep_waiting', startMs: null, by: 'op-7' });
    expect(refused).toEqual({ kind: 'refused', reason: expect.stringMatching(/this one is showed/) });
    const accepted = await engine.decideBooking(booking, { decision: 'no_show', startMs: null, by: 'op-7' });
    expect(accepted).toEqual({ kind: 'accepted' });
    await told(guest.uid, 'unmark_absent needless', 'mark_absent done');
    expect(await world.settled(guest.uid)).toMatchObject({ status: 'no_show' });
  });

  it('keep_waiting renews the hold of a wished-for new time', async () => {
    const guest = await aBooking(5 * DAY);
    await tell(world, guest.uid, 'reschedule_requested');
    await world.until(guest.uid, 'held', (b) => b.status === 'reschedule_requested');
    await decide(guest.uid, 'keep_waiting');
    await world.settled(guest.uid);
    expect(await verdictsOf(guest.uid)).toContain('hold_decided applied');
    expect((await view(guest.uid)).source).toBeNull();
  });
});
