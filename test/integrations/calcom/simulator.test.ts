/** The client and the reader against the simulated account: it must not break Cal.com's contract once. */
import { readDelivery } from '../../../integrations/calcom/events';
import { createCalcomApi } from '../../../integrations/calcom/source-api';
import type { StoredTokens } from '../../../integrations/oauth-tokens';
import { READ_HEADERS, type SourceApi, type SourceRead } from '../../../integrations/ports';
import { startSimulators } from '../../../local/simulators/server';
import { oauthClient } from '../../../local/simulators/calcom/seed';
import { cleanUp } from '../../support/clean-up';

const HOUR_MS = 3_600_000;
const BEGIN_MS = Date.parse('2027-03-10T09:00:00Z');
const tess = { name: 'Tess Example', email: 'tess.example@example.com', zone: 'America/Denver' };
const ann = { name: 'Ann Seated', email: 'ann@example.com', zone: 'America/Denver' };
const bob = { name: 'Bob Seated', email: 'bob@example.com', zone: 'America/Chicago' };

async function account() {
  let atMs = BEGIN_MS;
  const now = () => atMs;
  const simulators = await startSimulators({ port: 0, clock: now });
  cleanUp(() => simulators.close());
  const baseUrl = `${simulators.url}/calcom`;
  const api = createCalcomApi({ baseUrl, apiKey: 'cal_demo' }, null, { now });
  return { calcom: simulators.calcom, baseUrl, api, now, pass: (ms: number) => (atMs += ms) };
}

function saidBy(read: SourceRead | null) {
  const result = readDelivery(read?.body ?? Buffer.alloc(0), { ...READ_HEADERS });
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events;
}
const typesOf = async (api: SourceApi, uid: string) => saidBy(await api.readBooking(uid)).map((event) => event.type);

test('a whole life is read and written without a single violation', async () => {
  const { calcom, api, now, pass } = await account();
  const booked = calcom.book({ startMs: now() + 48 * HOUR_MS, guest: tess, answers: { roof: 'slate' } });
  const [event] = saidBy(await api.readBooking(booked.uid));
  expect(event).toMatchObject({ type: 'scheduled', guest: { email: tess.email, zone: tess.zone } });
  expect(event?.details?.answers).toEqual({ roof: 'slate' });

  pass(1_000);
  const moved = await api.reschedule(booked.uid, { startMs: now() + HOUR_MS, reason: 'Agreed on the phone' });
  expect(moved.uid).not.toBe(booked.uid);
  expect(await api.readBooking(moved.uid)).toMatchObject({ predecessorUid: booked.uid });
  expect([await typesOf(api, booked.uid), await typesOf(api, moved.uid)]).toEqual([
    ['reschedule_requested'],
    ['rescheduled'],
  ]);
  await expect(api.reschedule(booked.uid, { startMs: now(), reason: 'x' })).rejects.toMatchObject({
    errorClass: 'refused',
  });
  await expect(api.markAbsent(moved.uid, { email: tess.email, absent: true })).rejects.toMatchObject({
    errorClass: 'refused',
  });

  const changed = await api.listChanged({ fromMs: BEGIN_MS, toMs: now() });
  expect(new Set(changed.map((read) => read.uid))).toEqual(new Set([booked.uid, moved.uid]));

  pass(2 * HOUR_MS);
  await api.markAbsent(moved.uid, { email: tess.email, absent: true });
  expect(await typesOf(api, moved.uid)).toEqual(['rescheduled', 'no_show']);
  const ended = await api.listEnded({ fromMs: BEGIN_MS, toMs: now() });
  expect(ended.map((read) => read.uid)).toEqual([moved.uid]);
  await api.markAbsent(moved.uid, { email: tess.email, absent: false });
  expect(await typesOf(api, moved.uid)).toEqual(['rescheduled', 'no_show_reverted']);
  expect(await api.readBooking('neverMade')).toBeNull();
  expect(calcom.state().violations).toBe(0);
});

test('an opt-in booking, a series and shared seats are read as what they are', async () => {
  const { calcom, api, now } = await account();
  const startMs = now() + 24 * HOUR_MS;
  const asked = calcom.requestBooking({ startMs, guest: tess });
  expect(await typesOf(api, asked.uid)).toEqual(['requested']);
  calcom.reject(asked.uid);
  expect(await typesOf(api, asked.uid)).toEqual(['rejected']);

  const series = calcom.bookSeries({ startMs, guest: tess });
  const listed = await api.listSeries(series[1]?.uid ?? '');
  expect(listed.map((read) => read.uid)).toEqual(series.map((one) => one.uid));

  const { booking } = calcom.bookSeat({ startMs: startMs + HOUR_MS, guest: ann });
  const { seat } = calcom.bookSeat({ startMs: startMs + HOUR_MS, guest: bob });
  const seatsOf = async () =>
    saidBy(await api.readBooking(booking.uid)).map(({ guest, seat: one }) => [guest?.email, one?.id]);
  expect(await seatsOf()).toEqual([
    [ann.email, expect.any(String)],
    [bob.email, seat.seatUid],
  ]);
  await api.cancel(booking.uid, { reason: 'No time', seatId: seat.seatUid });
  expect(await seatsOf()).toEqual([[ann.email, expect.any(String)]]);
  await api.cancel(booking.uid, { reason: 'No time', seatId: null });
  expect(await typesOf(api, booking.uid)).toEqual(['canceled']);
  expect(calcom.state().violations).toBe(0);
});

