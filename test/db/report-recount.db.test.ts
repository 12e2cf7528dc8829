/**
 * The report's numbers are those of a slow, plain count over the log of what was said: 500 random lives with repeats, delays, moves,
 * corrections, shared slots, merges, unpaid, internal and unknown ones, at week boundaries of three zones and around changes of clocks.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { insertBooking } from '../../db/bookings';
import { mergeBookings } from '../../db/merges';
import { addParticipation, insertCopy } from '../../db/participations';
import { findOrCreatePerson } from '../../db/persons';
import { withTransaction, type Db } from '../../db/pool';
import { readReportCounts } from '../../db/report-counts';
import { addUpDays } from '../../db/report-days';
import { readReportFunnel, readReportLifecycle, readReportRates } from '../../db/report-views';
import { openVault, parseMasterKeys } from '../../db/vault';
import { coverageOf, ratesOf, shareOf } from '../../domain/report/rates';
import { mondayOf, plusDays } from '../../domain/report/windows';
import type { Fact } from '../../domain/facts';
import { copyFor } from '../../domain/identity';
import { HOUR } from '../support/facts';
import { arrivals, arrive, lives, type Life } from '../support/lives';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { recordForReport, reportDeps } from '../support/report-bookings';

const SEED = Number(process.env.REPORT_SEED ?? 46_493_847);
const BOOKINGS = 500;
const NOW = Date.UTC(2025, 5, 1);
const EXCLUDE = { internalDomains: ['staff.example.com'], testDomains: ['test.example.com'], unpaid: true };
/** Each source stands for an account in one zone. Anchors: midnights from Sunday to Monday there, of weeks in which clocks change. */
const SOURCES = {
  denver: { zone: 'America/Denver', midnights: ['2024-03-04T07:00Z', '2024-03-11T06:00Z', '2024-11-04T07:00Z'] },
  paris: { zone: 'Europe/Paris', midnights: ['2024-03-31T22:00Z', '2024-03-24T23:00Z', '2024-10-27T23:00Z'] },
  kolkata: { zone: 'Asia/Kolkata', midnights: ['2024-03-03T18:30Z', '2024-12-29T18:30Z'] },
} as const;
type Source = keyof typeof SOURCES;
const NAMES = Object.keys(SOURCES) as Source[];

/** One booking as the log has it: what was said, in the order in which it arrived, and what happened in truth. */
interface Told {
  readonly id: string;
  readonly source: Source;
  readonly kind: 'own' | 'shared' | 'merged';
  readonly guest: Guest;
  readonly life: Life;
  readonly facts: readonly Fact[];
}
interface Guest {
  readonly id: string;
  readonly kind: 'guest' | 'staff' | 'test';
}

// ---------------------------------------------------------------- the plain count

type Status = Life['notebook']['status'];
const MOVES: Readonly<Record<string, number>> = {
  move: 1,
  moveUnheard: 1,
  moveTwiceUnheard: 2,
  requestMove: 1,
  wholeSlotMove: 1,
  moveAsAgreed: 1,
};

interface Line {
  readonly told: Told;
  readonly status: Status;
  readonly day: string;
  readonly moves: number;
  readonly bookedAtMs: number;
  readonly timing: 'early' | 'late' | null;
  readonly excluded: 'unpaid' | 'test' | 'internal' | null;
}

function lineOf(told: Told): Line {
  const { life, facts, source, guest } = told;
  const { notebook, steps } = life;
  const startMs = notebook.slot.startMs + shiftOf(told).slotMs;
  const status = notebook.status === 'scheduled' ? 'awaiting_outcome' : notebook.status;
  const canceledAtMs = status === 'canceled' ? canceledAt(facts, notebook.chain.at(-1)!) : null;
  const said = new Set(facts.map(({ type }) => type));
  const isUnpaid =
    said.has('payment_pending') && !said.has('paid') && !said.has('scheduled') && !said.has('rescheduled');
  return {
    told,
    status,
    day: dayOf(startMs, SOURCES[source].zone),
    moves: steps.reduce((sum, step) => sum + (MOVES[step] ?? 0), 0),
    bookedAtMs: Math.min(...facts.map(({ receivedAtMs }) => receivedAtMs)),
    timing: canceledAtMs === null ? null : startMs - canceledAtMs >= 24 * HOUR ? 'early' : 'late',
    excluded: guest.kind === 'test' ? 'test' : guest.kind === 'staff' ? 'internal' : isUnpaid ? 'unpaid' : null,
  };
}

