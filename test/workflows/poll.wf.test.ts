/** Polls as running workflows, up to the booking and the CRM: what the source never told, and what it must not undo. */
import { createHash } from 'node:crypto';
import { Client } from '@temporalio/client';
import type { PollResult } from '../../activities/poll-source';
import { SourceError, type SourceRead } from '../../integrations/ports';
import { bookingCancelled, bookingCreated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { BOOKINGS_TASK_QUEUE, scheduleId, type ScheduledWorkflow } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { shownApi, type ShownApi } from '../support/read-source';
import { aWorld, DAY, HOUR, MINUTE, SOURCE, type World } from '../support/world';

let world: World;
let clockMs = 0;
const api: ShownApi = shownApi(() => clockMs);

beforeAll(async () => {
  const subscribers = ['owner@example.com', 'partner@example.com'];
  const exclude = { internalDomains: [], testDomains: [], unpaid: true };
  const report = { zone: 'America/Denver', exclude, subscribers };
  world = await aWorld({ sourceApi: api, expectsFailures: true, settings: { report } });
});

const start = (workflow: ScheduledWorkflow) => ({
  workflowId: scheduleId(workflow, SOURCE),
  taskQueue: BOOKINGS_TASK_QUEUE,
  args: [{ connection: SOURCE }],
});

/** What a schedule starts; then the dispatcher's turn. `skipping`: the clock jumps over what the poll waits for. */
async function poll({ skipping = false } = {}): Promise<PollResult> {
  clockMs = await world.now();
  // The environment's own client lets the clock jump while it waits, to the end of a booking if need be.
  const { workflow } = skipping ? world.env.client : new Client({ connection: world.env.connection });
  const result = (await workflow.execute('poll', start('poll'))) as PollResult;
  await world.hear();
  return result;
}

/** The appointment as Cal.com's API shows it, in the body that its reads have. */
function row(booking: BookingOptions, given: Readonly<Record<string, unknown>> = {}): (nowMs: number) => SourceRead {
  const zone = booking.zone ?? 'America/Denver';
  const payload = {
    uid: booking.uid,
    status: 'accepted',
    start: new Date(booking.startMs).toISOString(),
    end: new Date(booking.startMs + 30 * MINUTE).toISOString(),
    attendees: [{ email: booking.guest.email, name: booking.guest.name, timeZone: zone, absent: false }],
    hosts: [{ email: 'hanna.host@example.com', name: 'Hanna Host', timeZone: 'America/Denver' }],
    absentHost: false,
    icsUid: `${booking.uid}@Cal.com`,
    title: 'Strategy call',
    location: 'integrations:daily',
    ...given,
  };
  const contentHash = createHash('sha256').update(JSON.stringify(payload)).digest('hex');
  return (readAtMs) => {
    const read = { triggerEvent: 'BOOKING_READ', readAt: new Date(readAtMs).toISOString(), payload };
    const { uid } = booking;
    return {
      uid,
      predecessorUid: null,
      changedAtMs: null,
      readAtMs,
      contentHash,
      body: Buffer.from(JSON.stringify(read)),
    };
  };
}

const absent = (booking: BookingOptions, value: boolean) => ({
  attendees: [{ email: booking.guest.email, name: booking.guest.name, timeZone: 'America/Denver', absent: value }],
});

test('a booking whose webhook was lost is found by the poll, and reaches the CRM', async () => {
  const guest = await world.aGuest(3 * DAY);
  api.showRead(guest.uid, row(guest), { changedAtMs: await world.now() });
  expect(await poll()).toMatchObject({ kind: 'polled', fed: 1 });
  const booking = await world.settled(guest.uid);
  expect(booking.status).toBe('scheduled');
  expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'SCHEDULED', startMs: guest.startMs }]);
  expect(await poll()).toMatchObject({ fed: 0 });
});

test('a booking that the webhooks told in full is not told again', async () => {
  const guest = await world.aGuest(3 * DAY);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  api.showRead(guest.uid, row(guest), { changedAtMs: await world.now() });
  expect(await poll()).toMatchObject({ fed: 0 });
  expect((await world.booking(guest.uid)).timeline).toHaveLength(1);
});

test('case 8: an API that still shows a canceled booking as accepted does not bring it back', async () => {
  const guest = await world.aGuest(3 * DAY);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.hear(bookingCancelled(guest));
  const { version } = await world.until(guest.uid, 'canceled', ({ status }) => status === 'canceled');
  api.showRead(guest.uid, row(guest), { changedAtMs: await world.now() });
  expect(await poll()).toMatchObject({ fed: 1 });
  const lied = await world.settled(guest.uid);
  expect([lied.status, lied.version]).toEqual(['canceled', version]);
  expect(world.meetings(guest.uid)).toMatchObject([{ outcome: 'CANCELED' }]);

  await world.sleep(10 * MINUTE);
  api.showRead(guest.uid, row(guest, { status: 'cancelled' }), { changedAtMs: await world.now() });
  await poll();
  expect((await world.settled(guest.uid)).status).toBe('canceled');
});

