/** The console's pages over HTTP, against a real database: what they show, what their forms do, and where nothing personal may be. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ApiOptions } from '../../../api/start';
import { createDeliveryWriter, dedupeKeyOf, markDead } from '../../../db/deliveries';
import { addMatchRule } from '../../../db/match-rules';
import { findOrCreatePerson } from '../../../db/persons';
import { withTransaction } from '../../../db/pool';
import { saveSync } from '../../../db/crm-ledger';
import { settleTask } from '../../../db/tasks';
import { openVault, parseMasterKeys, type Vault } from '../../../db/vault';
import type { BookingDecision } from '../../../domain/booking-decisions';
import type { Crm } from '../../../integrations/ports';
import { aFact, DAY } from '../../support/facts';
import { testDatabase } from '../../support/postgres';
import { recordForReport, reportDeps, tell } from '../../support/report-bookings';
import { idleEngine, MASTER_KEY, testApi, TOKEN, type TestApi } from '../test-api';
import { SEARCH_COOKIE } from '../../../api/pages/sessions';
import { HOUR_MS, seedBooking, seedFact, seedTask, slotAt, T0_MS } from '../v1/seed';
import { Browser } from './browser';

const NORA = {
  name: 'Nora Nobody',
  firstName: 'Nora',
  lastName: 'Nobody',
  email: 'nora@example.com',
  phone: '+13035550123',
  zone: 'America/Denver',
  locale: 'en',
};
const CRM_ADDRESS = 'nora.at.work@example.com';

let pool: pg.Pool;
let vault: Vault;
let api: TestApi;
let browser: Browser;
let decided: (BookingDecision | { taskId: string; decision: string; by: string } | { owner: string; by: string })[];
let crmAnswers: boolean;

const crm = {
  resolvePerson: ({ linkedId }: { linkedId: string }) =>
    crmAnswers
      ? Promise.resolve({
          kind: 'one',
          matchedOn: 'link',
          person: { id: linkedId, current: { ...NORA, email: CRM_ADDRESS } },
        })
      : new Promise(() => undefined),
} as unknown as Crm;

const engine: ApiOptions['engine'] = {
  ...idleEngine,
  ping: () => Promise.reject(new Error('away')),
  bookingView: () => new Promise(() => undefined),
  decideBooking: (_booking, decision) => {
    decided.push(decision);
    return Promise.resolve(
      decision.decision === 'showed'
        ? { kind: 'refused', reason: 'The appointment begins later' }
        : { kind: 'accepted' },
    );
  },
  decide: async (task, decision, by) => {
    decided.push({ taskId: task.id, decision: decision.decision, by });
    await settleTask(pool, { id: task.id, state: 'decided', decision, by, nowMs: T0_MS });
    return { kind: 'accepted' };
  },
  reassign: (_task, to) => {
    decided.push(to);
    return Promise.resolve({ kind: 'accepted' });
  },
};

beforeAll(async () => {
  ({ pool } = await testDatabase());
  const masterKeys = parseMasterKeys(MASTER_KEY);
  vault = await openVault(pool, masterKeys);
  api = await testApi(pool, {
    engine,
    nowMs: () => T0_MS - HOUR_MS,
    crm: () => crm,
    console: {
      zone: 'America/Denver',
      reportZone: 'America/Denver',
      connections: [
        { id: 'calcom-sales', kind: 'calcom', role: 'source', feeds: ['hubspot-main'] },
        { id: 'hubspot-main', kind: 'hubspot', role: 'crm', feeds: [] },
      ],
      mapping: {
        'hubspot-main': {
          pipelineId: 'default',
          stageOrder: ['new', 'won'],
          forwardOnly: true,
          lead: null,
          notes: false,
          eventTypes: {},
          byStatus: { showed: { stageId: 'won', onlyFrom: null } },
        },
      },
      temporalUi: { address: 'http://127.0.0.1:8233', namespace: 'default' },
    },
  });
  await api.opened;
  browser = new Browser(api.port);
  await browser.signIn(TOKEN);
});
beforeEach(() => {
  decided = [];
  crmAnswers = true;
});
afterEach(() =>
  pool.query('TRUNCATE booking, delivery, person, match_rule, audit_entry, report_day, report_day_change CASCADE'),
);

async function noraBooked(uid = 'u1') {
  const { id: personId } = await withTransaction(pool, (tx) => findOrCreatePerson(tx, vault, NORA));
  const id = await seedBooking(pool, { chain: [uid, `${uid}-moved`], picture: { personId } });
  await seedFact(pool, {
    bookingId: id,
    connection: 'calcom-sales',
    fact: { type: 'scheduled', uid },
    why: 'scheduled',
  });
  await saveSync(pool, { bookingId: id, connection: 'hubspot-main', state: 'needs_contact', reason: 'nobody matches' });
  return { id, personId };
}

const locationOf = (reply: { headers: { location?: string | undefined } }): string => reply.headers.location ?? '';

describe('search', () => {
  /** Returns where the search leads. */
  async function searched(search: string): Promise<string> {
    await browser.get('/console/bookings');
    const reply = await browser.post('/console/bookings', { search });
    expect(reply.status).toBe(303);
    return locationOf(reply);
  }

  it('keeps the latest searches apart, for this session only, sealed and within what a cookie holds', async () => {
    await noraBooked();
    const [first, second] = [await searched('Nora Nobody'), await searched('nobody@example.com')];
    expect((await browser.get(first)).text).toContain('value="Nora Nobody"');
    expect((await browser.get(second)).text).toContain('value="nobody@example.com"');
    const cookie = browser.cookies.get(SEARCH_COOKIE) ?? '';
    expect(Buffer.from(cookie, 'base64url').toString('latin1')).not.toMatch(/nora|nobody/i);

    const other = new Browser(api.port);
    await other.signIn(TOKEN);
    for (const stolen of [cookie, 'made-up', '']) {
      other.cookies.set(SEARCH_COOKIE, stolen);
      const { status, text } = await other.get(first);
      expect([status, text]).toEqual([200, expect.stringContaining('not kept any more')]);
      expect(text).not.toContain('Nora Nobody');
    }
    for (let n = 0; n < 4; n += 1) await searched(`${n}${'\u{1F642}'.repeat(140)}`);
    expect((browser.cookies.get(SEARCH_COOKIE) ?? '').length).toBeLessThan(3_800);
    expect((await browser.get(first)).text).toContain('not kept any more');
  });

  it.each(['nora nobody', 'NOBODY', 'Nora@Example.com', '+1 303 555 0123', '(303) 555-0123', 'u1-moved'])(
    'finds by %j, under an address that names nobody and can be opened again',
    async (search) => {
      await noraBooked();
      const found = await searched(search);
      expect(found).toMatch(/^\/console\/bookings\?found=[\w-]{8}$/);
      await browser.get(found);
      const reply = await browser.get(found);
      expect(reply.text).toContain('href="/console/bookings/calcom-sales/u1"');
      expect(reply.text).toContain('Nora Nobody');
    },
  );

  it.each(['nor', 'nora somebody', 'nora@example', '5550123', "' OR 1=1 --", 'u\0x'])(
    'finds nobody by %j',
    async (search) => {
      await noraBooked();
      const reply = await browser.get(await searched(search));
      expect([reply.status, reply.text.includes('Nora Nobody')]).toEqual([200, false]);
    },
  );
});

