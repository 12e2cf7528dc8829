/**
 * Cal.com loses, doubles, reorders and misleads; the whole stack ends with the state that a careful person would name.
 * The numbers are those of the hard cases that every source has to get right.
 */
import { startProcess } from '../support/processes';
import { projectRoot } from '../../local/programs';
import { calcomStack, SOURCE, type CalcomStack, type ShownBooking } from '../support/calcom-stack';
import { eventually } from '../support/eventually';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 86_400_000;
const WITHIN_MS = 240_000;
/** A quarter of an hour from now on a full minute, `days` days later. */
const startIn = (days: number): number => Math.ceil(Date.now() / MINUTE) * MINUTE + 15 * MINUTE + days * DAY;

let world: CalcomStack;
let guests = 0;

beforeAll(async () => {
  world = await calcomStack({ booksFromCrm: true });
  await world.change({ rateLimits: null });
});
afterEach(() => world.change({ loss: 0, duplicate: 0, reorder: 0, delayMs: 0, lieAfterCancelMs: 0 }));

const aGuest = () => ({ name: 'Gina Guest', email: `gina.${(guests += 1)}@example.com`, zone: 'America/Denver' });
const isSynced = (booking: ShownBooking): boolean =>
  booking.crm.length > 0 && booking.crm.every(({ state }) => state === 'synced');
/** Waits until so many of the booking's appointments in the CRM take place. */
const whenLive = (booking: ShownBooking, count: number): Promise<unknown> =>
  eventually(
    async () => {
      const shown = await world.booking(booking.chain[0]!);
      const ids = shown!.crm.map(({ appointmentId }) => appointmentId);
      const { meetings } = (await world.hubspot()).objects;
      const live = meetings.filter(
        ({ id, properties }) => ids.includes(id) && properties.hs_meeting_outcome !== 'CANCELED',
      );
      return live.length === count && ids.every((id) => id !== null);
    },
    { what: `${count} live appointments in the CRM` },
  );

test(
  'a booking of which no webhook ever came is found by one poll, and its timeline says so',
  async () => {
    await world.change({ loss: 1 });
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(5) });
    await world.poll();
    const found = await world.until(uid, 'the lost booking', (one) => one.status === 'scheduled' && isSynced(one));
    expect(found.timeline.map(({ why }) => why).join(' ')).toMatch(/poll/);
    await whenLive(found, 1);
  },
  WITHIN_MS,
);

test(
  '1 and 2: the last of three arrives when the middle one was lost: one booking, one chain, found by asking the source',
  async () => {
    const guest = aGuest();
    const a = await world.act('book', { guest, startMs: startIn(6) });
    await world.until(a.uid, 'the first', (one) => one.status === 'scheduled');
    await world.change({ loss: 1 });
    const b = await world.act('move', { uid: a.uid, startMs: startIn(7) });
    await world.change({ loss: 0 });
    const c = await world.act('move', { uid: b.uid, startMs: startIn(8) });
    const found = await world.until(c.uid, 'one chain', (one) => one.chain.length === 3 && isSynced(one));
    expect(found.chain).toEqual([a.uid, b.uid, c.uid]);
    expect((await world.booking(a.uid))?.id).toBe(found.id);
    expect((await world.booking(b.uid))?.id).toBe(found.id);
    await whenLive(found, 1);
  },
  WITHIN_MS,
);

test(
  '8: a read that still shows a canceled appointment as booked does not bring it back',
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(9) });
    await world.until(uid, 'the booking', (one) => one.status === 'scheduled' && isSynced(one));
    await world.change({ lieAfterCancelMs: 10 * MINUTE });
    await world.act('cancel', { uid });
    await world.until(uid, 'the cancellation', (one) => one.status === 'canceled');
    await world.poll();
    await world.poll();
    const after = await world.until(uid, 'the CRM to know', isSynced);
    expect(after.status).toBe('canceled');
    expect(after.crm.map(({ outcome }) => outcome)).toEqual(['canceled']);
  },
  WITHIN_MS,
);

