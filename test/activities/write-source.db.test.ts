/** writeSource against a real database and a source in memory: what is written once, read back, adopted, refused, put off. */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type pg from 'pg';
import type { ActivityDeps } from '../../activities/deps';
import { createWriteSource, type WriteSourceResult } from '../../activities/write-source';
import { addAliases, insertBooking, savePicture } from '../../db/bookings';
import { insertFact } from '../../db/facts';
import { findOrCreatePerson } from '../../db/persons';
import { withTransaction } from '../../db/pool';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import type { Outcome, Picture } from '../../domain/booking';
import type { Decision, Fact } from '../../domain/facts';
import { aFact, DAY, HOUR, slotAt, START } from '../support/facts';
import { fakeSource, type FakeSource } from '../support/fake-source';
import { testDatabase } from '../support/postgres';

const SOURCE = 'calcom-sales';
const SECOND = 1_000;
const MAXIMUM_ATTEMPTS = 4;
const EMAIL = 'gina.guest@example.com';

let pool: pg.Pool;
let vault: Vault;
let fake: FakeSource;
let nowMs: number;
/** What the connection's workflow was told. */
let told: object[] = [];
beforeAll(async () => {
  ({ pool } = await testDatabase());
  vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
});
beforeEach(() => {
  told = [];
  nowMs = START + HOUR;
  fake = fakeSource(() => nowMs);
});
afterEach(() => pool.query('TRUNCATE booking, delivery, person, source_read, lease CASCADE'));

function deps(): ActivityDeps {
  const tasks = { owner: 'front-desk', dueAfterMs: HOUR, remindAfterMs: HOUR, escalateTo: ['manager'] };
  const given: Pick<ActivityDeps, 'pool' | 'vault' | 'source' | 'sourceApi' | 'log' | 'failPoint'> = {
    pool,
    vault,
    source: () => fake.source,
    sourceApi: () => fake.api,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    failPoint: () => undefined,
  };
  return {
    ...given,
    settings: { tasks },
    signals: { sourceDown: (to: object) => void told.push(to) },
  } as unknown as ActivityDeps;
}

/** One attempt at the instant `nowMs`. A failure that the engine would repeat is answered as such. */
async function attempt(
  bookingId: string,
  number = 1,
): Promise<WriteSourceResult | { kind: 'again'; afterMs: unknown }> {
  const environment = new MockActivityEnvironment(
    { attempt: number, currentAttemptScheduledTimestampMs: nowMs },
    { logger: new DefaultLogger('ERROR') },
  );
  try {
    const input = { bookingId, maximumAttempts: MAXIMUM_ATTEMPTS };
    return await environment.run(createWriteSource(deps()), input);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    return { kind: 'again', afterMs: error.nextRetryDelay };
  }
}

interface Decided {
  readonly bookingId: string;
  readonly uid: string;
  readonly cause: string;
}

/** A booking that the source has too, about which a person decided something an hour after its start. */
async function decided(
  decision: Extract<Decision, { kind: 'outcome' }>,
  given: { picture?: Partial<Picture>; email?: string | null; phone?: string | null; atSource?: boolean } = {},
): Promise<Decided> {
  const { email = EMAIL, phone = null } = given;
  const uid = `uid-${randomUUID().slice(0, 8)}`;
  const bookingId = `${SOURCE}/${uid}`;
  const name = { name: null, firstName: null, lastName: null, zone: null, locale: null };
  const person = await withTransaction(pool, (tx) => findOrCreatePerson(tx, vault, { ...name, email, phone }));
  const fact = aFact('outcome_decided', { id: randomUUID(), uid, decision, receivedAtMs: nowMs });
  await insertBooking(pool, { id: bookingId, connection: SOURCE, rootUid: uid });
  await addAliases(pool, { bookingId, connection: SOURCE, uids: [uid] });
  await store(bookingId, aFact('scheduled', { id: randomUUID(), uid, slot: slotAt(START) }));
  await store(bookingId, fact);
  const outcome: Outcome | null =
    decision.outcome === 'rescheduled'
      ? null
      : { value: decision.outcome, by: 'operator', sureness: 'decided', factId: fact.id, atMs: nowMs };
  await savePicture(pool, {
    id: bookingId,
    version: 1,
    nowMs,
    picture: {
      status: outcome?.value ?? 'reschedule_requested',
      statusReason: null,
      chain: [uid],
      outcome,
      slot: slotAt(START),
      confirmedSlot: slotAt(START),
      settledAtMs: null,
      slotKnownAtMs: START,
      paid: false,
      noShowSuspectedAtMs: null,
      holdSinceMs: null,
      agreedSlot: decision.slot ?? null,
      sourceDecision: null,
      personId: person.id,
      hostId: null,
      eventType: null,
      contactChoices: {},
      crmDecisions: {},
      ...given.picture,
    },
  });
  if (given.atSource !== false) {
    fake.book(uid, { startMs: START, ...(email !== null && { email }), ...(phone !== null && { phone }) });
  }
  return { bookingId, uid, cause: fact.id };
}

