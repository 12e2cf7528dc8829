/**
 * The report's tables and views: each number follows what is stored, whoever changes it, and the views need no other right.
 */
import { randomUUID } from 'node:crypto';
import { saveSync } from '../../db/crm-ledger';
import { hearOfLeads } from '../../db/leads';
import { mergeBookings } from '../../db/merges';
import { insertMessages, readMessages, setMessageState } from '../../db/messages';
import { readConfirmedCounts } from '../../db/report-confirmed';
import { readReportCounts } from '../../db/report-counts';
import { addUpDays } from '../../db/report-days';
import { readShownReport } from '../../db/report-shown';
import {
  readReportFollowUp,
  readReportFunnel,
  readReportLifecycle,
  readReportRates,
  readReportReconciliation,
} from '../../db/report-views';
import { slotKey } from '../../domain/booking';
import type { Fact } from '../../domain/facts';
import { aDecision, aFact, DAY, HOUR, slotAt } from '../support/facts';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { recordForReport, reportDeps, tell } from '../support/report-bookings';

/** A Sunday evening in Denver, and Monday in UTC: 2024-03-03 and 2024-03-04. */
const SUNDAY_NIGHT = Date.UTC(2024, 2, 4, 2, 0);
const WEEK = { fromDate: '2024-02-26', toDate: '2024-03-04', sources: null } as const;
const NEXT_WEEK = { ...WEEK, fromDate: '2024-03-04', toDate: '2024-03-11' };
const CRM = 'hubspot-main';
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const query = (text: string, values: unknown[] = []) => database.pool.query(text, values).then(({ rows }) => rows);
const counts = (selection: Parameters<typeof readReportCounts>[1] = WEEK) => readReportCounts(database.pool, selection);
const record = (id: string, nowMs = SUNDAY_NIGHT + DAY) => recordForReport(database.pool, reportDeps(), { id, nowMs });

async function aGuest(): Promise<string> {
  const id = randomUUID();
  await query(`INSERT INTO person (id, sealed) VALUES ($1, '')`, [id]);
  return id;
}

async function aBooking(id: string, facts: readonly Fact[] = []): Promise<string> {
  await tell(database.pool, { id, facts: [scheduled(), ...facts] });
  await record(id);
  return id;
}

const scheduled = (given: Partial<Fact> = {}): Fact =>
  aFact('scheduled', { slot: slotAt(SUNDAY_NIGHT), sequence: 0, receivedAtMs: SUNDAY_NIGHT - 3 * DAY, ...given });
const said = (type: 'showed' | 'no_show' | 'canceled', atMs = SUNDAY_NIGHT + HOUR): Fact =>
  aFact(type, { receivedAtMs: atMs });

test('a booking is one line with the dates of the account’s zone, for the week that begins on Monday', async () => {
  const move = aFact('rescheduled', {
    slot: slotAt(SUNDAY_NIGHT),
    sequence: 1,
    receivedAtMs: SUNDAY_NIGHT - 2 * DAY,
    eventType: '4711',
  });
  const earlier = scheduled({ slot: slotAt(SUNDAY_NIGHT - DAY), hostId: null });
  await tell(database.pool, { id: 'moved', facts: [earlier, move, said('no_show')] });
  await record('moved');
  expect(await readReportLifecycle(database.pool, WEEK)).toEqual([
    {
      bookingId: 'moved',
      source: 'calcom-sales',
      eventType: '4711',
      status: 'no_show',
      bookedAtMs: SUNDAY_NIGHT - 3 * DAY,
      bookedDate: '2024-02-29',
      bookedWeek: '2024-02-26',
      slotStartMs: SUNDAY_NIGHT,
      slotDate: '2024-03-03',
      slotWeek: '2024-02-26',
      outcome: 'no_show',
      outcomeBy: 'source',
      outcomeSure: 'marked',
      movedCount: 1,
      canceledAtMs: null,
      canceledDate: null,
      cancelTiming: null,
      host: null,
      remindersSent: 0,
      excludedReason: null,
      crmState: 'none',
      crmOutcome: null,
    },
  ]);
  expect(await readReportLifecycle(database.pool, NEXT_WEEK)).toEqual([]);
});