test(
  '3: no-show, taken back, no-show again, everything told twice; and a taking back that was lost is found by a poll',
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(0) - 60 * MINUTE });
    await world.until(uid, 'the booking', (one) => isSynced(one));
    await world.change({ duplicate: 1 });
    for (const mark of ['markNoShow', 'unmark', 'markNoShow'] as const) await world.act(mark, { uid });
    await world.until(uid, 'the no-show', (one) => one.status === 'no_show' && isSynced(one));
    await world.change({ duplicate: 0, loss: 1 });
    await world.act('unmark', { uid });
    await world.poll();
    await world.until(uid, 'the mark to be gone', (one) => one.status !== 'no_show' && isSynced(one));
  },
  WITHIN_MS,
);

test(
  '6: one guest of a shared slot cancels, the other stays, and the shared uid answers with both',
  async () => {
    const startMs = startIn(10);
    const first = await world.act('book', { guest: aGuest(), startMs, eventType: 'seats' });
    await world.act('book', { guest: aGuest(), startMs, eventType: 'seats' });
    const both = async (): Promise<readonly ShownBooking[]> => {
      const { status, body } = await world.api('GET', `/bookings/${SOURCE}/${first.uid}`);
      const { bookings = [] } = body as { bookings?: readonly ShownBooking[] };
      return status === 200 && bookings.every(isSynced) ? bookings : [];
    };
    await eventually(async () => (await both()).length === 2, { what: 'two participations' });
    const [seat] = (await world.calcom()).bookings.find(({ uid }) => uid === first.uid)!.attendees;
    await world.act('cancelSeat', { uid: first.uid, seatUid: seat!.seatUid });
    const statuses = async (): Promise<string> =>
      (await both())
        .map(({ status }) => status)
        .sort()
        .join();
    await eventually(async () => (await statuses()) === 'canceled,scheduled', { what: 'one left' });
  },
  WITHIN_MS,
);

test(
  '9: a whole series is canceled with one event, and every occurrence ends canceled',
  async () => {
    const series = await world.actAll('book', { guest: aGuest(), startMs: startIn(11), eventType: 'series' });
    expect(series.length).toBeGreaterThan(2);
    for (const { uid } of series) await world.until(uid, 'an occurrence', (one) => one.status === 'scheduled');
    expect(new Set(await Promise.all(series.map(async ({ uid }) => (await world.booking(uid))?.id))).size).toBe(
      series.length,
    );
    await world.act('cancel', { uid: series[0]!.uid, scope: 'all' });
    for (const { uid } of series) await world.until(uid, 'its cancellation', (one) => one.status === 'canceled');
  },
  WITHIN_MS,
);

test(
  'a host who takes over without a word is found by a poll',
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(12) });
    const before = await world.until(uid, 'the booking', (one) => one.status === 'scheduled' && isSynced(one));
    await world.act('reassignHost', { uid });
    await world.poll();
    const after = await world.until(uid, 'the read', (one) => one.timeline.length > before.timeline.length);
    expect(after.status).toBe('scheduled');
  },
  WITHIN_MS,
);

test(
  '17: what is decided here is written to Cal.com once, its echo changes nothing, and a human change right after counts',
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(13) });
    await world.until(uid, 'the booking', (one) => one.status === 'scheduled' && isSynced(one));
    const start = new Date(startIn(14)).toISOString();
    const decided = await world.api('POST', `/bookings/${SOURCE}/${uid}/decision`, { decision: 'rescheduled', start });
    expect(decided.status).toBe(200);
    const moved = await world.until(
      uid,
      'the new time at both',
      (one) => one.status === 'scheduled' && one.chain.length === 2,
    );
    expect(Date.parse(moved.slot!.start)).toBe(Date.parse(start));
    const newest = moved.chain.at(-1)!;
    const again = await world.act('move', { uid: newest, startMs: startIn(15) });
    await world.until(again.uid, "the guest's own change", (one) => one.chain.length === 3 && isSynced(one));

    const canceled = await world.api('POST', `/bookings/${SOURCE}/${again.uid}/decision`, { decision: 'canceled' });
    expect(canceled.status).toBe(200);
    const isCanceledThere = async (): Promise<boolean> =>
      (await world.calcom()).bookings.find((one) => one.uid === again.uid)?.status === 'cancelled';
    await eventually(isCanceledThere, { what: 'Cal.com to know' });
    const after = await world.until(again.uid, 'the CRM to know', (one) => one.status === 'canceled' && isSynced(one));
    expect(after.tasks.filter(({ state }) => state === 'open')).toEqual([]);
    await whenLive(after, 0);
  },
  WITHIN_MS,
);

