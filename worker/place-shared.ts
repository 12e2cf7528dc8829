/**
 * Placing an event of a uid that several guests share: on one participation, or on all whom it concerns.
 * Invariant: whichever event comes first, every participation ends with the same facts.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { insertBooking } from '../db/bookings';
import { findHolder } from '../db/facts';
import { mergeBookings } from '../db/merges';
import {
  addParticipation,
  insertCopy,
  insertSlotFact,
  readSharers,
  receiveSlotFacts,
  shareBooking,
} from '../db/participations';
import {
  bookingsToShare,
  copyFor,
  participationOf,
  receiversOf,
  rootUidOf,
  uidsOf,
  type Identity,
  type Known,
  type Sharer,
} from '../domain/identity';
import { participationId } from '../domain/ids';
import type { Fact } from '../domain/facts';
import {
  addOwnFact,
  factOf,
  sealDetails,
  tieDelivery,
  type PlacedEvent,
  type PlacedFact,
  type Placing,
} from './placing';

export async function placeShared(placing: Placing, known: Known): Promise<PlacedEvent> {
  const { tx, delivery, event, ordinal, people } = placing;
  const { connection } = delivery;
  const { sharers, nobodys, changed } = await shareBookings(placing, known);
  const isOwn = event.seat !== null;
  const heldBy = isOwn
    ? await findHolder(tx, { connection, meaning: event.meaning, deliveryId: delivery.id, ordinal })
    : null;
  const identity = participationOf(event, { guestId: people.guest?.id ?? null, sharers, heldBy });
  const id = identity && (await takePart(placing, identity, sharers));
  const survivor = id ?? sharers[0]?.bookingId;
  if (survivor !== undefined) await mergeAll(placing, { from: nobodys, into: survivor });
  const merged = [...changed, ...nobodys, ...(identity?.mergeFrom ?? [])];
  if (isOwn && id !== null) return addOwnFact(placing, id, merged);
  return { facts: await addForAll(placing), merged };
}

async function mergeAll({ tx, deps }: Placing, merge: { from: readonly string[]; into: string }): Promise<void> {
  for (const from of merge.from) {
    await mergeBookings(tx, { from, into: merge.into });
    await deps.failPoint('merge');
  }
}

/** Bookings that were taken for one guest's own become participations; those of nobody are left to be merged into one. */
async function shareBookings(
  { tx, delivery: { connection }, event }: Placing,
  known: Known,
): Promise<{ sharers: readonly Sharer[]; nobodys: readonly string[]; changed: readonly string[] }> {
  const toShare = bookingsToShare(event, known);
  const nobodys: string[] = [];
  const changed: string[] = [];
  for (const id of toShare) ((await shareBooking(tx, connection, id)) ? changed : nobodys).push(id);
  const ids = { connection, uids: uidsOf(event), seatId: event.seat?.id ?? null };
  return { sharers: toShare.length === 0 ? known.sharers : await readSharers(tx, ids), nobodys, changed };
}

/** Finds or founds the participation under every uid of the event, with everything that was said of them before. */
async function takePart(placing: Placing, identity: Identity, sharers: readonly Sharer[]): Promise<string> {
  const { tx, delivery, event, people } = placing;
  const { connection } = delivery;
  const rootUid = rootUidOf(event);
  const id = identity.bookingId ?? participationId(connection, rootUid, randomBytes(6).toString('hex'));
  if (identity.bookingId === null) await insertBooking(tx, { id, connection, rootUid });
  await mergeAll(placing, { from: identity.mergeFrom, into: id });
  const knownPerson = sharers.find((sharer) => sharer.bookingId === id && sharer.personId !== null)?.personId;
  const participation = {
    connection,
    bookingId: id,
    uids: uidsOf(event),
    seatId: event.seat?.id ?? null,
    personId: knownPerson ?? people.guest?.id ?? null,
  };
  await addParticipation(tx, participation);
  await receiveSlotFacts(tx, participation);
  return id;
}

/** Keeps the event with the uid and gives everybody whom it concerns a copy. */
async function addForAll(placing: Placing): Promise<PlacedFact[]> {
  const { tx, delivery, event, ordinal } = placing;
  const { connection } = delivery;
  const slotFact = await insertSlotFact(tx, {
    fact: factOf(placing),
    connection,
    meaning: event.meaning,
    deliveryId: delivery.id,
    ordinal,
  });
  const uids = uidsOf(event);
  const named = await readSharers(tx, { connection, uids, seatId: null });
  const ids = receiversOf(slotFact.fact, named);
  const repeated = slotFact.deliveryId !== delivery.id;
  const facts = await Promise.all(
    ids.map(async (bookingId) => {
      const personId = named.find((sharer) => sharer.bookingId === bookingId)?.personId ?? null;
      const fact = copyFor(slotFact.fact, { id: randomUUID(), personId });
      const sealed = isGuests(placing, fact) ? sealDetails(placing, fact.id) : null;
      if (uids.length > 1) await addParticipation(tx, { connection, bookingId, uids, seatId: null, personId });
      const { id } = await insertCopy(tx, { slotFact, connection, bookingId, fact, sealed });
      return { factId: id, factType: event.type, bookingId, repeated };
    }),
  );
  await tieDelivery(placing);
  return facts;
}

/** The details are those of the guest whom the event names: nobody else of the appointment gets them. */
function isGuests({ people }: Placing, copy: Fact): boolean {
  return people.guest !== null && copy.personId === people.guest.id;
}
