/** What guests and hosts do to bookings that nobody shares: the rows, and the webhooks as our adapter reads them. */
import { meanings, startAccount, DAY, GUEST, HOUR, MINUTE, START_MS } from './test-account';
import type { TestAccount } from './test-account';

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const later = (ms: number): void => {
  account.clock.nowMs += ms;
};
const startMs = START_MS + 2 * DAY;
const row = async (uid: string): Promise<Record<string, unknown>> =>
  (await account.api('GET', `/v2/bookings/${uid}`)).body.data ?? {};

describe('a reschedule', () => {
  it('makes a new uid and id, inherits the calendar id, and cancels the old row without a webhook', async () => {
    const { calcom } = account;
    const first = calcom.book({ startMs, guest: GUEST });
    later(HOUR);
    const second = calcom.move(first.uid, { startMs: startMs + DAY, reason: 'Later is better' });
    const [created, moved, ...more] = await account.heard();

    expect(more).toEqual([]);
    expect(created?.trigger).toBe('BOOKING_CREATED');
    expect(moved).toMatchObject({
      trigger: 'BOOKING_RESCHEDULED',
      payload: {
        uid: second.uid,
        bookingId: second.id,
        rescheduleUid: first.uid,
        rescheduleId: first.id,
        iCalUID: `${first.uid}@Cal.com`,
        iCalSequence: 1,
        rescheduledBy: GUEST.email,
        status: 'ACCEPTED',
        rescheduleStartTime: '2026-11-25T09:00:00Z',
      },
    });
    expect(await row(first.uid)).toMatchObject({
      status: 'cancelled',
      rescheduledToUid: second.uid,
      updatedAt: '2026-11-23T10:00:00.000Z',
    });
    expect(await row(second.uid)).toMatchObject({
      status: 'accepted',
      rescheduledFromUid: first.uid,
      reschedulingReason: 'Later is better',
      createdAt: '2026-11-23T10:00:00.000Z',
      icsUid: `${first.uid}@Cal.com`,
    });
  });

  it('of a uid that was moved already is refused with its successor, of a canceled one without', async () => {
    const { calcom, api } = account;
    const first = calcom.book({ startMs, guest: GUEST });
    const second = calcom.move(first.uid, { startMs: startMs + DAY });
    const to = { start: '2026-11-28T09:00:00Z' };
    const moved = await api('POST', `/v2/bookings/${first.uid}/reschedule`, to);
    expect(moved.status).toBe(400);
    expect(moved.body.error?.message).toContain(second.uid);
    calcom.cancel(second.uid);
    const canceled = await api('POST', `/v2/bookings/${second.uid}/reschedule`, to);
    expect(canceled.status).toBe(400);
    expect(canceled.body.error?.message).toContain('has been cancelled');
    expect(calcom.state().violations).toBe(0);
  });

  it.each([
    ['kept', (uid: string) => `${uid}@Cal.com`],
    ['replaced', () => expect.stringContaining('@calendar.example.com') as unknown],
    ['absent', () => undefined],
  ] as const)('shows the calendar id as the setting says: %s', async (calendar, expected) => {
    const { calcom } = account;
    calcom.changeSettings({ calendar });
    const first = calcom.book({ startMs, guest: GUEST });
    calcom.move(first.uid, { startMs: startMs + DAY });
    const [, moved] = await account.heard();
    expect(moved?.payload['iCalUID']).toEqual(expected(first.uid));
    expect(moved?.payload['iCalSequence']).toBe(1);
  });
});

describe('an event type that the host confirms', () => {
  it('is requested, then confirmed with a created event, or declined', async () => {
    const { calcom } = account;
    const yes = calcom.requestBooking({ startMs, guest: GUEST });
    expect(yes.status).toBe('pending');
    expect(calcom.confirm(yes.uid).status).toBe('accepted');
    const no = calcom.requestBooking({ startMs, guest: GUEST });
    expect(calcom.reject(no.uid, 'Too far away').status).toBe('rejected');
    expect(meanings(await account.heard())).toEqual(['requested', 'scheduled', 'requested', 'rejected']);
    expect(() => calcom.confirm(no.uid)).toThrow('rejected');
  });

  it.each([
    ['older', true],
    ['newer', false],
  ] as const)('sends a guest’s move as a request; %s builds name the predecessor: %s', async (generation, named) => {
    const { calcom } = account;
    calcom.changeSettings({ generation });
    const first = calcom.requestBooking({ startMs, guest: GUEST });
    calcom.confirm(first.uid);
    await account.heard();
    const second = calcom.move(first.uid, { startMs: startMs + DAY });
    calcom.confirm(second.uid);
    const [requested, created] = await account.heard();
    expect(requested).toMatchObject({ trigger: 'BOOKING_REQUESTED', payload: { uid: second.uid, status: 'PENDING' } });
    expect(requested?.payload['rescheduleUid']).toBe(named ? first.uid : undefined);
    expect(requested?.payload['iCalUID']).toBe(`${first.uid}@Cal.com`);
    expect(created?.trigger).toBe('BOOKING_CREATED');
    expect(created?.payload).not.toHaveProperty('rescheduleUid');
    expect(await row(second.uid)).toMatchObject({ rescheduledFromUid: first.uid });
  });

  it('needs no confirmation when the host moves, also by API in the host’s name', async () => {
    const { calcom, api } = account;
    const first = calcom.requestBooking({ startMs, guest: GUEST });
    calcom.confirm(first.uid);
    const body = { start: '2026-11-27T09:00:00Z', rescheduledBy: 'host@example.com' };
    const moved = await api('POST', `/v2/bookings/${first.uid}/reschedule`, body);
    expect(moved).toMatchObject({ status: 201, body: { data: { status: 'accepted' } } });
    expect(await account.triggers()).toEqual(['BOOKING_REQUESTED', 'BOOKING_CREATED', 'BOOKING_RESCHEDULED']);
  });
});

