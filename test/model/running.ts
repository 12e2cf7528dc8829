/**
 * Many timelines through one running world: skipped time, real database, workflows and CRM; and what came of it.
 * Invariant: each case hears its arrivals in its own order, never before the world's clock has reached them.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import { createEngine } from '../../api/engine';
import { findBookingById, type BookingDetail } from '../../db/booking-view';
import { readPerson } from '../../db/persons';
import { openVault, parseMasterKeys } from '../../db/vault';
import { eventually } from '../support/eventually';
import { MINUTE, type World } from '../support/world';
import { addressOf } from './bodies';
import type { Arrival, Timeline } from './timeline';
import type { DecidedHere } from './world';

const WINDOW_MS = 10 * MINUTE;
/** The one that the world seals with. */
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** A booking as the API shows it, whose it is, and its meetings in the CRM. */
export interface Shown {
  readonly booking: BookingDetail;
  /** The guest's address. */
  readonly guest: string;
  readonly meetings: readonly { readonly outcome: string; readonly startMs: number }[];
}

/** Tells the world everything. Returns the timelines of which a decision was refused: there the notebook went another way. */
export async function tellAll(world: World, timelines: readonly Timeline[]): Promise<ReadonlySet<Timeline>> {
  const waiting = new Map(timelines.map((timeline) => [timeline, [...timeline.arrivals]]));
  const refused = new Set<Timeline>();
  for (;;) {
    const next = Math.min(...[...waiting.values()].map((arrivals) => arrivals[0]?.atMs ?? Infinity));
    if (next === Infinity) return refused;
    if (next + WINDOW_MS > (await world.now())) await world.sleepUntil(next + WINDOW_MS);
    await tellWindow(world, { waiting, refused, untilMs: next + WINDOW_MS });
  }
}

interface Telling {
  readonly waiting: ReadonlyMap<Timeline, Arrival[]>;
  readonly refused: Set<Timeline>;
  readonly untilMs: number;
}

/** In rounds, one arrival of each case: within one round, nothing says what came first. */
async function tellWindow(world: World, { waiting, refused, untilMs }: Telling): Promise<void> {
  for (;;) {
    const round = [...waiting].filter(([, arrivals]) => arrivals[0] !== undefined && arrivals[0].atMs <= untilMs);
    if (round.length === 0) return;
    const arrived = round.map(([timeline, arrivals]) => ({ timeline, arrival: arrivals.shift()! }));
    await world.hear(...arrived.flatMap(({ arrival }) => (arrival.kind === 'body' ? [arrival.body] : [])));
    for (const { timeline, arrival } of arrived) {
      if (arrival.kind === 'decision' && !(await decide(world, arrival.decided))) refused.add(timeline);
    }
  }
}

/** False: it made no sense for what the books showed. */
async function decide(world: World, { uid, guest, decision }: DecidedHere): Promise<boolean> {
  const engine = createEngine(() => Promise.resolve(world.env.client), { decisionTimeoutMs: 20_000 });
  const id = await eventually(() => bookingIdOf(world, uid, guest), { what: `a booking of ${guest} under ${uid}` });
  const booking = await eventually(
    async () => {
      const found = await findBookingById(world.database.pool, { id, nowMs: await world.now() });
      return found !== null && found.version > 0 && found;
    },
    { what: `the first picture of ${id}` },
  );
  const said = decision === 'keep_waiting' ? decision : decision.outcome;
  const startMs = decision === 'keep_waiting' ? null : (decision.slot?.startMs ?? null);
  const answer = await engine.decideBooking(booking, { decision: said, startMs, by: 'operator' });
  if (answer.kind === 'accepted') return true;
  if (answer.kind === 'refused') return false;
  throw new Error(`The decision about ${id} was answered with ${JSON.stringify(answer)}`);
}

async function bookingIdOf(world: World, uid: string, guest: string): Promise<string | false> {
  const { rows } = await world.database.pool.query<{ id: string; person_id: string | null }>(
    `SELECT booking_id AS id, NULL AS person_id FROM booking_alias WHERE uid = $1
     UNION ALL SELECT booking_id, person_id::text FROM participation WHERE uid = $1`,
    [uid],
  );
  const people = await addressesOf(world);
  const isTheirs = (personId: string | null) => personId === null || people.get(personId) === addressOf(guest);
  return rows.find((row) => isTheirs(row.person_id))?.id ?? false;
}

const addressesIn = new WeakMap<World, Map<string, string | null>>();

