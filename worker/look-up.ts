/**
 * What a delivery leaves out and the source's API can tell: missing predecessors, what a mark amounts to, the rest of a series.
 * Invariant: asked before the transaction, never inside it; whatever goes wrong, the delivery is placed with what it says itself.
 */
import type { Log } from '../activities/deps';
import { readKnown, readKnownUids, wasRequested } from '../db/known-ids';
import type { Db } from '../db/pool';
import { identify, isShared } from '../domain/identity';
import {
  READ_HEADERS,
  SourceError,
  type BookingSource,
  type SourceApi,
  type SourceEvent,
  type SourcePerson,
  type SourceRead,
} from '../integrations/ports';

export interface LookUpDeps {
  readonly pool: Db;
  /** The API of a source connection; null where its settings give no credentials. */
  readonly sourceApi: (connection: string) => SourceApi | null;
  readonly log: Log;
}

/** The events, completed, and reads of other appointments that go into the inbox together with them. */
export interface LookedUp {
  readonly events: readonly SourceEvent[];
  readonly news: readonly SourceRead[];
}
export type LookUp = (events: readonly SourceEvent[]) => Promise<LookedUp>;

/** A chain that is longer than this without a uid that we know is left to the poll. */
const MOST_STEPS = 10;

/** After trouble the source is left alone for a while: deliveries must not queue up behind calls that fail one by one. */
const QUIET_MS = 30_000;
const LONGEST_QUIET_MS = 300_000;

/**
 * Look-ups of one connection. Each call gives the look-up for a batch of deliveries that have all arrived before it: they share one
 * read per uid, which is as new as any of them. Each read has the time limit of the source's API.
 */
export function createLookUps(deps: LookUpDeps, source: BookingSource, connection: string): () => LookUp {
  const api = deps.sourceApi(connection);
  if (api === null) return () => (events) => Promise.resolve({ events, news: [] });
  const quiet = { untilMs: 0 };
  return () => {
    const asked = new Map<string, Promise<SourceRead | null>>();
    const call: Ask['call'] = (what) => callOrNull(deps, { connection, quiet }, () => what(api));
    const read: Ask['read'] = (uid) => {
      const shown = asked.get(uid) ?? call((asking) => asking.readBooking(uid));
      asked.set(uid, shown);
      return shown;
    };
    const ask: Ask = { pool: deps.pool, source, connection, call, read };
    return (events) => lookUp(ask, events);
  };
}

async function lookUp(ask: Ask, events: readonly SourceEvent[]): Promise<LookedUp> {
  const completed: SourceEvent[] = [];
  const news: SourceRead[] = [];
  for (const event of events) {
    const marked = isPushedMark(event) ? await asRead(ask, event) : event;
    completed.push(marked.seat === null ? await withHistory(ask, marked) : marked);
    news.push(...(await restOfSeries(ask, event)));
  }
  return { events: completed, news };
}

interface Ask {
  readonly pool: Db;
  readonly source: BookingSource;
  readonly connection: string;
  /** Null: no such appointment, or the source did not answer. */
  readonly read: (uid: string) => Promise<SourceRead | null>;
  /** Null: the source did not answer, or is left alone because it did not answer before. */
  readonly call: <T>(what: (api: SourceApi) => Promise<T>) => Promise<T | null>;
}

async function callOrNull<T>(
  deps: LookUpDeps,
  to: { readonly connection: string; readonly quiet: { untilMs: number } },
  call: () => Promise<T>,
): Promise<T | null> {
  if (performance.now() < to.quiet.untilMs) return null;
  try {
    return await call();
  } catch (error) {
    const isKnown = error instanceof SourceError;
    const word = isKnown ? error.errorClass : error instanceof Error ? error.name : 'unknown';
    const waitMs = (isKnown ? error.retryAfterMs : null) ?? QUIET_MS;
    to.quiet.untilMs = performance.now() + Math.min(waitMs, LONGEST_QUIET_MS);
    deps.log.warn({ connection: to.connection, error: word }, 'the source was asked in vain; going on without');
    return null;
  }
}

// ---------------------------------------------------------------- marks

function isMark(event: SourceEvent): boolean {
  return event.type === 'no_show' || event.type === 'no_show_reverted';
}

function isPushedMark(event: SourceEvent): boolean {
  return isMark(event) && event.readAtMs === null;
}

/** Marks come without any order: what the source shows now is the fact. A read that says nothing about this attendee changes nothing. */
async function asRead(ask: Ask, event: SourceEvent): Promise<SourceEvent> {
  const shown = await ask.read(event.uid);
  if (shown === null) return event;
  const said = ask.source.read(shown.body, { ...READ_HEADERS });
  const events = said.kind === 'events' ? said.events : [];
  return events.find((other) => isMark(other) && isSamePerson(other.about, event.about)) ?? event;
}

function isSamePerson(one: SourcePerson | null, other: SourcePerson | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.email !== null && other.email !== null) return one.email.toLowerCase() === other.email.toLowerCase();
  return one.phone !== null && one.phone === other.phone;
}

// ---------------------------------------------------------------- predecessors

/** May it continue an older appointment without saying so? What has no version (a mark, the end of the slot) may be of any. */
function mayContinue(event: SourceEvent): boolean {
  return event.type === 'requested' || event.sequence === null || event.sequence > 0;
}

/** The event with the predecessors that it leaves out, up to one that is known here. */
async function withHistory(ask: Ask, event: SourceEvent): Promise<SourceEvent> {
  const named = event.predecessorUid === event.uid ? null : event.predecessorUid;
  if (event.ancestry.length > 0 || (named === null && !mayContinue(event))) return event;
  const known = await readKnown(ask.pool, ask.connection, event);
  if (isShared(event, known)) return event;
  if (named !== null)
    return known.bookingOf.has(named) ? event : { ...event, ancestry: await before(ask, event.uid, named) };
  if (identify(event, known).bookingId !== null) return event;
  const found = (await ask.read(event.uid))?.predecessorUid ?? null;
  if (found === null || found === event.uid) return event;
  const isKnown = (await readKnownUids(ask.pool, ask.connection, [found])).has(found);
  return { ...event, predecessorUid: found, ancestry: isKnown ? [] : await before(ask, event.uid, found) };
}

/** The uids before this one, nearest first, up to one that is known here or the last that the source tells. */
async function before(ask: Ask, uid: string, predecessorUid: string): Promise<string[]> {
  const uids: string[] = [];
  const met = new Set([uid, predecessorUid]);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = (await ask.read(uids.at(-1) ?? predecessorUid))?.predecessorUid ?? null;
    if (next === null || met.has(next)) break;
    met.add(next);
    uids.push(next);
    if ((await readKnownUids(ask.pool, ask.connection, [next])).size > 0) break;
  }
  return uids;
}

// ---------------------------------------------------------------- series

/** One event may confirm, reject or cancel a whole series: the other occurrences have to be read again. */
async function restOfSeries(ask: Ask, event: SourceEvent): Promise<readonly SourceRead[]> {
  if (!event.series || event.readAtMs !== null || !(await mayMeanAll(ask, event))) return [];
  return (await ask.call((asking) => asking.listSeries(event.uid))) ?? [];
}

/** A confirmation means all only where all were requested; booked without a host's word, each occurrence has its own event. */
async function mayMeanAll(ask: Ask, event: SourceEvent): Promise<boolean> {
  return event.type !== 'scheduled' || (await wasRequested(ask.pool, ask.connection, event.uid));
}
