/** The console's pages that take CRM writes back and that show what a mapping would change: over HTTP, against a real database. */
import type pg from 'pg';
import type { ApiOptions } from '../../../api/start';
import { mappingVersionOf, saveMappingVersion } from '../../../db/mapping-versions';
import type { CrmMapping } from '../../../domain/settings';
import type { Crm } from '../../../integrations/ports';
import { testDatabase } from '../../support/postgres';
import { idleEngine, testApi, TOKEN, type TestApi } from '../test-api';
import { HOUR_MS, seedSynced, T0_MS } from '../v1/seed';
import { Browser } from './browser';

const CRM = 'hubspot-main';
const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  eventTypes: {},
  lead: null,
  notes: false,
  byStatus: { scheduled: { stageId: 'met', onlyFrom: null } },
};
const version = mappingVersionOf(mapping);

let pool: pg.Pool;
let api: TestApi;
let browser: Browser;
let started: string[];
let woken: string[];
/** Where the CRM has each deal; absent: it does not answer. */
let deals: Map<string, string | null>;
/** Undefined: the CRM does not answer; null: it is gone. */
let appointment: object | null | undefined;

const engine: ApiOptions['engine'] = {
  ...idleEngine,
  startUndo: (id) => Promise.resolve(started.push(id) > 0),
  wakeBookings: (ids) => Promise.resolve(woken.push(...ids) > 0),
};
const crm = {
  readOpportunity: (id: string) => {
    const stageId = deals.get(id);
    if (stageId === undefined) return Promise.reject(new Error('away'));
    return Promise.resolve(stageId && { id, pipelineId: 'sales', stageId, closed: false, archived: false });
  },
  readAppointment: () => (appointment === undefined ? Promise.reject(new Error('away')) : Promise.resolve(appointment)),
} as unknown as Crm;

beforeAll(async () => {
  ({ pool } = await testDatabase());
  api = await testApi(pool, {
    engine,
    nowMs: () => T0_MS + HOUR_MS,
    crm: () => crm,
    sync: [{ source: 'calcom-sales', crms: [CRM] }],
    console: {
      zone: 'America/Denver',
      reportZone: 'America/Denver',
      mapping: { [CRM]: mapping },
      temporalUi: null,
      connections: [{ id: CRM, kind: 'hubspot', role: 'crm', feeds: [] }],
    },
  });
  await api.opened;
  browser = new Browser(api.port);
  await browser.signIn(TOKEN);
});
beforeEach(() => {
  started = [];
  woken = [];
  deals = new Map();
  appointment = undefined;
});
afterEach(() => pool.query('TRUNCATE booking, undo_run, mapping_version, audit_entry CASCADE'));

const audit = async () => (await pool.query('SELECT actor, action FROM audit_entry')).rows as unknown[];
/** What stands on the page, without its markup. */
const wordsOf = (text: string): string => text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const seenOf = (text: string): string => /name="seen" value="([^"]+)"/.exec(text)?.[1] ?? 'none';