describe('pages without Temporal', () => {
  it.each([
    ['/console', 'Does not answer'],
    [
      '/console/bookings?status=scheduled&source=calcom-sales&crm=needs_contact&from=2026-11-24&to=2026-11-24',
      'Nora Nobody',
    ],
    ['/console/bookings/calcom-sales/u1', 'Live state unavailable'],
    ['/console/bookings/calcom-sales/u1-moved', 'Nora Nobody'],
    ['/console/tasks', 'Nora Nobody'],
    ['/console/report', 'No appointment and no lead is known'],
    ['/console/deliveries', 'Nothing has come yet'],
    ['/console/connections', 'hubspot-main'],
    ['/console/rules', 'No rule yet'],
    ['/console/mapping', 'won'],
  ])('%s is shown within a second, and small', async (path, text) => {
    const { id: bookingId } = await noraBooked();
    await seedTask(pool, { bookingId });
    const startedAt = performance.now();
    const reply = await browser.get(path);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining(text)]);
    expect(reply.text.length).toBeLessThan(40_000);
    expect(reply.text).not.toMatch(/(href|src|action|hx-get|hx-post)="[^"]*(nora|example\.com|3035550123)/i);
  });

  it('a filter that leaves a booking out does not show it', async () => {
    await noraBooked();
    for (const query of ['status=showed', 'source=other', 'crm=synced', 'from=2026-11-25', 'to=2026-11-23']) {
      expect((await browser.get(`/console/bookings?${query}`)).text).not.toContain('Nora Nobody');
    }
  });

  it.each([
    '/console/bookings/calcom-sales/none',
    '/console/tasks/17',
    `/console/deliveries/${randomUUID()}`,
    '/console/none',
    '/console/report/plots/none.svg',
    '/console/report/none.csv',
  ])('%s is not there, and the page says so', async (path) => {
    const reply = await browser.get(path);
    expect([reply.status, reply.text]).toEqual([404, expect.stringContaining('<h1>Not found</h1>')]);
  });
});

