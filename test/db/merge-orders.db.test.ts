/**
 * Two chains of three that turn out to be one, in every order and with up to two losses: one booking that knows every uid, and the
 * picture that the same deliveries give in their true order. What a lost delivery would have linked, the source's API is asked for.
 * Orders that begin alike are played from there on only: the rest of the order before is rolled back. test/model/merge-orders.test.ts
 * plays all of them against the rules where the source can't be asked; here are some of those.
 */
import { takeWaiting, type WaitingDelivery } from '../../db/deliveries';
import { acquireLease } from '../../db/leases';
import type { Fact } from '../../domain/facts';
import { SourceError, type SourceApi, type SourceEvent } from '../../integrations/ports';
import { createLookUps } from '../../worker/look-up';
import { placeDelivery } from '../../worker/place-delivery';
import { HOUR, slotAt, START } from '../support/facts';
import { arrangements, CHAIN, linkBefore, lostIn, MERGE_ORDERS, spread, type Link } from '../support/merge-orders';
import { rewindable } from '../support/rewindable';
import { aPlacingWorld, anEvent, pictureOf, plainSource, type PlacingWorld } from '../worker/placing-world';

/** `x` begins the second chain on its own; `link` is one more delivery about X, which says that it follows C; a `read` is a poll's. */
type Delivery = Link | 'x' | 'link' | `read ${Link}`;
const READS = CHAIN.map((link) => `read ${link}` as const);
const DELIVERIES: readonly Delivery[] = [...CHAIN, 'x', 'link', ...READS];
const FIRST_ARRIVAL = START - 14 * 24 * HOUR;

const slotOf = (link: Link) => slotAt(START + CHAIN.indexOf(link) * HOUR);

function eventOf(delivery: Delivery): SourceEvent {
  const link = (delivery === 'link' ? 'X' : delivery.at(-1)!.toUpperCase()) as Link;
  const said = { predecessorUid: delivery === 'x' ? null : linkBefore(link), slot: slotOf(link) };
  if (!delivery.startsWith('read')) {
    const begins = delivery === 'x' || link === 'A';
    return anEvent(begins ? 'scheduled' : 'rescheduled', link, { ...said, sequence: CHAIN.indexOf(link) });
  }
  // A row that was moved away; the last one stands.
  const type = link === 'Z' ? 'rescheduled' : 'reschedule_requested';
  return anEvent(type, link, { ...said, readAtMs: FIRST_ARRIVAL + HOUR });
}

/** The source itself: it knows every link, whatever was lost on its way to us. */
function sourceApi(): SourceApi {
  const none = (): Promise<never> => Promise.reject(new SourceError('unavailable', 'not part of this test'));
  const body = Buffer.from('{"events":[]}');
  return {
    readBooking: (uid) => {
      const predecessorUid = linkBefore(uid as Link);
      return Promise.resolve({ uid, predecessorUid, changedAtMs: null, readAtMs: START, contentHash: uid, body });
    },
    listChanged: none,
    listEnded: none,
    listSeries: none,
    markAbsent: none,
    cancel: none,
    reschedule: none,
    checkSubscription: none,
    mendSubscription: none,
  };
}

interface End {
  readonly bookings: number;
  readonly uids: readonly string[];
  /** The parts of the picture that do not depend on when things were heard. */
  readonly picture: unknown;
}

/** One booking, which stands as this link says. */
function endWith(last: Link): End {
  const chain = CHAIN.slice(0, CHAIN.indexOf(last) + 1);
  const slot = slotOf(last);
  return { bookings: 1, uids: chain, picture: { status: 'scheduled', slot, confirmedSlot: slot, chain } };
}

interface Lane {
  /** Places these deliveries, nothing else having been heard. What the order before began with, stays. */
  place(order: readonly Delivery[]): Promise<void>;
  /** What the deliveries that were placed last ended in. */
  end(): Promise<End>;
  close(): Promise<void>;
}

