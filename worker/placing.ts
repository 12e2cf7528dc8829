/**
 * One event on its way to its booking: who is in it, and the fact that it becomes.
 * Invariant: adding the fact of the same delivery twice changes nothing and gives the same result.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { tieToPerson, type WaitingDelivery } from '../db/deliveries';
import { insertFact } from '../db/facts';
import { listMergedInto } from '../db/merges';
import { findOrCreatePerson, type FoundPerson } from '../db/persons';
import type { Db } from '../db/pool';
import type { Vault } from '../db/vault';
import type { Fact, FactType } from '../domain/facts';
import type { SourceEvent, SourcePerson } from '../integrations/ports';

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

export interface Placing {
  readonly tx: Db;
  readonly deps: PlacingDeps;
  readonly delivery: WaitingDelivery;
  readonly event: SourceEvent;
  readonly ordinal: number;
  readonly people: People;
}

/** Whom an event names, as far as they can be told from others. */
export interface People {
  readonly guest: FoundPerson | null;
  readonly host: FoundPerson | null;
  readonly about: FoundPerson | null;
}

export interface PlacedEvent {
  readonly facts: readonly PlacedFact[];
  readonly merged: readonly string[];
}

/** Adds the event as a fact of this booking alone. `merged`: bookings that became part of it just now. */
export async function addOwnFact(placing: Placing, id: string, merged: readonly string[]): Promise<PlacedEvent> {
  const { tx, delivery, event, ordinal } = placing;
  const fact = factOf(placing);
  const [added] = await Promise.all([
    insertFact(tx, {
      fact,
      bookingId: id,
      connection: delivery.connection,
      sealed: sealDetails(placing, fact.id),
      ordinal,
      meaning: event.meaning,
      deliveryId: delivery.id,
    }),
    tieDelivery(placing),
  ]);
  // Taken before: the process may have stopped after its merge and before the merged booking was told.
  const mergedBefore = added.isNew || added.repeated ? [] : await listMergedInto(tx, id);
  return {
    facts: [{ factId: added.id, factType: event.type, bookingId: id, repeated: added.repeated }],
    merged: [...merged, ...mergedBefore],
  };
}

/** The event as a fact with an id of its own. */
export function factOf({ delivery, event, people }: Placing): Fact {
  return {
    id: randomUUID(),
    type: event.type,
    uid: event.uid,
    predecessorUid: event.predecessorUid === event.uid ? null : event.predecessorUid,
    ancestry: event.ancestry,
    slot: event.slot,
    sequence: event.sequence,
    eventType: event.eventType,
    receivedAtMs: delivery.receivedAtMs,
    personId: people.guest?.id ?? null,
    hostId: people.host?.id ?? null,
    aboutPersonId: people.about?.id ?? null,
    readAtMs: event.readAtMs,
    ...(event.calledOffBy !== undefined && { calledOffBy: event.calledOffBy }),
    by: 'source',
    decision: null,
  };
}

/** The body of a mark names only whom it is about: it is to be gone when they are erased. */
export async function tieDelivery({ tx, deps, delivery, people }: Placing): Promise<void> {
  const person = people.guest ?? people.about;
  if (person) await tieToPerson(tx, deps.vault, delivery.id, person.id);
}

/** The event's personal details for the fact with this id, sealed with the guest's key; null when there are none. */
export function sealDetails({ deps, event, people: { guest } }: Placing, factId: string): Buffer | null {
  if (event.details === null || guest === null) return null;
  return deps.vault.sealForPerson(guest.wrappedKey, guest.id, `event:${factId}`, JSON.stringify(event.details));
}

/** One after the other: where neither is known yet, they may still turn out to be the same person. */
export async function peopleOf(tx: Db, deps: PlacingDeps, event: SourceEvent): Promise<People> {
  const guest = await personOf(tx, deps, event.guest);
  const host = await personOf(tx, deps, event.host);
  return { guest, host, about: await personOf(tx, deps, event.about) };
}

async function personOf(tx: Db, deps: PlacingDeps, person: SourcePerson | null): Promise<FoundPerson | null> {
  if (!person || (person.email === null && person.phone === null && person.name === null)) return null;
  const { name, firstName, lastName, email, phone, zone, locale } = person;
  return findOrCreatePerson(tx, deps.vault, { name, firstName, lastName, email, phone, zone, locale });
}
