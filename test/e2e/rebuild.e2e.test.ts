/**
 * Temporal's database is lost, with fifty bookings in every status. Everything open comes back from the facts:
 * workflows, deadlines and tasks; and nothing is written or sent a second time.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BookingView } from '../../workflows/contract';
import { bookingId, bookingViewQuery, connectionWorkflowId, probeNowSignal } from '../../workflows/contract';
import { projectRoot } from '../../local/programs';
import { crashStack, type CrashStack } from '../support/crash-stack';
import { CRM, decide, introduce, send, SOURCE } from '../support/crash-stories';
import { eventually } from '../support/eventually';
import { fiftyBookings, type Made } from '../support/fifty-bookings';
import { testDirectory } from '../support/processes';

/** What an operator sees of one booking in Temporal. */
interface Seen extends BookingView {
  /** Instant and words of the pending timer. */
  readonly timer: { readonly firesAtMs: number; readonly summary: string } | null;
}

const bookings = fiftyBookings();
const asked = bookings.filter(({ kind }) => kind === 'unmatched');
const [stillAsked, ...decided] = asked;
const interrupted = bookings.find(({ kind }) => kind === 'interrupted')!;
const parked = bookings.filter(({ kind }) => kind === 'parked');
let crash: CrashStack;
const before = new Map<string, Seen>();
let ids = new Map<string, string>();
let createsBefore = 0;
let mailsBefore = 0;

beforeAll(async () => {
  crash = await crashStack({ durable: true, env: { BOOKSYNC_CONFIG: fastConfig() } });
  await settings({ rateLimits: null, searchLagMs: 0 });
  await introduce(
    crash,
    bookings.map((made) => ({ ...made, isKnown: made.kind !== 'unmatched' })),
  );
  await tell(bookings.filter(({ kind }) => kind !== 'parked'));
  await settings({ token: 'revoked' });
  await tell(parked);
  ids = await bookingIds();
  for (const made of bookings) before.set(made.uid, await see(idOf(made)));
  createsBefore = await creates();
  mailsBefore = (await crash.mails()).messages.length;

  await crash.stack.stopPart('worker');
  await crash.stack.stopPart('temporal');
  await leaveSending(interrupted);
  const database = path.join(crash.stack.logFile('temporal'), '../../temporal/temporal.db');
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
  await crash.startWith('temporal', {});
  await crash.startWith('worker', { BOOKSYNC_CONFIG: fastConfig() });
});

test('every status was there, and every booking was open', () => {
  expect(new Set([...before.values()].map(({ status }) => status))).toEqual(
    new Set(bookings.map(({ status }) => status)),
  );
  expect(before.size).toBe(50);
  expect(asked.map(({ uid }) => before.get(uid)?.openTasks.length)).toEqual(asked.map(() => 1));
});

test('every open booking has its workflow again, with the same status, version, CRM state, tasks and timer', async () => {
  for (const made of bookings) {
    if (made.kind === 'interrupted') continue;
    // Who found no contact looks again, and its CRM is away; the question to a person stays the same.
    const crm = made.kind === 'unmatched' ? { crm: { [CRM]: 'parked' } } : {};
    const isBack = async (): Promise<void> =>
      expect(await see(idOf(made))).toEqual({ ...before.get(made.uid), timer: sameTimer(made), ...crm });
    await eventually(isBack, { what: `the workflow of a ${made.kind} booking` });
  }
});

test('a message that was being sent when everything was lost is left unknown, and a person is asked', async () => {
  const isAsked = async (): Promise<void> => {
    const [message] = await crash.rows<{ state: string; id: string }>(
      `SELECT m.state, m.id FROM message m JOIN booking_alias a USING (booking_id) WHERE a.uid = $1 AND m.kind = 'confirmation'`,
      [interrupted.uid],
    );
    expect(message?.state).toBe('unknown');
    const { openTasks, timer } = await see(idOf(interrupted));
    expect(openTasks).toEqual([`task/message_unknown/${idOf(interrupted)}/${message?.id}/1`]);
    expect(timer).toEqual(sameTimer(interrupted));
  };
  await eventually(isAsked, { what: 'a task about the message' });
});

test('an open task exists again and can be decided', async () => {
  for (const { uid } of decided) {
    await eventually(() => decide(crash.stack, uid, { decision: 'no_contact' }), {
      what: 'the decision',
    });
  }
});

test('nothing was written or sent a second time, and what waited for its CRM goes on once that is back', async () => {
  expect(await creates()).toBe(createsBefore);
  expect((await crash.mails()).messages).toHaveLength(mailsBefore);

  await settings({ token: 'accepted' });
  await crash.client.workflow.getHandle(connectionWorkflowId(CRM)).signal(probeNowSignal);
  await eventually(
    async () => {
      const states = await crmStates();
      expect(parked.map(({ uid }) => states.get(uid))).toEqual(parked.map(() => 'synced'));
      // Decided meanwhile: no contact.
      expect(decided.map(({ uid }) => states.get(uid))).toEqual(decided.map(() => 'skipped'));
      expect(states.get(stillAsked!.uid)).toBe('needs_contact');
    },
    { what: 'what waited for the CRM to go on' },
  );
  expect(await see(idOf(stillAsked!))).toEqual({ ...before.get(stillAsked!.uid), timer: sameTimer(stillAsked!) });
  // A deal and a meeting for each that was parked, and nothing else.
  expect(await creates()).toBe(createsBefore + 2 * parked.length);
  const { messages, countByMessageId } = await crash.mails();
  expect(messages).toHaveLength(mailsBefore);
  expect(Object.values(countByMessageId).filter((count) => count > 1)).toEqual([]);
});