/** A connection of its own to the source and to the database. `asking`: the source's API answers. */
async function aLane(name: string, asking: boolean): Promise<Lane> {
  const connection = `lane-${name}`;
  const { pool } = world.database;
  await world.store(DELIVERIES.map((delivery) => ({ events: [eventOf(delivery)], connection })));
  const stored = await takeWaiting(pool, connection, DELIVERIES.length, FIRST_ARRIVAL + 24 * HOUR);
  const waiting = new Map(DELIVERIES.map((delivery, nth): [Delivery, WaitingDelivery] => [delivery, stored[nth]!]));
  const held = { name: `dispatcher/${connection}`, holder: 'test' };
  const lease = { ...held, fence: (await acquireLease(pool, { ...held, ttlMs: 600_000 }))!.fence };
  const tried = await rewindable(pool);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const lookUps = createLookUps({ pool: tried.pool, sourceApi: () => (asking ? sourceApi() : null), log }, plainSource, connection); // prettier-ignore
  const deps = { pool: tried.pool, vault: world.vault, failPoint: () => undefined };
  const placed: Delivery[] = [];

  const place = async (delivery: Delivery): Promise<void> => {
    const receivedAtMs = FIRST_ARRIVAL + placed.length * 1_000;
    placed.push(delivery);
    const arrived = { ...waiting.get(delivery)!, receivedAtMs };
    const { kind } = await placeDelivery(deps, plainSource, lease, arrived, lookUps());
    if (kind !== 'facts') throw new Error(`${delivery} was ${kind}, expected facts`);
  };
  return {
    place: async (order) => {
      const differs = placed.findIndex((delivery, nth) => delivery !== order[nth]);
      const rewound = differs < 0 ? null : tried.rewindTo(differs);
      if (differs >= 0) placed.length = differs;
      for (const delivery of order.slice(placed.length)) await place(delivery);
      await rewound;
    },
    end: () => endIn(tried.pool, connection),
    close: () => tried.end(),
  };
}

async function endIn(pool: PlacingWorld['database']['pool'], connection: string): Promise<End> {
  const { rows } = await pool.query<{ uids: string[]; bookings: number; facts: Fact[] }>(
    `SELECT array_agg(uid ORDER BY uid) AS uids, count(DISTINCT booking_id)::int AS bookings,
       (SELECT jsonb_agg(e.fact) FROM booking_event e WHERE e.booking_id = min(a.booking_id)) AS facts
     FROM booking_alias a WHERE connection = $1`,
    [connection],
  );
  const { uids, bookings, facts } = rows[0]!;
  const { status, slot, confirmedSlot, chain } = pictureOf(facts);
  return { bookings, uids, picture: { status, slot, confirmedSlot, chain } };
}

let world: PlacingWorld;
beforeAll(async () => {
  world = await aPlacingWorld();
});

interface Told {
  readonly order: readonly Delivery[];
  readonly end: End;
}

/** Orders with the same first delivery share a lane; the lanes run side by side. Returns how many orders there were. */
async function expectEnds(what: string, told: readonly Told[], asking: boolean): Promise<number> {
  const firsts = new Set(told.map(({ order }) => order[0]!));
  const found = await Promise.all(
    [...firsts].map(async (first) => {
      const lane = await aLane(`${what}-${first}`, asking);
      const ends: Promise<Told>[] = [];
      for (const { order } of told.filter((one) => one.order[0] === first)) {
        await lane.place(order);
        // What it ended in is read together with the first statement of the next order.
        ends.push(lane.end().then((end) => ({ order, end })));
      }
      return Promise.all(ends).finally(() => lane.close());
    }),
  );
  expect(found.flat()).toEqual(told);
  return told.length;
}

test('every order with up to two losses ends as the true order does, in one booking, when the source is asked', async () => {
  const told = MERGE_ORDERS.map((order) => ({ order, end: endWith(CHAIN.findLast((link) => order.includes(link))!) }));
  expect(await expectEnds('asking', told, true)).toBe(720 + 6 * 120 + 15 * 24);
}, 240_000);

test('when the source is away, its next poll makes one booking of the pieces that an order has left', async () => {
  const told = spread(MERGE_ORDERS, 300).map((order) => {
    const polled = lostIn(order).map((link) => `read ${link}` as const);
    return { order: [...order, ...polled], end: endWith('Z') };
  });
  expect(await expectEnds('polled', told, false)).toBe(300);
}, 240_000);

test('a link that comes last makes one booking of two whole chains, whatever their order, without asking anybody', async () => {
  const orders = arrangements<Delivery>(['A', 'B', 'C', 'x', 'Y', 'Z'], CHAIN.length).filter((_, nth) => nth % 5 === 0);
  const told = orders.map((order) => ({ order: [...order, 'link' as const], end: endWith('Z') }));
  expect(await expectEnds('linked', told, false)).toBe(144);
}, 240_000);
