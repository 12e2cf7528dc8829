/** Seats and series: one uid for many guests, one event for many uids. */
import { meanings, read, startAccount, DAY, GUEST, HOUR, START_MS } from './test-account';
import type { TestAccount } from './test-account';

let account: TestAccount;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const startMs = START_MS + 2 * DAY;
const OTHER = { name: 'Robin Example', email: 'robin.example@example.com' };
const row = async (uid: string): Promise<Record<string, unknown>> =>
  (await account.api('GET', `/v2/bookings/${uid}`)).body.data ?? {};

describe('a shared slot', () => {
  const twoSeats = () => {
    const one = account.calcom.bookSeat({ startMs, guest: GUEST });
    const two = account.calcom.bookSeat({ startMs, guest: OTHER });
    return { uid: one.booking.uid, one: one.seat, two: two.seat, otherUid: two.booking.uid };
  };

  it('has one uid and a created event per seat, which lists only its guest', async () => {
    const { uid, otherUid, one, two } = twoSeats();
    expect(otherUid).toBe(uid);
    const heard = await account.heard();
    expect(heard).toMatchObject([
      {
        trigger: 'BOOKING_CREATED',
        payload: { uid, attendeeSeatId: one.seatUid, attendees: [{ email: GUEST.email }] },
      },
      {
        trigger: 'BOOKING_CREATED',
        payload: { uid, attendeeSeatId: two.seatUid, attendees: [{ email: OTHER.email }] },
      },
    ]);
    expect(await row(uid)).toMatchObject({ attendees: [{ seatUid: one.seatUid }, { seatUid: two.seatUid }] });
    expect((await account.api('GET', `/v2/bookings/by-seat/${two.seatUid}`)).body.data?.uid).toBe(uid);
  });

  it('loses one seat with an event for that guest alone, and no change time', async () => {
    const { uid, one } = twoSeats();
    await account.heard();
    account.clock.nowMs += HOUR;
    const body = { seatUid: one.seatUid, cancellationReason: 'Ill' };
    expect((await account.api('POST', `/v2/bookings/${uid}/cancel`, body)).status).toBe(200);
    const [canceled] = await account.heard();
    expect(canceled).toMatchObject({
      trigger: 'BOOKING_CANCELLED',
      payload: { uid, status: 'CANCELLED', attendees: [{ email: GUEST.email }], cancellationReason: 'Ill' },
    });
    expect(canceled?.payload).not.toHaveProperty('attendeeSeatId');
    expect(canceled?.payload.attendees).toHaveLength(1);
    expect(await row(uid)).toMatchObject({
      status: 'accepted',
      updatedAt: '2026-11-23T09:00:00.000Z',
      attendees: [{ email: OTHER.email }],
    });
  });

  it('ends with its last seat', async () => {
    const { uid, one, two } = twoSeats();
    account.calcom.cancelSeat(uid, { seatUid: one.seatUid ?? '' });
    account.calcom.cancelSeat(uid, { seatUid: two.seatUid ?? '' });
    expect(await row(uid)).toMatchObject({ status: 'cancelled' });
    expect(() => account.calcom.cancelSeat(uid, { seatUid: two.seatUid ?? '' })).toThrow('cancelled');
  });

  it('lets one guest move to a slot of its own or of others, with the seat’s id', async () => {
    const { uid, two } = twoSeats();
    const third = account.calcom.bookSeat({
      startMs: startMs + DAY,
      guest: { name: 'Sam Sample', email: 's@example.com' },
    });
    await account.heard();
    const moved = account.calcom.moveSeat(uid, { seatUid: two.seatUid ?? '', startMs: startMs + DAY });
    expect(moved.booking.uid).toBe(third.booking.uid);
    const [event] = await account.heard();
    expect(event).toMatchObject({
      trigger: 'BOOKING_RESCHEDULED',
      payload: { uid: third.booking.uid, rescheduleUid: uid, attendeeSeatId: two.seatUid },
    });
    expect(event?.payload).not.toHaveProperty('rescheduleId');
    expect(await row(uid)).toMatchObject({ attendees: [{ email: GUEST.email }] });
    const alone = account.calcom.moveSeat(third.booking.uid, {
      seatUid: two.seatUid ?? '',
      startMs: startMs + 2 * DAY,
    });
    expect(alone.booking.fromUid).toBe(third.booking.uid);
  });

  it('is moved as a whole under its uid, which then names itself', async () => {
    const { uid } = twoSeats();
    await account.heard();
    const to = { start: new Date(startMs + DAY).toISOString() };
    const answer = await account.api('POST', `/v2/bookings/${uid}/reschedule`, to);
    expect(answer).toMatchObject({ status: 201, body: { data: { uid } } });
    const [event] = await account.heard();
    expect(event).toMatchObject({
      trigger: 'BOOKING_RESCHEDULED',
      payload: { uid, rescheduleUid: uid, rescheduleStartTime: '2026-11-25T09:00:00Z' },
    });
    expect(event?.payload.attendees).toHaveLength(2);
    expect(event && read(event)).toMatchObject({ kind: 'events', events: [{ predecessorUid: null, seat: null }] });
  });

  it('takes nobody when it is full', () => {
    for (let n = 0; n < 10; n += 1)
      account.calcom.bookSeat({ startMs, guest: { name: 'Guest', email: `g${n}@example.com` } });
    expect(() => account.calcom.bookSeat({ startMs, guest: GUEST })).toThrow('not enough seats');
  });
});

