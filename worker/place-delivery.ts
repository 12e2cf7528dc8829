/**
 * Stop 5 and 6 of a webhook: what a delivery means, which booking it belongs to, and its facts, in one transaction.
 * Invariant: repeating it for the same delivery changes nothing and gives the same result, so a crash anywhere costs only work.
 */
import { addAliases, insertBooking } from '../db/bookings';
import { adoptMarked } from '../db/crm-appointments';
import type { WaitingDelivery } from '../db/deliveries';
import { addRepeats } from '../db/facts';
import { addCalendarUses, readKnown } from '../db/known-ids';
import { mergeBookings } from '../db/merges';
import { withTransaction, type Db } from '../db/pool';
import { feedRead } from '../db/source-reads';
import {
  calendarClaims,
  identify,
  isShared,
  rootUidOf,
  uidsOf,
  type CalendarClaim,
  type Known,
} from '../domain/identity';
import { bookingId } from '../domain/ids';
import type { BookingSource, SourceEvent, SourceRead } from '../integrations/ports';
import type { LookUp } from './look-up';
import { placeShared } from './place-shared';
import { addOwnFact, peopleOf, type PlacedEvent, type PlacedFact, type Placing, type PlacingDeps } from './placing';

export type { PlacedFact } from './placing';

export type Placed =
  | {
      readonly kind: 'facts';
      readonly trigger: string;
      readonly facts: readonly PlacedFact[];
      /** Bookings that have to look again without a fact of their own: merged into another one, or turned into a participation. */
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

/** Places one delivery. Without `lookUp` (worker/look-up.ts) only what the delivery itself says is known. */
export async function placeDelivery(
  deps: PlacingDeps,
  source: BookingSource,
  lease: IdentityLease,
  delivery: WaitingDelivery,
  lookUp?: LookUp,
): Promise<Placed> {
  const body = deps.vault.openDelivery(delivery.id, delivery);
  const read = source.read(body, delivery.headers);
  if (read.kind === 'ignored') return read;
  if (read.kind === 'unreadable') return { kind: 'dead', trigger: read.trigger, reason: read.reason };
  const { events, news } = lookUp ? await lookUp(read.events) : { events: read.events, news: [] };
  return withTransaction(deps.pool, async (tx) => {
    // Nothing is committed before the lease has been seen to be ours, so the rest need not wait for that.
    const [, placed] = await Promise.all([holdLease(tx, lease), placeEvents(tx, deps, delivery, events)]);
    await feedNews(tx, deps, delivery.connection, news);
    return { kind: 'facts', trigger: read.trigger, ...placed };
  });
}

async function feedNews(tx: Db, deps: PlacingDeps, connection: string, news: readonly SourceRead[]): Promise<void> {
  for (const read of news) {
    await feedRead(tx, deps.vault, { connection, read, origin: 'lookup', nowMs: read.readAtMs });
  }
}

async function placeEvents(
  tx: Db,
  deps: PlacingDeps,
  delivery: WaitingDelivery,
  events: readonly SourceEvent[],
): Promise<{ facts: readonly PlacedFact[]; merged: readonly string[] }> {
  const facts: PlacedFact[] = [];
  const merged = new Set<string>();
  for (const [ordinal, event] of events.entries()) {
    const [known, people] = await Promise.all([readKnown(tx, delivery.connection, event), peopleOf(tx, deps, event)]);
    const placing: Placing = { tx, deps, delivery, event, ordinal, people };
    const placed = isShared(event, known) ? await placeShared(placing, known) : await placeOwn(placing, known);
    facts.push(...placed.facts);
    for (const id of placed.merged) merged.add(id);
    const repeats = placed.facts.filter((fact) => fact.repeated).map((fact) => fact.factId);
    if (repeats.length > 0) await addRepeats(tx, repeats, delivery.id);
  }
  return { facts, merged: [...merged] };
}

async function holdLease(tx: Db, lease: IdentityLease): Promise<void> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM lease WHERE name = $1 AND holder = $2 AND fence = $3 AND expires_at > clock_timestamp() FOR SHARE`,
    [lease.name, lease.holder, lease.fence],
  );
  if (rowCount !== 1) throw new IdentityLeaseLostError(`The lease ${lease.name} is no longer ours`);
}

/** An event of one guest's own booking. */
async function placeOwn(placing: Placing, known: Known): Promise<PlacedEvent> {
  const { tx, deps, delivery, event } = placing;
  const { connection } = delivery;
  const { bookingId: knownId, mergeFrom } = identify(event, known);
  const rootUid = rootUidOf(event);
  const id = knownId ?? bookingId(connection, rootUid);
  for (const from of mergeFrom) {
    await mergeBookings(tx, { from, into: id });
    await deps.failPoint('merge');
  }
  const uids = uidsOf(event).filter((uid) => !known.bookingOf.has(uid));
  const { iCalUid } = event;
  const claims = calendarClaims(event).filter((claim) => !isRemembered(known, claim));
  await Promise.all([
    knownId === null && insertBooking(tx, { id, connection, rootUid }),
    uids.length > 0 && addAliases(tx, { bookingId: id, connection, uids }),
    iCalUid !== null && claims.length > 0 && addCalendarUses(tx, { connection, iCalUid, bookingId: id, claims }),
  ]);
  const { bookedFor: mark, uid } = event;
  if (mark !== undefined) {
    const personId = placing.people.guest?.id ?? null;
    const nowMs = delivery.receivedAtMs;
    await adoptMarked(tx, { mark, source: connection, uid, bookingId: id, personId, nowMs });
  }
  return addOwnFact(placing, id, mergeFrom);
}

function isRemembered(known: Known, claim: CalendarClaim): boolean {
  return known.calendar.some((use) => use.uid === claim.uid && use.sequence <= claim.sequence);
}
