/** The host's links, attacked and used over HTTP against a real database: looking decides nothing, one answer counts, nobody is named. */
import type pg from 'pg';
import type { ApiOptions } from '../../../api/start';
import { hostLinks, type HostLinks } from '../../../activities/host-links';
import { findOrCreatePerson } from '../../../db/persons';
import { withTransaction } from '../../../db/pool';
import { linkToken } from '../../../db/signed-links';
import { settleTask } from '../../../db/tasks';
import { openVault, parseMasterKeys, type Vault } from '../../../db/vault';
import type { BookingStatus } from '../../../domain/booking';
import { testDatabase } from '../../support/postgres';
import { send, type Reply } from '../http';
import { idleEngine, MASTER_KEY, testApi, type TestApi } from '../test-api';
import { HOUR_MS, seedBooking, seedTask, slotAt, T0_MS } from '../v1/seed';

const SLOT = slotAt(T0_MS);
const NOW_MS = SLOT.endMs + HOUR_MS;
const HOSTILE = '<img src=x onerror=alert(1)>';
const NORA = {
  name: HOSTILE,
  firstName: HOSTILE,
  lastName: 'Nobody',
  email: 'nora@example.com',
  phone: '+13035550123',
  zone: 'America/Denver',
  locale: 'en',
};

let pool: pg.Pool;
let vault: Vault;
let api: TestApi;
let nowMs: number;
let decided: unknown[];
let engineIsAway: boolean;

const engine: ApiOptions['engine'] = {
  ...idleEngine,
  decideBooking: (booking, decision) => {
    if (engineIsAway) return Promise.resolve({ kind: 'unconfirmed', reason: 'the workflow engine can not be reached' });
    decided.push({ booking: booking.id, ...decision });
    return Promise.resolve({ kind: 'accepted' });
  },
  decide: async (task, decision, by) => {
    decided.push({ task: task.id, ...decision, by });
    await settleTask(pool, { id: task.id, state: 'decided', decision, by, nowMs });
    return { kind: 'accepted' };
  },
};

beforeAll(async () => {
  ({ pool } = await testDatabase());
  vault = await openVault(pool, parseMasterKeys(MASTER_KEY));
  api = await testApi(pool, { engine, nowMs: () => nowMs });
  await api.opened;
});
beforeEach(() => {
  nowMs = NOW_MS;
  decided = [];
  engineIsAway = false;
});
afterEach(() => pool.query('TRUNCATE booking, person, used_link CASCADE'));

async function asked(
  uid = 'u1',
  status: BookingStatus = 'awaiting_outcome',
): Promise<{ id: string; links: HostLinks }> {
  const { id: personId } = await withTransaction(pool, (tx) => findOrCreatePerson(tx, vault, NORA));
  const id = await seedBooking(pool, { chain: [uid], picture: { status, slot: SLOT, personId } });
  return { id, links: linksOf(id) };
}

function linksOf(bookingId: string): HostLinks {
  const settings = { publicUrl: 'https://booksync.example.com/' } as Parameters<typeof hostLinks>[0]['settings'];
  return hostLinks({ settings, vault }, { bookingId, slot: SLOT })!;
}