async function store(bookingId: string, fact: Fact): Promise<void> {
  const rest = { connection: SOURCE, sealed: null, meaning: null, deliveryId: null, ordinal: 0 };
  await insertFact(pool, { fact, bookingId, ...rest });
}

const NO_SHOW = { kind: 'outcome', outcome: 'no_show' } as const;
const CANCELED = { kind: 'outcome', outcome: 'canceled' } as const;
const MOVED = { kind: 'outcome', outcome: 'rescheduled', slot: slotAt(START + 2 * DAY) } as const;

async function ledger(bookingId: string): Promise<{ cause: string; action: string; uid: string; state: string }[]> {
  const { rows } = await pool.query<{ cause: string; action: string; uid: string; state: string }>(
    'SELECT cause, action, uid, state FROM source_write WHERE booking_id = $1',
    [bookingId],
  );
  return rows;
}

/** What was put into the inbox, as the types of its events by uid. */
async function fed(): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; origin: string; sealed_body: Buffer; wrapped_key: Buffer }>(
    `SELECT * FROM delivery WHERE origin = 'lookup' ORDER BY received_at`,
  );
  return rows.flatMap((row) => {
    const sealed = { sealedBody: row.sealed_body, wrappedKey: row.wrapped_key, personId: null, personKey: null };
    const body = vault.openDelivery(row.id, sealed);
    const read = fake.source.read(body, { 'x-booksync-origin': 'read' });
    return read.kind === 'events' ? read.events.map((event) => `${event.type} ${event.uid}`) : [read.kind];
  });
}

async function openTasks(bookingId: string): Promise<unknown[]> {
  const { rows } = await pool.query<{ kind: string; about: string; evidence: unknown }>(
    `SELECT kind, about, evidence FROM task WHERE booking_id = $1 AND state = 'open'`,
    [bookingId],
  );
  return rows;
}

describe('what was decided is written once', () => {
  it.each([
    ['no-show', NO_SHOW, 'markAbsent', 'mark_absent'],
    ['canceled', CANCELED, 'cancel', 'cancel'],
  ] as const)('%s', async (_what, decision, call, action) => {
    const { bookingId, uid, cause } = await decided(decision);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`${call} ${uid}`]);
    expect(await ledger(bookingId)).toEqual([{ cause, action, uid, state: 'done' }]);
    expect(await fed()).toEqual([]);
  });

  it('showed takes back a mark that the source has, and writes nothing where there is none', async () => {
    const marked = await decided({ kind: 'outcome', outcome: 'showed' });
    fake.appointments.get(marked.uid)!.absent.set(EMAIL, true);
    expect(await attempt(marked.bookingId)).toEqual({ kind: 'told' });
    expect(fake.appointments.get(marked.uid)!.absent.get(EMAIL)).toBe(false);
    const plain = await decided({ kind: 'outcome', outcome: 'showed' });
    expect(await attempt(plain.bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`markAbsent ${marked.uid}`]);
    expect(await ledger(plain.bookingId)).toMatchObject([{ state: 'needless' }]);
  });

  it('a move tells the chain its new uid through the inbox, whether or not a webhook ever will', async () => {
    const { bookingId, uid, cause } = await decided(MOVED);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    const next = [...fake.appointments.values()].find((one) => one.predecessorUid === uid)!;
    expect(next.startMs).toBe(START + 2 * DAY);
    expect(await fed()).toEqual([`rescheduled ${next.uid}`]);
    expect(await ledger(bookingId)).toEqual([{ cause, action: 'reschedule', uid: next.uid, state: 'done' }]);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`reschedule ${uid}`]);
  });

  it('a guest without an address is marked by the phone that the source knows', async () => {
    const { bookingId, uid } = await decided(NO_SHOW, { email: null, phone: '+12015550123' });
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect([...fake.appointments.get(uid)!.absent]).toEqual([['+12015550123', true]]);
  });

  it('two attempts at once write once', async () => {
    const { bookingId, uid } = await decided(NO_SHOW);
    const results = await Promise.all([attempt(bookingId, 1), attempt(bookingId, 2)]);
    expect(results.map((result) => result.kind)).toContain('told');
    expect(fake.writes).toEqual([`markAbsent ${uid}`]);
  });
});

