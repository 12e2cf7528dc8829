/** The poll for a CRM's new people, on a real database. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivityDeps } from '../../activities/deps';
import { createPollLeads, type LeadPollResult } from '../../activities/poll-leads';
import { wallClock } from '../../config/zones';
import { readLeadPoll } from '../../db/leads';
import { CrmError, type ListedPerson } from '../../integrations/ports';
import { testDatabase, type TestDatabase } from '../support/postgres';
import { REPORT } from '../support/report-bookings';

const CRM = 'hubspot-main';
const SUNDAY_NIGHT = Date.UTC(2024, 2, 4, 2, 0);
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

const person = (id: string, email: string | null = 'guest@example.com'): ListedPerson => ({
  id,
  email,
  createdAtMs: SUNDAY_NIGHT,
});

async function poll(pages: readonly (readonly ListedPerson[])[] | CrmError, connection = CRM) {
  const asked: { readonly sinceMs: number; readonly cursor: string | null }[] = [];
  const listPeopleSince = async (page: (typeof asked)[number]) => {
    asked.push(page);
    if (pages instanceof CrmError) throw pages;
    const at = Number(page.cursor ?? '0');
    return { people: pages[at] ?? [], next: at + 1 < pages.length ? String(at + 1) : null };
  };
  const exclude = { ...REPORT.exclude, internalDomains: ['staff.example.com'] };
  const deps = {
    pool: database.pool,
    wallClock,
    log: { info: () => undefined, warn: () => undefined },
    settings: { report: { ...REPORT, exclude }, sync: [{ source: 'calcom-sales', crms: [CRM] }] },
    crm: () => ({ listPeopleSince, capabilities: { searchLagMs: 30_000 } }),
  } as unknown as ActivityDeps;
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const run = (): Promise<LeadPollResult> => environment.run(createPollLeads(deps), { connection });
  return { asked, result: await run() };
}

const leads = async () =>
  (
    await database.pool.query(
      'SELECT crm_id, source, heard_from, entered_date::text, entered_week::text FROM lead ORDER BY crm_id',
    )
  ).rows;

test('new people become leads of the source that feeds the CRM, our own ones do not, and the next poll looks back a little', async () => {
  const pages = [[person('1'), person('2', 'someone@staff.example.com')], [person('3', null)]];
  const first = await poll(pages);
  expect(first.result).toEqual({ kind: 'polled', read: 3 });
  const lead = { source: 'calcom-sales', heard_from: 'crm', entered_date: '2024-03-03', entered_week: '2024-02-26' };
  expect(await leads()).toEqual([
    { crm_id: '1', ...lead },
    { crm_id: '3', ...lead },
  ]);
  const until = await readLeadPoll(database.pool, CRM);
  const { asked } = await poll(pages);
  expect(asked.map(({ sinceMs }) => sinceMs)).toEqual([until! - 630_000, until! - 630_000]);
  expect(await leads()).toHaveLength(2);
});

test('a CRM that refuses us leaves the cursor where it is, one that does not answer is asked again', async () => {
  const until = await readLeadPoll(database.pool, CRM);
  expect((await poll(new CrmError('scope_missing', 'no'))).result).toEqual({
    kind: 'refused',
    reason: 'scope_missing',
  });
  const quoting = poll(new CrmError('unavailable', 'no', { vendorText: 'guest@example.com' }));
  await expect(quoting).rejects.toThrow('unavailable: no');
  await expect(quoting).rejects.not.toHaveProperty('vendorText');
  expect(await readLeadPoll(database.pool, CRM)).toBe(until);
  expect((await poll([], 'another')).result).toEqual({ kind: 'not_fed' });
});
