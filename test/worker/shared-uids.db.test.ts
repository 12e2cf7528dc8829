/**
 * A uid that several guests share: each has a booking, whichever event comes first, and what was said of all reaches all.
 */
import type { SourceEvent } from '../../integrations/ports';
import { findBooking, findParticipations } from '../../db/booking-view';
import { HOUR, slotAt, START } from '../support/facts';
import { aPlacingWorld, anEvent, pictureOf, SOURCE, type PlacingWorld } from './placing-world';

let world: PlacingWorld;
beforeAll(async () => {
  world = await aPlacingWorld();
});

let cases = 0;

/** Two guests take seats in S; the first leaves, the second moves to T alone, and the host moves all of S. */
function life(): Record<'joins' | 'alsoJoins' | 'leaves' | 'moves' | 'movesAll' | 'ended' | 'absent', SourceEvent> {
  cases += 1;
  const [S, T] = [`c${cases}-S`, `c${cases}-T`];
  const [one, two] = ['seat.one@example.com', 'seat.two@example.com'];
  const slot = slotAt(START);
  return {
    joins: anEvent('scheduled', S, { guest: one, seat: { id: `c${cases}-1` }, slot, sequence: 0 }),
    alsoJoins: anEvent('scheduled', S, { guest: two, seat: { id: `c${cases}-2` }, slot, sequence: 0 }),
    // Names no seat: only the guest.
    leaves: anEvent('canceled', S, { guest: one, seat: { id: null }, slot, sequence: 1 }),
    moves: anEvent('rescheduled', T, {
      guest: two,
      seat: { id: `c${cases}-2` },
      predecessorUid: S,
      slot: slotAt(START + 7 * 24 * HOUR),
      sequence: 0,
    }),
    movesAll: anEvent('rescheduled', S, {
      guest: one,
      predecessorUid: S,
      slot: slotAt(START + 24 * HOUR),
      sequence: 2,
    }),
    ended: anEvent('ended', S),
    absent: anEvent('no_show', S, { about: two }),
  };
}
type Name = keyof ReturnType<typeof life>;

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    ordersOf([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

/** Everybody who shares one of the uids, told by their person: what their booking shows, and what it was told. */
async function endsAfter(order: readonly Name[]): Promise<unknown> {
  const events = life();
  await world.store(order.map((name) => ({ events: [events[name]] })));
  await world.placeAll();
  const ids = new Set([...(await world.bookingsOf(`c${cases}-S`)), ...(await world.bookingsOf(`c${cases}-T`))]);
  const ends = await Promise.all(
    [...ids].map(async (id) => {
      const facts = await world.factsOf(id);
      const { status, slot, chain, personId } = pictureOf(facts);
      const links = chain.map((uid) => uid.slice(-1)).join();
      return { personId, status, startMs: slot?.startMs, links, told: facts.map((fact) => fact.type).sort() };
    }),
  );
  return ends.sort((a, b) => String(a.personId).localeCompare(String(b.personId)));
}

test('one leaves, one moves alone, all are moved: in every order both guests end the same', async () => {
  const inOrder = await endsAfter(['joins', 'alsoJoins', 'leaves', 'moves', 'movesAll']);
  expect(inOrder).toHaveLength(2);
  expect(inOrder).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ status: 'canceled', links: 'S', told: ['canceled', 'rescheduled', 'scheduled'] }),
      expect.objectContaining({ status: 'scheduled', links: 'S,T', startMs: START + 7 * 24 * HOUR }),
    ]),
  );
  for (const order of ordersOf<Name>(['joins', 'alsoJoins', 'leaves', 'moves', 'movesAll'])) {
    expect({ order, end: await endsAfter(order) }).toEqual({ order, end: inOrder });
  }
});

test('marks and the end of the slot reach whom they concern, also those who are heard of later', async () => {
  const names: Name[] = ['joins', 'alsoJoins', 'movesAll', 'ended', 'absent'];
  const inOrder = await endsAfter(names);
  expect(inOrder).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ told: ['ended', 'rescheduled', 'scheduled'] }),
      expect.objectContaining({ told: ['ended', 'no_show', 'rescheduled', 'scheduled'], status: 'no_show' }),
    ]),
  );
  for (const order of ordersOf(names)) expect({ order, end: await endsAfter(order) }).toEqual({ order, end: inOrder });
});

