/**
 * Stop 5 and 6 of a webhook: what a delivery means, which booking it belongs to, and its facts, in one transaction.
 * Invariant: repeating it for the same delivery changes nothing and gives the same result, so a crash anywhere costs only work.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { addAliases, findKnownIds, insertBooking, mergeBookings } from '../db/bookings';
import { tieToPerson, type WaitingDelivery } from '../db/deliveries';
import { insertFact } from '../db/facts';
import { findOrCreatePerson, readPersonKey } from '../db/persons';
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
  | { readonly kind: 'facts'; readonly trigger: string; readonly facts: readonly PlacedFact[]; readonly merged: readonly string[] }
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
    await holdLease(tx, lease);
    const facts: PlacedFact[] = [];
    const merged: string[] = [];
    for (const [ordinal, event] of read.events.entries()) {
      const placed = await placeEvent(tx, deps, { delivery, event, ordinal });
      facts.push(placed.fact);
      merged.push(...placed.merged);
    }
    return { kind: 'facts', trigger: read.trigger, facts, merged };
  });
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
  const { bookingId: id, merged } = await bookingOf(tx, deps, connection, event);
  const personId = await personOf(tx, deps, event.guest);
  const hostId = await personOf(tx, deps, event.host);
  if (personId !== null) await tieToPerson(tx, deps.vault, delivery.id, personId);
  const fact: Fact = {
    id: randomUUID(),
    type: event.type,
    uid: event.uid,
    predecessorUid: event.predecessorUid === event.uid ? null : event.predecessorUid,
    slot: event.slot,
    sequence: event.sequence,
    receivedAtMs: delivery.receivedAtMs,
    personId,
    hostId,
    by: 'source',
    decision: null,
  };
  const sealed = await sealDetails(tx, deps.vault, fact, event);
  const added = await insertFact(tx, {
    ...{ fact, bookingId: id, connection, sealed, ordinal },
    meaning: event.meaning,
    deliveryId: delivery.id,
  });
  return { fact: { factId: added.id, factType: event.type, bookingId: id, repeated: added.repeated }, merged };
}

/** Finds or founds the booking, and makes one out of several that this event shows to be the same. */
async function bookingOf(
  tx: Db,
  deps: PlacingDeps,
  connection: string,
  event: SourceEvent,
): Promise<{ bookingId: string; merged: readonly string[] }> {
  const { uid, predecessorUid, iCalUid } = event;
  const { bookingId: known, mergeFrom } = identify(await findKnownIds(tx, { connection, uid, predecessorUid, iCalUid }));
  const rootUid = rootUidOf(event);
  const id = known ?? bookingId(connection, rootUid);
  if (known === null) await insertBooking(tx, { id, connection, rootUid });
  for (const from of mergeFrom) {
    await mergeBookings(tx, { from, into: id });
    await deps.failPoint('merge');
  }
  const uids = predecessorUid === null ? [uid] : [predecessorUid, uid];
  await addAliases(tx, { bookingId: id, connection, uids, iCalUid });
  return { bookingId: id, merged: mergeFrom };
}

async function personOf(tx: Db, deps: PlacingDeps, person: SourcePerson | null): Promise<string | null> {
  if (!person || (person.email === null && person.phone === null && person.name === null)) return null;
  const { name, firstName, lastName, email, phone, zone, locale } = person;
  const found = await findOrCreatePerson(tx, deps.vault, { name, firstName, lastName, email, phone, zone, locale });
  return found.id;
}

async function sealDetails(tx: Db, vault: Vault, fact: Fact, event: SourceEvent): Promise<Buffer | null> {
  if (event.details === null || fact.personId === null) return null;
  const key = await readPersonKey(tx, fact.personId);
  return key && vault.sealForPerson(key, fact.personId, `event:${fact.id}`, JSON.stringify(event.details));
}