// ---------------------------------------------------------------- doing

/** The example's configuration with a CRM account that allows more requests, so that fifty bookings take seconds. */
/** Timers count from the workflow task, whose instant is off the event's by as long as a slow machine needs: to most of a minute. */
function sameTimer(made: Made): unknown {
  const timer = before.get(made.uid)?.timer ?? null;
  return timer && { ...timer, firesAtMs: expect.closeTo(timer.firesAtMs, -5) as number };
}

function fastConfig(): string {
  const file = path.join(testDirectory(), 'booksync.yaml');
  const example = readFileSync(path.join(projectRoot, 'booksync.example.yaml'), 'utf8');
  writeFileSync(file, example.replace(/requestsPerSecond: \d+/, 'requestsPerSecond: 300'));
  return file;
}

async function settings(patch: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${crash.stack.simulatorsUrl}/hubspot/_admin/settings`, {
    method: 'POST',
    body: JSON.stringify(patch),
  });
  expect(response.status).toBe(200);
}

/** Sends the bookings and waits until each stands as it should, deciding what a person is asked meanwhile. */
async function tell(some: readonly Made[]): Promise<void> {
  await Promise.all(some.map((made) => send(crash.stack, { acknowledged: [] }, made.bodies)));
  for (const { uid, decision } of some) {
    if (decision === null) continue;
    await eventually(() => decide(crash.stack, uid, { decision }, 'no_show_review'), {
      what: 'the review',
    });
  }
  await eventually(
    async () => expect(await standing(some)).toEqual(some.map(({ status, crm }) => `${status} ${crm}`)),
    { timeoutMs: 60_000, everyMs: 200, what: 'all bookings to stand as they should' },
  );
}

/** As if its worker had died, a while ago, between handing the confirmation over and hearing the answer. */
async function leaveSending({ uid }: Made): Promise<void> {
  await crash.rows(
    `UPDATE message m SET state = 'sending', sending_at = clock_timestamp() - interval '2 minutes'
     FROM booking_alias a WHERE a.booking_id = m.booking_id AND a.uid = $1 AND m.kind = 'confirmation'`,
    [uid],
  );
}

// ---------------------------------------------------------------- looking

const idOf = ({ uid }: Made): string => ids.get(uid) ?? bookingId(SOURCE, uid);

async function bookingIds(): Promise<Map<string, string>> {
  const rows = await crash.rows<{ uid: string; booking_id: string }>('SELECT uid, booking_id FROM booking_alias');
  return new Map(rows.map((row) => [row.uid, row.booking_id]));
}

/** Status and CRM state of each, once nothing is left to do for it right now. */
async function standing(some: readonly Made[]): Promise<string[]> {
  const rows = await crash.rows<{ uid: string; stands: string }>(
    `SELECT a.uid, concat(b.status, ' ', CASE
        WHEN s.state = 'synced' AND s.written_version < b.version THEN 'behind'
        WHEN EXISTS (SELECT 1 FROM message m WHERE m.booking_id = b.id
          AND (m.state = 'sending' OR m.state = 'planned' AND m.due_at <= clock_timestamp())) THEN 'sending'
        ELSE s.state END) AS stands
     FROM booking_alias a JOIN booking b ON b.id = a.booking_id LEFT JOIN crm_sync s ON s.booking_id = b.id`,
  );
  const found = new Map(rows.map((row) => [row.uid, row.stands]));
  return some.map(({ uid }) => found.get(uid) ?? 'unknown');
}

async function crmStates(): Promise<Map<string, string>> {
  const rows = await crash.rows<{ uid: string; state: string }>(
    'SELECT a.uid, s.state FROM booking_alias a JOIN crm_sync s ON s.booking_id = a.booking_id',
  );
  return new Map(rows.map((row) => [row.uid, row.state]));
}

async function see(id: string): Promise<Seen> {
  const handle = crash.booking(id);
  const view = await handle.query(bookingViewQuery);
  return { ...view, timer: pendingTimer((await handle.fetchHistory()).events ?? []) };
}

type HistoryEvents = NonNullable<Awaited<ReturnType<ReturnType<CrashStack['booking']>['fetchHistory']>>['events']>;

/** The timer that was started and has neither fired nor been canceled, to the minute. */
function pendingTimer(events: HistoryEvents): Seen['timer'] {
  const ended = new Set(
    events.flatMap((event) => (event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes)?.timerId ?? []),
  );
  const pending = events.filter(
    ({ timerStartedEventAttributes: timer }) => timer?.timerId != null && !ended.has(timer.timerId),
  );
  const [event] = pending;
  if (event === undefined) return null;
  expect(pending).toHaveLength(1);
  const seconds =
    Number(event.eventTime?.seconds ?? 0) + Number(event.timerStartedEventAttributes?.startToFireTimeout?.seconds ?? 0);
  return {
    firesAtMs: seconds * 1_000,
    summary: String(JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? []).toString() || '""')),
  };
}

/** Records that the CRM was asked to create, contacts of the preparation included. */
async function creates(): Promise<number> {
  const journal = await crash.crmJournal();
  return journal.filter(
    ({ method, path: to, applied }) => method === 'POST' && applied && /\/(contacts|deals|meetings)$/.test(to),
  ).length;
}
