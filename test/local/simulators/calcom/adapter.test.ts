/** Our own client and reader against the simulated account: what they make of it, and that they never break its contract. */
import { createCalcomApi } from '../../../../integrations/calcom/source-api';
import { readDelivery } from '../../../../integrations/calcom/events';
import { READ_HEADERS } from '../../../../integrations/ports';
import type { SourceApi, SourceRead } from '../../../../integrations/ports';
import { startAccount, DAY, GUEST, HOUR, SECRET, START_MS } from './test-account';
import type { TestAccount } from './test-account';

let account: TestAccount;
let source: SourceApi;
beforeEach(async () => {
  account = await startAccount();
  const now = (): number => account.clock.nowMs;
  source = createCalcomApi({ baseUrl: account.baseUrl, apiKey: 'cal_demo' }, null, { now });
});
afterEach(async () => {
  expect(account.calcom.state().violations).toBe(0);
  await account.close();
});

const startMs = START_MS + 2 * DAY;
const types = (reads: readonly (SourceRead | null)[]): string[] =>
  reads.flatMap((one) => {
    const delivery = one === null ? null : readDelivery(one.body, READ_HEADERS);
    return delivery?.kind === 'events' ? delivery.events.map(({ type }) => type) : ['nothing'];
  });

it('reads bookings of every kind, and null for a uid that the account never made', async () => {
  const { calcom } = account;
  const moved = calcom.move(calcom.book({ startMs, guest: GUEST }).uid, { startMs: startMs + DAY });
  const seat = calcom.bookSeat({ startMs, guest: GUEST }).booking;
  const pending = calcom.requestBooking({ startMs, guest: GUEST });
  const reads = await Promise.all([moved, seat, pending].map(({ uid }) => source.readBooking(uid)));
  expect(types(reads)).toEqual(['rescheduled', 'scheduled', 'requested']);
  expect(reads[0]).toMatchObject({ predecessorUid: moved.fromUid, changedAtMs: START_MS });
  expect(await source.readBooking('never-made')).toBeNull();
  const [one] = calcom.bookSeries({ startMs, guest: GUEST, count: 3 });
  expect(types(await source.listSeries(one?.uid ?? ''))).toEqual(['scheduled', 'scheduled', 'scheduled']);
});

it('finds by change time what webhooks lost, page after page, and by end time the marks that touch no change time', async () => {
  const { calcom, clock } = account;
  calcom.changeSettings({ loss: 1 });
  const uids = Array.from({ length: 120 }, () => calcom.book({ startMs, guest: GUEST }).uid);
  expect((await source.listChanged({ fromMs: START_MS, toMs: START_MS })).map(({ uid }) => uid)).toEqual(uids);
  clock.nowMs = startMs + HOUR;
  calcom.markNoShow(uids[0] ?? '');
  expect(await source.listChanged({ fromMs: START_MS + 1, toMs: clock.nowMs })).toEqual([]);
  const ended = await source.listEnded({ fromMs: startMs, toMs: clock.nowMs });
  expect(types(ended.filter(({ uid }) => uid === uids[0]))).toEqual(['scheduled', 'no_show']);
});

it('writes decisions back, which come out as ordinary webhooks', async () => {
  const { calcom, clock } = account;
  const first = calcom.requestBooking({ startMs, guest: GUEST });
  calcom.confirm(first.uid);
  const { uid } = await source.reschedule(first.uid, { startMs: startMs + DAY, reason: 'Storm' });
  expect(calcom.booking(uid)).toMatchObject({ fromUid: first.uid, status: 'accepted' });
  await expect(source.markAbsent(uid, { email: GUEST.email, absent: true })).rejects.toMatchObject({
    errorClass: 'refused',
  });
  clock.nowMs = startMs + DAY + HOUR;
  await source.markAbsent(uid, { email: GUEST.email, absent: true });
  await source.cancel(uid, { reason: 'Nobody there', seatId: null });
  const seat = calcom.bookSeat({ startMs: clock.nowMs + DAY, guest: GUEST });
  calcom.bookSeat({ startMs: clock.nowMs + DAY, guest: { name: 'Robin Example', email: 'r@example.com' } });
  await source.cancel(seat.booking.uid, { reason: 'Ill', seatId: seat.seat.seatUid });
  const triggers = (await account.triggers()).filter((trigger) => trigger.startsWith('BOOKING_'));
  expect(triggers.map((trigger) => trigger.replace('BOOKING_', ''))).toEqual([
    ...['REQUESTED', 'CREATED', 'RESCHEDULED', 'NO_SHOW_UPDATED', 'CANCELLED', 'CREATED', 'CREATED', 'CANCELLED'],
  ]);
});

it('checks its subscription, and mends one that was spoiled', async () => {
  const { calcom, listener, api } = account;
  const expected = { webhookUrl: listener.url };
  expect(await source.checkSubscription(expected)).toEqual([]);
  const id = calcom.state().subscriptions[0]?.id ?? '';
  await api('PATCH', `/v2/webhooks/${id}`, { active: false, payloadTemplate: '{}', triggers: ['BOOKING_CREATED'] });
  expect((await source.checkSubscription(expected)).length).toBeGreaterThanOrEqual(3);
  await source.mendSubscription({ ...expected, secret: 'new-secret' });
  expect(await source.checkSubscription(expected)).toEqual([]);
  expect(calcom.state().subscriptions).toMatchObject([{ id, active: true, secret: 'new-secret' }]);
  await api('DELETE', `/v2/webhooks/${id}`);
  await source.mendSubscription({ ...expected, secret: SECRET });
  expect(await source.checkSubscription(expected)).toEqual([]);
});

it('is held up by limits with the time to wait', async () => {
  const { calcom } = account;
  calcom.changeSettings({ rateLimits: { apiKeyPerMinute: 1, tokenPerMinute: 1, blockMs: 60_000 } });
  await source.readBooking('never-made');
  await expect(source.readBooking('never-made')).rejects.toMatchObject({ errorClass: 'rate_limited' });
});