test('numbers follow every correction, and are the same before and after they are added up', async () => {
  await aBooking('came', [said('showed')]);
  await aBooking('missed', [said('no_show')]);
  await aBooking('unknown');
  await aBooking('early', [said('canceled', SUNDAY_NIGHT - DAY)]);
  await aBooking('late', [said('canceled', SUNDAY_NIGHT - DAY + 1)]);
  const first = await counts();
  expect(first).toMatchObject({ due: 3, resolved: 2, showed: 1, noShows: 1, unknown: 1, chains: 5 });
  expect(first).toMatchObject({ earlyCancels: 1, lateCancels: 1, rescheduled: 0 });
  expect(await readReportRates(database.pool, WEEK)).toMatchObject([
    { slotWeek: '2024-02-26', source: 'calcom-sales', due: 3, coverage: 0.6667, noShowRate: 0.5, earlyCancelRate: 0.2 },
  ]);

  await addUpDays(database.pool);
  expect(await counts()).toEqual(first);
  await tell(database.pool, { id: 'missed', facts: [aDecision('showed', { receivedAtMs: SUNDAY_NIGHT + DAY })] });
  await record('missed');
  expect(await counts()).toMatchObject({ due: 3, showed: 2, noShows: 0 });
  await addUpDays(database.pool);
  expect(await counts()).toMatchObject({ due: 3, showed: 2, noShows: 0 });
  expect(await counts({ ...WEEK, sources: ['another'] })).toMatchObject({ chains: 0, due: 0 });
});

test('a slot that is over counts as unknown at once, before anybody has recorded that', async () => {
  await tell(database.pool, { id: 'over', facts: [scheduled()] });
  await record('over', SUNDAY_NIGHT - HOUR);
  expect(await query('SELECT status FROM report_booking')).toEqual([{ status: 'scheduled' }]);
  expect(await counts()).toMatchObject({ due: 1, unknown: 1, chains: 1 });
  expect(await readReportLifecycle(database.pool, WEEK)).toMatchObject([{ status: 'awaiting_outcome' }]);
  await record('over');
  expect(await counts()).toMatchObject({ due: 1, unknown: 1, chains: 1 });
});

test('a reminder counts once it is sent, and only for the time that it was about', async () => {
  await aBooking('reminded', [said('showed')]);
  const slot = slotKey(slotAt(SUNDAY_NIGHT));
  const message = { kind: 'reminder', recipient: 'guest', dueAtMs: 0, state: 'planned', reason: null } as const;
  await insertMessages(database.pool, 'reminded', [
    { ...message, key: 'now', slotKey: slot },
    { ...message, key: 'before', slotKey: 'another time' },
  ]);
  expect(await counts()).toMatchObject({ withReminder: { showed: 0 }, withoutReminder: { showed: 1 } });
  for (const { id } of await readMessages(database.pool, 'reminded')) {
    await setMessageState(database.pool, { id, state: 'sent', reason: null, nowMs: SUNDAY_NIGHT });
  }
  expect(await counts()).toMatchObject({ withReminder: { showed: 1 }, withoutReminder: { showed: 0 } });
  expect(await readReportLifecycle(database.pool, WEEK)).toMatchObject([{ remindersSent: 1 }]);
});

async function wrote(bookingId: string, status: string): Promise<void> {
  await query(
    `INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state, last_written)
     VALUES ($1, 'appointment', 'a:' || $2, $2, 'crm-' || $2, 'done', jsonb_build_object('status', $3::text))`,
    [CRM, bookingId, status],
  );
}

test('of what a CRM shows as we hold it, every rate can be counted, while there are doubts only of that', async () => {
  const booked = async (id: string, ...facts: Fact[]) => {
    await tell(database.pool, { id, facts: [scheduled({ personId: await aGuest() }), ...facts] });
    await record(id);
  };
  await booked('called-off', said('canceled', SUNDAY_NIGHT - 2 * DAY));
  await booked(
    'moved',
    scheduled({ slot: slotAt(SUNDAY_NIGHT - DAY), sequence: 1, receivedAtMs: SUNDAY_NIGHT - 2 * DAY }),
  );
  await booked('nowhere', said('canceled', SUNDAY_NIGHT - 2 * DAY));
  for (const [id, status] of [['called-off', 'canceled'], ['moved', 'scheduled']] as const) {
    await wrote(id, status);
    await saveSync(database.pool, { bookingId: id, connection: CRM, state: 'synced', reason: null, writtenVersion: 1 });
  } // prettier-ignore
  expect(await counts()).toMatchObject({ chains: 3, rescheduled: 1, earlyCancels: 2, booked: 3 });
  const confirmed = { chains: 2, rescheduled: 1, earlyCancels: 1, booked: 2 };
  expect(await readConfirmedCounts(database.pool, WEEK)).toEqual(confirmed);
  await query(`UPDATE crm_sync SET state = 'parked' WHERE booking_id = 'moved'`);
  expect(await readConfirmedCounts(database.pool, WEEK)).toEqual({
    ...confirmed,
    chains: 1,
    rescheduled: 0,
    booked: 1,
  });
  expect(await readConfirmedCounts(database.pool, { ...WEEK, sources: ['other'] })).toMatchObject({
    chains: 0,
    booked: 0,
  });

  const shown = (connections: readonly string[]) =>
    readShownReport(database.pool, { selection: WEEK, connections, nowMs: SUNDAY_NIGHT });
  expect((await shown([])).rates.early_cancel).toMatchObject({ isConfirmed: true, hits: 1, cases: 1, missing: 2 });
  await query('UPDATE report_booking SET status = $1', ['showed']);
  expect((await shown([])).rates.early_cancel).toMatchObject({ isConfirmed: false, hits: 2, cases: 3 });
});

