/**
 * Two chains of three that turn out to be one, in every order and with up to two losses: one booking that knows every uid, and the
 * picture that the same deliveries give in their true order. What a lost delivery would have linked, the source's API is asked for.
 */
import { SourceError, type SourceApi, type SourceEvent } from '../../integrations/ports';
import type { Fact } from '../../domain/facts';
import { createLookUps } from '../../worker/look-up';
import { HOUR, slotAt, START } from '../support/facts';
import { aPlacingWorld, anEvent, pictureOf, plainSource, type PlacingWorld } from '../worker/placing-world';

const CHAIN = ['A', 'B', 'C', 'X', 'Y', 'Z'] as const;
type Link = (typeof CHAIN)[number];

/** `x` begins the second chain on its own; `link` is one more delivery about X, which says that it follows C. */
type Delivery = Link | 'x' | 'link';
const NAMED: readonly Delivery[] = CHAIN;
const TWO_ROOTS: readonly Delivery[] = ['A', 'B', 'C', 'x', 'Y', 'Z'];

interface Case {
  readonly id: string;
  readonly connection: string;
  readonly order: readonly Delivery[];
}

function uidOf(of: Case, link: Link): string {
  return `${of.id}-${link}`;
}

function eventOf(of: Case, delivery: Delivery): SourceEvent {
  const link = (delivery === 'link' ? 'X' : delivery.toUpperCase()) as Link;
  const position = CHAIN.indexOf(link);
  const before = delivery === 'x' ? undefined : CHAIN[position - 1];
  return anEvent(position === 0 || delivery === 'x' ? 'scheduled' : 'rescheduled', uidOf(of, link), {
    predecessorUid: before === undefined ? null : uidOf(of, before),
    slot: slotAt(START + position * HOUR),
    sequence: position,
  });
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

/** Every choice of at most `most` of the items to leave out. */
function losses<T>(items: readonly T[], most: number): T[][] {
  const without = [[...items]];
  if (most === 0) return without;
  for (let at = 0; at < items.length; at += 1) {
    const before = items.slice(0, at);
    without.push(...losses(items.slice(at + 1), most - 1).map((rest) => [...before, ...rest]));
  }
  return without;
}

/** The source itself: it knows every link, whatever was lost on its way to us. */
function sourceApi(): SourceApi {
  const none = (): Promise<never> => Promise.reject(new SourceError('unavailable', 'not part of this test'));
  return {
    readBooking: (uid) => {
      const link = CHAIN.findIndex((name) => uid.endsWith(`-${name}`));
      const predecessorUid = link === 0 ? null : uid.slice(0, -1) + CHAIN[link - 1]!;
      const body = Buffer.from('{"events":[]}');
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

let world: PlacingWorld;
beforeAll(async () => {
  world = await aPlacingWorld();
});

const LANES = 4;
let runs = 0;

/** Every case has uids of its own; lanes are connections of their own, which place side by side. */
async function play(orders: readonly (readonly Delivery[])[], asking: boolean): Promise<Case[]> {
  runs += 1;
  const cases = orders.map((order, nth) => ({ id: `r${runs}c${nth}`, connection: `lane-${nth % LANES}`, order }));
  await world.store(
    cases.flatMap((one) =>
      one.order.map((delivery) => ({ events: [eventOf(one, delivery)], connection: one.connection })),
    ),
  );
  const log = { info: () => undefined, warn: () => undefined };
  const deps = { pool: world.database.pool, sourceApi: () => (asking ? sourceApi() : null), log };
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) => `lane-${lane}`).map((connection) =>
      world.placeAll({ connection, lookUp: createLookUps(deps, plainSource, connection) }),
    ),
  );
  return cases;
}

interface End {
  readonly bookings: number;
  readonly uids: readonly string[];
  /** The parts of the picture that do not depend on when things were heard. */
  readonly picture: unknown;
}

/** What each case ended in, by its id. */
async function endsOf(cases: readonly Case[]): Promise<Map<string, End>> {
  const { rows } = await world.database.pool.query<{ id: string; uids: string[]; bookings: number; facts: Fact[] }>(
    `SELECT split_part(uid, '-', 1) AS id, array_agg(uid ORDER BY uid) AS uids, count(DISTINCT booking_id)::int AS bookings,
       (SELECT jsonb_agg(e.fact) FROM booking_event e WHERE e.booking_id = min(a.booking_id)) AS facts
     FROM booking_alias a WHERE split_part(uid, '-', 1) = ANY ($1) GROUP BY 1`,
    [cases.map((one) => one.id)],
  );
  return new Map(
    rows.map(({ id, uids, bookings, facts }) => {
      const linkOf = (uid: string): string => uid.slice(id.length + 1);
      const { status, slot, confirmedSlot, chain } = pictureOf(facts);
      return [
        id,
        { bookings, uids: uids.map(linkOf), picture: { status, slot, confirmedSlot, chain: chain.map(linkOf) } },
      ];
    }),
  );
}

/** Plays every order and holds its end against the first one's. Returns how many there were. */
async function expectSameEnds(orders: readonly (readonly Delivery[])[], asking: boolean): Promise<number> {
  const cases = await play(orders, asking);
  const ends = await endsOf(cases);
  const inOrder = ends.get(cases[0]!.id);
  expect(inOrder).toMatchObject({ bookings: 1, picture: { status: 'scheduled' } });
  for (const { id, order } of cases) expect({ order, end: ends.get(id) }).toEqual({ order, end: inOrder });
  return orders.length;
}

test('every order with up to two losses ends as the true order does, in one booking', async () => {
  let placed = 0;
  for (const left of losses(NAMED, 2)) placed += await expectSameEnds(ordersOf(left), true);
  expect(placed).toBe(720 + 6 * 120 + 15 * 24);
  process.stdout.write(`${placed} orders of two chains of three with up to two losses were placed\n`);
}, 240_000);

test('a link that comes last makes one booking of two whole chains, whatever their order, without asking anybody', async () => {
  const orders = ordersOf(TWO_ROOTS).filter((_, nth) => nth % 5 === 0);
  const placed = await expectSameEnds(
    orders.map((order) => [...order, 'link'] as const),
    false,
  );
  expect(placed).toBe(144);
}, 240_000);
