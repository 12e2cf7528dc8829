/** Health, readiness, metrics, and a start before the database is ready. */
import { randomUUID } from 'node:crypto';
import { createPool } from '../../db/pool';
import { acquireLease } from '../../db/leases';
import { migrate } from '../../db/migrate';
import { saveMappingFindings } from '../../db/mapping-versions';
import { saveFindings, savePoll, savePollTrouble } from '../../db/source-polls';
import { parseMasterKeys } from '../../db/vault';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { emptyDatabase, testDatabase } from '../support/postgres';
import { send } from './http';
import { CONNECTION, idleEngine, signedWebhook, testApi, WEBHOOK_PATH, type TestApi } from './test-api';
import { seedBooking, seedTask } from './v1/seed';

interface Readiness {
  ready: boolean;
  checks: Record<'database' | 'temporal' | 'dispatcher', { ok: boolean; detail: string }>;
}

const get = (api: TestApi, path: string) => send(api.port, { method: 'GET', path });

async function readiness(api: TestApi): Promise<{ status: number } & Readiness> {
  const reply = await get(api, '/readyz');
  return { status: reply.status, ...reply.json<Readiness>() };
}

describe('readiness', () => {
  it('is there when the database and Temporal answer and every source has a dispatcher, and names what is missing', async () => {
    const { pool } = await testDatabase();
    let isTemporalUp = true;
    const ping = () => (isTemporalUp ? Promise.resolve() : Promise.reject(new Error('away')));
    const api = await testApi(pool, { engine: { ...idleEngine, ping } });
    await api.opened;
    const noDispatcher = await readiness(api);
    expect([noDispatcher.status, noDispatcher.ready, noDispatcher.checks.database.ok]).toEqual([503, false, true]);
    expect(noDispatcher.checks.dispatcher).toEqual({ ok: false, detail: expect.stringContaining(CONNECTION) });

    await acquireLease(pool, { name: `dispatcher/${CONNECTION}`, holder: 'worker-1', ttlMs: 60_000 });
    expect(await readiness(api)).toMatchObject({ status: 200, ready: true });

    isTemporalUp = false;
    expect(await readiness(api)).toMatchObject({
      status: 503,
      checks: { temporal: { ok: false }, database: { ok: true } },
    });
    expect((await get(api, '/healthz')).status).toBe(200);

    isTemporalUp = true;
    await pool.query(`UPDATE lease SET expires_at = now() - interval '1 second'`);
    expect(await readiness(api)).toMatchObject({ status: 503, checks: { dispatcher: { ok: false } } });
  });

  it('does not wait for a Temporal that never answers', async () => {
    const { pool } = await testDatabase();
    const api = await testApi(pool, { engine: { ...idleEngine, ping: () => new Promise(() => undefined) } });
    await api.opened;
    expect(await readiness(api)).toMatchObject({ status: 503, checks: { temporal: { ok: false } } });
  });
});

