/**
 * Two bookings become one: whatever either of them had done by then, the survivor has it all and nothing is done twice.
 */
import { randomUUID } from 'node:crypto';
import { addAliases, closeBooking, insertBooking, readBooking } from '../../db/bookings';
import { insertFact, readFacts } from '../../db/facts';
import { listMergedInto, mergeBookings } from '../../db/merges';
import { insertMessages, readMessages } from '../../db/messages';
import { addParticipation, readSharers } from '../../db/participations';
import { openTask, readOpenTasks, settleTask } from '../../db/tasks';
import { taskWorkflowId } from '../../domain/ids';
import type { MessageState } from '../../domain/messages';
import type { TaskKind } from '../../domain/tasks';
import { aFact, START } from '../support/facts';
import { testDatabase, type TestDatabase } from '../support/postgres';

const connection = 'calcom-sales';
const CRM = 'hubspot-main';
let database: TestDatabase;
let count = 0;
let from: string;
let into: string;

beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(async () => {
  count += 1;
  from = await aBooking('newer');
  into = await aBooking('older');
});

const query = <Row extends Record<string, unknown>>(text: string, values: unknown[]) =>
  database.pool.query<Row>(text, values).then(({ rows }) => rows);
const merge = (given = { from, into }) => mergeBookings(database.pool, given);

async function aBooking(name: string): Promise<string> {
  const uid = `${name}-${count}`;
  const id = `${connection}/${uid}`;
  await insertBooking(database.pool, { id, connection, rootUid: uid });
  await addAliases(database.pool, { bookingId: id, connection, uids: [uid] });
  await addFact(id, uid);
  return id;
}

async function addFact(bookingId: string, uid: string): Promise<void> {
  const fact = { ...aFact('scheduled', { uid }), id: randomUUID() };
  await insertFact(database.pool, {
    fact,
    bookingId,
    connection,
    sealed: null,
    meaning: null,
    deliveryId: null,
    ordinal: 0,
  });
}

async function aMessage(bookingId: string, state: MessageState): Promise<void> {
  const message = { key: 'reminder/1/slot', kind: 'reminder', recipient: 'guest', slotKey: 'slot' } as const;
  await insertMessages(database.pool, bookingId, [{ ...message, dueAtMs: START, state: 'planned', reason: null }]);
  await database.pool.query('UPDATE message SET state = $2 WHERE booking_id = $1', [bookingId, state]);
}

function aTask(bookingId: string, kind: TaskKind, about: string) {
  const plan = { owner: 'front-desk', dueAtMs: START + 1, remindAtMs: START + 1 };
  const workflowId = (n: number): string => taskWorkflowId({ kind, bookingId, about, n });
  return openTask(database.pool, { kind, bookingId, about, evidence: {}, plan, nowMs: START, workflowId });
}

async function wrote(bookingId: string, crmId: string): Promise<void> {
  await database.pool.query(
    `INSERT INTO crm_link (connection, type, external_key, booking_id, crm_id, state)
     VALUES ($1, 'appointment', 'a:' || $2, $2, $3, 'done')`,
    [CRM, bookingId, crmId],
  );
}

test('uids and facts are the survivor’s, and each fact says with which booking it came', async () => {
  await merge();
  expect(await query('SELECT DISTINCT booking_id FROM booking_alias WHERE uid LIKE $1', [`%-${count}`])).toEqual([
    { booking_id: into },
  ]);
  expect(await readFacts(database.pool, into)).toHaveLength(2);
  expect(
    await query('SELECT merged_from FROM booking_event WHERE booking_id = $1 ORDER BY merged_from NULLS LAST', [into]),
  ).toEqual([{ merged_from: from }, { merged_from: null }]);
  expect(await listMergedInto(database.pool, into)).toEqual([from]);
});

test('of two appointments in one CRM the survivor’s lives, the other is surplus', async () => {
  await wrote(from, 'made by the other');
  await wrote(into, 'made by the survivor');
  await merge();
  expect(await query('SELECT crm_id, state FROM crm_link WHERE booking_id = $1 ORDER BY state', [into])).toEqual([
    { crm_id: 'made by the survivor', state: 'done' },
    { crm_id: 'made by the other', state: 'surplus' },
  ]);
});

test('an appointment that only the other one had made is the survivor’s own from now on', async () => {
  await wrote(from, 'made by the other');
  await merge();
  expect(await query('SELECT external_key, state FROM crm_link WHERE booking_id = $1', [into])).toEqual([
    { external_key: `a:${into}`, state: 'done' },
  ]);
});