describe('nothing is written', () => {
  it('where the source shows it already; what it shows goes through the inbox', async () => {
    const { bookingId, uid, cause } = await decided(CANCELED);
    fake.appointments.get(uid)!.state = 'canceled';
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([]);
    expect(await ledger(bookingId)).toEqual([{ cause, action: 'cancel', uid, state: 'needless' }]);
    expect(await fed()).toEqual([`canceled ${uid}`]);
  });

  it('about the attendance at what was called off', async () => {
    const { bookingId, uid } = await decided(NO_SHOW);
    fake.appointments.get(uid)!.state = 'canceled';
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([]);
  });

  it('once the source has said it itself, not even a read', async () => {
    const { bookingId, uid } = await decided(NO_SHOW);
    await store(bookingId, aFact('no_show', { id: randomUUID(), uid, receivedAtMs: nowMs + SECOND }));
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect([fake.writes, fake.reads]).toEqual([[], 0]);
  });

  it('about attendance before the slot begins', async () => {
    const { bookingId } = await decided(NO_SHOW);
    nowMs = START - HOUR;
    expect(await attempt(bookingId)).toEqual({ kind: 'too_early', untilMs: START });
    expect([fake.writes, fake.reads]).toEqual([[], 0]);
  });

  it('for a booking that was merged into another one', async () => {
    const { bookingId } = await decided(NO_SHOW);
    const { bookingId: into } = await decided(NO_SHOW);
    await pool.query('UPDATE booking SET merged_into = $2 WHERE id = $1', [bookingId, into]);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect([fake.writes, fake.reads]).toEqual([[], 0]);
  });
});