describe('an undo of a booking', () => {
  it.each<[string, string | null | undefined, string, string]>([
    [
      'still holds what we wrote',
      'met',
      'Stage met met new Goes back The CRM still holds what we wrote.',
      'Take 1 record back',
    ],
    ['was changed by a person', 'won', 'Stage met won new A task asks A person changed it since', 'Take 1 record back'],
    ['stands there already', 'new', 'Stage met new new Goes back It stands there already', 'Take 1 record back'],
    ['is gone', null, 'Stage met gone new Stays The record is gone.', 'Nothing of this can be taken back'],
    ['is not read', undefined, 'Stage met not read new Goes back Where the CRM still holds', 'Take 1 record back'],
  ])('is shown where the deal %s', async (_what, stageId, words, end) => {
    const id = await seedSynced(pool, { uid: 'a', stageId: 'met' });
    if (stageId !== undefined) deals.set('a', stageId);
    const link = /href="(\/console\/undo[^"]+)"/.exec((await browser.get(`/console/bookings/${id}`)).text)?.[1] ?? '';
    const shown = wordsOf((await browser.get(link)).text);
    expect(shown).toContain(`Deal a ${CRM} ${words}`);
    expect(shown).toContain(end);
    expect(started).toEqual([]);
  });

  it('is carried out by its button, under the operator’s id, and its page says what became of each record', async () => {
    const booking = await seedSynced(pool, { uid: 'a', stageId: 'met' });
    deals.set('a', 'met');
    const page = await browser.get(`/console/undo?booking=${booking}`);
    const reply = await browser.post('/console/undo', { booking, seen: seenOf(page.text) });
    expect([reply.status, reply.headers.location]).toEqual([303, `/console/undo/${started[0]}?said=undone`]);
    expect(wordsOf((await browser.get(reply.headers.location!)).text)).toContain('1 record of 1 waits');
    await pool.query(`UPDATE undo_item SET state = 'conflict', reason = 'a person changed it since'`);
    const after = wordsOf((await browser.get(reply.headers.location!)).text);
    expect(after).toContain('A task asks A person changed it since.');
    expect(after).toContain('by anna-1');
    expect(await audit()).toEqual([{ actor: 'anna-1', action: 'undo.started' }]);
  });

  it('is shown again and not carried out, where something else would happen by now', async () => {
    const booking = await seedSynced(pool, { uid: 'a', stageId: 'met' });
    const seen = seenOf((await browser.get(`/console/undo?booking=${booking}`)).text);
    await pool.query(`UPDATE crm_write SET after = '{"pipelineId":"sales","stageId":"won"}'`);
    const reply = await browser.post('/console/undo', { booking, seen });
    expect([reply.status, reply.text]).toEqual([409, expect.stringContaining('nothing was done')]);
    expect((await browser.post('/console/undo', { booking })).status).toBe(409);
    expect(started).toEqual([]);
  });

  it('can be of one kind of record only, also when it is carried out', async () => {
    const booking = await seedSynced(pool, { uid: 'a', stageId: 'met' });
    deals.set('a', 'met');
    const page = await browser.get(`/console/undo?booking=${booking}&kind=lead`);
    expect(wordsOf(page.text)).toContain('0 would go back, 0 would become a question, 1 would stay');
    const deal = await browser.get(`/console/undo?booking=${booking}&kind=opportunity`);
    expect(deal.text).toContain('name="kind" value="opportunity"');
    await browser.post('/console/undo', { booking, kind: 'opportunity', seen: seenOf(deal.text) });
    const { rows } = await pool.query('SELECT selection FROM undo_run');
    expect(rows).toEqual([{ selection: { bookingId: booking, kinds: ['opportunity'] } }]);
  });

  describe('of a record that goes back field by field', () => {
    const at = (startMs: number, status: string) => ({ status, startMs, endMs: startMs + HOUR_MS });

    async function moved(action = 'update'): Promise<string> {
      const id = await seedSynced(pool, { uid: 'a', stageId: 'met' });
      await pool.query(`UPDATE crm_write SET type = 'appointment', action = $1, before = $2, after = $3`, [
        ...[action, action === 'create' ? null : at(T0_MS, 'scheduled'), at(T0_MS + HOUR_MS, 'scheduled')],
      ]);
      return id;
    }

    it.each([
      ['what we wrote', T0_MS + HOUR_MS, 'Goes back The CRM still holds what we wrote.'],
      ['what a person put there', T0_MS + 2 * HOUR_MS, 'A task asks A person changed this since: Time.'],
      ['what was there before', T0_MS, 'Goes back It stands there already'],
    ])('the CRM holds %s', async (_what, startMs, words) => {
      const id = await moved();
      appointment = { ...at(startMs, 'scheduled'), archived: false };
      const [, hour] = /T(\d\d)/.exec(new Date(startMs - 7 * HOUR_MS).toISOString())!;
      const now = `Tue 24 Nov 2026, ${hour}:00 MST`;
      const shown = wordsOf((await browser.get(`/console/undo?booking=${id}`)).text);
      expect(shown).toContain(`Time Tue 24 Nov 2026, 11:00 MST ${now} Tue 24 Nov 2026, 10:00 MST ${words}`);
    });

    it('is gone, is not read, or was made here', async () => {
      const id = await moved();
      const shown = async () => wordsOf((await browser.get(`/console/undo?booking=${id}`)).text);
      expect(await shown()).toContain(
        '11:00 MST not read Tue 24 Nov 2026, 10:00 MST Goes back Where the CRM still holds',
      );
      appointment = null;
      expect(await shown()).toContain('11:00 MST gone Tue 24 Nov 2026, 10:00 MST Stays The record is gone.');
      await pool.query('TRUNCATE booking CASCADE');
      await moved('create');
      appointment = { ...at(T0_MS + HOUR_MS, 'scheduled'), archived: false };
      expect(await shown()).toMatch(
        /Outcome Time Scheduled .* none none Goes back Canceled with the reason in its text/,
      );
    });
  });

  it('of which nothing is written says so, and shows a kind that has no words here', async () => {
    expect((await browser.get('/console/undo?booking=calcom-sales/none')).text).toContain(
      'Nothing was written to a CRM',
    );
    expect((await browser.get('/console/undo?booking=%00')).status).toBe(200);
    const id = await seedSynced(pool, { uid: 'a', stageId: 'met' });
    await pool.query(`UPDATE crm_write SET type = 'loyalty_card'`);
    const { text } = await browser.get(`/console/undo?booking=${id}`);
    expect(wordsOf(text)).toMatch(/Loyalty card a hubspot-main Stays \S/);
  });
});

