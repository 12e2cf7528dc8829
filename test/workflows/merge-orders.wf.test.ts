/**
 * Two chains of three that turn out to be one, through running workflows: orders from all over those that test/db plays. The source
 * can't be asked while they arrive, so the pieces live, are written to the CRM and write to the guest until a link or a poll joins them.
 */
import { withTransaction } from '../../db/pool';
import { feedRead } from '../../db/source-reads';
import { openVault, parseMasterKeys } from '../../db/vault';
import { bookingWorkflowId } from '../../domain/ids';
import type { CalcomBody } from '../../local/samples/calcom-body';
import { addressOf, bodyOf, readBodyOf } from '../model/bodies';
import { hookOf, newRow, replaceRow, type Row } from '../model/calcom';
import { allSettled, meetingsOfNobody, shownOf } from '../model/running';
import { slotAt } from '../support/facts';
import { CHAIN, linkBefore, lostIn, MERGE_ORDERS, spread, type Link } from '../support/merge-orders';
import { aWorld, createContact, DAY, HOUR, MINUTE, SOURCE, type World } from '../support/world';
import { endWorkflows, messagesOf, workflowEnded } from '../support/world-records';

const ORDERS = spread(MERGE_ORDERS, 60);
const SETTLING_MS = 150_000;

let world: World;
beforeAll(async () => {
  world = await aWorld();
});
afterEach(() => endWorkflows(world));

interface Case {
  readonly order: readonly Link[];
  readonly guest: string;
  /** What the source has, by link. */
  readonly rows: ReadonlyMap<Link, Row>;
}

/** One guest's appointment as the source knows it, moved five times; no calendar answered, so only the links join it. */
function aCase(order: readonly Link[], { nth, startMs }: { nth: number; startMs: number }): Case {
  const rows = new Map<Link, Row>();
  const guest = `guest-${nth}`;
  for (const [position, link] of CHAIN.entries()) {
    const slot = slotAt(startMs + position * HOUR);
    const attendees = [{ email: guest, seatId: null }];
    const given = { uid: `c${nth}-${link}`, kind: 'plain', slot, host: 'host-1', attendees, pending: false } as const;
    const before = rows.get(linkBefore(link)!);
    rows.set(link, before ? replaceRow(before, given, 'absent') : newRow(given));
  }
  return { order, guest, rows };
}

function bodyFor({ rows }: Case, link: Link, nowMs: number): CalcomBody {
  const row = rows.get(link)!;
  const hook =
    row.from === null
      ? hookOf('BOOKING_CREATED', row)
      : hookOf('BOOKING_RESCHEDULED', row, { rescheduleUid: row.from });
  return bodyOf(hook, nowMs);
}

/** Each case hears its deliveries in its order, all of them side by side. After every other one the CRM has caught up. */
async function tellAll(cases: readonly Case[]): Promise<void> {
  for (let nth = 0; nth < CHAIN.length; nth += 1) {
    const nowMs = await world.now();
    await world.hear(...cases.flatMap((one) => one.order.slice(nth, nth + 1).map((link) => bodyFor(one, link, nowMs))));
    if (nth % 2 === 0) await allSettled(world, SETTLING_MS);
  }
}

/** The source's next poll reads what was lost, and puts it into the inbox. */
async function pollAll(cases: readonly Case[]): Promise<void> {
  const { pool } = world.database;
  const vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  const nowMs = await world.now();
  const lost = cases.flatMap(({ order, rows }) => lostIn(order).map((link) => rows.get(link)!));
  await withTransaction(pool, async (tx) => {
    for (const row of lost) {
      const body = Buffer.from(JSON.stringify(readBodyOf(row, { atMs: nowMs, tick: 0, lying: false })));
      const read = { uid: row.uid, readAtMs: nowMs, contentHash: row.uid, body };
      await feedRead(tx, vault, { connection: SOURCE, read, origin: 'poll', nowMs });
    }
  });
  await world.hear();
  await allSettled(world, SETTLING_MS);
}