const pathOf = (url: string): string => new URL(url).pathname;
const get = (url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Reply> =>
  send(api.port, { method, path: pathOf(url) });
const post = (url: string): Promise<Reply> => send(api.port, { method: 'POST', path: pathOf(url), headers: {} });

describe('a link of the host', () => {
  it('asks for a confirmation, however often a scanner opens it', async () => {
    const { links } = await asked();
    for (const method of ['GET', 'HEAD', 'GET'] as const) expect((await get(links.showed, method)).status).toBe(200);
    const page = await get(links.showed);
    expect(page.text).toContain('Yes, the guest came');
    expect(page.text).toContain('Tue 24 Nov 2026, 12:00 EST');
    expect(decided).toEqual([]);
  });

  it('decides about the booking while nobody is asked to review it', async () => {
    const { id, links } = await asked();
    const reply = await post(links.no_show);
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('It is noted: No-show.')]);
    expect(decided).toEqual([{ booking: id, decision: 'no_show', startMs: null, by: 'host' }]);
  });

  it('decides the review where one is open', async () => {
    const { id, links } = await asked();
    const review = await seedTask(pool, { bookingId: id, kind: 'no_show_review', about: 'outcome' });
    await post(links.rescheduled);
    expect(decided).toEqual([{ task: review.id, decision: 'rescheduled', by: 'host' }]);
  });

  it('serves once, also for another answer and for two at the same moment', async () => {
    const { links } = await asked();
    const replies = await Promise.all([post(links.showed), post(links.no_show), post(links.showed)]);
    expect(decided).toHaveLength(1);
    expect(replies.filter(({ text }) => text.includes('It is noted'))).toHaveLength(1);
    const later = await post(links.canceled);
    expect([later.status, later.text]).toEqual([200, expect.stringContaining('This was answered already')]);
    expect((await get(links.showed)).text).not.toContain('<form');
    expect(decided).toHaveLength(1);
  });

  it('stays good when the engine did not answer', async () => {
    const { links } = await asked();
    engineIsAway = true;
    const failed = await post(links.showed);
    expect([failed.status, failed.text]).toEqual([
      503,
      expect.stringContaining('safe to send the same decision again'),
    ]);
    engineIsAway = false;
    expect((await post(links.showed)).text).toContain('It is noted: Showed.');
  });
});

describe('a link that is no longer good says why, and does nothing', () => {
  it.each<[string, number, string, (of: { id: string; links: HostLinks }) => Promise<string> | string]>([
    ['expired', 410, 'This link is too old', ({ links }) => ((nowMs += 15 * 24 * HOUR_MS), links.showed)],
    ['cut off', 404, 'This link does not fit', ({ links }) => links.showed.slice(0, -3)],
    ['of nobody', 404, 'This link does not fit', () => linksOf('calcom-sales/nobody').showed],
    [
      'of a task',
      404,
      'This link does not fit',
      ({ id }) => {
        const subject = [id, `${SLOT.startMs}-${SLOT.endMs}`];
        const link = { purpose: 'open_task', subject, decision: 'showed', untilMs: nowMs + HOUR_MS } as const;
        return `https://booksync.example.com/answer/${linkToken(vault, link)}`;
      },
    ],
    [
      'moved',
      410,
      'The appointment has another time now',
      async ({ id, links }) => {
        const moved = JSON.stringify(slotAt(T0_MS + 24 * HOUR_MS));
        await pool.query(`UPDATE booking SET picture = jsonb_set(picture, '{slot}', $2) WHERE id = $1`, [id, moved]);
        return links.showed;
      },
    ],
    [
      'known',
      200,
      'known as: No-show',
      async ({ id, links }) => {
        await pool.query(`UPDATE booking SET status = 'no_show' WHERE id = $1`, [id]);
        return links.showed;
      },
    ],
  ])('%s', async (_what, status, sentence, spoil) => {
    const url = await spoil(await asked());
    for (const reply of [await get(url), await post(url)]) {
      expect([reply.status, reply.text]).toEqual([status, expect.stringContaining(sentence)]);
      expect(reply.text).not.toContain('<form');
    }
    expect(decided).toEqual([]);
  });

  it('the signature of one booking opens no other', async () => {
    const [mine, theirs] = [await asked('mine'), await asked('theirs')];
    const [, signature] = pathOf(mine.links.showed).split('.');
    const [body] = pathOf(theirs.links.showed).split('.');
    expect((await post(`https://booksync.example.com${body}.${signature}`)).status).toBe(404);
    expect(decided).toEqual([]);
  });
});

it('the page names nobody, is framed by nobody, is not kept, and no log line holds the link', async () => {
  const { links } = await asked();
  const replies = [await get(links.showed), await post(links.showed), await get(`${links.showed}x`)];
  for (const { text, headers } of replies) {
    expect(text).not.toMatch(/nora|nobody|onerror|303555/i);
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['set-cookie']).toBeUndefined();
  }
  const token = pathOf(links.showed).slice('/answer/'.length);
  expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).not.toMatch(/nora|@/i);
  expect(api.log.join('\n')).not.toContain(token.slice(0, 40));
});