describe('a write whose answer was lost', () => {
  it.each([
    ['no-show', NO_SHOW, 'markAbsent', 'mark_absent'],
    ['canceled', CANCELED, 'cancel', 'cancel'],
  ] as const)('is read back and not repeated: %s', async (_what, decision, call, action) => {
    const { bookingId, uid, cause } = await decided(decision);
    fake.fail({ on: call, errorClass: 'unknown_outcome', applied: true });
    expect(await attempt(bookingId)).toEqual({ kind: 'again', afterMs: 30 * SECOND });
    expect(await ledger(bookingId)).toEqual([{ cause, action, uid, state: 'intent' }]);
    nowMs += 30 * SECOND;
    expect(await attempt(bookingId, 2)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`${call} ${uid}`]);
    expect(await ledger(bookingId)).toEqual([{ cause, action, uid, state: 'done' }]);
  });

  it('is repeated when it had not been applied, but only when it can no longer be', async () => {
    const { bookingId, uid } = await decided(CANCELED);
    fake.fail({ on: 'cancel', errorClass: 'unknown_outcome' });
    await attempt(bookingId);
    nowMs += 10 * SECOND;
    expect(await attempt(bookingId, 2)).toEqual({ kind: 'again', afterMs: 20 * SECOND });
    expect(fake.writes).toEqual([]);
    nowMs += 20 * SECOND;
    expect(await attempt(bookingId, 3)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`cancel ${uid}`]);
  });

  it('is adopted when it was a move: the source links the new appointment to the old one', async () => {
    const { bookingId, uid } = await decided(MOVED);
    fake.fail({ on: 'reschedule', errorClass: 'unknown_outcome', applied: true });
    expect(await attempt(bookingId)).toMatchObject({ kind: 'again' });
    expect(await attempt(bookingId, 2)).toEqual({ kind: 'told' });
    const next = [...fake.appointments.values()].find((one) => one.predecessorUid === uid)!;
    expect(fake.writes).toEqual([`reschedule ${uid}`]);
    expect(await fed()).toEqual([`rescheduled ${next.uid}`]);
    expect(await ledger(bookingId)).toMatchObject([{ uid: next.uid, state: 'done' }]);
  });

  it('is known to have been applied when only the reading of the new appointment failed', async () => {
    const { bookingId, uid } = await decided(MOVED);
    fake.afterWrite = () => fake.fail({ on: 'readBooking', errorClass: 'unavailable' });
    expect(await attempt(bookingId)).toMatchObject({ kind: 'again' });
    const next = [...fake.appointments.values()].find((one) => one.predecessorUid === uid)!;
    expect(await ledger(bookingId)).toMatchObject([{ uid: next.uid, state: 'intent' }]);
    expect(await attempt(bookingId, 2)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`reschedule ${uid}`]);
    expect(await fed()).toEqual([`rescheduled ${next.uid}`]);
  });
});

describe('a refusal', () => {
  it('opens a task with the class and no words of the source, and is not repeated', async () => {
    const { bookingId, uid, cause } = await decided(CANCELED);
    fake.fail({ on: 'cancel', errorClass: 'refused' });
    const result = await attempt(bookingId);
    expect(result).toMatchObject({
      kind: 'refused',
      task: { kind: 'source_refused', about: SOURCE, owner: 'front-desk', escalateTo: ['manager'] },
    });
    expect(await ledger(bookingId)).toEqual([{ cause, action: 'cancel', uid, state: 'refused' }]);
    const evidence = { action: 'cancel', reason: 'refused', slotStartMs: START };
    expect(await openTasks(bookingId)).toEqual([{ kind: 'source_refused', about: SOURCE, evidence }]);
    expect(await attempt(bookingId)).toEqual(result);
    expect(await openTasks(bookingId)).toHaveLength(1);
  });

  it('that a person at the source was the reason of is no refusal', async () => {
    const { bookingId, uid } = await decided(CANCELED);
    fake.beforeWrite = () => void (fake.appointments.get(uid)!.state = 'canceled');
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(await openTasks(bookingId)).toEqual([]);
  });

  it('of a move that somebody there was faster with brings what the source shows into the inbox', async () => {
    const { bookingId, uid } = await decided(MOVED);
    fake.beforeWrite = () => void (fake.appointments.get(uid)!.state = 'moved');
    expect(await attempt(bookingId)).toMatchObject({ kind: 'refused' });
    expect(await fed()).toEqual([`reschedule_requested ${uid}`]);
  });

  it('that a person had answered with "again" is a cause of its own, and success withdraws what was asked', async () => {
    const { bookingId, uid, cause } = await decided(CANCELED);
    fake.fail({ on: 'cancel', errorClass: 'refused' });
    await attempt(bookingId);
    const retry = aFact('source_decided', {
      id: randomUUID(),
      uid,
      decision: { kind: 'source', action: 'retry' },
      receivedAtMs: nowMs + SECOND,
    });
    await store(bookingId, retry);
    await pool.query(`UPDATE booking SET picture = jsonb_set(picture, '{sourceDecision}', $2) WHERE id = $1`, [
      bookingId,
      JSON.stringify({ action: 'retry', factId: retry.id }),
    ]);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(await openTasks(bookingId)).toEqual([]);
    const states = (await ledger(bookingId)).map((row) => [row.cause, row.state]);
    expect(new Map(states as [string, string][])).toEqual(
      new Map([
        [cause, 'refused'],
        [retry.id, 'done'],
      ]),
    );
  });

  it('is what an appointment becomes that the source does not know, after the last attempt', async () => {
    const { bookingId } = await decided(CANCELED, { atSource: false });
    expect(await attempt(bookingId)).toEqual({ kind: 'again', afterMs: 60 * SECOND });
    expect(await attempt(bookingId, MAXIMUM_ATTEMPTS)).toMatchObject({ kind: 'refused' });
    expect(await openTasks(bookingId)).toMatchObject([{ evidence: { reason: 'not_found' } }]);
  });
});

