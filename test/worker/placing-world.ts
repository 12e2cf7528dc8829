/**
 * Places events in a real database as the dispatcher does, without HTTP and Temporal: a test gives events, and looks at bookings.
 * Invariant: everything between a stored delivery and the facts is the real code; only the vendor's format is replaced by ours.
 */
import { createDeliveryWriter, dedupeKeyOf, markDone, takeWaiting, type WaitingDelivery } from '../../db/deliveries';
import { readFacts } from '../../db/facts';
import { acquireLease } from '../../db/leases';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import type { Fact, SourceFactType } from '../../domain/facts';
import { fold } from '../../domain/fold';
import type { Picture } from '../../domain/booking';
import type { BookingSource, SourceEvent, SourcePerson } from '../../integrations/ports';
import type { LookUp } from '../../worker/look-up';
import { placeDelivery, type IdentityLease, type Placed } from '../../worker/place-delivery';
import { START } from '../support/facts';
import { testDatabase, type TestDatabase } from '../support/postgres';

export const SOURCE = 'calcom-sales';

export type AnEvent = Partial<Omit<SourceEvent, 'type' | 'guest' | 'about'>> & {
  /** E-mail addresses; everything else of the person is unknown. */
  readonly guest?: string;
  readonly about?: string;
};

/** An event that says nothing but what the test is about. Its meaning is its content, unless it is a mark. */
export function anEvent(type: SourceFactType, uid: string, given: AnEvent = {}): SourceEvent {
  const { guest, about, ...rest } = given;
  const said = {
    type,
    uid,
    predecessorUid: null,
    ancestry: [],
    iCalUid: null,
    slot: null,
    sequence: null,
    details: null,
    host: null,
    seat: null,
    series: false,
    readAtMs: null,
    eventType: null,
    guest: personOf(guest),
    about: personOf(about),
    ...rest,
  };
  const isMark = type === 'no_show' || type === 'no_show_reverted';
  return { ...said, meaning: rest.meaning === undefined && !isMark ? JSON.stringify(said) : (rest.meaning ?? null) };
}

export function personOf(email: string | undefined): SourcePerson | null {
  if (email === undefined) return null;
  return { name: null, firstName: null, lastName: null, email, phone: null, zone: null, locale: null };
}

/** Reads what `PlacingWorld.store` wrote; as a read (`READ_HEADERS`) as well. */
export const plainSource: BookingSource = {
  kind: 'plain',
  verifySignature: () => ({ ok: true }),
  deliveryId: () => null,
  keptHeaders: [],
  read: (body) => {
    const { events } = JSON.parse(body.toString()) as { events: SourceEvent[] };
    return { kind: 'events', trigger: events[0]?.type ?? 'nothing', events };
  },
  onTrouble: { status: 503, retryAfterSeconds: 1 },
};

export interface Heard {
  readonly events: readonly SourceEvent[];
  /** Two with equal bytes and marks are one delivery that came twice. */
  readonly mark?: string;
  readonly connection?: string;
}

export interface PlacingWorld {
  readonly database: TestDatabase;
  readonly vault: Vault;
  /** Stores deliveries, each a second after the one before. */
  store(heard: readonly Heard[]): Promise<void>;
  /** Places everything that waits, in its order, and calls it done. */
  placeAll(options?: { connection?: string; lookUp?: () => LookUp }): Promise<Extract<Placed, { kind: 'facts' }>[]>;
  /** One delivery per event, placed one after the other. */
  hear(...events: SourceEvent[]): Promise<Extract<Placed, { kind: 'facts' }>[]>;
  /** Ids of the bookings that hold the uid: one, or all who share it. */
  bookingsOf(uid: string, connection?: string): Promise<string[]>;
  factsOf(bookingId: string): Promise<Fact[]>;
  pictureOf(bookingId: string): Promise<Picture>;
}

export async function aPlacingWorld(): Promise<PlacingWorld> {
  const database = await testDatabase();
  const { pool } = database;
  const vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  const writer = createDeliveryWriter({ pool, vault, now: () => (clockMs += 1_000) });
  let clockMs = START - 14 * 86_400_000;
  let count = 0;

  const store: PlacingWorld['store'] = async (heard) => {
    await Promise.all(
      heard.map(({ events, mark, connection = SOURCE }) => {
        count += 1;
        const body = Buffer.from(JSON.stringify({ events, mark: mark ?? `no. ${count}` }));
        return writer.store({ connection, dedupeKey: dedupeKeyOf(null, body), headers: {}, body });
      }),
    );
  };
  const place = async (delivery: WaitingDelivery, lease: IdentityLease, lookUp?: LookUp) => {
    const deps = { pool, vault, failPoint: () => undefined };
    const placed = await placeDelivery(deps, plainSource, lease, delivery, lookUp);
    if (placed.kind !== 'facts') throw new Error(`The delivery was ${placed.kind}: ${placed.reason}`);
    const factIds = placed.facts.map((fact) => fact.factId);
    await markDone(pool, delivery.id, { trigger: placed.trigger, factIds });
    return placed;
  };
  const placeAll: PlacingWorld['placeAll'] = async ({ connection = SOURCE, lookUp } = {}) => {
    const name = `dispatcher/${connection}`;
    const lease = await acquireLease(pool, { name, holder: 'test', ttlMs: 600_000 });
    const placed: Extract<Placed, { kind: 'facts' }>[] = [];
    for (;;) {
      const taken = await takeWaiting(pool, connection, 500, clockMs + 86_400_000);
      if (taken.length === 0) return placed;
      const forBatch = lookUp?.();
      for (const delivery of taken) {
        placed.push(await place(delivery, { name, holder: 'test', fence: lease!.fence }, forBatch));
      }
    }
  };
  const factsOf = async (id: string): Promise<Fact[]> => (await readFacts(pool, id)).map((row) => row.fact);
  return {
    database,
    vault,
    store,
    placeAll,
    hear: async (...events) => {
      const placed = [];
      for (const event of events) {
        await store([{ events: [event] }]);
        placed.push(...(await placeAll()));
      }
      return placed;
    },
    bookingsOf: async (uid, connection = SOURCE) => {
      const { rows } = await pool.query<{ booking_id: string }>(
        `SELECT booking_id FROM booking_alias WHERE connection = $1 AND uid = $2
         UNION SELECT booking_id FROM participation WHERE connection = $1 AND uid = $2 ORDER BY booking_id`,
        [connection, uid],
      );
      return rows.map((row) => row.booking_id);
    },
    factsOf,
    pictureOf: async (id) => pictureOf(await factsOf(id)),
  };
}

/** A day before the first slot: nothing is over. */
export function pictureOf(facts: readonly Fact[]): Picture {
  return fold(facts, START - 86_400_000, { trustHeadCount: false }).picture;
}
