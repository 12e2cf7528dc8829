/** The report as a function of its numbers: what it says of few cases, of doubts and of nothing, its tables, plots and CSV. */
import { csvOf } from '../../../api/pages/csv';
import { funnelOption, reminderOption, timeToBookOption, weeklyOption } from '../../../api/pages/plot-options';
import { svgOf } from '../../../api/pages/plots';
import { reportQueryOf, reportSearch } from '../../../api/pages/report-query';
import type { ReportData } from '../../../api/pages/report-data';
import { documentOf, type Frame } from '../../../api/pages/views/layout';
import { followUpTable, mismatchesTable, ratesTable, type NamedFollowUp } from '../../../api/pages/views/report-tables';
import { reportView } from '../../../api/pages/views/report-view';
import type { ReportCounts } from '../../../domain/report/counts';
import { shownReport } from '../../../domain/report/shown';
import { weeklyRates } from '../../../domain/report/weekly';
import { NO_COUNTS, someCounts } from '../../domain/report/counts';
import { HOUR_MS, T0_MS } from '../v1/seed';

const HOSTILE = '=HYPERLINK("http://evil.example.com")<img src=x>';
const KNOWN = { today: '2026-11-21', sources: ['calcom-sales', 'calcom-care'] };
const clock = { zone: 'America/Denver', nowMs: T0_MS };
const frame: Frame = {
  operator: 'anna-1',
  formToken: 'form-token',
  said: null,
  ...clock,
  assets: { style: '/s.css', htmx: '/h.js', icon: '/i.svg' },
};
const missed: NamedFollowUp = {
  bookingId: 'calcom-sales/u1',
  source: 'calcom-sales',
  eventType: null,
  what: 'no_show',
  sinceMs: T0_MS,
  sinceDate: '2026-11-24',
  slotStartMs: T0_MS - HOUR_MS,
  slotDate: '2026-11-24',
  host: null,
  rebooked: false,
  openTask: true,
  messagesSent: 1,
  outcomeBy: 'host',
  guest: HOSTILE,
};
const mismatch = {
  bookingId: 'calcom-sales/u1',
  source: 'calcom-sales',
  crm: 'hubspot-main',
  cause: 'refused' as const,
  status: 'no_show' as const,
  crmOutcome: 'scheduled',
  slotStartMs: T0_MS,
  slotDate: '2026-11-24',
  sinceMs: T0_MS,
  guest: HOSTILE,
};

function dataOf(counts: ReportCounts, more: Partial<ReportData> & { readonly isDown?: boolean } = {}): ReportData {
  const feeds = [{ connection: 'calcom-sales', isDown: more.isDown ?? false, lagMs: 0 }];
  const shown = shownReport({ counts, prior: someCounts({ showed: 85, noShows: 15 }), fourWeeks: null, feeds });
  return { shown, weeks: weeklyRates([], ['2026-11-16']), followUp: [], mismatches: [], ...more };
}

function pageOf(data: ReportData, query: Readonly<Record<string, string>> = {}): string {
  const read = reportQueryOf(query, KNOWN);
  const body = reportView(frame, {
    data,
    query: read,
    search: reportSearch(read),
    sources: KNOWN.sources,
    zone: frame.zone,
    plotSize: { width: 480, height: 260 },
  });
  return documentOf(frame, { title: 'Report', section: 'report', body });
}

describe('the address', () => {
  test.each([
    [{}, 'this_week', '2026-11-16', '2026-11-23', null],
    [{ window: 'last_week', source: 'calcom-care' }, 'last_week', '2026-11-09', '2026-11-16', 'calcom-care'],
    [{ window: 'custom', from: '2026-11-01', to: '2026-11-30' }, 'custom', '2026-11-01', '2026-12-01', null],
    [{ window: 'everything', source: 'none', from: ['a', 'b'] }, 'this_week', '2026-11-16', '2026-11-23', null],
  ])('%j asks for %s, %s to %s', (query, window, fromDate, toDate, source) => {
    const read = reportQueryOf(query, KNOWN);
    expect(read).toEqual({ window, fromDate, toDate, source, problem: null });
    expect(reportQueryOf(Object.fromEntries(new URLSearchParams(reportSearch(read))), KNOWN)).toEqual(read);
  });

  test.each([
    { window: 'custom', from: '2026-11-30', to: '2026-11-01' },
    { window: 'custom', from: '2026-02-30', to: '2026-03-01' },
    { window: 'custom', from: '2020-01-01', to: '2026-11-01' },
    { window: 'custom' },
  ])('%j is answered with the current week, and the page says why', (query) => {
    expect(reportQueryOf(query, KNOWN)).toMatchObject({ window: 'this_week', fromDate: '2026-11-16' });
    expect(pageOf(dataOf(someCounts()), query as Record<string, string>)).toContain('choose a first and a last day');
  });
});