test('what was heard before anybody knew that the uid is shared goes over, and the uid is nobody’s alone any more', async () => {
  const { ended, absent, joins, alsoJoins } = life();
  const S = `c${cases}-S`;
  await world.hear(ended, absent);
  const [before] = await world.bookingsOf(S);
  expect(before).toBe(`${SOURCE}/${S}`);
  const [joined] = await world.hear(joins);
  expect(joined!.merged).toEqual([before]);
  const [first] = await world.bookingsOf(S);
  expect(first).toMatch(new RegExp(`^${SOURCE}/${S}/[0-9a-f]{12}$`));
  expect((await world.factsOf(first!)).map((fact) => fact.type).sort()).toEqual(['ended', 'scheduled']);
  expect(await world.factsOf(before!)).toEqual([]);

  const [alsoJoined] = await world.hear(alsoJoins);
  const second = alsoJoined!.facts[0]!.bookingId;
  expect((await world.factsOf(second)).map((fact) => fact.type).sort()).toEqual(['ended', 'no_show', 'scheduled']);
  const nowMs = START;
  expect(await findBooking(world.database.pool, { connection: SOURCE, uid: S, nowMs })).toBeNull();
  const shown = await findParticipations(world.database.pool, { connection: SOURCE, uid: S, nowMs });
  expect(shown.map((booking) => booking.id)).toEqual([first, second]);
});

test('a delivery that is taken twice, or said twice, changes nothing', async () => {
  const { joins, alsoJoins, leaves, movesAll, absent } = life();
  await world.hear(joins, alsoJoins, leaves, movesAll, absent);
  const S = `c${cases}-S`;
  const ids = await world.bookingsOf(S);
  const before = await Promise.all(ids.map((id) => world.factsOf(id)));
  const again = await world.hear(leaves, movesAll);
  expect(again.flatMap((placed) => placed.facts).map((fact) => fact.repeated)).toEqual([true, true, true]);
  const { pool } = world.database;
  await pool.query(
    `UPDATE delivery SET state = 'stored', settled_at = NULL WHERE id IN (SELECT id FROM delivery ORDER BY seq DESC LIMIT 7)`,
  );
  const replayed = await world.placeAll();
  expect(replayed).toHaveLength(7);
  expect(await world.bookingsOf(S)).toEqual(ids);
  expect(await Promise.all(ids.map((id) => world.factsOf(id)))).toEqual(before);
});

test('a guest who left and takes a seat again has a new booking; the old one stays canceled', async () => {
  const { joins, leaves } = life();
  const back = { ...joins, seat: { id: `c${cases}-3` }, meaning: `c${cases} back` };
  await world.hear(joins, leaves, back);
  const ids = await world.bookingsOf(`c${cases}-S`);
  const statuses = await Promise.all(ids.map(async (id) => (await world.pictureOf(id)).status));
  expect(statuses.sort()).toEqual(['canceled', 'scheduled']);
});

test('the details that a guest gave are in nobody else’s booking', async () => {
  const { joins, alsoJoins, movesAll } = life();
  const details = {
    title: 'Example',
    notes: 'personal',
    location: null,
    joinUrl: null,
    cancellationReason: null,
    answers: {},
  };
  await world.hear(joins, alsoJoins, { ...movesAll, details, meaning: `c${cases} with details` });
  const { rows } = await world.database.pool.query<{ booking_id: string }>(
    `SELECT booking_id FROM booking_event WHERE sealed IS NOT NULL AND fact->>'uid' = $1`,
    [`c${cases}-S`],
  );
  const [first] = await world.hear(joins);
  expect(rows.map((row) => row.booking_id)).toEqual([first!.facts[0]!.bookingId]);
});

test('a guest who moves an own appointment into a shared one keeps the booking', async () => {
  const { moves } = life();
  const own = anEvent('scheduled', `c${cases}-S`, { guest: 'seat.two@example.com', slot: slotAt(START), sequence: 0 });
  const [booked] = await world.hear(own);
  await world.hear(moves);
  expect(await world.bookingsOf(`c${cases}-T`)).toEqual([booked!.facts[0]!.bookingId]);
  expect(await world.pictureOf(booked!.facts[0]!.bookingId)).toMatchObject({ status: 'scheduled', slot: moves.slot });
});

test('everybody of a shared uid who moves to another uid takes part there, also when heard of later', async () => {
  const { joins, alsoJoins } = life();
  const T = `c${cases}-T`;
  const away = anEvent('rescheduled', T, {
    predecessorUid: `c${cases}-S`,
    slot: slotAt(START + 48 * HOUR),
    sequence: 3,
  });
  await world.hear(joins, away, alsoJoins);
  expect(await world.bookingsOf(T)).toEqual(await world.bookingsOf(`c${cases}-S`));
  for (const id of await world.bookingsOf(T)) {
    expect(await world.pictureOf(id)).toMatchObject({ status: 'scheduled', slot: { startMs: START + 48 * HOUR } });
  }
});
