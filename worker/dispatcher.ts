/**
 * The dispatcher: takes stored deliveries in their order, places them, tells the bookings, and only then calls them done.
 * Invariant: per connection one process at a time (a lease), and a delivery stays `stored` until Temporal has accepted its signals.
 */
import type { Pool } from 'pg';
import { markDead, markDone, markIgnored, postpone, takeWaiting, type WaitingDelivery } from '../db/deliveries';
import { acquireLease, releaseLease, renewLease } from '../db/leases';
import { sqlStateOf } from '../db/pool';
import type { Vault } from '../db/vault';
import type { BookingSource, CrmWebhooks, SourceApi } from '../integrations/ports';
import type { Log } from '../activities/deps';
import type { Doorbell } from './doorbell';
import { createLookUps, type LookUp } from './look-up';
import {
  IdentityLeaseLostError,
  placeDelivery,
  type IdentityLease,
  type Placed,
  type PlacedFact,
} from './place-delivery';
import { routeCrmBatch } from './route-crm-changes';
import type { BookingSignals } from './workflow-signals';

export interface DispatcherDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  readonly sources: ReadonlyMap<string, BookingSource>;
  /** CRM connections whose webhooks are taken. */
  readonly crms?: ReadonlyMap<string, CrmWebhooks>;
  /** CRM connections in which people make appointments that are booked at a source; absent: none. */
  readonly bookedFrom?: ReadonlySet<string>;
  /** The API of a source connection; null where its settings give no credentials. */
  readonly sourceApi: (connection: string) => SourceApi | null;
  readonly signals: BookingSignals;
  readonly doorbell: Doorbell;
  readonly log: Log;
  /** Names this process start among all holders of leases. */
  readonly holder: string;
  readonly failPoint: (name: string) => Promise<void> | void;
}

const BATCH = 64;
const LEASE_MS = 15_000;
/** A lease is renewed this long after it was taken: writing it for every delivery would cost each a commit. */
const RENEW_AFTER_MS = 5_000;
const STANDBY_MS = 2_000;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 15_000;
const MOST_ATTEMPTS = 8;

/** Carries out what a batch of one connection's deliveries says, under the connection's lease. */
type Dispatch = (lease: IdentityLease, batch: readonly WaitingDelivery[]) => Promise<void>;

/** Runs until `stop` resolves the loops; one loop per connection that has webhooks. */
export function startDispatcher(deps: DispatcherDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const dispatches: [string, Dispatch][] = [
    ...[...deps.sources].map(([id, source]): [string, Dispatch] => [id, bookingsDispatch(deps, source, id)]),
    ...[...(deps.crms ?? [])].map(([connection, webhooks]): [string, Dispatch] => [
      connection,
      (_lease, batch) => routeCrmBatch(deps, { connection, webhooks, batch }),
    ]),
  ];
  const loops = dispatches.map(([connection, dispatch]) =>
    dispatchLoop(deps, { connection, dispatch }, stopping.signal),
  );
  return {
    stop: async () => {
      stopping.abort();
      deps.doorbell.ring();
      await Promise.all(loops);
    },
  };
}

function bookingsDispatch(deps: DispatcherDeps, source: BookingSource, connection: string): Dispatch {
  const lookUps = createLookUps(deps, source, connection);
  // All of the batch has arrived, so its deliveries may share what the source is asked from here on.
  return (lease, batch) => dispatchBatch(deps, lease, { batch, lookUp: lookUps() });
}