/** A person's word beats the source's; what was said again is not said later. */
function canceledAt(facts: readonly Fact[], uid: string): number {
  let decidedAtMs: number | null = null;
  let heardAtMs = Infinity;
  for (const { uid: about, type, decision, receivedAtMs } of facts) {
    if (about !== uid) continue;
    if (type === 'canceled') heardAtMs = Math.min(heardAtMs, receivedAtMs);
    if (decision?.kind !== 'outcome') continue;
    if (decision.outcome !== 'canceled') decidedAtMs = null;
    else decidedAtMs ??= receivedAtMs;
  }
  return decidedAtMs ?? heardAtMs;
}

const formats = new Map(
  NAMES.map((name) => [SOURCES[name].zone, new Intl.DateTimeFormat('en-CA', { timeZone: SOURCES[name].zone })]),
);
const dayOf = (atMs: number, zone: (typeof SOURCES)[Source]['zone']): string => formats.get(zone)!.format(atMs);

function countsOf(lines: readonly Line[], leads: readonly Lead[], within: (day: string) => boolean) {
  const all = lines.filter(({ day }) => within(day));
  const counted = all.filter(({ excluded }) => excluded === null);
  const many = (is: (line: Line) => boolean): number => counted.filter(is).length;
  const entered = leads.filter(({ day }) => within(day));
  const [showed, noShows] = [many(({ status }) => status === 'showed'), many(({ status }) => status === 'no_show')];
  const unknown = many(({ status }) => status === 'awaiting_outcome');
  const left = (reason: Line['excluded']): number => all.filter(({ excluded }) => excluded === reason).length;
  return {
    due: showed + noShows + unknown,
    resolved: showed + noShows,
    showed,
    noShows,
    unknown,
    chains: counted.length,
    rescheduled: many(({ moves }) => moves > 0),
    earlyCancels: many(({ timing }) => timing === 'early'),
    lateCancels: many(({ timing }) => timing === 'late'),
    leads: entered.length,
    booked: entered.filter(({ bookedAtMs }) => bookedAtMs !== null).length,
    attended: entered.filter(({ attended }) => attended).length,
    withReminder: {
      showed: many(({ status, told }) => status === 'showed' && reminded.has(told.id)),
      noShows: many(({ status, told }) => status === 'no_show' && reminded.has(told.id)),
    },
    excluded: { unpaid: left('unpaid'), test: left('test'), internal: left('internal') },
  };
}

interface Lead {
  readonly day: string;
  readonly bookedAtMs: number | null;
  readonly attended: boolean;
}

/** Everybody who booked, for the day and the source of their first booking. */
function leadsOf(lines: readonly Line[], source: Source): Lead[] {
  const byGuest = new Map<string, Line[]>();
  for (const line of lines.filter(({ excluded }) => excluded === null)) {
    const { id } = line.told.guest;
    byGuest.set(id, [...(byGuest.get(id) ?? []), line]);
  }
  return [...byGuest.values()].flatMap((bookings) => {
    const [first] = [...bookings].sort((a, b) => a.bookedAtMs - b.bookedAtMs || (a.told.id < b.told.id ? -1 : 1));
    if (!first || first.told.source !== source) return [];
    const day = dayOf(first.bookedAtMs, SOURCES[source].zone);
    return [{ day, bookedAtMs: first.bookedAtMs, attended: bookings.some(({ status }) => status === 'showed') }];
  });
}

// ---------------------------------------------------------------- the stories

interface Drawn {
  readonly life: Life;
  readonly facts: readonly Fact[];
  readonly source: Source;
  readonly kind: Told['kind'];
  readonly guest: number;
  /** By how much the slot, and what was said, are moved from where lives are set. */
  readonly slotMs: number;
  readonly saidMs: number;
}

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    life: lives,
    arrival: arrivals,
    source: fc.constantFrom(...NAMES),
    guest: fc.nat({ max: 99 }),
    kind: fc.constantFrom('own', 'own', 'own', 'own', 'shared', 'merged'),
    week: fc.nat(),
    minutes: fc.integer({ min: -300, max: 300 }),
    hoursAhead: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ life, arrival, source, kind, guest, week, minutes, hoursAhead }) => {
    const { midnights } = SOURCES[source];
    const slotAtMs = Date.parse(midnights[week % midnights.length] ?? '') + minutes * 60_000;
    // A third comes twice.
    const arrived = arrive(
      life,
      arrival.map(({ copies, delay }) => ({ copies: copies === 2 ? 1 : 0, delay })),
    );
    const saidMs = slotAtMs - hoursAhead * HOUR - (arrived[0]?.receivedAtMs ?? 0);
    return { life, facts: arrived, source, kind, guest, slotMs: slotAtMs - life.notebook.slot.startMs, saidMs };
  });