test('a no-show and its taking back are found by polls alone, in their order', async () => {
  const guest = await world.aGuest(HOUR);
  await world.hear(bookingCreated(guest));
  await world.settled(guest.uid);
  await world.sleepUntil(guest.startMs + HOUR);
  const at = { changedAtMs: guest.startMs - HOUR, endMs: guest.startMs + 30 * MINUTE };
  const seen: string[] = [];
  for (const value of [false, true, false, true]) {
    api.showRead(guest.uid, row(guest, absent(guest, value)), at);
    await poll();
    seen.push((await world.settled(guest.uid)).status ?? 'none');
    await world.sleep(5 * MINUTE);
  }
  expect(seen).toEqual(['awaiting_outcome', 'no_show', 'awaiting_outcome', 'no_show']);
});

test('a poll waits as long as the source asks for, and goes on by itself when it is back', async () => {
  const before = await world.now();
  api.failures.push(
    new SourceError('rate_limited', 'list answered 429', { retryAfterMs: 20 * MINUTE }),
    new SourceError('unavailable', 'list answered 503'),
  );
  expect(await poll({ skipping: true })).toMatchObject({ kind: 'polled' });
  expect((await world.now()) - before).toBeGreaterThanOrEqual(20 * MINUTE);
});

test('a poll of a source that does not accept us ends with that word and asks a person, until the source answers again', async () => {
  // The connection's own probe meets the second one.
  api.failures.push(new SourceError('reauth_required', 'list answered 401'));
  api.failures.push(new SourceError('reauth_required', 'list answered 401'));
  expect(await poll()).toEqual({ kind: 'stopped', reason: 'reauth_required' });
  const asked = async (): Promise<unknown> =>
    (await world.database.pool.query(`SELECT booking_id, about, state FROM task WHERE kind = 'reauthorize'`)).rows;
  const task = { booking_id: null, about: SOURCE };
  await eventually(async () => expect(await asked()).toEqual([{ ...task, state: 'open' }]), { what: 'the task' });
  await world.sleep(MINUTE);
  await eventually(async () => expect(await asked()).toEqual([{ ...task, state: 'withdrawn' }]), { what: 'its end' });
  expect(await poll()).toMatchObject({ kind: 'polled' });
});

test('the watchdog notes what is wrong with the subscription, and nothing once it is right', async () => {
  const check = (): Promise<unknown> =>
    world.env.client.workflow.execute('checkSubscription', start('checkSubscription'));
  const stored = async (): Promise<unknown> =>
    (await world.database.pool.query('SELECT findings FROM source_subscription WHERE connection = $1', [SOURCE])).rows;
  api.findings = [{ problem: 'the webhook is switched off', fixable: true }];
  expect(await check()).toEqual({ kind: 'checked', findings: 1 });
  expect(await stored()).toEqual([{ findings: api.findings }]);
  api.failures.push(new SourceError('refused', 'webhooks answered 403'));
  expect(await check()).toEqual({ kind: 'checked', findings: 1 });
  expect(JSON.stringify(await stored())).toContain('could not be asked');
  api.findings = [];
  api.failures.push(new SourceError('unavailable', 'webhooks answered 503'));
  expect(await check()).toEqual({ kind: 'checked', findings: 0 });
  expect(await stored()).toEqual([{ findings: [] }]);
});

test('the report of a week reaches each subscriber once, however often it is started, and the next one a week later', async () => {
  const send = (nth: number): Promise<unknown> =>
    world.env.client.workflow.execute('weeklyReport', {
      workflowId: `${scheduleId('weeklyReport', 'weekly')}-${nth}`,
      taskQueue: BOOKINGS_TASK_QUEUE,
      args: [],
    });
  const mails = () =>
    ['owner', 'partner'].map((who) => world.mails({ email: `${who}@example.com` }).map(({ subject }) => subject));
  const ofWeek = expect.stringMatching(/^Bookings: the report of \d+ \w+ to \d+ \w+$/);
  expect(await Promise.all([send(1), send(2)])).toEqual(
    expect.arrayContaining([expect.objectContaining({ failed: 0 })]),
  );
  expect(await send(3)).toMatchObject({ sent: 0 });
  expect(mails()).toEqual([[ofWeek], [ofWeek]]);
  await world.sleep(7 * DAY);
  expect(await send(4)).toMatchObject({ sent: 2, failed: 0 });
  const [[first, second] = []] = mails();
  expect(second).not.toBe(first);
  const { rows } = await world.database.pool.query(
    "SELECT key, connection, reason FROM alert WHERE key LIKE 'report/%'",
  );
  expect(rows).toHaveLength(4);
  expect(JSON.stringify(rows)).not.toMatch(/owner|partner|example/);
});
