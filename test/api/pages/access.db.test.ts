/** Who gets into the console, and what a page may do: attacked over HTTP, against a real database. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { newSignInLink } from '../../../api/pages/sign-in';
import type { ApiOptions } from '../../../api/start';
import { createDeliveryWriter, dedupeKeyOf, markDead } from '../../../db/deliveries';
import { openVault, parseMasterKeys } from '../../../db/vault';
import { SESSION_COOKIE, VISITOR_COOKIE } from '../../../api/pages/sessions';
import { testDatabase } from '../../support/postgres';
import { send } from '../http';
import { MASTER_KEY, testApi, TOKEN, type TestApi } from '../test-api';
import { seedBooking, T0_MS } from '../v1/seed';
import { Browser } from './browser';

let pool: pg.Pool;
let api: TestApi;
let nowMs = T0_MS;

beforeAll(async () => {
  ({ pool } = await testDatabase());
  api = await testApi(pool, { nowMs: () => nowMs });
  await api.opened;
});
beforeEach(async () => {
  nowMs = T0_MS;
  await pool.query('TRUNCATE console_session, console_link, console_attempt');
});

const PAGES = [
  '',
  '/bookings',
  '/tasks',
  `/tasks/${randomUUID()}`,
  '/bookings/calcom-sales/u1',
  '/nowhere',
  '/report',
  '/report/plots/funnel.svg',
  '/report/follow-up.csv',
];

describe('without a session', () => {
  it.each(PAGES)('GET /console%s leads to the sign-in page, and a part of a page to nothing', async (page) => {
    const reply = await new Browser(api.port).get(`/console${page}`);
    expect([reply.status, reply.headers.location]).toEqual([
      303,
      `/console/sign-in?next=${encodeURIComponent(`/console${page}`)}`,
    ]);
    const part = await new Browser(api.port).get(`/console${page}`, { 'hx-request': 'true' });
    expect([part.status, part.headers['hx-redirect'], part.text]).toEqual([401, '/console/sign-in', '']);
  });

  it.each(['/tasks/x', '/bookings/calcom-sales/u1', '/sign-out'])('POST /console%s does nothing', async (page) => {
    expect((await new Browser(api.port).post(`/console${page}`, { act: 'decide' })).status).toBe(303);
  });

  it('made-up, ended and expired sessions are none', async () => {
    const browser = new Browser(api.port);
    browser.cookies.set(SESSION_COOKIE, 'A'.repeat(43));
    expect((await browser.get('/console')).status).toBe(303);

    await browser.signIn(TOKEN);
    expect((await browser.get('/console')).status).toBe(200);
    const kept = browser.cookies.get(SESSION_COOKIE) ?? '';
    expect((await browser.post('/console/sign-out', {})).headers.location).toBe('/console/sign-in?said=signedOut');
    browser.cookies.set(SESSION_COOKIE, kept);
    expect((await browser.get('/console')).status).toBe(303);

    await browser.signIn(TOKEN);
    nowMs += 12 * 3_600_000;
    expect((await browser.get('/console')).status).toBe(303);
  });
});

describe('signing in', () => {
  it('takes the operator token, gives a strict cookie, and stores neither token nor session', async () => {
    const browser = new Browser(api.port);
    const reply = await browser.signIn(TOKEN);
    expect([reply.status, reply.headers.location]).toEqual([303, '/console']);
    const cookie = reply.headers['set-cookie']?.find(
      (line) => line.startsWith(`${SESSION_COOKIE}=`) && !line.includes('=;'),
    );
    expect(cookie).toMatch(/; Path=\/console;.*HttpOnly; SameSite=Lax$/);
    const { rows } = await pool.query<{ text: string }>(
      `SELECT encode(id_hash, 'escape') || operator AS text FROM console_session`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toContain(browser.cookies.get(SESSION_COOKIE));
  });

  it('behind TLS the cookie stays there', async () => {
    const browser = new Browser(api.port);
    await browser.get('/console/sign-in');
    const reply = await send(api.port, {
      path: '/console/sign-in',
      headers: {
        cookie: `${VISITOR_COOKIE}=${browser.cookies.get(VISITOR_COOKIE)}`,
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-proto': 'https',
      },
      body: new URLSearchParams({ formToken: browser.formToken, token: TOKEN }).toString(),
    });
    expect(reply.headers['set-cookie']?.every((line) => line.includes('Secure'))).toBe(true);
  });

  it('never takes over a session that the browser brought along', async () => {
    const attacker = new Browser(api.port);
    await attacker.signIn(TOKEN);
    const fixed = attacker.cookies.get(SESSION_COOKIE) ?? '';
    const victim = new Browser(api.port);
    victim.cookies.set(SESSION_COOKIE, fixed);
    await victim.signIn(TOKEN);
    expect(victim.cookies.get(SESSION_COOKIE)).not.toBe(fixed);
    expect((await attacker.get('/console')).status).toBe(303);
    expect((await victim.get('/console')).status).toBe(200);
  });

  it('refuses wrong tokens, and after ten everything from there for a quarter of an hour', async () => {
    const browser = new Browser(api.port);
    for (let attempt = 1; attempt <= 10; attempt += 1) expect((await browser.signIn('wrong')).status).toBe(401);
    const refused = await browser.signIn(TOKEN);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '900']);
    nowMs += 15 * 60_000;
    expect((await browser.signIn(TOKEN)).status).toBe(303);
  });

  it('refuses a form that another page posts', async () => {
    const browser = new Browser(api.port);
    await browser.get('/console/sign-in');
    expect((await browser.post('/console/sign-in', { token: TOKEN, formToken: 'made-up' })).status).toBe(403);
    browser.cookies.delete(VISITOR_COOKIE);
    expect((await browser.post('/console/sign-in', { token: TOKEN })).status).toBe(403);
  });

  it.each([
    'https://evil.example.com',
    '//evil.example.com',
    '/\\evil.example.com',
    '/console//evil.example.com',
    '/console/..//evil.example.com',
    'javascript:alert(1)',
    '/api/v1/bookings',
    '/console\r\nset-cookie: a=b',
    '/console/../connect/hubspot-main',
    '/console/%2e%2e/api/v1/bookings',
    '/console/%2F/evil.example.com\t',
    ' /console/\\evil.example.com',
  ])('never leads out of the console: next=%j', async (next) => {
    const browser = new Browser(api.port);
    const page = await browser.get(`/console/sign-in?next=${encodeURIComponent(next)}`);
    expect(page.text).toContain('name="next" value="/console"');
    const reply = await browser.post('/console/sign-in', { token: TOKEN, next });
    expect([reply.status, reply.headers.location]).toEqual([303, '/console']);
  });

  it('leads back to the page that was asked for', async () => {
    const browser = new Browser(api.port);
    await browser.get('/console/sign-in');
    const next = '/console/tasks?state=open&kind=match_contact';
    expect((await browser.post('/console/sign-in', { token: TOKEN, next })).headers.location).toBe(next);
  });
});

describe('a one-time link', () => {
  const link = (): Promise<string> => newSignInLink(pool, { apiToken: TOKEN, nowMs });

  it('signs in once, by its button only', async () => {
    const path = await link();
    const [first, second] = [new Browser(api.port), new Browser(api.port)];
    await first.get(path);
    await second.get(path);
    expect((await first.post(path, { operator: 'anna-1' })).headers.location).toBe('/console');
    expect((await first.get('/console')).text).toContain('anna-1');
    expect((await second.post(path, { operator: 'ben-2' })).status).toBe(403);
    expect((await second.get('/console')).status).toBe(303);
  });

  it('is worth nothing after ten minutes, or made up', async () => {
    const path = await link();
    const browser = new Browser(api.port);
    await browser.get(path);
    nowMs += 10 * 60_000;
    expect((await browser.post(path, {})).status).toBe(403);
    expect((await browser.post('/console/sign-in/made-up', {})).status).toBe(403);
  });
});

describe('a page', () => {
  it('may be shown in no frame, load nothing from elsewhere, run nothing inline, and is not kept', async () => {
    const browser = new Browser(api.port);
    await browser.signIn(TOKEN);
    const reply = await browser.get('/console');
    expect(reply.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    const policy = String(reply.headers['content-security-policy']).split(';').sort();
    expect(policy).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self'",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(reply.text).not.toMatch(/<style|<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|(src|href)="https?:/);
  });

  it('loads its style and script from us, under addresses that change with them', async () => {
    const browser = new Browser(api.port);
    const page = await browser.get('/console/sign-in');
    const assets = [...page.text.matchAll(/(?:href|src)="(\/console\/assets\/[0-9a-f]{16}\/[a-z.]+)"/g)].map(
      ([, path]) => path ?? '',
    );
    expect(assets).toHaveLength(3);
    for (const path of assets) {
      const reply = await browser.get(path, { 'accept-encoding': 'gzip' });
      expect([reply.status, reply.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect(Number(reply.headers['content-length'])).toBeLessThan(20_000);
    }
  });

  it('takes no form that it did not show to this session, and says so', async () => {
    const [mine, other] = [new Browser(api.port), new Browser(api.port)];
    await mine.signIn(TOKEN);
    await other.signIn(TOKEN);
    await mine.get('/console');
    await other.get('/console');
    const reply = await mine.post('/console/sign-out', { formToken: other.formToken });
    expect([reply.status, reply.text]).toEqual([403, expect.stringContaining('nothing was done')]);
    expect((await mine.get('/console')).status).toBe(200);
  });

  it('is the way in from the front door', async () => {
    expect((await new Browser(api.port).get('/')).headers.location).toBe('/console');
  });
});

describe('operators with a token of their own', () => {
  const ANNA = 'annas-own-token-0123456789';
  const BEN = 'bens-own-token-0123456789';
  const withOperators = async (operators: ApiOptions['operators'] = [], apiToken: string | null = TOKEN) => {
    const named = await testApi(pool, { operators, apiToken, nowMs: () => nowMs });
    await named.opened;
    return named;
  };
  const both = [
    { id: 'anna-own', token: ANNA },
    { id: 'ben-own', token: BEN },
  ];

  it('are signed in as who they are, whatever was typed, and no other can be typed', async () => {
    const { port } = await withOperators(both);
    const [anna, other] = [new Browser(port), new Browser(port)];
    expect((await anna.signIn(ANNA, 'ben-own')).status).toBe(303);
    expect((await anna.get('/console')).text).toContain('>anna-own<');
    const refused = await other.signIn(TOKEN, 'anna-own');
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('has a token of their own')]);
    expect((await other.get('/console')).status).toBe(303);
    expect((await other.signIn(TOKEN, 'carla-3')).status).toBe(303);
    expect((await other.get('/console')).text).toContain('>carla-3<');
    const path = await newSignInLink(pool, { apiToken: TOKEN, nowMs });
    const linked = new Browser(port);
    await linked.get(path);
    expect((await linked.post(path, { operator: 'ben-own' })).status).toBe(403);
  });

  it('lose their session with their token, and nobody else does', async () => {
    const before = await withOperators(both);
    const [anna, ben] = [new Browser(before.port), new Browser(before.port)];
    await anna.signIn(ANNA);
    await ben.signIn(BEN);
    const after = await withOperators([{ id: 'anna-own', token: `${ANNA}-new` }, both[1]!]);
    const at = async (browser: Browser) => {
      const moved = new Browser(after.port);
      for (const [name, value] of browser.cookies) moved.cookies.set(name, value);
      return (await moved.get('/console')).status;
    };
    expect([await at(anna), await at(ben)]).toEqual([303, 200]);
  });

  it('decide under their id by the API too, and need no shared token', async () => {
    const { port } = await withOperators(both, null);
    const id = await seedBooking(pool, { chain: ['u1'] });
    const writer = createDeliveryWriter({ pool, vault: await openVault(pool, parseMasterKeys(MASTER_KEY)) });
    const body = Buffer.from('{}');
    const stored = await writer.store({
      connection: 'calcom-sales',
      dedupeKey: dedupeKeyOf(null, body),
      headers: {},
      body,
    });
    await writer.close();
    await markDead(pool, stored.id, { trigger: 'BOOKING_CREATED', reason: 'no start time' });
    const ask = (token: string, path: string, fields: object = {}) =>
      send(port, {
        path: `/api/v1${path}`,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      });
    expect((await ask(BEN, `/deliveries/${stored.id}/replay`)).status).toBe(200);
    const { rows } = await pool.query('SELECT actor FROM audit_entry');
    expect(rows).toEqual([{ actor: 'ben-own' }]);
    expect((await ask(TOKEN, `/bookings/${id}/decision`, { decision: 'canceled' })).status).toBe(401);
    const browser = new Browser(port);
    expect((await browser.signIn('')).status).toBe(401);
    expect((await browser.signIn(ANNA)).status).toBe(303);
  });
});

it('without an operator token nobody gets in', async () => {
  const closed = await testApi(pool, { apiToken: null });
  await closed.opened;
  const browser = new Browser(closed.port);
  expect((await browser.get('/console/sign-in')).text).toContain('The console is closed');
  expect((await browser.post('/console/sign-in', { token: '' })).status).toBe(403);
  expect((await browser.get('/console')).status).toBe(303);
});
