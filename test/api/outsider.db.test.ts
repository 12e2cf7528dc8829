/**
 * The running service attacked from outside, by every route that its routers hold: who has no session, no token and no form of
 * ours gets nothing; no page can be framed; no redirect leads away; a hostile name is text wherever it is shown.
 */
import type pg from 'pg';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import { createApiMetrics } from '../../api/metrics';
import { Operators } from '../../api/operators';
import { newSignInLink } from '../../api/pages/sign-in';
import { addMatchRule } from '../../db/match-rules';
import { saveSync } from '../../db/crm-ledger';
import { findOrCreatePerson } from '../../db/persons';
import { withTransaction } from '../../db/pool';
import { linkToken, type SignedLink } from '../../db/signed-links';
import { saveMappingVersion } from '../../db/mapping-versions';
import { createDeliveryWriter, dedupeKeyOf } from '../../db/deliveries';
import { openVault, parseMasterKeys, type Vault } from '../../db/vault';
import type { CrmMapping } from '../../domain/settings';
import type { Crm } from '../../integrations/ports';
import { aFact, DAY } from '../support/facts';
import { testDatabase } from '../support/postgres';
import { recordForReport, reportDeps, tell } from '../support/report-bookings';
import { send, type Reply } from './http';
import { Browser } from './pages/browser';
import { filled, routesOf, type AppRoute } from './routes-of';
import { MASTER_KEY, testApi, TOKEN, type TestApi } from './test-api';
import { HOUR_MS, seedBooking, seedFact, seedSynced, seedTask, slotAt, T0_MS } from './v1/seed';

const NOW_MS = T0_MS + 2 * HOUR_MS;
const MARKUP = '"><img src=x onerror=alert(1)>';
const FORMULA = `=HYPERLINK("http://evil.example","x")`;
const HOSTILE = {
  name: `${FORMULA}${MARKUP}`,
  firstName: MARKUP,
  lastName: '" onmouseover="alert(2)',
  phone: '+13035550166',
  email: 'mallory.hostile@example.com',
  zone: 'America/Denver',
  locale: 'en',
};

/** It ended the text or the attribute that it stands in. */
const BROKEN_OUT = /<img src=x|">&lt;img src=x|" onmouseover="/;

/** What a stranger is answered; everything else must lead to the sign-in page, or be refused. */
const OPEN: Readonly<Record<string, readonly number[]>> = {
  'GET /healthz': [200],
  'GET /readyz': [503],
  'GET /metrics': [200],
  'GET /api/v1/openapi.json': [200],
  'GET /': [302],
  'GET /console/sign-in': [200],
  'POST /console/sign-in': [403],
  'GET /console/sign-in/:secret': [200],
  'POST /console/sign-in/:secret': [403],
  'GET /answer/:link': [404],
  'POST /answer/:link': [404],
  'GET /task/:link': [404],
  'GET /connect/:connection': [401],
  'GET /oauth/callback': [400],
};
const isAsset = ({ path }: AppRoute): boolean => path.startsWith('/console/assets/');
const nameOf = ({ method, path }: AppRoute): string => `${method} ${path}`;

const mapping: CrmMapping = {
  pipelineId: 'sales',
  stageOrder: ['new', 'met'],
  forwardOnly: true,
  eventTypes: {},
  lead: null,
  notes: false,
  byStatus: { awaiting_outcome: { stageId: 'met', onlyFrom: null } },
};
const settings = {
  zone: 'America/Denver',
  reportZone: 'America/Denver',
  temporalUi: null,
  mapping: { 'hubspot-main': mapping },
  connections: [
    { id: 'calcom-sales', kind: 'calcom', role: 'source', feeds: ['hubspot-main'] },
    { id: 'hubspot-main', kind: 'hubspot', role: 'crm', feeds: [] },
  ],
} as const;

/** Says of every contact that it is called like an attack. */
const crm = {
  resolvePerson: ({ linkedId }: { linkedId: string }) =>
    Promise.resolve({ kind: 'one', matchedOn: 'link', person: { id: linkedId, current: HOSTILE } }),
} as unknown as Crm;

let pool: pg.Pool;
let vault: Vault;
let api: TestApi;
let operator: Browser;
let routes: readonly AppRoute[];
/** Of records that are there, so that each page shows something. */
let params: Readonly<Record<string, string>>;
let bookingId: string;

beforeAll(async () => {
  ({ pool } = await testDatabase());
  vault = await openVault(pool, parseMasterKeys(MASTER_KEY));
  api = await testApi(pool, { console: settings, crm: () => crm, nowMs: () => NOW_MS });
  await api.opened;
  routes = routesOf(createApp(depsThatNobodyUses()));
  params = await plant();
  operator = new Browser(api.port);
  await operator.signIn(TOKEN);
});

