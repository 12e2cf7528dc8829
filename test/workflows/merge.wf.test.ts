/**
 * A chain whose pieces met late: two bookings turn out to be one. One lives on, with one meeting and one set of messages.
 */
import { bookingCreated, bookingRescheduled, noShowUpdated } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { bookingWorkflowId } from '../../domain/ids';
import { eventually } from '../support/eventually';
import { aWorld, DAY, HOUR, MINUTE, type World } from '../support/world';
import {
  bookingWorkflowOf,
  confirmed,
  endWorkflows,
  messagesOf,
  reminderSent,
  taskOf,
  workflowEnded,
  workflowOf,
  writesOf,
} from '../support/world-records';

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

interface Chain {
  readonly a: BookingOptions;
  readonly b: BookingOptions;
  readonly c: BookingOptions;
  /** Where the pieces were before they met. */
  readonly ids: { readonly survivor: string; readonly merged: string };
}

/** A is heard, and C that follows B; that B follows A is not known yet. */
async function twoPieces(given: { unknown?: boolean } = {}): Promise<Chain> {
  const a = await world.aGuest(10 * DAY, given);
  const b: BookingOptions = { ...a, uid: `${a.uid}-b`, startMs: a.startMs + DAY, sequence: 1 };
  const c: BookingOptions = { ...a, uid: `${a.uid}-c`, startMs: a.startMs + 2 * DAY, sequence: 2 };
  await world.hear(bookingRescheduled({ ...c, previous: b, iCalUid: null }));
  await confirmed(world, c.uid);
  const merged = (await world.booking(c.uid)).id;
  await world.hear(bookingCreated(a));
  await confirmed(world, a.uid);
  const survivor = (await world.booking(a.uid)).id;
  expect(survivor).not.toBe(merged);
  return { a, b, c, ids: { survivor, merged } };
}

const link = ({ a, b }: Chain): Promise<void> => world.hear(bookingRescheduled({ ...b, previous: a, iCalUid: null }));

async function mergedRunEnded({ ids }: Chain): Promise<void> {
  await workflowEnded(world, bookingWorkflowId(ids.merged));
  const { events } = await world.env.client.workflow.getHandle(bookingWorkflowId(ids.merged)).fetchHistory();
  const result = events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]?.data;
  expect(JSON.parse(Buffer.from(result ?? []).toString())).toBe('merged');
}

test('the missing link arrives: one booking, one workflow, one live meeting, the surplus one canceled, each message once', async () => {
  const chain = await twoPieces();
  const { a, b, c, ids } = chain;
  const { appointmentId } = (await world.booking(a.uid)).crm[0]!;
  await world.sleep(HOUR);
  await link(chain);
  const booking = await world.settled(a.uid);

  expect(booking).toMatchObject({
    id: ids.survivor,
    status: 'scheduled',
    chain: [a.uid, b.uid, c.uid],
    slot: { startMs: c.startMs },
  });
  for (const { uid } of [b, c]) expect((await world.booking(uid)).id).toBe(ids.survivor);
  await mergedRunEnded(chain);
  expect(await bookingWorkflowOf(world, c.uid)).toMatchObject({ status: 'RUNNING' });

  const meetings = [...world.meetings(a.uid)].sort((x, y) => x.outcome.localeCompare(y.outcome));
  expect(meetings.map(({ outcome, startMs }) => [outcome, startMs])).toEqual([
    ['CANCELED', c.startMs],
    ['SCHEDULED', c.startMs],
  ]);
  expect(meetings[1]!.id).toBe(appointmentId);
  expect(booking.crm[0]!.appointmentId).toBe(appointmentId);

  const before = world.mails(a.guest).length;
  for (const beforeMs of [72 * HOUR, 24 * HOUR]) {
    await world.sleepUntil(c.startMs - beforeMs);
    await reminderSent(world, c.uid, { startMs: c.startMs, beforeMs });
  }
  // Two bookings had each confirmed themselves before they met; after that, one reminder of each kind and nothing else.
  expect(before).toBe(2);
  expect(world.mails(a.guest)).toHaveLength(4);
  const messages = await messagesOf(world, c.uid);
  expect(messages.filter((m) => m.state === 'sent').map((m) => [m.kind, m.beforeMs])).toEqual([
    ['confirmation', null],
    ['reminder', 72 * HOUR],
    ['reminder', 24 * HOUR],
  ]);
  expect(Object.values(world.simulators.mail.mailbox().countByMessageId).every((count) => count === 1)).toBe(true);
});

test('later news about any uid of the merged chain reaches the one booking and its one meeting', async () => {
  const chain = await twoPieces();
  const { a, c } = chain;
  await link(chain);
  await world.settled(a.uid);
  const requests = world.countCrmRequests();
  await world.sleepUntil(c.startMs + 40 * MINUTE);
  await world.hear(
    noShowUpdated({ uid: c.uid, email: a.guest.email ?? '', noShow: true, createdAtMs: await world.now() }),
  );
  const booking = await world.settled(a.uid);
  expect(booking).toMatchObject({ status: 'no_show', crm: [{ outcome: 'no_show' }] });
  expect(
    world
      .meetings(a.uid)
      .map((meeting) => meeting.outcome)
      .sort(),
  ).toEqual(['CANCELED', 'NO_SHOW']);
  expect(writesOf(requests(), 'PATCH', 'meetings')).toHaveLength(1);
});

test('both pieces had asked for the same contact: one task is left, the other is withdrawn with its workflow, deciding writes once', async () => {
  const chain = await twoPieces({ unknown: true });
  const { a, ids } = chain;
  const { rows } = await world.database.pool.query<{ workflow_id: string; booking_id: string }>(
    `SELECT workflow_id, booking_id FROM task WHERE booking_id = ANY($1) ORDER BY booking_id = $2`,
    [[ids.survivor, ids.merged], ids.merged],
  );
  const [kept, dropped] = rows;
  expect(rows).toHaveLength(2);
  const requests = world.countCrmRequests();
  await link(chain);
  await world.settled(a.uid);
  await mergedRunEnded(chain);
  await eventually(async () =>
    expect(await workflowOf(world, dropped!.workflow_id)).toMatchObject({ status: 'COMPLETED' }),
  );
  expect(await taskOf(world, a.uid, 'match_contact')).toMatchObject({ workflowId: kept!.workflow_id, state: 'open' });
  expect(writesOf(requests(), 'POST', 'meetings')).toEqual([]);

  await world.decide(a.uid, 'match_contact', { decision: 'create_contact' });
  expect(await world.settled(a.uid)).toMatchObject({ contactMatch: 'created', crm: [{ state: 'synced' }] });
  expect(['contacts', 'meetings', 'deals'].map((type) => writesOf(requests(), 'POST', type).length)).toEqual([1, 1, 1]);
});