describe('the numbers', () => {
  test('stand beside their coverage and what they were before', () => {
    const page = pageOf(dataOf(someCounts({ timeToBookHours: [2, 50, 100] })));
    for (const words of [
      ...['<p class="big">20 %</p>', '20 of 100 appointments with a known outcome', 'Coverage 100 %: 100 of 100 due'],
      ...['5 points more than the 15 of 100 before', '<p class="big">2.1 days</p>', 'No booking was left out.'],
    ]) {
      expect(page).toContain(words);
    }
    expect(page).not.toContain('not to be relied on');
  });

  test('few cases are told as counts, with the range', () => {
    const page = pageOf(dataOf(someCounts({ showed: 8, noShows: 2, due: 10, resolved: 10 })));
    expect(page).toContain('<p class="big">2 of 10</p>');
    expect(page).toContain('Likely between 5.7 % and 51 %, as there are few cases');
  });

  test('what rules left out is said with the reason', () => {
    const page = pageOf(dataOf(someCounts({ excluded: { unpaid: 2, test: 0, internal: 1 } })));
    expect(page).toContain('3 bookings left out by the rules of the settings: 2 unpaid, 1 internal.');
  });

  test.each([
    ['below 90 % coverage', someCounts({ due: 120, unknown: 20 }), false, 'Only 83.3 % of what was due has an outcome'],
    ['with a feed that is down', someCounts(), true, 'calcom-sales does not answer'],
  ])('%s only what the CRM confirms counts, and the rest needs a person', (_what, counts, isDown, reason) => {
    const page = pageOf(dataOf(counts, { isDown }));
    expect(page).toContain(reason);
    for (const rate of ['No-show', 'Reschedule', 'Early-cancel', 'Book']) {
      expect(page).toContain(`${rate} rate, confirmed by the CRM`);
    }
    // The time to book.
    expect(page.split('Not to be relied on yet')).toHaveLength(2);
    expect(page).toContain('18 of 88 appointments whose outcome the CRM shows too');
    expect(page).toContain('No CRM confirms any');
    expect(page).toContain('120 more need manual confirm');
    expect(page).toContain(`${counts.due - 88} appointments need manual confirm`);
  });

  test('nothing at all says what to do', () => {
    const page = pageOf(dataOf(NO_COUNTS));
    expect(page).toContain('No appointment and no lead is known in these days.');
    expect(page).toContain('href="/console/connections"');
    expect(page).not.toContain('class="big"');
  });
});

describe('tables', () => {
  const data = dataOf(someCounts(), { followUp: [missed], mismatches: [mismatch] });

  test('a guest’s name is never markup, and a formula in no CSV', () => {
    expect(pageOf(data)).not.toContain('<img src=x>');
    const { head, rows } = followUpTable(clock, [missed]);
    const [, line = ''] = csvOf(head, rows).split('\r\n');
    expect(line).toBe(
      `2026-11-24T17:00:00.000Z,"'=HYPERLINK(""http://evil.example.com"")<img src=x>",No-show,Host,2026-11-24T16:00:00.000Z,` +
        '"task open, 1 message sent",calcom-sales,calcom-sales/u1',
    );
  });

  test('whom to follow up stands there with what was done, and what differs with its cause', () => {
    const page = pageOf(data);
    expect(page).toContain('Task open, 1 message sent');
    expect(page).toContain('The CRM refused it: a task asks what to do');
    expect(mismatchesTable(clock, [mismatch]).rows[0]?.slice(2, 5)).toEqual([
      ...['No-show', 'Scheduled', 'The CRM refused it: a task asks what to do'],
    ]);
  });

  test('the page shows the first fifteen, the CSV all', () => {
    const followUp = Array.from({ length: 16 }, (_, nth) => ({ ...missed, bookingId: `calcom-sales/u${nth}` }));
    const page = pageOf(dataOf(someCounts(), { followUp }));
    expect([page.includes('calcom-sales/u14'), page.includes('calcom-sales/u15')]).toEqual([true, false]);
    expect(page).toContain('The first 15 are shown; the CSV has more.');
    expect(followUpTable(clock, followUp).rows).toHaveLength(16);
  });

  test('rates are numbers in the CSV, with their doubts', () => {
    const { head, rows } = ratesTable(data.shown);
    expect(head[3]).toBe('Share');
    expect(rows[0]).toEqual(['No-show rate', 20, 100, 0.2, null, null, 0.15, null, 1, 'yes']);
    expect(ratesTable(dataOf(someCounts(), { isDown: true }).shown).rows[0]?.at(-1)).toBe('no');
  });
});

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['say "no"', '"say ""no"""'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@x', "'@x"],
  ['\t=1', "'\t=1"],
  ['', ''],
  [null, ''],
  [-1.5, '-1.5'],
])('the cell %j is written %j', (cell, field) => expect(csvOf(['h'], [[cell]])).toBe(`h\r\n${field}\r\n`));

test('plots are SVG that is well formed, runs nothing, loads nothing, and says its numbers', async () => {
  const counts = someCounts({ timeToBookHours: [1, 2, 3] });
  const weeks = weeklyRates(
    [
      {
        slotWeek: '2026-11-09',
        bookings: 9,
        due: 8,
        resolved: 8,
        showed: 6,
        noShows: 2,
        rescheduled: 3,
        earlyCancels: 1,
      },
    ],
    ['2026-11-09', '2026-11-16'],
  );
  const plots = [
    ...[funnelOption(counts, 'light'), weeklyOption(weeks, 'dark'), timeToBookOption(counts, 'light')],
    reminderOption(counts, 'dark'),
  ];
  const [funnel = '', weekly = '', timeToBook = '', reminders = ''] = await Promise.all(plots.map(svgOf));
  expect([funnel.includes('120 (60 %)'), weekly.includes('9 Nov'), timeToBook.includes('1–4 hours')]).toEqual([
    true,
    true,
    true,
  ]);
  expect(reminders).toContain('85.7 % (60 of 70)');
  for (const svg of [funnel, weekly, timeToBook, reminders]) {
    expect(svg).toMatch(/^<svg width="480" height="260" [^<>]*>/);
    expect(svg).not.toMatch(/<script|<image|<foreignObject|href=|url\((?!#)|@import|NaN|undefined/);
    expect(svg.length).toBeLessThan(20_000);
    // No attribute is torn by a quote of its own.
    for (const tag of svg.match(/<[a-z][^>]*>/gi) ?? []) expect(tag).toMatch(/^<[a-z]+(\s[\w:-]+="[^"]*")*\s*\/?>$/i);
  }
});