/** Person id → e-mail address. */
async function addressesOf(world: World): Promise<ReadonlyMap<string, string | null>> {
  const { pool } = world.database;
  const addresses = addressesIn.get(world) ?? new Map<string, string | null>();
  addressesIn.set(world, addresses);
  const vault = await openVault(pool, parseMasterKeys(MASTER_KEY));
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM person');
  for (const { id } of rows) {
    if (!addresses.has(id)) addresses.set(id, (await readPerson(pool, vault, id))?.email ?? null);
  }
  return addresses;
}

/** Waits until every fact is recorded and every CRM written. */
export async function allSettled({ database: { pool }, activitiesEnded }: World, timeoutMs: number): Promise<void> {
  await eventually(
    async () => {
      await activitiesEnded();
      const { rows } = await pool.query<{ left: string[] }>(
        `SELECT coalesce(array_agg(DISTINCT word), '{}') AS left FROM (
           SELECT 'fact of ' || booking_id AS word FROM booking_event WHERE outcome IS NULL
           UNION ALL SELECT 'crm of ' || b.id FROM booking b LEFT JOIN crm_sync s ON s.booking_id = b.id
             WHERE b.merged_into IS NULL AND (s.state IS NULL OR s.state = 'pending' OR s.written_version < b.version)
           UNION ALL SELECT 'surplus of ' || booking_id FROM crm_link WHERE state = 'surplus') waiting`,
      );
      const left = rows[0]!.left;
      if (left.length > 0) throw new Error(`${left.length} are left, the first is ${left[0]}`);
    },
    { timeoutMs, everyMs: 250, what: 'everything to be recorded and written' },
  );
}

/** The bookings of these guests, by their addresses; those that were merged away are not among them. */
export async function shownOf(world: World, guests: ReadonlySet<string>): Promise<Shown[]> {
  const { pool } = world.database;
  const nowMs = await world.now();
  const people = await addressesOf(world);
  const meetings = meetingsById(world);
  const { rows } = await pool.query<{ id: string; person_id: string | null; crm_ids: string[] }>(
    `SELECT b.id, b.person_id, coalesce(array_agg(l.crm_id) FILTER (WHERE l.crm_id IS NOT NULL), '{}') AS crm_ids
     FROM booking b LEFT JOIN crm_link l ON l.booking_id = b.id AND l.type = 'appointment'
     WHERE b.merged_into IS NULL GROUP BY b.id`,
  );
  const theirs = rows.flatMap((row) => {
    const guest = row.person_id === null ? null : (people.get(row.person_id) ?? null);
    return guest !== null && guests.has(guest) ? [{ ...row, guest }] : [];
  });
  return Promise.all(
    theirs.map(async ({ id, guest, crm_ids: crmIds }) => ({
      booking: (await findBookingById(pool, { id, nowMs }))!,
      guest,
      meetings: crmIds.flatMap((crmId) => meetings.get(crmId) ?? []),
    })),
  );
}

/** Ids of meetings in the CRM that no booking knows. */
export async function meetingsOfNobody(world: World): Promise<string[]> {
  const { rows } = await world.database.pool.query<{ crm_id: string }>(
    `SELECT crm_id FROM crm_link WHERE type = 'appointment' AND booking_id IS NOT NULL`,
  );
  const known = new Set(rows.map((row) => row.crm_id));
  return [...meetingsById(world).keys()].filter((id) => !known.has(id));
}

/** Their workflows are not needed any more; the world goes on. */
export async function endAll(world: World, shown: readonly Shown[]): Promise<void> {
  await world.activitiesEnded();
  const { rows } = await world.database.pool.query<{ id: string }>(
    `SELECT 'booking/' || id AS id FROM unnest($1::text[]) AS id UNION ALL SELECT workflow_id FROM task WHERE booking_id = ANY ($1)`,
    [shown.map(({ booking }) => booking.id)],
  );
  for (const { id } of rows) {
    await world.env.client.workflow
      .getHandle(id)
      .terminate('its case was compared')
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  }
}

/** What the CRM shows, by its ids. */
function meetingsById({ simulators }: World): Map<string, Shown['meetings'][number]> {
  return new Map(
    simulators.hubspot.state().objects.meetings.map(({ id, properties }) => [
      id,
      {
        outcome: properties['hs_meeting_outcome'] ?? '',
        startMs: Date.parse(properties['hs_meeting_start_time'] ?? ''),
      },
    ]),
  );
}
