/** From a CRM's webhook to the bookings that are told, on a real database: whom it concerns, and what is written down. */
import { createDeliveryWriter, dedupeKeyOf, takeWaiting } from '../../db/deliveries';
import { recordLink, writeIntent } from '../../db/crm-ledger';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import type { CrmChange, CrmWebhooks, ReadCrmDelivery } from '../../integrations/ports';
import { routeCrmBatch } from '../../worker/route-crm-changes';
import { testDatabase, type TestDatabase } from '../support/postgres';

const CRM = 'hubspot-main';
const PERSON = '00000000-0000-4000-8000-000000000001';

/** Reads what the test wrote. */
const webhooks: CrmWebhooks = {
  kind: 'plain',
  verifySignature: () => ({ ok: true }),
  deliveryId: () => null,
  keptHeaders: [],
  read: (body) => JSON.parse(body.toString()) as ReadCrmDelivery,
  onTrouble: { status: 503, retryAfterSeconds: 1 },
};

let database: TestDatabase;
let vault: Vault;
beforeAll(async () => {
  database = await testDatabase();
  vault = await openVault(database.pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  await aBooking('b1', { personId: PERSON });
  await aBooking('b2', { personId: PERSON, closed: true });
  await aBooking('b3', { personId: null });
  for (const [type, booking, crmId] of [
    ['appointment', 'b1', 'apt-1'],
    ['appointment', 'b2', 'apt-2'],
    ['opportunity', 'b1', 'deal-1'],
    ['opportunity', 'b3', 'deal-1'],
  ] as const) {
    const externalKey = `${type[0]}:${booking}`;
    await recordLink(database.pool, {
      connection: CRM,
      type,
      externalKey,
      bookingId: booking,
      crmId,
      version: 1,
      hash: null,
      written: null,
    });
  }
  const person = {
    connection: CRM,
    type: 'person',
    externalKey: `p:${PERSON}`,
    bookingId: null,
    crmId: 'c-1',
  } as const;
  await recordLink(database.pool, { ...person, version: 0, hash: null, written: null });
});

async function aBooking(id: string, given: { personId: string | null; closed?: boolean }): Promise<void> {
  await database.pool.query(
    `INSERT INTO booking (id, connection, root_uid, picture, closed_at) VALUES ($1, 'cal', $1, $2, $3)`,
    [id, JSON.stringify({ personId: given.personId }), given.closed ? new Date() : null],
  );
}

const change = (record: CrmChange['record'], crmId: string, what: CrmChange['what'] = 'changed'): CrmChange => ({
  record,
  crmId,
  what,
  intoCrmId: null,
  fields: [],
  occurredAtMs: null,
});
const changes = (...told: readonly CrmChange[]): ReadCrmDelivery => ({
  kind: 'changes',
  trigger: 'test',
  changes: told,
  unreadable: null,
});

let nonce = 0;
/** Appointments whose booking the last `route` asked for. */
const looked: string[] = [];
/** Stores and routes; resolves with who was woken and what became of each delivery. */
async function route(
  bodies: readonly ReadCrmDelivery[],
  wake: (bookingId: string) => Promise<void> = () => Promise.resolve(),
  bookedFrom: ReadonlySet<string> = new Set(),
): Promise<{ woken: string[]; settled: { state: string; reason: string | null; attempts: number }[] }> {
  const { pool } = database;
  const writer = createDeliveryWriter({ pool, vault });
  const ids: string[] = [];
  for (const body of bodies) {
    nonce += 1;
    const raw = Buffer.from(JSON.stringify(body));
    const dedupeKey = dedupeKeyOf(String(nonce), raw);
    ids.push((await writer.store({ connection: CRM, dedupeKey, headers: {}, body: raw })).id);
  }
  const batch = (await takeWaiting(pool, CRM, 100, Date.now())).filter(({ id }) => ids.includes(id));
  const woken: string[] = [];
  looked.length = 0;
  const signals = {
    crmAppointment: (of: { connection: string; crmId: string }) => {
      looked.push(of.crmId);
      return Promise.resolve();
    },
    wake: async (to: { bookingId: string; reason: string; connection?: string }) => {
      await wake(to.bookingId);
      woken.push(`${to.bookingId} ${to.reason} ${to.connection ?? ''}`);
    },
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await routeCrmBatch(
    { pool, vault, signals, log, bookedFrom, failPoint: () => undefined },
    { connection: CRM, webhooks, batch },
  );
  const { rows } = await pool.query<{ state: string; reason: string | null; attempts: number }>(
    'SELECT state, reason, attempts FROM delivery WHERE id = ANY($1) ORDER BY seq',
    [ids],
  );
  return { woken: woken.sort(), settled: rows };
}
const done = (reason: string | null = null) => ({ state: 'done', reason, attempts: 0 });
const ignored = (reason: string) => ({ state: 'ignored', reason, attempts: 0 });

test('ten changes of a record wake its booking once, and name the connection', async () => {
  const bodies = Array.from({ length: 10 }, () => changes(change('appointment', 'apt-1')));
  expect(await route(bodies)).toEqual({ woken: ['b1 crm_changed hubspot-main'], settled: bodies.map(() => done()) });
});

test('a deal that several bookings share wakes all of them', async () => {
  const { woken } = await route([changes(change('opportunity', 'deal-1'))]);
  expect(woken).toEqual(['b1 crm_changed hubspot-main', 'b3 crm_changed hubspot-main']);
});

test('the appointment of a closed booking wakes it, for a mark may be taken back', async () => {
  expect((await route([changes(change('appointment', 'apt-2'))])).woken).toEqual(['b2 crm_changed hubspot-main']);
});

test('a contact wakes the open bookings of the person, also when it was merged', async () => {
  const merged = { ...change('person', 'c-1', 'merged'), intoCrmId: 'c-9' };
  expect((await route([changes(merged)])).woken).toEqual(['b1 crm_changed hubspot-main']);
});

test('ids that nobody knows are counted, and wake nobody', async () => {
  const strangers = ['x1', 'x2', 'x2', 'x3'].map((id) => change('appointment', id));
  expect(await route([changes(...strangers)])).toEqual({
    woken: [],
    settled: [ignored('3 records that no booking has')],
  });
  expect(await route([changes(change('appointment', 'apt-1'), change('person', 'x1'))])).toEqual({
    woken: ['b1 crm_changed hubspot-main'],
    settled: [done('1 record that no booking has')],
  });
});

test('the id of one kind of record is not that of another', async () => {
  expect((await route([changes(change('person', 'apt-1'), change('opportunity', 'c-1'))])).woken).toEqual([]);
});

test('the good events of a batch count, and the bad one is said', async () => {
  const said = {
    ...changes(change('appointment', 'apt-1')),
    unreadable: { count: 1, first: '[2] objectId: expected …' },
  };
  expect(await route([said as ReadCrmDelivery])).toEqual({
    woken: ['b1 crm_changed hubspot-main'],
    settled: [done('1 event could not be read: [2] objectId: expected …')],
  });
});

test('what says nothing, or nothing readable, is settled as that', async () => {
  const { settled } = await route([
    { kind: 'ignored', trigger: 'company.creation', reason: 'about no record that is synced' },
    { kind: 'unreadable', trigger: null, reason: 'body: expected a list of events' },
  ]);
  expect(settled).toEqual([
    ignored('about no record that is synced'),
    { state: 'dead', reason: 'body: expected a list of events', attempts: 0 },
  ]);
});

test('nothing is settled before Temporal has accepted the wake', async () => {
  const refused = new Error('Temporal is away');
  await expect(route([changes(change('appointment', 'apt-1'))], () => Promise.reject(refused))).rejects.toBe(refused);
  const { rows } = await database.pool.query(`SELECT state FROM delivery ORDER BY seq DESC LIMIT 1`);
  expect(rows).toEqual([{ state: 'stored' }]);
});

describe('while a create of ours is under way', () => {
  beforeAll(async () => {
    await aBooking('b4', { personId: null });
    const key = { connection: CRM, type: 'appointment', externalKey: 'a:b4', bookingId: 'b4' } as const;
    await writeIntent(database.pool, { ...key, written: {}, nowMs: Date.now() });
  });

  test('that an unknown appointment was created is ignored: it is our own echo, or a stranger', async () => {
    const { settled } = await route([changes(change('appointment', 'new-1', 'created'))]);
    expect(settled).toEqual([ignored('1 record that no booking has')]);
  });

  test('that an unknown appointment was changed waits until the ledger knows whose it is', async () => {
    const { settled } = await route([changes(change('appointment', 'new-1'))]);
    expect(settled).toMatchObject([{ state: 'stored', attempts: 1 }]);
  });

  test('an unknown record of another kind does not wait', async () => {
    expect((await route([changes(change('person', 'x9'))])).settled).toMatchObject([{ state: 'ignored' }]);
  });

  test('once the id is known, it wakes the booking', async () => {
    const { pool } = database;
    await recordLink(pool, {
      connection: CRM,
      type: 'appointment',
      externalKey: 'a:b4',
      bookingId: 'b4',
      crmId: 'new-1',
      version: 1,
      hash: null,
      written: null,
    });
    expect((await route([changes(change('appointment', 'new-1'))])).woken).toEqual(['b4 crm_changed hubspot-main']);
  });
});

describe('where appointments of the CRM are booked at a source', () => {
  const booked = new Set([CRM]);
  const routed = (...told: readonly CrmChange[]) => route([changes(...told)], undefined, booked);

  test('one that is new to everybody is looked at, once however often it is told; what is known is not', async () => {
    await database.pool.query(`DELETE FROM crm_link WHERE state = 'intent'`);
    const created = change('appointment', 'rep-1', 'created');
    await routed(created, created, change('appointment', 'apt-1', 'created'), change('person', 'rep-2', 'created'));
    expect(looked).toEqual(['rep-1']);
    await routed(created);
    expect(looked).toEqual(['rep-1']);
  });

  test('a change is looked at for as long as it is open whether it is booked', async () => {
    await routed(change('appointment', 'rep-1'), change('appointment', 'rep-9'));
    expect(looked).toEqual(['rep-1']);
    await database.pool.query(`UPDATE crm_appointment SET state = 'left' WHERE crm_id = 'rep-1'`);
    await routed(change('appointment', 'rep-1'));
    expect(looked).toEqual([]);
  });

  test('while a create of ours is under way, a new one waits: it may be our own echo', async () => {
    const key = { connection: CRM, type: 'appointment', externalKey: 'a:b3', bookingId: 'b3' } as const;
    await writeIntent(database.pool, { ...key, written: {}, nowMs: Date.now() });
    const { settled } = await routed(change('appointment', 'rep-3', 'created'));
    expect([looked, settled]).toEqual([[], [expect.objectContaining({ state: 'stored', attempts: 1 })]]);
  });
});