describe('a host who asks for another time', () => {
  it('cancels with a mark in the webhook that the API hides, and the guest books again from it', async () => {
    const { calcom, api } = account;
    const first = calcom.book({ startMs, guest: GUEST });
    calcom.askToMove(first.uid, 'The crew is away.');
    expect(await row(first.uid)).toMatchObject({ status: 'cancelled' });
    expect(await row(first.uid)).not.toHaveProperty('rescheduledToUid');
    const refused = await api('POST', `/v2/bookings/${first.uid}/reschedule`, { start: '2026-11-28T09:00:00Z' });
    expect(refused.status).toBe(400);

    const second = calcom.rebook(first.uid, { startMs: startMs + DAY });
    const [, asked, again] = await account.heard();
    expect(asked).toMatchObject({
      trigger: 'BOOKING_CANCELLED',
      payload: { requestReschedule: true, cancelledBy: 'host@example.com', startTime: '2026-11-25T09:00:00+00:00' },
    });
    expect(again).toMatchObject({
      trigger: 'BOOKING_RESCHEDULED',
      payload: { uid: second.uid, rescheduleUid: first.uid },
    });
    expect(() => calcom.rebook(first.uid, { startMs })).toThrow(second.uid);
  });

  it('is not told from a cancellation by old builds', async () => {
    const { calcom } = account;
    calcom.changeSettings({ namesRescheduleRequest: false });
    calcom.askToMove(calcom.book({ startMs, guest: GUEST }).uid);
    expect(meanings(await account.heard())).toEqual(['scheduled', 'canceled']);
  });
});

describe('a payment', () => {
  it('comes before the appointment stands, and before the host is asked', async () => {
    const { calcom } = account;
    const paid = calcom.book({ eventType: 'paid', startMs, guest: GUEST });
    expect(paid.status).toBe('pending');
    expect(calcom.pay(paid.uid).status).toBe('accepted');
    const both = calcom.book({ eventType: 'paid-opt-in', startMs, guest: GUEST });
    expect(() => calcom.confirm(both.uid)).toThrow('payment');
    expect(calcom.pay(both.uid).status).toBe('pending');
    calcom.confirm(both.uid);
    const heard = await account.heard();
    expect(heard.map(({ trigger }) => trigger.replace('BOOKING_', ''))).toEqual([
      ...['PAYMENT_INITIATED', 'PAID', 'CREATED'],
      ...['PAYMENT_INITIATED', 'PAID', 'REQUESTED', 'CREATED'],
    ]);
    expect(heard[0]?.payload).toMatchObject({ status: 'ACCEPTED', price: 5000 });
    expect(heard[1]?.payload['metadata']).toMatchObject({ externalId: `pi_${paid.uid}` });
  });
});

describe('attendance', () => {
  it('is marked only after the start, taken back, and touches no change time', async () => {
    const { calcom, api } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST, guests: ['brought.along@example.com'] });
    const body = { attendees: [{ email: GUEST.email, absent: true }] };
    expect((await api('POST', `/v2/bookings/${uid}/mark-absent`, body)).status).toBe(400);
    later(2 * DAY + HOUR);
    await account.heard();
    expect((await api('POST', `/v2/bookings/${uid}/mark-absent`, body)).status).toBe(200);
    expect(await row(uid)).toMatchObject({ updatedAt: '2026-11-23T09:00:00.000Z', attendees: [{ absent: true }, {}] });
    calcom.unmark(uid);
    const heard = (await account.heard()).filter(({ trigger }) => !trigger.startsWith('MEETING_'));
    expect(meanings(heard)).toEqual(['no_show', 'no_show_reverted']);
    expect(await row(uid)).toMatchObject({ attendees: [{ absent: false }, { absent: false }] });
  });

  it('of a host sends nothing', async () => {
    const { calcom } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    later(2 * DAY + MINUTE);
    calcom.tick();
    await account.heard();
    calcom.markHost(uid, true);
    expect(await account.triggers()).toEqual([]);
    expect(await row(uid)).toMatchObject({ absentHost: true });
  });

  it('is counted by the video call, for subscriptions that say when', async () => {
    const { calcom, listener } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    later(2 * DAY + 10 * MINUTE);
    calcom.headCount(uid, 'guests');
    calcom.headCount(uid, 'host');
    const heard = (await account.heard()).slice(-2);
    expect(meanings(heard)).toEqual(['no_show_suspected', 'host_no_show']);
    expect(heard[0]?.payload).toMatchObject({ bookingUid: uid, guests: [{ noShow: true }] });
    calcom.changeSettings({ generation: 'older' });
    calcom.headCount(uid, 'guests');
    const [older] = await account.heard();
    expect(older?.payload).not.toHaveProperty('guests');
    expect(older?.payload.attendees?.[0]?.noShow).toBe(false);
    calcom.subscribe({ url: listener.url, secret: null, noShowAfterMinutes: null });
    calcom.headCount(uid, 'guests');
    expect(await account.triggers()).toEqual([]);
  });
});