test('what was written to the source stays known, so that it is not written again', async () => {
  const cause = randomUUID();
  await database.pool.query(
    `INSERT INTO source_write (booking_id, cause, action, uid, state, at) VALUES ($1, $2, 'cancel', 'u', 'done', now())`,
    [from, cause],
  );
  await merge();
  expect(await query('SELECT cause, state FROM source_write WHERE booking_id = $1', [into])).toEqual([
    { cause, state: 'done' },
  ]);
});

test.each([
  ['planned', 'planned', 'planned'],
  ['sent', 'planned', 'sent'],
  ['planned', 'sent', 'sent'],
  ['sent', 'sent', 'sent'],
  ['sending', 'planned', 'sending'],
  ['skipped', 'sending', 'sending'],
  ['sent', 'unknown', 'sent'],
  ['unknown', 'failed', 'unknown'],
  ['planned', 'skipped', 'skipped'],
  ['delivered', 'sending', 'delivered'],
] as const)('the same message, %s by the other and %s by the survivor, is %s once', async (others, own, left) => {
  await aMessage(from, others);
  await aMessage(into, own);
  await merge();
  expect((await readMessages(database.pool, into)).map((message) => message.state)).toEqual([left]);
  expect(await readMessages(database.pool, from)).toEqual([]);
});

test('a survivor that had closed is open again, and one that is about to close stays open', async () => {
  await database.pool.query('UPDATE booking SET closed_at = now(), version = 3 WHERE id = $1', [into]);
  await merge();
  expect(await readBooking(database.pool, into)).toMatchObject({ closedAtMs: null, version: 4, mergedInto: null });
  // The run that decided to close had recorded version 3.
  expect(await closeBooking(database.pool, { id: into, version: 3, nowMs: START })).toBe(false);
  expect(await readBooking(database.pool, from)).toMatchObject({ mergedInto: into, closedAtMs: expect.any(Number) });
});

test('merging into a booking that is itself merged ends in the last survivor, and so does merging twice', async () => {
  const last = await aBooking('last');
  await merge({ from: into, into: last });
  await merge({ from, into });
  await merge({ from, into });
  expect(await listMergedInto(database.pool, last)).toEqual([from, into]);
  expect(await readFacts(database.pool, last)).toHaveLength(3);
  expect(await readBooking(database.pool, last)).toMatchObject({ mergedInto: null, closedAtMs: null });
  await merge({ from: last, into });
  expect(await readBooking(database.pool, last)).toMatchObject({ mergedInto: null, closedAtMs: null });
});

test('open questions end with the booking that asked; only whether a message was sent is asked on', async () => {
  await aTask(from, 'match_contact', CRM);
  await aMessage(from, 'unknown');
  const [message] = await readMessages(database.pool, from);
  await aTask(from, 'message_unknown', message!.id);
  await aTask(into, 'message_unknown', randomUUID());
  await merge();
  expect((await readOpenTasks(database.pool, from)).length).toBe(0);
  const workflowId = taskWorkflowId({ kind: 'message_unknown', bookingId: into, about: message!.id, n: 1 });
  expect(await readOpenTasks(database.pool, into)).toMatchObject([
    { kind: 'message_unknown', about: message!.id, workflowId },
  ]);
});

test('what a person had decided stays to be seen with the survivor', async () => {
  for (const bookingId of [from, into]) {
    const { id } = await aTask(bookingId, 'match_contact', CRM);
    const decision = { decision: 'no_contact' };
    await settleTask(database.pool, { id, state: 'decided', decision, by: 'operator', nowMs: START });
  }
  await merge();
  expect(await query('SELECT n, state FROM task WHERE booking_id = $1 ORDER BY n', [into])).toEqual([
    { n: 1, state: 'decided' },
    { n: 2, state: 'decided' },
  ]);
});

test('participations become one that takes part wherever either did, and keeps the seat', async () => {
  const [S, T] = [`S-${count}`, `T-${count}`];
  const common = { connection, personId: null };
  await addParticipation(database.pool, { ...common, bookingId: from, uids: [S, T], seatId: `seat-${count}` });
  await addParticipation(database.pool, { ...common, bookingId: into, uids: [S], seatId: null });
  await merge();
  const sharers = await readSharers(database.pool, { connection, uids: [S, T], seatId: null });
  expect(sharers.map(({ bookingId, uid, seatId }) => [bookingId, uid, seatId]).sort()).toEqual([
    [into, S, `seat-${count}`],
    [into, T, `seat-${count}`],
  ]);
});

test('facts that were stored before they had all of today’s fields are read with what these mean by default', async () => {
  await database.pool.query(
    `UPDATE booking_event SET fact = fact - 'ancestry' - 'aboutPersonId' - 'readAtMs' WHERE booking_id = $1`,
    [into],
  );
  const [stored] = await readFacts(database.pool, into);
  expect(stored!.fact).toMatchObject({ type: 'scheduled', ancestry: [], aboutPersonId: null, readAtMs: null });
});