describe('metrics', () => {
  it('count what waits and what is open, from the database, without ids', async () => {
    const { pool } = await testDatabase();
    const api = await testApi(pool);
    await api.opened;
    const bookingId = await seedBooking(pool, { chain: ['uid-of-a-guest'] });
    await seedTask(pool, { bookingId });
    await pool.query(`INSERT INTO crm_sync (booking_id, connection, state) VALUES ($1, 'hubspot-main', 'parked')`, [
      bookingId,
    ]);
    await pool.query(
      `INSERT INTO message (id, booking_id, key, kind, channel, recipient, slot_key, due_at, state)
       VALUES ($1, $2, 'k', 'reminder', 'email', 'guest', 's', now(), 'planned')`,
      [randomUUID(), bookingId],
    );
    await pool.query(
      `INSERT INTO connection_health (connection, state, reason) VALUES ('hubspot-main', 'down', 'reauth_required'), ('ghl-main', 'up', NULL)`,
    );
    expect((await send(api.port, signedWebhook('{}'))).status).toBe(202);
    await pool.query(`UPDATE delivery SET received_at = now() - interval '90 seconds'`);

    const reply = await get(api, '/metrics');
    expect([reply.status, reply.headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
    for (const line of [
      'booksync_database_up 1',
      'booksync_deliveries{state="stored"} 1',
      'booksync_deliveries{state="dead"} 0',
      'booksync_open_tasks{kind="match_contact"} 1',
      'booksync_open_tasks{kind="crm_refused"} 0',
      'booksync_crm_bookings{connection="hubspot-main",state="parked"} 1',
      'booksync_connection_down{connection="hubspot-main",reason="reauth_required"} 1',
      'booksync_messages{state="planned"} 1',
      `booksync_webhooks_received_total{connection="${CONNECTION}"} 1`,
      `booksync_webhooks_stored_total{connection="${CONNECTION}"} 1`,
    ]) {
      expect(reply.text).toContain(`${line}\n`);
    }
    expect(Number(/^booksync_oldest_waiting_delivery_age_seconds (.*)$/m.exec(reply.text)?.[1])).toBeGreaterThan(89);
    expect(reply.text).not.toContain('uid-of-a-guest');
    expect(reply.text).not.toContain('ghl-main');

    await pool.query(`DELETE FROM crm_sync`);
    expect((await get(api, '/metrics')).text).not.toContain('state="parked"');
  });
});

describe('metrics of sources', () => {
  it('tell how long ago each was polled and what is wrong with its subscription, of configured connections only', async () => {
    const { pool } = await testDatabase();
    const api = await testApi(pool);
    await api.opened;
    const polledAtMs = Date.now() - 90_000;
    await savePoll(pool, { connection: CONNECTION, polledAtMs });
    await savePoll(pool, { connection: 'calcom-gone', polledAtMs });
    const findings = [{ problem: 'the webhook is switched off', fixable: true }];
    await saveFindings(pool, { connection: CONNECTION, findings, nowMs: polledAtMs });

    const { text } = await get(api, '/metrics');
    const age = Number(
      new RegExp(`^booksync_last_poll_age_seconds{connection="${CONNECTION}"} (.*)$`, 'm').exec(text)?.[1],
    );
    expect(age).toBeGreaterThan(89);
    expect(age).toBeLessThan(200);
    expect(text).toContain(`booksync_subscription_findings{connection="${CONNECTION}"} 1\n`);
    expect(text).not.toContain('calcom-gone');

    expect(text).not.toContain('booksync_mapping_findings{');
    await saveMappingFindings(pool, { connection: 'hubspot-main', findings: ['a', 'b'], nowMs: polledAtMs });
    await saveFindings(pool, { connection: CONNECTION, findings: [], nowMs: Date.now() });
    await savePollTrouble(pool, CONNECTION, 'unavailable');
    const later = (await get(api, '/metrics')).text;
    expect(later).toContain(`booksync_subscription_findings{connection="${CONNECTION}"} 0\n`);
    expect(later).toContain('booksync_mapping_findings{connection="hubspot-main"} 2\n');
    expect(later).toContain(`booksync_last_poll_age_seconds{connection="${CONNECTION}"}`);
  });
});

describe('a start before the schema is there', () => {
  it('refuses deliveries for a second try, and takes them as soon as the schema is there', async () => {
    const { pool, url } = await emptyDatabase();
    const api = await testApi(pool);
    const early = await send(api.port, signedWebhook('{}'));
    expect([early.status, early.headers['retry-after']]).toEqual([503, '5']);
    expect(await readiness(api)).toMatchObject({
      status: 503,
      checks: { database: { ok: false, detail: expect.stringContaining('schema') } },
    });
    const listed = await api.ask('GET', '/api/v1/deliveries/00000000-0000-4000-8000-000000000000');
    expect([listed.status, listed.json().error.code]).toEqual([503, 'vault_closed']);

    await migrate(url);
    await api.opened;
    expect((await send(api.port, signedWebhook('{}'))).status).toBe(202);
  });

  it('ends when it is told to, although the database never came', async () => {
    const pool = createPool('postgres://nobody@127.0.0.1:1/nothing');
    cleanUp(() => pool.end());
    const api = await testApi(pool);
    expect((await get(api, '/healthz')).status).toBe(200);
    await api.close();
    await expect(get(api, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails for good when the master key does not fit the database', async () => {
    const { pool } = await testDatabase();
    const first = await testApi(pool);
    await first.opened;
    const other = await testApi(pool, { masterKeys: parseMasterKeys(Buffer.alloc(32, 9).toString('base64')) });
    await expect(other.opened).rejects.toMatchObject({ name: 'VaultError' });
    expect((await send(other.port, signedWebhook('{}'))).status).toBe(503);
  });
});

describe('closing', () => {
  it('loses no delivery that was answered, and answers every one that it took', async () => {
    const { pool } = await testDatabase();
    const api = await testApi(pool);
    await api.opened;
    const replies = Array.from({ length: 50 }, (_, n) => send(api.port, signedWebhook(`{"n":${n}}`)).catch(() => null));
    await eventually(async () => (await pool.query('SELECT 1 FROM delivery')).rows.length > 0);
    await api.close();
    const accepted = (await Promise.all(replies)).filter((reply) => reply?.status === 202).length;
    const { rows } = await pool.query<{ count: number }>('SELECT count(*) FROM delivery');
    expect(rows[0]!.count).toBe(accepted);
    expect(accepted).toBeGreaterThan(0);
    await expect(send(api.port, { path: WEBHOOK_PATH })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