describe('an undo of a mapping', () => {
  it('is chosen by mapping and time, and kept among those that were', async () => {
    await saveMappingVersion(pool, { connection: CRM, mapping, nowMs: T0_MS });
    await seedSynced(pool, { uid: 'a', stageId: 'met' });
    await pool.query('UPDATE crm_write SET mapping_version = $1', [version]);
    expect((await browser.get('/console/undo')).text).toContain(`value="${CRM}/${version}"`);
    // 17:00 UTC is 10:00 in Denver.
    const asked = { mapping: `${CRM}/${version}`, from: '2026-11-24T09:30', to: '2026-11-24T10:30' };
    const page = await browser.get(`/console/undo?${new URLSearchParams(asked).toString()}`);
    expect(wordsOf(page.text)).toContain('1 record: 1 would go back');
    const late = { ...asked, from: '2026-11-24T10:01' };
    const none = await browser.get(`/console/undo?${new URLSearchParams(late).toString()}`);
    expect(none.text).toContain('Nothing that stands was written under this mapping');
    const reply = await browser.post('/console/undo', { ...asked, seen: seenOf(page.text) });
    expect(reply.headers.location).toBe(`/console/undo/${started[0]}?said=undone`);
    expect(wordsOf((await browser.get('/console/undo')).text)).toContain(`mapping ${version} 1 anna-1`);
  });

  it('says what is wrong with its times, and where no mapping was in force', async () => {
    expect((await browser.get('/console/undo')).text).toContain('No mapping was in force yet');
    await saveMappingVersion(pool, { connection: CRM, mapping, nowMs: T0_MS });
    for (const times of ['from=2026-11-25T00:00&to=2026-11-24T00:00', 'from=soon&to=later']) {
      const { status, text } = await browser.get(`/console/undo?mapping=${CRM}/${version}&${times}`);
      expect([status, text]).toEqual([200, expect.stringContaining('These times make no sense')]);
    }
    expect((await browser.get('/console/undo/5e0d7c0a-0000-4000-8000-000000000001')).status).toBe(404);
  });
});

describe('the preview of a mapping', () => {
  const path = `/console/mapping/${CRM}/preview`;

  it('shows by status and booking what the file would change, and has it written by its button, once', async () => {
    await saveMappingVersion(pool, { connection: CRM, mapping, nowMs: T0_MS });
    const changes = await seedSynced(pool, { uid: 'a', stageId: 'new' });
    await seedSynced(pool, { uid: 'b', stageId: 'met' });
    expect((await browser.get('/console/mapping')).text).toContain(`href="${path}"`);
    const page = await browser.get(path);
    const words = wordsOf(page.text);
    expect(words).toContain('Written under another 2 open bookings Would change 1 booking');
    expect(words).toContain('Scheduled met 1');
    expect(words).toContain(`${changes} Scheduled new → met stays`);
    expect(woken).toEqual([]);

    const stale = await browser.post(path, { version, count: '2' });
    expect([stale.status, stale.text]).toEqual([409, expect.stringContaining('nothing was done')]);
    const reply = await browser.post(path, { version, count: '1' });
    expect([reply.status, reply.headers.location]).toEqual([303, '/console/mapping?said=applied']);
    expect(woken).toEqual([changes]);
    expect(await audit()).toEqual([{ actor: 'anna-1', action: 'mapping.applied' }]);
  });

  it('offers nothing while the worker runs with another file, and says when nothing would change', async () => {
    await saveMappingVersion(pool, { connection: CRM, mapping: { ...mapping, notes: true }, nowMs: T0_MS });
    await seedSynced(pool, { uid: 'a', stageId: 'new' });
    const page = await browser.get(path);
    expect(page.text).toContain('The worker does not run with this file yet');
    expect(page.text).not.toContain('again</button>');
    expect((await browser.post(path, { version, count: '1' })).status).toBe(409);
    await pool.query('TRUNCATE booking CASCADE');
    expect((await browser.get(path)).text).toContain('Nothing would change');
    expect((await browser.get('/console/mapping/other/preview')).status).toBe(404);
    expect(woken).toEqual([]);
  });
});
