/**
 * The why-timeline: for every event received, one sentence about what became of it.
 */
import { findBooking, findBookingById } from '../../db/booking-view';
import { dedupeKeyOf } from '../../db/deliveries';
import { saveVerdicts } from '../../db/facts';
import { feedRead } from '../../db/source-reads';
import { fold } from '../../domain/fold';
import { slotAt, START } from '../support/facts';
import { aPlacingWorld, anEvent, SOURCE, type PlacingWorld } from '../worker/placing-world';

let world: PlacingWorld;
beforeAll(async () => {
  world = await aPlacingWorld();
});

/** Records the verdicts, as `record` does, and returns what the timeline says, without the instants. */
async function timelineOf(uid: string): Promise<string[]> {
  const { pool } = world.database;
  const [id] = await world.bookingsOf(uid);
  await saveVerdicts(pool, fold(await world.factsOf(id!), START, { trustHeadCount: false }).verdicts);
  const booking = await findBookingById(pool, { id: id!, nowMs: START });
  return booking!.timeline.map(({ type, source, outcome, why }) => `${source} ${type} ${outcome}: ${why}`);
}

const INSTANT = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g;
const withoutInstants = (lines: readonly string[]): string[] => lines.map((line) => line.replace(INSTANT, '<then>'));

test('an event, one that means the same, and one that came again byte for byte have a sentence each', async () => {
  const event = anEvent('scheduled', 'a', { slot: slotAt(START) });
  await world.store([
    { events: [event], mark: 'first subscription' },
    { events: [event], mark: 'second subscription' },
    { events: [event], mark: 'first subscription' },
    { events: [event], mark: 'second subscription' },
    { events: [event], mark: 'second subscription' },
  ]);
  await world.placeAll();
  expect(withoutInstants(await timelineOf('a'))).toEqual([
    `${SOURCE} scheduled applied: scheduled`,
    `${SOURCE} scheduled duplicate: the very same delivery as that of <then> came once more`,
    `${SOURCE} scheduled duplicate: the same as "scheduled" of <then>`,
    `${SOURCE} scheduled duplicate: the very same delivery as that of <then> came 2 more times`,
  ]);
});

test('the sentence of a duplicate names when the first one came', async () => {
  const event = anEvent('scheduled', 'b', { slot: slotAt(START) });
  await world.hear(event, event);
  const booking = await findBooking(world.database.pool, { connection: SOURCE, uid: 'b', nowMs: START });
  const [first, second] = booking!.timeline;
  expect(second!.why).toBe(
    `the same as "scheduled" of ${new Date(first!.atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`,
  );
  expect(second!.atMs).toBeGreaterThan(first!.atMs);
});

test('what was found by polling, or looked up, is labelled as such, whether it was news or not', async () => {
  const { pool } = world.database;
  await world.hear(anEvent('scheduled', 'c', { slot: slotAt(START), meaning: 'c scheduled' }));
  const feed = async (origin: 'poll' | 'lookup', event: object, readAtMs: number): Promise<void> => {
    const body = Buffer.from(JSON.stringify({ events: [event] }));
    const contentHash = dedupeKeyOf(null, body).toString('base64');
    const read = { uid: 'c', readAtMs, contentHash, body };
    await feedRead(pool, world.vault, { connection: SOURCE, read, origin, nowMs: readAtMs });
    await world.placeAll();
  };
  await feed('poll', anEvent('scheduled', 'c', { slot: slotAt(START), meaning: 'c scheduled' }), START - 2_000);
  await feed('lookup', anEvent('canceled', 'c', { readAtMs: START - 1_000 }), START - 1_000);
  expect(withoutInstants(await timelineOf('c'))).toEqual([
    `${SOURCE} scheduled applied: scheduled`,
    `${SOURCE} scheduled duplicate: the same as "scheduled" of <then>; found by polling`,
    `${SOURCE} canceled applied: read from the source: canceled; looked up`,
  ]);
});

test('a fact that came with a merged booking says with which', async () => {
  await world.hear(anEvent('rescheduled', 'd3', { predecessorUid: 'd2', slot: slotAt(START) }));
  await world.hear(anEvent('scheduled', 'd1', { slot: slotAt(START - 1) }));
  await world.hear(anEvent('rescheduled', 'd2', { predecessorUid: 'd1', slot: slotAt(START + 1) }));
  expect(await timelineOf('d1')).toEqual([
    `${SOURCE} rescheduled applied: moved to another time; came with ${SOURCE}/d2, merged`,
    expect.stringMatching(/^calcom-sales scheduled superseded: .*$/),
    expect.stringMatching(/^calcom-sales rescheduled superseded: .*$/),
  ]);
});

test('what was said of everybody who shares an appointment says so', async () => {
  const seat = { id: 'e-seat' };
  await world.hear(
    anEvent('scheduled', 'e', { slot: slotAt(START), seat, guest: 'guest@example.com' }),
    anEvent('ended', 'e'),
  );
  expect(await timelineOf('e')).toEqual([
    `${SOURCE} scheduled applied: scheduled`,
    expect.stringMatching(/^calcom-sales ended applied: .*; said of everybody who shares the appointment$/),
  ]);
});

test('nothing of it is what a person said or is called', async () => {
  const guest = 'canary@example.com';
  const event = anEvent('scheduled', 'f', { slot: slotAt(START), guest });
  await world.hear(event, event, anEvent('no_show', 'f', { about: guest }));
  expect((await timelineOf('f')).join()).not.toContain('canary');
});