/** The routes are the same whatever they are given. */
function depsThatNobodyUses(): ApiDeps {
  const nothing = { sources: [], sync: [], connect: { connectors: new Map(), publicUrl: null }, vault: () => null };
  return {
    ...nothing,
    db: pool,
    operators: new Operators({ apiToken: TOKEN }),
    console: settings,
    metrics: createApiMetrics(),
  } as unknown as ApiDeps;
}

/** A hostile guest with a booking, a task of each shape, a rule, a delivery and a line in the report. */
async function plant(): Promise<Readonly<Record<string, string>>> {
  const { id: personId } = await withTransaction(pool, (tx) => findOrCreatePerson(tx, vault, HOSTILE));
  const picture = { personId, slot: slotAt(T0_MS), status: 'awaiting_outcome' } as const;
  bookingId = await seedBooking(pool, { chain: ['u1'], picture });
  await seedFact(pool, { bookingId, connection: 'calcom-sales', fact: { type: 'scheduled', uid: 'u1' }, why: MARKUP });
  await saveSync(pool, { bookingId, connection: 'hubspot-main', state: 'needs_contact', reason: MARKUP });
  await saveMappingVersion(pool, { connection: 'hubspot-main', mapping, nowMs: T0_MS });
  await seedSynced(pool, { uid: 'u3', stageId: 'new', picture });
  const task = await seedTask(pool, { bookingId });
  const choice = { choice: 'no_contact' } as const;
  await addMatchRule(pool, { connection: 'hubspot-main', personId, choice, bookingId, by: 'anna-1', nowMs: T0_MS });
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM match_rule');
  const facts = [aFact('scheduled', { slot: slotAt(T0_MS - 7 * DAY), personId })];
  await tell(pool, {
    id: 'calcom-sales/missed',
    facts: [...facts, aFact('no_show', { receivedAtMs: T0_MS - 7 * DAY + 2 * HOUR_MS })],
  });
  await recordForReport(pool, reportDeps(), { id: 'calcom-sales/missed', nowMs: T0_MS });
  return {
    connection: 'calcom-sales',
    uid: 'u1',
    participation: '0a1b2c3d4e5f',
    link: 'made.up',
    secret: 'A'.repeat(43),
    plot: 'funnel',
    table: 'follow-up',
    ruleId: rows[0]!.id,
    id: task.id,
    deliveryId: await aDelivery(),
  };
}

async function aDelivery(): Promise<string> {
  const writer = createDeliveryWriter({ pool, vault });
  const body = Buffer.from(JSON.stringify({ [MARKUP]: MARKUP }));
  const headers = { 'content-type': 'application/json' };
  const { id } = await writer.store({ connection: 'calcom-sales', dedupeKey: dedupeKeyOf(null, body), headers, body });
  await writer.close();
  return id;
}

/** `:id` is a delivery's, a rule's or a task's. */
function pathOf({ path }: AppRoute): string {
  const id = /deliveries/.test(path) ? params.deliveryId! : /rules/.test(path) ? params.ruleId! : params.id!;
  const connection = /\/(mapping|connect)/.test(path) ? 'hubspot-main' : params.connection!;
  return filled(path, { ...params, id, connection });
}

const ask = (route: AppRoute, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Reply> =>
  send(api.port, { method: route.method, path: pathOf(route), headers, ...(body !== undefined && { body }) });

/** Asks all routes one after the other, and returns what `wrong` says about the answers. */
async function faults(
  of: readonly AppRoute[],
  asked: (route: AppRoute) => Promise<Reply>,
  wrong: (reply: Reply, route: AppRoute) => unknown,
): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const route of of) {
    const fault = wrong(await asked(route), route);
    if (fault !== null) found.push([nameOf(route), fault]);
  }
  return found;
}