describe('one booking', () => {
  it('shows guest, chain, CRM, why, and leads to its workflow', async () => {
    const { id } = await noraBooked();
    const { text } = await browser.get(`/console/bookings/${id}`);
    for (const part of [
      'nora@example.com',
      'u1-moved',
      'Needs a contact',
      'Nobody matches',
      'Scheduled.',
      '10:00 MST',
      '12:00 EST',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('href="http://127.0.0.1:8233/namespaces/default/workflows/booking%2Fcalcom-sales%2Fu1"');
  });

  it('is decided about under the operator’s id, and what is said afterwards stands on the page', async () => {
    const { id } = await noraBooked();
    await browser.get(`/console/bookings/${id}`);
    const reply = await browser.post(`/console/bookings/${id}`, { act: 'outcome', decision: 'canceled' });
    expect([reply.status, locationOf(reply)]).toEqual([303, `/console/bookings/${id}?said=outcome`]);
    expect((await browser.get(locationOf(reply))).text).toContain('The outcome is set.');
    expect(decided).toEqual([{ decision: 'canceled', startMs: null, by: 'anna-1' }]);
  });

  it('is moved to a time of its own zone’s clock', async () => {
    const { id } = await noraBooked();
    await browser.post(`/console/bookings/${id}`, { act: 'reschedule', start: '2026-12-01T09:30' });
    expect(decided).toEqual([{ decision: 'rescheduled', startMs: Date.parse('2026-12-01T14:30:00Z'), by: 'anna-1' }]);
  });

  it('says what was refused and why, on its page', async () => {
    const { id } = await noraBooked();
    const refused = await browser.post(`/console/bookings/${id}`, { act: 'outcome', decision: 'showed' });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('The appointment begins later.')]);
    const odd = await browser.post(`/console/bookings/${id}`, { act: 'reschedule', start: 'soon' });
    expect([odd.status, odd.text]).toEqual([400, expect.stringContaining('must be a date and a time')]);
    const nothing = await browser.post(`/console/bookings/${id}`, { act: 'retry', connection: 'hubspot-main' });
    expect([nothing.status, nothing.text]).toEqual([409, expect.stringContaining('nothing to try again')]);
  });

  it('does nothing for a form of another session', async () => {
    const { id } = await noraBooked();
    const form = { act: 'outcome', decision: 'canceled', formToken: 'A'.repeat(43) };
    expect((await browser.post(`/console/bookings/${id}`, form)).status).toBe(403);
    expect(decided).toEqual([]);
    await browser.get('/console');
  });
});

describe('one task', () => {
  it('shows the candidates as the CRM has them now, and only there', async () => {
    const { id: bookingId } = await noraBooked();
    const { id } = await seedTask(pool, { bookingId });
    const { text } = await browser.get(`/console/tasks/${id}`);
    expect(text).toContain(CRM_ADDRESS);
    expect(text).toMatch(/name="personId" value="101"/);
    crmAnswers = false;
    const without = (await browser.get(`/console/tasks/${id}`)).text;
    expect(without).toContain('The CRM does not answer right now');
    expect(without).not.toContain(CRM_ADDRESS);
  });

  it('is decided, and shows what was', async () => {
    const { id: bookingId } = await noraBooked();
    const { id } = await seedTask(pool, { bookingId });
    const reply = await browser.post(`/console/tasks/${id}`, {
      act: 'decide',
      decision: 'use_contact',
      personId: '101',
    });
    expect(locationOf(reply)).toBe(`/console/tasks/${id}?said=decided`);
    expect((await browser.get(locationOf(reply))).text).toContain('Use this contact');
    expect(decided).toEqual([{ taskId: id, decision: 'use_contact', by: 'anna-1' }]);
    const again = await browser.post(`/console/tasks/${id}`, { act: 'decide', decision: 'no_contact' });
    expect([again.status, again.text]).toEqual([409, expect.stringContaining('already decided')]);
  });

  it('changes hands', async () => {
    const { id: bookingId } = await noraBooked();
    const { id } = await seedTask(pool, { bookingId });
    expect(locationOf(await browser.post(`/console/tasks/${id}`, { act: 'reassign', owner: 'ben-2' }))).toContain(
      'reassigned',
    );
    expect((await browser.post(`/console/tasks/${id}`, { act: 'reassign', owner: 'Ben Berg' })).status).toBe(400);
    expect(decided).toEqual([{ owner: 'ben-2', by: 'anna-1' }]);
  });
});