test('what was agreed on elsewhere takes a free slot once, under its mark, and is found again by it', async () => {
  const { calcom, api, now, pass } = await account();
  const { freeSlot, hold, release, book, findMarked } = api.bookings!;
  const startMs = now() + 24 * HOUR_MS;
  const slot = { eventType: '101', startMs, endMs: startMs + HOUR_MS };
  const half = startMs + HOUR_MS / 2;
  const mark = '00000000-0000-4000-8000-000000000001';
  expect(await freeSlot(slot)).toEqual({ endMs: half });
  expect(await findMarked(slot, mark)).toBeNull();

  const held = await hold(slot, 2);
  expect(await freeSlot(slot)).toBeNull();
  expect(await hold(slot, 2)).toBeNull();
  await release(held!.id);
  await release(held!.id);
  expect(await hold(slot, 2)).not.toBeNull();
  pass(121_000);
  expect(await freeSlot(slot)).toEqual({ endMs: half });

  const order = { ...slot, mark, record: 'hubspot-main/42', guest: { ...tess, phone: null } };
  const read = await book(order);
  const [event] = saidBy(read);
  expect(event).toMatchObject({ type: 'scheduled', uid: read.uid, bookedFor: mark, slot: { startMs, endMs: half } });
  expect(event?.guest).toMatchObject({ name: tess.name, email: tess.email, zone: tess.zone });
  expect(calcom.booking(read.uid)).toMatchObject({ metadata: { booksync_record: 'hubspot-main/42' } });
  expect(await freeSlot(slot)).toBeNull();
  expect(await hold(slot, 2)).toBeNull();
  await expect(book(order)).rejects.toMatchObject({ errorClass: 'refused' });
  calcom.cancel(read.uid);
  expect((await findMarked(slot, mark))?.uid).toBe(read.uid);

  // The answer is lost on its way: whether it was booked, only the mark tells.
  const later = { ...order, startMs: startMs + 2 * HOUR_MS, endMs: half + 2 * HOUR_MS, mark: mark.replace(/1$/, '2') };
  calcom.setFaults([{ method: 'POST', path: '/v2/bookings', connection: 'reset_after' }]);
  await expect(book(later)).rejects.toMatchObject({ errorClass: 'unknown_outcome' });
  expect(await findMarked(later, later.mark)).not.toBeNull();
  expect(await findMarked(later, mark)).toBeNull();
  expect(calcom.state().violations).toBe(0);
});

test('the subscription is found wanting, mended, and then as it should be', async () => {
  const { calcom, api } = await account();
  const expected = { webhookUrl: 'http://127.0.0.1:9/webhooks/calcom-sales', secret: 'demo-secret' };
  const problems = async () => (await api.checkSubscription(expected)).map((finding) => finding.fixable);
  expect(await problems()).toEqual([true]);
  expect(await api.mendSubscription(expected)).not.toEqual([]);
  expect(await problems()).toEqual([]);

  const [made] = calcom.state().subscriptions;
  expect(made).toMatchObject({
    url: expected.webhookUrl,
    secret: expected.secret,
    active: true,
    payloadTemplate: null,
  });
  calcom.subscribe({ url: expected.webhookUrl, secret: null, triggers: ['BOOKING_CREATED'] });
  expect(await problems()).toEqual([true, true]);
  await api.mendSubscription(expected);
  expect(await problems()).toEqual([]);
  expect(calcom.state().subscriptions).toHaveLength(1);
  expect(calcom.state().violations).toBe(0);
});

test('OAuth tokens are renewed when they end, and a revoked account needs a person', async () => {
  const { calcom, baseUrl, now, pass } = await account();
  let stored: StoredTokens | null = null;
  const tokens = {
    read: () => Promise.resolve(stored),
    exchange: async (obtain: (from: StoredTokens | null) => Promise<StoredTokens>) => (stored = await obtain(stored)),
  };
  const oauth = { clientId: oauthClient.id, clientSecret: oauthClient.secret, refreshToken: oauthClient.refreshToken };
  const api = createCalcomApi({ baseUrl, oauth }, tokens, { now });
  const { uid } = calcom.book({ startMs: now() + 48 * HOUR_MS, guest: tess });
  expect(await api.readBooking(uid)).not.toBeNull();
  pass(HOUR_MS);
  expect(await api.readBooking(uid)).not.toBeNull();
  calcom.changeSettings({ oauth: 'revoked' });
  await expect(api.readBooking(uid)).rejects.toMatchObject({ errorClass: 'reauth_required' });
  expect(calcom.state().violations).toBe(0);
});
