/**
 * Stop 5 and 6 of a webhook: what a delivery means, which booking it belongs to, and its facts, in one transaction.
 * Invariant: repeating it for the same delivery changes nothing and gives the same result, so a crash anywhere costs only work.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { addAliases, findKnownIds, insertBooking, listMergedInto, mergeBookings } from '../db/bookings';
import { tieToPerson, type WaitingDelivery } from '../db/deliveries';
import { insertFact } from '../db/facts';
import { findOrCreatePerson, type FoundPerson } from '../db/persons';
import { withTransaction, type Db } from '../db/pool';
import type { Vault } from '../db/vault';
import type { Fact, FactType } from '../domain/facts';
import { identify, rootUidOf } from '../domain/identity';
import { bookingId } from '../domain/ids';
import type { BookingSource, SourceEvent, SourcePerson } from '../integrations/ports';

export interface PlacingDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  readonly failPoint: (name: string) => Promise<void> | void;
}

/** A fact that a delivery brought, and the booking to tell about it. */
export interface PlacedFact {
  readonly factId: string;
  readonly factType: FactType;
  readonly bookingId: string;
  /** Another delivery had said the same: nobody needs to be told. */
  readonly repeated: boolean;
}

export type Placed =
  | {
      readonly kind: 'facts';
      readonly trigger: string;
      readonly facts: readonly PlacedFact[];
      readonly merged: readonly string[];
    }
  | { readonly kind: 'ignored'; readonly trigger: string; readonly reason: string }
  | { readonly kind: 'dead'; readonly trigger: string | null; readonly reason: string };

/** The identity lease, held for the whole transaction: while it runs, nobody else decides identities of this connection. */
export interface IdentityLease {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
}

/** Thrown when the lease ran out or went to somebody else; the new holder takes the delivery. */
export class IdentityLeaseLostError extends Error {
  override readonly name = 'IdentityLeaseLostError';
}

export async function placeDelivery(
  deps: PlacingDeps,
  source: BookingSource,
  lease: IdentityLease,
  delivery: WaitingDelivery,
): Promise<Placed> {
  const body = deps.vault.openDelivery(delivery.id, delivery);
  const read = source.read(body, delivery.headers);
  if (read.kind === 'ignored') return read;
  if (read.kind === 'unreadable') return { kind: 'dead', trigger: read.trigger, reason: read.reason };
  return withTransaction(deps.pool, async (tx) => {
    // Nothing is committed before the lease has been seen to be ours, so the rest need not wait for that.
    const [, placed] = await Promise.all([holdLease(tx, lease), placeEvents(tx, deps, delivery, read.events)]);
    return { kind: 'facts', trigger: read.trigger, ...placed };
  });
}

async function placeEvents(
  tx: Db,
  deps: PlacingDeps,
  delivery: WaitingDelivery,
  events: readonly SourceEvent[],
): Promise<{ facts: readonly PlacedFact[]; merged: readonly string[] }> {
  const facts: PlacedFact[] = [];
  const merged: string[] = [];
  for (const [ordinal, event] of events.entries()) {
    const placed = await placeEvent(tx, deps, { delivery, event, ordinal });
    facts.push(placed.fact);
    merged.push(...placed.merged);
  }
  return { facts, merged };
}

async function holdLease(tx: Db, lease: IdentityLease): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM lease WHERE name = $1 AND holder = $2 AND fence = $3 AND expires_at > clock_timestamp() FOR SHARE`,
    [lease.name, lease.holder, lease.fence],
  );
  if (rowCount !== 1) throw new IdentityLeaseLostError(`The lease ${lease.name} is no longer ours`);
}

async function placeEvent(
  tx: Db,
  deps: PlacingDeps,
  from: { delivery: WaitingDelivery; event: SourceEvent; ordinal: number },
): Promise<{ fact: PlacedFact; merged: readonly string[] }> {
  const { delivery, event, ordinal } = from;
  const { connection } = delivery;
  const [{ bookingId: id, merged }, { guest, host }] = await Promise.all([
    bookingOf(tx, deps, connection, event),
    peopleOf(tx, deps, event),
  ]);
  const fact: Fact = {
    id: randomUUID(),
    type: event.type,
    uid: event.uid,
    predecessorUid: event.predecessorUid === event.uid ? null : event.predecessorUid,
    slot: event.slot,
    sequence: event.sequence,
    receivedAtMs: delivery.receivedAtMs,
    personId: guest?.id ?? null,
    ancestry: event.ancestry,
    hostId: host?.id ?? null,
    aboutPersonId: null,
    readAtMs: event.readAtMs,
    by: 'source',
    decision: null,
  };
  const [added] = await Promise.all([
    insertFact(tx, {
      ...{ fact, bookingId: id, connection, sealed: sealDetails(deps.vault, { fact, event, guest }), ordinal },
      meaning: event.meaning,
      deliveryId: delivery.id,
    }),
    guest && tieToPerson(tx, deps.vault, delivery.id, guest.id),
  ]);
  // Taken before: the process may have stopped after its merge and before the merged booking was told.
  const mergedBefore = added.isNew ? [] : await listMergedInto(tx, id);
  return {
    fact: { factId: added.id, factType: event.type, bookingId: id, repeated: added.repeated },
    merged: [...merged, ...mergedBefore],
  };
}

/** Finds or founds the booking, and makes one out of several that this event shows to be the same. */
async function bookingOf(
  tx: Db,
  deps: PlacingDeps,
  connection: string,
  event: SourceEvent,
): Promise<{ bookingId: string; merged: readonly string[] }> {
  const { uid, predecessorUid, iCalUid } = event;
  const { bookingId: known, mergeFrom } = identify(
    await findKnownIds(tx, { connection, uid, predecessorUid, iCalUid }),
  );
  const rootUid = rootUidOf(event);
  const id = known ?? bookingId(connection, rootUid);
  for (const from of mergeFrom) {
    await mergeBookings(tx, { from, into: id });
    await deps.failPoint('merge');
  }
  const uids = predecessorUid === null ? [uid] : [predecessorUid, uid];
  await Promise.all([
    known === null && insertBooking(tx, { id, connection, rootUid }),
    addAliases(tx, { bookingId: id, connection, uids, iCalUid }),
  ]);
  return { bookingId: id, merged: mergeFrom };
}

/** One after the other: where neither is known yet, they may still turn out to be the same person. */
async function peopleOf(
  tx: Db,
  deps: PlacingDeps,
  event: SourceEvent,
): Promise<{ guest: FoundPerson | null; host: FoundPerson | null }> {
  const guest = await personOf(tx, deps, event.guest);
  return { guest, host: await personOf(tx, deps, event.host) };
}

async function personOf(tx: Db, deps: PlacingDeps, person: SourcePerson | null): Promise<FoundPerson | null> {
  if (!person || (person.email === null && person.phone === null && person.name === null)) return null;
  const { name, firstName, lastName, email, phone, zone, locale } = person;
  return findOrCreatePerson(tx, deps.vault, { name, firstName, lastName, email, phone, zone, locale });
}

function sealDetails(vault: Vault, of: { fact: Fact; event: SourceEvent; guest: FoundPerson | null }): Buffer | null {
  const { fact, event, guest } = of;
  if (event.details === null || guest === null) return null;
  return vault.sealForPerson(guest.wrappedKey, guest.id, `event:${fact.id}`, JSON.stringify(event.details));
}