describe('deliveries and rules', () => {
  it('a dead letter is shown without what it says, and replayed', async () => {
    const writer = createDeliveryWriter({ pool, vault });
    const body = Buffer.from(JSON.stringify({ attendee: { email: NORA.email } }));
    const headers = { 'content-type': 'application/json' };
    const stored = await writer.store({
      connection: 'calcom-sales',
      dedupeKey: dedupeKeyOf(null, body),
      headers,
      body,
    });
    await writer.close();
    const { id } = stored;
    await markDead(pool, id, { trigger: 'BOOKING_CREATED', reason: 'no start time' });
    const list = await browser.get('/console/deliveries?state=dead');
    expect(list.text).toContain('no start time');
    const { text } = await browser.get(`/console/deliveries/${id}`);
    expect(text).toContain('&quot;email&quot;: &quot;string&quot;');
    expect(text).not.toContain(NORA.email);
    const reply = await browser.post('/console/deliveries/replay', { ids: id });
    expect(locationOf(reply)).toBe(`/console/deliveries/${id}?said=replayed`);
    expect(locationOf(await browser.post('/console/deliveries/replay', { ids: id }))).toContain('said=notReplayed');
    const { rows } = await pool.query('SELECT actor, action FROM audit_entry');
    expect(rows).toEqual([{ actor: 'anna-1', action: 'delivery.replayed' }]);
  });

  it('a rule is listed with its guest, and removed', async () => {
    const { id: bookingId, personId } = await noraBooked();
    await addMatchRule(pool, {
      connection: 'hubspot-main',
      personId,
      choice: { choice: 'no_contact' },
      bookingId,
      by: 'anna-1',
      nowMs: T0_MS,
    });
    const { text } = await browser.get('/console/rules');
    expect(text).toContain('Nora Nobody');
    const path = /action="(\/console\/rules\/[^"]+)"/.exec(text)?.[1] ?? '';
    expect(locationOf(await browser.post(path, {}))).toBe('/console/rules?said=removed');
    expect((await browser.get('/console/rules')).text).toContain('No rule yet');
  });
});

describe('the report', () => {
  /** One guest stayed away last Tuesday, an hour before now a week ago. */
  async function noraStayedAway(): Promise<void> {
    const { id: personId } = await withTransaction(pool, (tx) => findOrCreatePerson(tx, vault, NORA));
    const slot = slotAt(T0_MS - 7 * DAY);
    const receivedAtMs = slot.endMs + HOUR_MS;
    const facts = [aFact('scheduled', { slot, personId }), aFact('no_show', { receivedAtMs })];
    await tell(pool, { id: 'calcom-sales/missed', facts });
    await recordForReport(pool, reportDeps(), { id: 'calcom-sales/missed', nowMs: T0_MS });
  }

  it('shows the week that was asked for, whom to follow up by name, and no name in an address', async () => {
    await noraStayedAway();
    const { text } = await browser.get('/console/report?window=last_week&source=calcom-sales');
    for (const part of ['16 Nov to 22 Nov 2026', 'calcom-sales', '1 of 1', 'Nora Nobody', 'Nothing yet']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('/console/report/plots/weeks.svg?window=last_week&amp;source=calcom-sales&amp;theme=dark');
    expect((await browser.get('/console/report')).text).not.toContain('Nora Nobody');
  });

  it('has its plots as images that run nothing, and its tables as CSV', async () => {
    await noraStayedAway();
    for (const plot of ['funnel', 'weeks', 'time-to-book', 'reminders']) {
      const { status, headers, text } = await browser.get(`/console/report/plots/${plot}.svg?window=last_week`);
      expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
        ...[200, 'image/svg+xml; charset=utf-8', 'nosniff'],
      ]);
      expect(headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
      expect(text).toContain('<svg ');
    }
    const csv = await browser.get('/console/report/follow-up.csv?window=last_week');
    expect(csv.headers['content-disposition']).toBe('attachment; filename=report-follow-up-2026-11-16.csv');
    expect(csv.text.split('\r\n')[1]).toContain(
      'Nora Nobody,No-show,Booking tool,2026-11-17T17:00:00.000Z,nothing yet',
    );
    for (const table of ['rates', 'weeks', 'funnel', 'time-to-book', 'reminders', 'mismatches']) {
      const { status, headers } = await browser.get(`/console/report/${table}.csv`);
      expect([status, headers['content-type'], headers['cache-control']]).toEqual([
        ...[200, 'text/csv; charset=utf-8', 'no-store'],
      ]);
    }
  });
});

it('no name, address, number or token was logged', () => {
  expect(api.log.join('\n')).not.toMatch(new RegExp(`nora|nobody|3035550123|example\\.com|${TOKEN}`, 'i'));
});