describe('a series', () => {
  it('is booked with an event per occurrence, at the same time of day, and read by its own uid', async () => {
    const rows = account.calcom.bookSeries({ startMs: Date.UTC(2027, 2, 2, 17), guest: GUEST, count: 3 });
    expect(rows.map((one) => new Date(one.startMs).toISOString())).toEqual([
      ...['2027-03-02T17:00:00.000Z', '2027-03-09T17:00:00.000Z', '2027-03-16T16:00:00.000Z'],
    ]);
    const heard = await account.heard();
    expect(heard.map(({ payload }) => payload.uid)).toEqual(rows.map(({ uid }) => uid));
    expect(heard[0]?.payload).toHaveProperty('recurringEvent');
    const series = rows[0]?.recurringUid ?? '';
    expect((await account.api('GET', `/v2/bookings/${series}`)).body.data).toMatchObject(
      rows.map(({ uid }) => ({ uid, recurringBookingUid: series })),
    );
  });

  it('is canceled as a whole with one marked event', async () => {
    const rows = account.calcom.bookSeries({ startMs, guest: GUEST, count: 3 });
    await account.heard();
    await account.api('POST', `/v2/bookings/${rows[0]?.recurringUid}/cancel`, {});
    const heard = await account.heard();
    expect(heard).toMatchObject([{ trigger: 'BOOKING_CANCELLED', payload: { uid: rows[0]?.uid, recurringEvent: {} } }]);
    expect(rows.map(({ uid }) => account.calcom.booking(uid).status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('is canceled from one occurrence on with one event that does not say so', async () => {
    const rows = account.calcom.bookSeries({ startMs, guest: GUEST, count: 3 });
    await account.heard();
    await account.api('POST', `/v2/bookings/${rows[1]?.uid}/cancel`, { cancelSubsequentBookings: true });
    const [event, ...more] = await account.heard();
    expect(more).toEqual([]);
    expect(event?.payload.uid).toBe(rows[1]?.uid);
    expect(event?.payload).not.toHaveProperty('recurringEvent');
    expect(rows.map(({ uid }) => account.calcom.booking(uid).status)).toEqual(['accepted', 'cancelled', 'cancelled']);
  });

  it('is confirmed and declined with one event', async () => {
    const booked = { startMs, guest: GUEST, count: 3, needsConfirmation: true };
    const [yes] = account.calcom.bookSeries(booked);
    const [no] = account.calcom.bookSeries(booked);
    await account.heard();
    account.calcom.confirm(yes?.uid ?? '');
    account.calcom.reject(no?.uid ?? '');
    expect(meanings(await account.heard())).toEqual(['scheduled', 'rejected']);
    const statuses = account.calcom.state().bookings.map(({ status }) => status);
    expect(statuses).toEqual(['accepted', 'accepted', 'accepted', 'rejected', 'rejected', 'rejected']);
  });
});