describe('changes that Cal.com tells nobody about', () => {
  it('are another host and other attendees: only the row shows them', async () => {
    const { calcom } = account;
    const { uid } = calcom.book({ startMs, guest: GUEST });
    await account.heard();
    later(HOUR);
    calcom.reassignHost(uid);
    calcom.addAttendee(uid, 'late.addition@example.com');
    expect(await account.triggers()).toEqual([]);
    expect(await row(uid)).toMatchObject({
      hosts: [{ email: 'estimator@example.com' }],
      attendees: [{}, { email: 'late.addition@example.com' }],
      updatedAt: '2026-11-23T10:00:00.000Z',
    });
    calcom.removeAttendee(uid, 'late.addition@example.com');
    expect((await row(uid))['attendees']).toHaveLength(1);
  });
});

describe('the clock', () => {
  it.each(['flat', 'wrapped'] as const)('sends start and end with the row as it was booked, %s', async (meetings) => {
    const { calcom } = account;
    calcom.changeSettings({ meetings });
    const { uid } = calcom.book({ startMs, guest: GUEST });
    calcom.reassignHost(uid);
    later(2 * DAY + 5 * MINUTE);
    calcom.tick();
    calcom.markNoShow(uid);
    later(30 * MINUTE);
    calcom.tick();
    calcom.tick();
    const heard = await account.heard();
    expect(heard.map(({ trigger }) => trigger)).toEqual([
      ...['BOOKING_CREATED', 'MEETING_STARTED', 'BOOKING_NO_SHOW_UPDATED', 'MEETING_ENDED'],
    ]);
    const ended = heard.at(-1);
    expect(ended?.payload).toMatchObject({ uid, user: { email: 'host@example.com' }, attendees: [{ noShow: false }] });
    expect(ended?.createdAt).toBe(meetings === 'flat' ? '2026-11-23T09:00:00.000Z' : '2026-11-25T09:35:00.000Z');
    expect(meanings(heard.slice(-1))).toEqual(['ended']);
  });

  it('forgets what was canceled or moved, and what is more than a day late', async () => {
    const { calcom } = account;
    calcom.cancel(calcom.book({ startMs, guest: GUEST }).uid);
    const moved = calcom.move(calcom.book({ startMs, guest: GUEST }).uid, { startMs: startMs + 5 * DAY });
    await account.heard();
    later(3 * DAY);
    calcom.tick();
    expect(await account.triggers()).toEqual([]);
    later(6 * DAY);
    calcom.tick();
    expect(await account.triggers()).toEqual([]);
    expect(() => calcom.endMeeting(calcom.book({ startMs: START_MS + 90 * DAY, guest: GUEST }).uid)).toThrow(
      'not begun',
    );
    expect(calcom.endMeeting(moved.uid).uid).toBe(moved.uid);
  });

  it('can be hurried for a meeting that has begun', async () => {
    const { calcom } = account;
    const { uid } = calcom.book({ startMs: START_MS - 10 * MINUTE, guest: GUEST });
    calcom.endMeeting(uid);
    later(HOUR);
    calcom.tick();
    expect(await account.triggers()).toEqual(['BOOKING_CREATED', 'MEETING_STARTED', 'MEETING_ENDED']);
  });
});

describe('people', () => {
  it('without an address get an invented one, and managed users show theirs without the client id', async () => {
    const { calcom } = account;
    const phoneOnly = calcom.book({ startMs, guest: { name: 'Dana Sample', phone: '+13035550142' } });
    expect(phoneOnly.attendees[0]?.email).toBe('13035550142@sms.cal.com');
    const managed = 'dana+cl1a2b3c4d5e6f7g8h9i0j1k2@example.com';
    const { uid } = calcom.book({ startMs, guest: { name: 'Dana Sample', email: managed } });
    expect(await row(uid)).toMatchObject({ attendees: [{ email: managed, displayEmail: 'dana@example.com' }] });
    expect(() => calcom.book({ startMs, guest: { name: 'Nobody' } })).toThrow('email or a phoneNumber');
  });
});