test('what the CRM shows is counted apart, and each booking that it does not show as it is has its cause', async () => {
  const sync = (id: string, state: 'parked' | 'refused' | 'needs_contact' | 'synced', writtenVersion = 1) =>
    saveSync(database.pool, { bookingId: id, connection: CRM, state, reason: null, writtenVersion });
  const causes = async () =>
    (await readReportReconciliation(database.pool, WEEK)).map(({ bookingId, cause }) => [bookingId, cause]);
  for (const id of ['agrees', 'deleted', 'held', 'parked', 'refused', 'waits', 'older']) {
    await aBooking(id, [said('showed')]);
  }
  for (const id of ['agrees', 'deleted', 'held', 'older']) {
    await wrote(id, 'showed');
    await sync(id, 'synced');
  }
  await sync('parked', 'parked');
  await sync('refused', 'refused');
  await sync('waits', 'needs_contact');
  expect(await counts()).toMatchObject({ crmConfirmed: { showed: 4, noShows: 0 } });
  await query(`UPDATE crm_link SET state = 'tombstone' WHERE booking_id = 'deleted'`);
  await query(
    `UPDATE crm_link SET held = '{outcome}', last_written = '{"status":"no_show"}' WHERE booking_id = 'held'`,
  );
  await record('older');
  expect(await causes()).toEqual([
    ...[['deleted', 'dropped'], ['held', 'person_moved_it'], ['older', 'not_synced_yet'], ['parked', 'parked']],
    ...[['refused', 'refused'], ['waits', 'waiting_for_contact']],
  ]); // prettier-ignore
  expect(await counts()).toMatchObject({ crmConfirmed: { showed: 3, noShows: 1 } });
  await sync('parked', 'synced');
  await sync('older', 'synced', 2);
  expect(await causes()).not.toContainEqual(['parked', 'parked']);
  const states = await query(`SELECT booking_id, crm_state FROM report_lifecycle ORDER BY 1`);
  expect(Object.fromEntries(states.map(({ booking_id, crm_state }) => [booking_id, crm_state]))).toMatchObject({
    agrees: 'in_sync',
    older: 'in_sync',
    parked: 'in_sync',
    refused: 'refused',
    waits: 'waiting',
  });
});

test('a booking that became part of another one counts no more, and its line says so', async () => {
  await aBooking('into');
  await aBooking('from');
  expect(await counts()).toMatchObject({ chains: 2 });
  await mergeBookings(database.pool, { from: 'from', into: 'into' });
  await record('into');
  expect(await counts()).toMatchObject({ chains: 1, due: 1, excluded: { unpaid: 0, test: 0, internal: 0 } });
  expect(await query(`SELECT booking_id FROM report_lifecycle WHERE excluded_reason = 'merged'`)).toEqual([
    { booking_id: 'from' },
  ]);
});