test(
  'booksync doctor finds nothing wrong, says what is when the subscription is off, and mends it',
  async () => {
    const doctor = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
      const started = startProcess({
        entry: `${projectRoot}/cli/main.ts`,
        args: ['doctor', ...args],
        env: world.stack.env,
      });
      const { code } = await started.ended;
      return { code, output: started.output() };
    };
    const healthy = await doctor();
    expect(healthy).toMatchObject({ code: 0 });
    const { id } = (await world.calcom()).subscriptions[0]!;
    const response = await fetch(`${world.stack.simulatorsUrl}/calcom/v2/webhooks/${id}`, {
      method: 'PATCH',
      headers: { authorization: 'Bearer cal_demo', 'content-type': 'application/json' },
      body: JSON.stringify({ active: false }),
    });
    expect(response.status).toBe(200);
    const broken = await doctor();
    expect(broken.code).toBe(1);
    expect(broken.output).toMatch(/PROBLEM.*(active|switched off|disabled)/i);
    expect((await doctor('--fix')).code).toBe(0);
    expect((await doctor()).code).toBe(0);
  },
  WITHIN_MS,
);

test('Cal.com never saw a request that breaks its contract', async () => {
  expect((await world.calcom()).violations).toBe(0);
});

test(
  'what a rep marks in HubSpot comes by a signed webhook, through the inbox, to the one booking that it concerns',
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(12) });
    const found = await world.until(
      uid,
      'the booking in the CRM',
      (one) => one.status === 'scheduled' && isSynced(one),
    );
    await world.rep('setOutcome', { meetingId: found.crm[0]!.appointmentId, outcome: 'NO_SHOW' });
    const told = await eventually(
      async () => {
        const { body } = await world.api('GET', '/deliveries?state=done');
        const { deliveries } = body as { deliveries: { source: string; trigger: string; reason: string | null }[] };
        const fromCrm = deliveries.filter(({ source }) => source === 'hubspot-main');
        if (fromCrm.length === 0) throw new Error('nothing has come from the CRM yet');
        return fromCrm;
      },
      { what: 'the webhook of the CRM' },
    );
    expect(told).toContainEqual(expect.objectContaining({ trigger: 'object.propertyChange', reason: null }));
    const marked = await world.until(uid, 'what the rep marked', (one) => one.status === 'no_show');
    expect(marked.timeline.map(({ type }) => type)).toContain('crm_reported');
  },
  WITHIN_MS,
);

test(
  "what a rep agrees on in HubSpot is booked at Cal.com, and the rep's meeting is the booking's only one",
  async () => {
    const { uid } = await world.act('book', { guest: aGuest(), startMs: startIn(16) });
    const known = await world.until(uid, 'a guest whom the CRM knows', isSynced);
    const contactId = known.crm[0]!.personId;
    const startMs = Math.ceil(startIn(17) / HOUR) * HOUR;
    await world.rep('createMeeting', { contactId, startMs, minutes: 30, title: 'Agreed on the phone' });
    const agreed = await eventually(
      async () => {
        const booked = (await world.calcom()).bookings.find((one) => one.startMs === startMs);
        if (booked === undefined) throw new Error('nothing is booked there yet');
        return booked.uid;
      },
      { what: 'the booking at Cal.com' },
    );
    const found = await world.until(agreed, 'the booking here', (one) => one.status === 'scheduled' && isSynced(one));
    const { meetings } = (await world.hubspot()).objects;
    const there = meetings.filter((one) => Date.parse(one.properties.hs_meeting_start_time ?? '') === startMs);
    expect(there.map(({ id }) => id)).toEqual([found.crm[0]!.appointmentId]);
    expect(there[0]!.properties.hs_meeting_title).toBe('Agreed on the phone');
  },
  WITHIN_MS,
);