describe('a source in trouble', () => {
  it('is asked again after the pause that it named, with nothing left in the ledger', async () => {
    const { bookingId, uid } = await decided(NO_SHOW);
    fake.fail({ on: 'markAbsent', errorClass: 'rate_limited', retryAfterMs: 7 * SECOND });
    expect(await attempt(bookingId)).toEqual({ kind: 'again', afterMs: 7 * SECOND });
    expect(await ledger(bookingId)).toEqual([]);
    expect(await attempt(bookingId, 2)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([`markAbsent ${uid}`]);
  });

  it('is left to the workflow after the last attempt', async () => {
    const { bookingId } = await decided(NO_SHOW);
    fake.fail({ on: 'readBooking', errorClass: 'unavailable' });
    expect(await attempt(bookingId)).toMatchObject({ kind: 'again' });
    fake.fail({ on: 'readBooking', errorClass: 'rate_limited', retryAfterMs: 9 * SECOND });
    const waiting = { kind: 'waiting', reason: 'rate_limited', retryAfterMs: 9 * SECOND };
    expect(await attempt(bookingId, MAXIMUM_ATTEMPTS)).toEqual(waiting);
  });

  it('that does not accept our credentials is not tried four times', async () => {
    const { bookingId } = await decided(NO_SHOW);
    fake.fail({ on: 'markAbsent', errorClass: 'reauth_required' });
    expect(await attempt(bookingId)).toEqual({ kind: 'waiting', reason: 'reauth_required', retryAfterMs: null });
    expect(told).toEqual([{ connection: bookingId.split('/')[0], reason: 'reauth_required' }]);
  });
});

describe('of an appointment that several guests share', () => {
  const seats = [
    { email: EMAIL, phone: null, seatId: 'seat-1' },
    { email: 'other.guest@example.com', phone: null, seatId: 'seat-2' },
  ];
  const shared = async (decision: typeof NO_SHOW | typeof CANCELED | typeof MOVED, seatId: string | null) => {
    const life = await decided(decision, { atSource: false });
    fake.book(life.uid, { startMs: START, seats });
    await pool.query(`INSERT INTO participation (connection, uid, booking_id, seat_id) VALUES ($1, $2, $3, $4)`, [
      ...[SOURCE, life.uid, life.bookingId, seatId],
    ]);
    return life;
  };

  it('only the seat of the guest is canceled', async () => {
    const canceled: unknown[] = [];
    const { bookingId, uid } = await shared(CANCELED, 'seat-1');
    fake = { ...fake, api: { ...fake.api, cancel: (...args) => Promise.resolve(void canceled.push(args)) } };
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(canceled).toEqual([[uid, { reason: expect.any(String), seatId: 'seat-1' }]]);
  });

  it('a seat that was given up needs no cancellation', async () => {
    const { bookingId } = await shared(CANCELED, 'seat-3');
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.writes).toEqual([]);
  });

  it('a move is refused here: it would take everybody along', async () => {
    const { bookingId } = await shared(MOVED, 'seat-1');
    expect(await attempt(bookingId)).toMatchObject({ kind: 'refused' });
    expect(fake.writes).toEqual([]);
    expect(await openTasks(bookingId)).toMatchObject([{ evidence: { reason: 'shared_appointment' } }]);
  });

  it('the mark of another guest is not this one', async () => {
    const { bookingId, uid } = await shared(NO_SHOW, null);
    fake.appointments.get(uid)!.absent.set('other.guest@example.com', true);
    expect(await attempt(bookingId)).toEqual({ kind: 'told' });
    expect(fake.appointments.get(uid)!.absent.get(EMAIL)).toBe(true);
  });
});