const shifts = new Map<string, { readonly slotMs: number }>();
const shiftOf = ({ id }: Told): { readonly slotMs: number } => shifts.get(id) ?? { slotMs: 0 };
/** The same id for the same words: ids decide between facts that nothing else orders. */
function idOf(...words: readonly (string | number)[]): string {
  const hex = createHash('sha256')
    .update([SEED, ...words].join('/'))
    .digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Life's "guest", "friend" and "host-3" as the ids of people. */
function cast(
  { facts, slotMs, saidMs, kind }: Drawn,
  id: string,
  { guest, people }: { guest: Guest; people: readonly string[] },
): Fact[] {
  const person = (name: string | null): string | null => {
    if (name === null || name === 'guest') return name && guest.id;
    return people[name === 'friend' ? 0 : Number(name.slice(5)) % people.length] ?? null;
  };
  const moved = <S extends Fact['slot']>(slot: S): S =>
    slot && { ...slot, startMs: slot.startMs + slotMs, endMs: slot.endMs + slotMs };
  return facts.map((fact, n) => ({
    ...fact,
    id: idOf(id, n),
    slot: moved(fact.slot),
    receivedAtMs: fact.receivedAtMs + saidMs,
    readAtMs: fact.readAtMs && fact.readAtMs + saidMs,
    personId: person(fact.personId),
    hostId: person(fact.hostId),
    aboutPersonId: kind === 'shared' && fact.aboutPersonId === 'guest' ? null : person(fact.aboutPersonId),
    decision:
      fact.decision?.kind === 'outcome' && fact.decision.slot
        ? { ...fact.decision, slot: moved(fact.decision.slot) }
        : fact.decision,
  }));
}

/** As `insertFact` does, in one statement. */
async function addFacts(tx: Db, to: { id: string; connection: string; facts: readonly Fact[] }): Promise<void> {
  await tx.query(
    `INSERT INTO booking_event (id, booking_id, connection, type, fact, received_at)
     SELECT (fact->>'id')::uuid, $1, $2, fact->>'type', fact, to_timestamp((fact->>'receivedAtMs')::float8 / 1000)
     FROM jsonb_array_elements($3) AS fact`,
    [to.id, to.connection, JSON.stringify(to.facts)],
  );
}

/** What was said of a uid that two share reaches each as a copy. */
async function share(tx: Db, told: readonly Told[]): Promise<void> {
  const [one] = told;
  if (!one) return;
  const connection = one.source;
  for (const { id, guest, facts } of told) {
    const uids = [...new Set(facts.map(({ uid }) => `${one.id}/${uid}`))];
    await addParticipation(tx, { connection, bookingId: id, uids, seatId: null, personId: guest.id });
  }
  for (const fact of one.facts) {
    const bySource = fact.by === 'source';
    if (!bySource) {
      for (const { id } of told) await addFacts(tx, { id, connection, facts: [{ ...fact, id: idOf(id, fact.id) }] });
      continue;
    }
    const slotFact = { id: fact.id, fact, deliveryId: null };
    await tx.query(`INSERT INTO slot_fact (id, connection, uid, fact, received_at) VALUES ($1, $2, $3, $4, $5)`, [
      fact.id,
      connection,
      fact.uid,
      JSON.stringify(fact),
      new Date(fact.receivedAtMs),
    ]);
    await Promise.all(
      told.map(({ id, guest }) => {
        const copy = copyFor(fact, { id: idOf(id, fact.id), personId: guest.id });
        return insertCopy(tx, { slotFact, connection, bookingId: id, fact: copy, sealed: null });
      }),
    );
  }
}

let database: TestDatabase;
let deps: (source: Source) => ReturnType<typeof reportDeps>;
let lines: readonly Line[];
const reminded = new Set<string>();

/** People as they are stored, each with an address of their own. */
async function makePeople(count: number): Promise<Guest[]> {
  const vault = await openVault(database.pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  deps = (source) => reportDeps({ zone: SOURCES[source].zone, exclude: EXCLUDE }, vault);
  const nobody = { name: null, firstName: null, lastName: null, phone: null, zone: null, locale: null };
  return withTransaction(database.pool, async (tx) => {
    const people: Guest[] = [];
    for (let n = 0; n < count; n += 1) {
      const kind = n % 12 === 5 ? 'staff' : n % 20 === 6 ? 'test' : 'guest';
      const email = `guest-${n}@${kind === 'guest' ? '' : `${kind}.`}example.com`;
      people.push({ id: (await findOrCreatePerson(tx, vault, { ...nobody, email })).id, kind });
    }
    return people;
  });
}

/** Stores a story in pieces, recording in between, and returns what was told. */
async function play(one: Drawn, id: string, people: readonly Guest[]): Promise<readonly Told[]> {
  const { pool } = database;
  const { source, kind, life } = one;
  const guest = people[one.guest]!;
  const hosts = people.slice(-3).map((person) => person.id);
  const facts = cast(one, id, { guest, people: hosts });
  const told: Told = { id, source, kind, guest, life, facts };
  const record = (of: string) => recordForReport(pool, deps(source), { id: of, nowMs: NOW, policy: life.policy });
  const add = async (to: string, some: readonly Fact[]): Promise<void> => {
    await withTransaction(pool, async (tx) => {
      await insertBooking(tx, { id: to, connection: source, rootUid: to });
      await addFacts(tx, { id: to, connection: source, facts: some });
    });
    await record(to);
  };
  shifts.set(id, { slotMs: one.slotMs });
  if (kind === 'shared') {
    const other: Told = { ...told, id: `${id}/2`, guest: people[(one.guest + 1) % (people.length - 3)]! };
    shifts.set(other.id, { slotMs: one.slotMs });
    await withTransaction(pool, async (tx) => {
      for (const each of [told, other]) await insertBooking(tx, { id: each.id, connection: source, rootUid: id });
      await share(tx, [told, other]);
    });
    for (const each of [told, other]) await record(each.id);
    return [told, other];
  }
  const half = Math.ceil(facts.length / 2);
  await add(id, facts.slice(0, half));
  if (half === facts.length) return [told];
  if (kind === 'own') await add(id, facts.slice(half));
  else {
    await add(`${id}/other`, facts.slice(half));
    await withTransaction(pool, (tx) => mergeBookings(tx, { from: `${id}/other`, into: id }));
    await record(id);
  }
  return [told];
}

/** Every third booking was reminded of the time that it has in the end. */
async function remind(told: readonly Told[]): Promise<void> {
  const some = told.filter((_, index) => index % 3 === 0).map(({ id }) => id);
  for (const id of some) reminded.add(id);
  await database.pool.query(
    `INSERT INTO message (id, booking_id, key, kind, channel, recipient, slot_key, due_at, state)
     SELECT gen_random_uuid(), id, 'reminder', 'reminder', 'email', 'guest', slot_key, slot_start, 'planned'
     FROM booking WHERE id = ANY ($1)`,
    [some],
  );
  await database.pool.query(`UPDATE message SET state = 'sent'`);
}

beforeAll(async () => {
  process.stdout.write(`report recount: seed ${SEED}\n`);
  database = await testDatabase();
  const people = await makePeople(103);
  const stories = fc.sample(drawn, { seed: SEED, numRuns: BOOKINGS });
  const waiting = [...stories.entries()];
  const told: Told[] = [];
  // Several at once, as workers do it; now and then somebody adds up.
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      told.push(...(await play(next[1], `booking-${next[0]}`, people)));
      if (next[0] % 50 === 0) await addUpDays(database.pool);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  await remind(told);
  lines = told.map(lineOf);
});

const windowOf = (fromDate: string, days: number, source: Source) => ({
  fromDate,
  toDate: plusDays(fromDate, days),
  sources: [source],
});

test.each(NAMES)('every booking of %s has the line that its log tells', async (source) => {
  const expected = lines
    .filter(({ told }) => told.source === source)
    .map(({ told, status, day, moves, bookedAtMs, timing, excluded }) => ({
      bookingId: told.id,
      status,
      slotDate: day,
      slotWeek: mondayOf(day),
      movedCount: moves,
      bookedAtMs,
      bookedDate: dayOf(bookedAtMs, SOURCES[source].zone),
      cancelTiming: timing,
      excludedReason: excluded,
    }));
  const found = await readReportLifecycle(database.pool, windowOf('2023-01-01', 1_000, source));
  const rows = found
    .filter(({ excludedReason }) => excludedReason !== 'merged')
    .map(
      ({
        bookingId,
        status,
        slotDate,
        slotWeek,
        movedCount,
        bookedAtMs,
        bookedDate,
        cancelTiming,
        excludedReason,
      }) => ({
        bookingId,
        status,
        slotDate,
        slotWeek,
        movedCount,
        bookedAtMs,
        bookedDate,
        cancelTiming,
        excludedReason,
      }),
    );
  const byId = <T extends { bookingId: string }>(all: T[]) => new Map(all.map((row) => [row.bookingId, row]));
  expect(byId(rows)).toEqual(byId(expected));
});

test.each(NAMES)('the numbers of %s are those of the plain count, by day, by week and in all', async (source) => {
  const own = lines.filter(({ told }) => told.source === source);
  const leads = leadsOf(lines, source);
  const days = [...new Set([...own.map(({ day }) => day), ...leads.map(({ day }) => day)])].sort();
  const weeks = [...new Set(days.map(mondayOf))];
  for (const [fromDate, length] of [
    ...[['2023-01-01', 1_000] as const, ...weeks.map((week) => [week, 7] as const)],
    ...days.map((day) => [day, 1] as const),
  ]) {
    const window = windowOf(fromDate, length, source);
    const expected = countsOf(own, leads, (day) => day >= window.fromDate && day < window.toDate);
    expect([fromDate, length, await readReportCounts(database.pool, window)]).toMatchObject([
      fromDate,
      length,
      expected,
    ]);
  }
});

test.each(NAMES)('the weeks of %s have the rates and the funnel of the plain count', async (source) => {
  const own = lines.filter(({ told }) => told.source === source);
  const leads = leadsOf(lines, source);
  const all = windowOf('2023-01-02', 1_001, source);
  const round = (share: number | null): number | null => share && Math.round(share * 10_000) / 10_000;
  const rates = await readReportRates(database.pool, all);
  expect(rates.length).toBeGreaterThan(3);
  for (const row of rates) {
    const counts = countsOf(own, leads, (day) => mondayOf(day) === row.slotWeek);
    const { no_show, reschedule, early_cancel } = ratesOf({
      ...counts,
      invited: 0,
      withoutReminder: counts.withReminder,
      crmConfirmed: counts.withReminder,
      timeToBookHours: [],
    });
    expect(row).toMatchObject({
      due: counts.due,
      resolved: counts.resolved,
      unknown: counts.unknown,
      bookings: counts.chains,
      coverage: round(coverageOf(counts)),
      noShowRate: round(shareOf(no_show)),
      lateCancels: counts.lateCancels,
      rescheduleRate: round(shareOf(reschedule)),
      earlyCancelRate: round(shareOf(early_cancel)),
      showedReminded: counts.withReminder.showed,
      noShowsReminded: counts.withReminder.noShows,
      excluded: counts.excluded.unpaid + counts.excluded.test + counts.excluded.internal,
    });
  }
  expect(rates.reduce((sum, row) => sum + row.bookings, 0)).toBe(own.filter((line) => line.excluded === null).length);
  const funnel = await readReportFunnel(database.pool, all);
  for (const row of funnel) {
    const { leads: entered, booked, attended } = countsOf(own, leads, (day) => mondayOf(day) === row.entryWeek);
    expect(row).toMatchObject({ leads: entered, invited: entered, booked, attended });
  }
  expect(funnel.reduce((sum, row) => sum + row.leads, 0)).toBe(leads.length);
});

test('the stories have what is hard: each outcome, each kind of booking and of exclusion, moves and both kinds of cancellation', () => {
  const seen = (of: (line: Line) => unknown): Set<unknown> => new Set(lines.map(of));
  expect(seen(({ status }) => status).size).toBe(7);
  expect(seen(({ excluded }) => excluded)).toEqual(new Set([null, 'unpaid', 'test', 'internal']));
  expect(seen(({ timing }) => timing)).toEqual(new Set([null, 'early', 'late']));
  expect(seen(({ told }) => told.kind)).toEqual(new Set(['own', 'shared', 'merged']));
  expect(seen(({ moves }) => Math.min(moves, 3))).toEqual(new Set([0, 1, 2, 3]));
});
