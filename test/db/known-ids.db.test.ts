/**
 * What the database says about the ids of an event: as much as domain/identity.ts asks for, however long a chain has become.
 */
import { addAliases, insertBooking, lockBooking } from '../../db/bookings';
import { addCalendarUses, readKnown } from '../../db/known-ids';
import { withTransaction } from '../../db/pool';
import { identify, type EventIds } from '../../domain/identity';
import { testDatabase, type TestDatabase } from '../support/postgres';

const CONNECTION = 'calcom-sales';
const LENGTH = 1_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

/** A booking whose appointments `<id>-0`, `<id>-1`, … all have the calendar id. */
async function aChain(id: string, iCalUid: string, of: { first: number; length: number }): Promise<void> {
  const claims = Array.from({ length: of.length }, (_, n) => ({ uid: `${id}-${n}`, sequence: of.first + n }));
  await withTransaction(database.pool, async (tx) => {
    await insertBooking(tx, { id, connection: CONNECTION, rootUid: `${id}-0` });
    await addAliases(tx, { bookingId: id, connection: CONNECTION, uids: claims.map((claim) => claim.uid) });
    await addCalendarUses(tx, { connection: CONNECTION, iCalUid, bookingId: id, claims });
  });
}

function anEvent(uid: string, iCalUid: string, sequence: number): EventIds {
  const ids = { uid, iCalUid, sequence, predecessorUid: null, ancestry: [] };
  return { type: 'rescheduled', series: false, seat: null, ...ids };
}

const known = (event: EventIds) => readKnown(database.pool, CONNECTION, event);

test('of a chain of a thousand, few uses of its calendar id are read, and they are enough to link the next one', async () => {
  await aChain('long', 'K', { first: 0, length: LENGTH });
  const next = anEvent('next', 'K', LENGTH);
  const found = await known(next);
  expect(found.calendar).toEqual([{ uid: 'long-0', sequence: 0, bookingId: 'long' }]);
  expect(identify(next, found)).toEqual({ bookingId: 'long', mergeFrom: [] });
});

test('a use of the same version is among them: then the calendar id says nothing', async () => {
  await aChain('series', 'S', { first: 0, length: LENGTH });
  const other = anEvent('other', 'S', 500);
  const found = await known(other);
  expect(found.calendar).toContainEqual({ uid: 'series-500', sequence: 500, bookingId: 'series' });
  expect(identify(other, found)).toEqual({ bookingId: null, mergeFrom: [] });
});

test('every booking with the calendar id is among them, with its oldest use, and the own one with its own', async () => {
  await aChain('one', 'T', { first: 3, length: 5 });
  await aChain('two', 'T', { first: 10, length: 5 });
  const found = await known(anEvent('one-2', 'T', 30));
  expect(found.calendar).toHaveLength(3);
  expect(found.calendar).toEqual(
    expect.arrayContaining([
      { uid: 'one-2', sequence: 5, bookingId: 'one' },
      { uid: 'one-0', sequence: 3, bookingId: 'one' },
      { uid: 'two-0', sequence: 10, bookingId: 'two' },
    ]),
  );
});

test('an id is added to a booking that is being folded without waiting for its end', async () => {
  await aChain('busy', 'B', { first: 0, length: 1 });
  const added = withTransaction(database.pool, async (folding) => {
    await lockBooking(folding, 'busy');
    return withTransaction(database.pool, async (placing) => {
      await placing.query("SET LOCAL lock_timeout = '1s'");
      await addAliases(placing, { bookingId: 'busy', connection: CONNECTION, uids: ['busy-1'] });
    });
  });
  await expect(added).resolves.toBeUndefined();
});