describe('every route', () => {
  it('is found in the routers', () => {
    const names = routes.map(nameOf);
    expect(names).toEqual(
      expect.arrayContaining([...Object.keys(OPEN), 'GET /console/tasks/:id', 'POST /api/v1/undo']),
    );
    expect(names.length).toBeGreaterThan(50);
  });

  it('gives a stranger nothing, unless it is for strangers', async () => {
    const closed = (reply: Reply, route: AppRoute): unknown => {
      const expected = OPEN[nameOf(route)];
      if (isAsset(route)) return reply.status === 200 ? null : reply.status;
      if (expected !== undefined) return expected.includes(reply.status) ? null : reply.status;
      if (route.path.startsWith('/api/')) return reply.status === 401 ? null : reply.status;
      const isLed = reply.status === 303 && /^\/console\/sign-in(\?next=|$)/.test(reply.headers.location ?? '');
      return isLed && route.path.startsWith('/console') ? null : [reply.status, reply.headers.location];
    };
    const json = { 'content-type': 'application/json' };
    expect(
      await faults(routes, (route) => ask(route, json, route.method === 'POST' ? '{}' : undefined), closed),
    ).toEqual([]);
  });

  it('behind the sign-in takes no bearer, and the API takes no session', async () => {
    const cookie = [...operator.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const isOpen = (route: AppRoute): boolean => OPEN[nameOf(route)] !== undefined || isAsset(route);
    const pages = routes.filter((route) => route.path.startsWith('/console') && !isOpen(route));
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect(
      await faults(
        pages,
        (route) => ask(route, bearer),
        ({ status }) => (status === 303 ? null : status),
      ),
    ).toEqual([]);
    const under = routes.filter(
      (route) => /^\/(api\/|connect\/)/.test(route.path) && !OPEN[nameOf(route)]?.includes(200),
    );
    expect(
      await faults(
        under,
        (route) => ask(route, { cookie }),
        ({ status }) => (status === 401 ? null : status),
      ),
    ).toEqual([]);
  });

  it('that acts takes no form without the token of this session, however it is sent', async () => {
    const other = new Browser(api.port);
    await other.signIn(TOKEN);
    await other.get('/console');
    await operator.get('/console');
    const cookie = [...operator.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const acting = routes.filter(({ method, path }) => method !== 'GET' && /^\/console\/(?!sign-in)/.test(path));
    expect(acting.length).toBeGreaterThan(5);
    const form = 'application/x-www-form-urlencoded';
    const json = JSON.stringify({ formToken: operator.formToken });
    for (const [type, body] of [
      [form, ''],
      [form, new URLSearchParams({ formToken: other.formToken, act: 'decide', decision: 'no_contact' }).toString()],
      [form, new URLSearchParams([['formToken[]', operator.formToken]]).toString()],
      ['text/plain', `formToken=${operator.formToken}`],
      ['application/json', json],
    ] as const) {
      const refused = ({ status, text }: Reply) =>
        status === 403 && text.includes('nothing was done') ? null : status;
      expect(await faults(acting, (route) => ask(route, { cookie, 'content-type': type }, body), refused)).toEqual([]);
    }
    const { rows } = await pool.query('SELECT state FROM task WHERE id = $1', [params.id]);
    expect(rows).toEqual([{ state: 'open' }]);
  });

  it('can be framed by nobody, and tells its address to nobody, whether it answers or refuses', async () => {
    const gets: AppRoute[] = [...routes.filter(({ method }) => method === 'GET'), { method: 'GET', path: '/nothing' }];
    const isFrameable = ({ headers }: Reply): unknown => {
      const policy = String(headers['content-security-policy']);
      const isOwn = policy.includes("frame-ancestors 'none'") || policy.includes('sandbox');
      const isTold = headers['referrer-policy'] !== 'no-referrer' || headers['x-content-type-options'] !== 'nosniff';
      return headers['x-frame-options'] === 'DENY' && isOwn && !isTold ? null : [headers['x-frame-options'], policy];
    };
    expect(await faults(gets, (route) => ask(route), isFrameable)).toEqual([]);
    expect(await faults(gets, (route) => operator.get(pathOf(route)), isFrameable)).toEqual([]);
    const links: SignedLink[] = [aLink('open_task', [params.id!]), aLink('host_answer', [bookingId, slotOf()])];
    for (const link of links) {
      const reply = await send(api.port, { method: 'GET', path: addressOf(link) });
      expect([reply.status, isFrameable(reply)]).toEqual([200, null]);
    }
  });
});

const slotOf = (): string => `${T0_MS}-${T0_MS + HOUR_MS}`;

function aLink(purpose: SignedLink['purpose'], subject: readonly string[], untilMs = NOW_MS + HOUR_MS): SignedLink {
  return { purpose, subject, decision: purpose === 'host_answer' ? 'no_show' : null, untilMs };
}

const addressOf = (link: SignedLink, under = link.purpose): string =>
  `/${under === 'open_task' ? 'task' : 'answer'}/${linkToken(vault, link)}`;

describe('a signed link', () => {
  const refusals = [404, 410];
  it.each<[string, () => string]>([
    [
      'of a task, under the address of a host’s answer',
      () => addressOf(aLink('open_task', [params.id!]), 'host_answer'),
    ],
    [
      'of a host’s answer, under the address of a task',
      () => addressOf(aLink('host_answer', [params.id!]), 'open_task'),
    ],
    ['of a task that is too old', () => addressOf(aLink('open_task', [params.id!], NOW_MS))],
    ['of a host’s answer that is too old', () => addressOf(aLink('host_answer', [bookingId, slotOf()], NOW_MS))],
    ['of a booking that is not there', () => addressOf(aLink('host_answer', ['calcom-sales/u2', slotOf()]))],
    ['of another slot', () => addressOf(aLink('host_answer', [bookingId, '1-2']))],
    ['with the signature of another', () => spliced(aLink('open_task', ['x']), aLink('open_task', [params.id!]))],
    ['that is cut off', () => addressOf(aLink('open_task', [params.id!])).slice(0, -2)],
    ['of another key', () => `/task/${linkToken(strangersVault, aLink('open_task', [params.id!]))}`],
  ])('%s is worth nothing', async (_what, address) => {
    for (const method of ['GET', 'POST']) {
      const reply = await send(api.port, { method, path: address(), headers: {} });
      expect([refusals.includes(reply.status), reply.text.includes('<form')]).toEqual([true, false]);
    }
  });

  it('opens no page of the console, and is no session', async () => {
    const visitor = new Browser(api.port);
    const reply = await visitor.get(addressOf(aLink('open_task', [params.id!])));
    expect([reply.status, visitor.cookies.size]).toEqual([200, 0]);
    expect((await visitor.get(`/console/tasks/${params.id!}`)).status).toBe(303);
  });

  const strangersVault = { sign: () => Buffer.alloc(32, 1) };
  const spliced = (said: SignedLink, signed: SignedLink): string =>
    `${addressOf(said).split('.')[0]}.${addressOf(signed).split('.')[1]}`;
});

describe('a redirect', () => {
  it('goes to ourselves, whatever the request says about who we are and where it comes from', async () => {
    const evil = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      referer: 'https://evil.example/',
      origin: 'null',
    };
    const query = 'next=//evil.example&returnTo=https://evil.example&redirect=/%5Cevil.example';
    for (const path of [
      '/',
      '/console',
      '/console/bookings',
      '/console/tasks',
      '/console//evil.example',
      '/console/%2F%2Fevil.example',
      '/console/..%5Cevil.example',
    ]) {
      const { headers } = await send(api.port, { method: 'GET', path: `${path}?${query}`, headers: evil });
      expect(headers.location).toMatch(/^\/console(\/sign-in\?next=%2Fconsole[^/\\]*)?$/);
    }
  });

  it('after signing in by a link goes to Today', async () => {
    const path = await newSignInLink(pool, { apiToken: TOKEN, nowMs: NOW_MS });
    const browser = new Browser(api.port);
    await browser.get(`${path}?next=//evil.example`);
    expect((await browser.post(path, { next: '//evil.example' })).headers.location).toBe('/console');
  });
});

describe('a hostile name', () => {
  it('is text on every page that there is', async () => {
    const pages = routes.filter(
      ({ method, path }) => method === 'GET' && path.startsWith('/console') && !/assets|sign-in/.test(path),
    );
    const queries = ['', '?window=last_week', '?state=open&kind=match_contact'];
    const seen: string[] = [];
    const isMarkup = ({ text, headers }: Reply, route: AppRoute): unknown => {
      if (text.includes('mallory') || text.includes('onerror')) seen.push(route.path);
      const isPage = String(headers['content-type']).startsWith('text/html');
      return isPage && BROKEN_OUT.test(text) ? 'markup' : null;
    };
    for (const query of queries) {
      expect(await faults(pages, (route) => operator.get(`${pathOf(route)}${query}`), isMarkup)).toEqual([]);
    }
    expect([...new Set(seen)].sort()).toEqual(
      [
        '',
        '/bookings',
        '/bookings/:connection/:uid{/:participation}',
        '/mapping/:connection/preview',
        '/report',
        '/report/:table.csv',
        '/rules',
        '/tasks',
        '/tasks/:id',
      ].map((path) => `/console${path}`),
    );
  });

  it('is text in what is searched for and in what is refused, and no address holds it', async () => {
    await operator.get('/console/bookings');
    const found = await operator.post('/console/bookings', { search: HOSTILE.email });
    expect([found.status, found.headers.location]).toEqual([
      303,
      expect.stringMatching(/^\/console\/bookings\?found=[\w-]{8}$/),
    ]);
    const page = await operator.get(found.headers.location!);
    expect(page.text).toContain('3 bookings of');
    const hostile = await operator.post('/console/bookings', { search: MARKUP });
    for (const { text } of [page, await operator.get(hostile.headers.location!)]) expect(text).not.toMatch(BROKEN_OUT);
  });

  it('is no formula in a table for spreadsheets', async () => {
    const { text } = await operator.get('/console/report/follow-up.csv?window=last_week');
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example""`);
  });
});

it('nothing that was typed, shown or signed stands in a line of the log, or in a number', async () => {
  const { text } = await send(api.port, { method: 'GET', path: '/metrics' });
  const secret = linkToken(vault, aLink('open_task', [params.id!])).slice(0, 40);
  for (const said of [text, api.log.join('\n')]) {
    expect(said).not.toMatch(/mallory|onerror|3035550166|HYPERLINK/);
    expect([said.includes(TOKEN), said.includes(secret)]).toEqual([false, false]);
  }
});