/** Their runs know that they are part of another booking now. Returns how many there were. */
async function mergedRunsEnded(): Promise<number> {
  const { rows } = await world.database.pool.query<{ id: string }>('SELECT id FROM booking WHERE merged_into IS NOT NULL'); // prettier-ignore
  for (const { id } of rows) {
    await workflowEnded(world, bookingWorkflowId(id));
  }
  return rows.length;
}

test(`${ORDERS.length} orders: one booking, one live CRM appointment, each message at most once`, async () => {
  const startMs = Math.ceil((await world.now()) / HOUR) * HOUR + 10 * DAY;
  const cases = ORDERS.map((order, nth) => aCase(order, { nth, startMs }));
  for (const { guest } of cases) {
    await createContact(world.simulators, { name: `${guest} Example`, email: addressOf(guest) });
  }
  await tellAll(cases);
  await pollAll(cases);
  const merged = await mergedRunsEnded();

  const last = slotAt(startMs + 5 * HOUR);
  const shown = await shownOf(world, new Set(cases.map(({ guest }) => addressOf(guest))));
  const found = cases.map(({ order, guest }) => ({
    order,
    bookings: shown
      .filter((one) => one.guest === addressOf(guest))
      .map(({ booking: { status, slot, chain }, meetings }) => ({
        status,
        startMs: slot?.startMs,
        chain,
        live: meetings.filter(({ outcome }) => outcome !== 'CANCELED'),
      })),
  }));
  expect(found).toEqual(
    cases.map(({ order, rows }) => ({
      order,
      bookings: [
        {
          status: 'scheduled',
          startMs: last.startMs,
          chain: [...rows.values()].map(({ uid }) => uid),
          live: [{ outcome: 'SCHEDULED', startMs: last.startMs }],
        },
      ],
    })),
  );
  expect(await meetingsOfNobody(world)).toEqual([]);

  for (const beforeMs of [72 * HOUR, 24 * HOUR]) {
    await world.sleepUntil(last.startMs - beforeMs + MINUTE);
    await allSettled(world, SETTLING_MS);
  }
  await expectEachMessageOnce(cases, last.startMs);
  const surplus = shown.flatMap(({ meetings }) => meetings.filter(({ outcome }) => outcome === 'CANCELED'));
  process.stdout.write(
    `${cases.length} orders: ${merged} bookings merged, ${surplus.length} surplus meetings canceled\n`,
  );
  expect(merged).toBeGreaterThan(cases.length);
  expect(surplus.length).toBeGreaterThan(cases.length / 2);
}, 240_000);

/** Pieces that had confirmed themselves before they met did so for times of their own; nothing is said twice of one time. */
async function expectEachMessageOnce(cases: readonly Case[], startMs: number): Promise<void> {
  for (const { guest, rows } of cases) {
    const subjects = world.mails({ email: addressOf(guest) }).map(({ subject }) => subject);
    const reminders = subjects.filter((subject) => subject.startsWith('Reminder'));
    const others = subjects.filter((subject) => !reminders.includes(subject));
    expect({ guest, others }).toEqual({ guest, others: [...new Set(others)] });
    expect({ guest, reminders }).toEqual({ guest, reminders: [reminders[0], reminders[0]] });
    const messages = (await messagesOf(world, rows.get('A')!.uid)).filter(({ state }) => state !== 'skipped');
    const kinds = messages.map(({ kind, state, attempts }) => ({ kind, state, attempts }));
    const once = { state: 'sent', attempts: 1 };
    expect({ guest, kinds: kinds.filter(({ kind }) => kind !== 'outcome_ask') }).toEqual({
      guest,
      kinds: ['confirmation', 'reminder', 'reminder'].map((kind) => ({ kind, ...once })),
    });
    expect(messages.filter(({ kind, slotStartMs }) => kind === 'reminder' && slotStartMs !== startMs)).toEqual([]);
  }
  expect(Object.values(world.simulators.mail.mailbox().countByMessageId).filter((count) => count > 1)).toEqual([]);
}