test('a lead is one person: entered when a CRM knew of them, or with their first booking', async () => {
  const [known, unknown] = [await aGuest(), await aGuest()];
  const heard = (crmId: string, enteredAtMs: number) =>
    hearOfLeads(database.pool, {
      crm: CRM,
      source: 'calcom-sales',
      zone: 'America/Denver',
      leads: [{ crmId, enteredAtMs, enteredDate: new Date(enteredAtMs).toISOString().slice(0, 10) }],
    });
  const link = (person: string, crmId: string) =>
    query(
      `INSERT INTO crm_link (connection, type, external_key, crm_id, state) VALUES ($1, 'person', $2, $3, 'done')`,
      [...[CRM, `p:${person}`, crmId]],
    );
  const enteredAt = Date.UTC(2024, 1, 27, 12, 0);
  await heard('contact-1', enteredAt);
  await heard('contact-2', enteredAt);
  for (const [id, personId] of [['a', known], ['b', known], ['c', unknown]] as const) {
    await tell(database.pool, { id, facts: [scheduled({ personId }), ...(id === 'b' ? [said('showed')] : [])] });
    await record(id);
  } // prettier-ignore
  expect(await counts()).toMatchObject({ leads: 4, invited: 4, booked: 2, attended: 1, timeToBookHours: [] });

  await link(known, 'contact-1');
  // The contact was made for the booking: nobody knew of them before.
  await link(unknown, 'contact-3');
  await heard('contact-3', SUNDAY_NIGHT);
  await heard('contact-1', enteredAt);
  const hours = (SUNDAY_NIGHT - 3 * DAY - enteredAt) / HOUR;
  expect(await counts()).toMatchObject({ leads: 3, booked: 2, attended: 1, timeToBookHours: [hours] });
  expect(await readReportFunnel(database.pool, WEEK)).toEqual([
    { entryWeek: '2024-02-26', source: 'calcom-sales', leads: 3, invited: 3, booked: 2, attended: 1 },
  ]);
});

test('no-shows and cancellations say whether somebody followed them up', async () => {
  const guest = await aGuest();
  await tell(database.pool, { id: 'missed', facts: [scheduled({ personId: guest }), said('no_show')] });
  await record('missed');
  const followed = () => readReportFollowUp(database.pool, NEXT_WEEK);
  expect(await readReportFollowUp(database.pool, { ...WEEK, toDate: '2024-03-11' })).toMatchObject([
    { bookingId: 'missed', what: 'no_show', sinceMs: SUNDAY_NIGHT + HOUR, sinceDate: '2024-03-03', rebooked: false },
  ]);
  expect(await followed()).toEqual([]);
  await tell(database.pool, {
    id: 'again',
    facts: [scheduled({ personId: guest, slot: slotAt(SUNDAY_NIGHT + 7 * DAY) })],
  });
  await record('again');
  expect(await readReportFollowUp(database.pool, WEEK)).toMatchObject([
    { bookingId: 'missed', rebooked: true, openTask: false, messagesSent: 0 },
  ]);
});

test('of a cancellation the list says whose wish it was, where the source does', async () => {
  await tell(database.pool, { id: 'theirs', facts: [scheduled(), { ...said('canceled'), calledOffBy: 'guest' }] });
  await tell(database.pool, { id: 'unsaid', facts: [scheduled(), said('canceled')] });
  for (const id of ['theirs', 'unsaid']) await record(id);
  const rows = await readReportFollowUp(database.pool, { ...WEEK, toDate: '2024-03-11' });
  const byOf = (id: string) => rows.find(({ bookingId }) => bookingId === id)?.outcomeBy;
  expect([byOf('theirs'), byOf('unsaid')]).toEqual(['guest', 'source']);
});

test('a role with the views alone reads all of the report, and nothing else', async () => {
  await aBooking('read');
  const role = `reader_${randomUUID().replaceAll('-', '')}`;
  const views = ['report_lifecycle', 'report_rates', 'report_funnel', 'report_follow_up', 'report_reconciliation'];
  await query(`CREATE ROLE ${role}`);
  await query(`GRANT SELECT ON ${views.join(', ')} TO ${role}`);
  const client = await database.pool.connect();
  try {
    await client.query(`SET ROLE ${role}`);
    for (const view of views) await expect(client.query(`SELECT * FROM ${view}`)).resolves.toBeDefined();
    for (const table of ['booking', 'person', 'report_booking', 'lead'])
      await expect(client.query(`SELECT * FROM ${table}`)).rejects.toThrow('permission denied');
    await expect(client.query(`UPDATE report_lifecycle SET host = NULL`)).rejects.toThrow();
  } finally {
    client.release(true);
    await query(`DROP OWNED BY ${role}`);
    await query(`DROP ROLE ${role}`);
  }
});

test('every view of the report says what it is', async () => {
  const rows = await query(
    `SELECT c.relname FROM pg_class c WHERE c.relname LIKE 'report_%' AND c.relkind = 'v' AND obj_description(c.oid) IS NULL`,
  );
  expect(rows).toEqual([]);
});