async function dispatchLoop(
  deps: DispatcherDeps,
  { connection, dispatch }: { connection: string; dispatch: Dispatch },
  stopping: AbortSignal,
): Promise<void> {
  const name = `dispatcher/${connection}`;
  let backoffMs = FIRST_BACKOFF_MS;
  let held: IdentityLease | null = null;
  let renewAt = 0;
  while (!stopping.aborted) {
    try {
      if (held === null || performance.now() >= renewAt) {
        renewAt = performance.now() + RENEW_AFTER_MS;
        const lease = await acquireLease(deps.pool, { name, holder: deps.holder, ttlMs: LEASE_MS });
        held = lease && { name, holder: deps.holder, fence: lease.fence };
      }
      if (!held) {
        await deps.doorbell.wait(STANDBY_MS);
        continue;
      }
      const taken = await takeWaiting(deps.pool, connection, BATCH, Date.now());
      if (taken.length > 0) await keeping(deps, held, dispatch(held, taken));
      backoffMs = FIRST_BACKOFF_MS;
      if (taken.length < BATCH && !stopping.aborted) await deps.doorbell.wait(deps.doorbell.pollMs);
    } catch (error) {
      // Database or Temporal away, or the lease lost: nothing is marked, so everything is taken again.
      renewAt = 0;
      deps.log.warn({ connection, error: nameOf(error), backoffMs }, 'dispatcher waits and tries again');
      await deps.doorbell.pause(backoffMs);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }
  if (held) await releaseLease(deps.pool, held).catch(() => undefined);
}

/** Keeps the lease while the work waits for others, such as the source's API. */
async function keeping(deps: DispatcherDeps, lease: IdentityLease, work: Promise<void>): Promise<void> {
  const timer = setInterval(() => {
    // What can't be renewed is found lost by the next transaction.
    renewLease(deps.pool, { ...lease, ttlMs: LEASE_MS }).catch(() => undefined);
  }, RENEW_AFTER_MS);
  await work.finally(() => clearInterval(timer));
}

async function dispatchBatch(
  deps: DispatcherDeps,
  lease: IdentityLease,
  from: { batch: readonly WaitingDelivery[]; lookUp: LookUp },
): Promise<void> {
  const { batch, lookUp } = from;
  await deps.failPoint('dispatch-begins');
  const placed: { delivery: WaitingDelivery; result: Extract<Placed, { kind: 'facts' }> }[] = [];
  for (const delivery of batch) {
    const result = await placeOrPutAside(deps, lease, { delivery, lookUp });
    if (result?.kind === 'facts') placed.push({ delivery, result });
  }
  await deps.failPoint('facts-before-signal');
  await tellBookings(
    deps,
    placed.map(({ result }) => result),
  );
  await deps.failPoint('signal-before-done');
  await Promise.all(
    placed.map(({ delivery, result }) =>
      markDone(deps.pool, delivery.id, {
        trigger: result.trigger,
        factIds: result.facts.map((fact) => fact.factId),
        ...reasonOf(result.facts),
      }),
    ),
  );
}

function reasonOf(facts: readonly PlacedFact[]): { reason?: string } {
  if (facts.length === 0) return { reason: 'about somebody of a shared appointment who was not heard of yet' };
  return facts.every((fact) => fact.repeated) ? { reason: 'another delivery had said the same' } : {};
}

/** One delivery that can't be placed must not hold up the ones behind it. Trouble of the database or the lease is thrown. */
async function placeOrPutAside(
  deps: DispatcherDeps,
  lease: IdentityLease,
  from: { delivery: WaitingDelivery; lookUp: LookUp },
): Promise<Placed | null> {
  const { delivery, lookUp } = from;
  try {
    const source = deps.sources.get(delivery.connection)!;
    const result = await placeDelivery(deps, source, lease, delivery, lookUp);
    if (result.kind === 'ignored') await markIgnored(deps.pool, delivery.id, result);
    if (result.kind === 'dead') await markDead(deps.pool, delivery.id, result);
    return result;
  } catch (error) {
    if (error instanceof IdentityLeaseLostError || !isAboutThisDelivery(error)) throw error;
    const reason = `can't be placed: ${nameOf(error)}`;
    deps.log.warn({ delivery: delivery.id, error: nameOf(error) }, 'delivery put aside');
    if (delivery.attempts + 1 >= MOST_ATTEMPTS) await markDead(deps.pool, delivery.id, { trigger: null, reason });
    else await postpone(deps.pool, delivery.id, { untilMs: Date.now() + 1_000 * 2 ** delivery.attempts, reason });
    return null;
  }
}

/** Data errors and our own refusals; everything else (connection gone, server shutting down, deadlock) hits all deliveries alike. */
function isAboutThisDelivery(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== null) return state.startsWith('22') || state.startsWith('23');
  return (
    error instanceof Error &&
    ['VaultError', 'ErasedError', 'TypeError', 'RangeError', 'SyntaxError'].includes(error.name)
  );
}

/** One signal per booking, all bookings at once; merged ones are told to look again. */
async function tellBookings(
  deps: DispatcherDeps,
  results: readonly Extract<Placed, { kind: 'facts' }>[],
): Promise<void> {
  const merged = new Set(results.flatMap((result) => result.merged));
  const news = new Map<string, PlacedFact[]>();
  for (const fact of results.flatMap((result) => result.facts)) {
    if (fact.repeated && merged.size === 0) continue;
    news.set(fact.bookingId, [...(news.get(fact.bookingId) ?? []), fact]);
  }
  await Promise.all([
    ...[...news].map(([bookingId, facts]) =>
      deps.signals.factsArrived({
        bookingId,
        factType: facts.at(-1)!.factType,
        factIds: facts.map((fact) => fact.factId),
      }),
    ),
    ...[...merged].map((bookingId) => deps.signals.wake({ bookingId, reason: 'merged' })),
  ]);
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const state = sqlStateOf(error);
  return state === null ? error.name : `${error.name} ${state}`;
}
