/** What each rate is a share of, when a range stands beside it, and when the page may be believed. */
import { coverageOf, deltaPoints, rangeOf, RATE_NAMES, ratesOf, shareOf, wilson } from '../../../domain/report/rates';
import { shownReport } from '../../../domain/report/shown';
import { confirmedNoShow, doubtsOf, TRUSTED_LAG_MS } from '../../../domain/report/trust';
import { casesInWords, limitsInWords } from '../../../domain/report/words';
import { NO_COUNTS, someCounts } from './counts';

const rate = (hits: number, cases: number, missing = 0) => ({ hits, cases, missing });
const feed = (connection: string, isDown = false, lagMs = 0) => ({ connection, isDown, lagMs });

describe('definitions', () => {
  const rates = ratesOf(someCounts({ due: 110, unknown: 10 }));

  test.each([
    ['no_show', 'no-shows of those of whom it is known', 20, 100],
    ['reschedule', 'bookings that moved, of all', 30, 120],
    ['early_cancel', 'bookings called off a day before or earlier, of all', 12, 120],
    ['book', 'leads with a booking, of those who entered', 120, 200],
  ] as const)('%s: %s', (name, _words, hits, cases) => expect(rates[name]).toMatchObject({ hits, cases }));

  test('coverage is resolved of due', () => {
    expect(coverageOf({ resolved: 90, due: 100 })).toBe(0.9);
    expect(coverageOf(NO_COUNTS)).toBeNull();
  });

  test('without cases there is no share, no delta and no range', () => {
    const { no_show } = ratesOf(NO_COUNTS);
    expect([shareOf(no_show), deltaPoints(no_show, rate(1, 2)), rangeOf('no_show', no_show)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(deltaPoints(rate(1, 2), no_show)).toBeNull();
  });

  test.each([
    [rate(20, 100), rate(15, 100), 5],
    [rate(1, 3), rate(1, 2), -16.7],
    [rate(1, 8), rate(1, 8), 0],
  ])('a delta is in points of a hundred: %j against %j is %d', (now, before, points) =>
    expect(deltaPoints(now, before)).toBe(points),
  );
});

describe('ranges', () => {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29; 95 % score intervals.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [20, 20, 0.8389, 1],
  ])('%d of %d lies between %d and %d', (hits, cases, low, high) => {
    const range = wilson({ hits, cases });
    expect(range.low).toBeCloseTo(low, 4);
    expect(range.high).toBeCloseTo(high, 4);
  });

  test('where one case weighs more than two points there is one, else none', () => {
    expect(rangeOf('no_show', rate(4, 49))).toEqual({ ...wilson(rate(4, 49)), because: 'few' });
    expect(rangeOf('no_show', rate(4, 50))).toBeNull();
  });

  test('of as many leads as outcomes are missing, a booking may be missing too, but of no more than there are', () => {
    expect(ratesOf(someCounts({ due: 100, unknown: 10 })).book.missing).toBe(12);
    expect(ratesOf(someCounts({ due: 100, unknown: 50, leads: 125 })).book.missing).toBe(5);
    expect(ratesOf(someCounts({ due: 0 })).book.missing).toBe(0);
  });

  test('missing outcomes that could move the rate by more than two points have one', () => {
    expect(rangeOf('no_show', rate(20, 100, 2))).toBeNull();
    expect(rangeOf('no_show', rate(20, 100, 8))).toEqual({ low: 20 / 108, high: 28 / 108, because: 'missing' });
    expect(rangeOf('reschedule', rate(20, 100, 8))).toEqual({ low: 0.2, high: 0.28, because: 'missing' });
    expect(rangeOf('reschedule', rate(20, 100, 2))).toBeNull();
  });

  test('few cases of which some are missing have the wider of the two', () => {
    const { low, high } = rangeOf('no_show', rate(5, 10, 30))!;
    expect([low, high]).toEqual([5 / 40, 35 / 40]);
    expect(rangeOf('no_show', rate(5, 10, 1))).toMatchObject(wilson(rate(5, 10)));
  });
});

describe('trust', () => {
  test('from 90 % coverage on, with feeds that work, nothing is doubted', () => {
    expect(doubtsOf({ due: 100, resolved: 90, unknown: 10 }, [feed('calcom-sales', false, TRUSTED_LAG_MS)])).toEqual(
      [],
    );
    expect(doubtsOf(NO_COUNTS, [])).toEqual([]);
  });

  test('below it, the coverage is the reason', () => {
    expect(doubtsOf({ due: 1000, resolved: 899, unknown: 101 }, [])).toEqual([
      { kind: 'coverage', coverage: 0.899, unknown: 101 },
    ]);
  });

  test('a feed that is down, or lags more than a quarter of an hour, is a reason, each once', () => {
    const feeds = [feed('a', true, 2 * TRUSTED_LAG_MS), feed('b', false, TRUSTED_LAG_MS + 1), feed('c')];
    expect(doubtsOf(someCounts(), feeds)).toEqual([
      { kind: 'feed_down', connection: 'a' },
      { kind: 'feed_lags', connection: 'b', lagMs: TRUSTED_LAG_MS + 1 },
    ]);
  });

  test('what no CRM confirms needs a person', () => {
    expect(confirmedNoShow(someCounts())).toEqual({ hits: 18, cases: 88, missing: 12, needsConfirm: 12 });
    expect(confirmedNoShow({ due: 1, crmConfirmed: { showed: 2, noShows: 0 } }).needsConfirm).toBe(0);
  });
});

describe('what is shown', () => {
  const prior = someCounts({ showed: 85, noShows: 15, timeToBookHours: [1, 3] });
  const given = { counts: someCounts({ timeToBookHours: [2, 4, 9] }), prior, fourWeeks: prior, feeds: [feed('a')] };

  test('each rate stands beside what it was before', () => {
    const { rates, coverage, timeToBook, doubts } = shownReport(given);
    expect(rates.no_show).toEqual({
      name: 'no_show',
      hits: 20,
      cases: 100,
      missing: 0,
      share: 0.2,
      isFew: false,
      delta: 5,
      fourWeekShare: 0.15,
      range: null,
      isConfirmed: false,
      prior: { hits: 15, cases: 100, missing: 0 },
    });
    expect([coverage, timeToBook, doubts]).toEqual([1, { median: 4, prior: 2 }, []]);
  });

  test('while a feed is down, only what the CRM confirms counts', () => {
    const { rates, needsConfirm, doubts } = shownReport({ ...given, feeds: [feed('a', true)] });
    expect(rates.no_show).toMatchObject({ hits: 18, cases: 88, delta: 0, range: { because: 'missing' } });
    expect([needsConfirm, doubts.length]).toEqual([12, 1]);
    expect(RATE_NAMES.map((name) => [rates[name].isConfirmed, rates[name].cases])).toEqual([
      ...[
        [true, 88],
        [true, 0],
        [true, 0],
      ],
      // Whoever has not booked is no case that a CRM would have to confirm.
      [true, 80],
    ]);
  });

  test('every rate rests on what the CRM shows as we hold it, and is compared with what it showed before', () => {
    const now = { chains: 100, rescheduled: 20, earlyCancels: 10, booked: 90 };
    const before = { chains: 50, rescheduled: 20, earlyCancels: 0, booked: 120 };
    const confirmed = { now, prior: before, fourWeeks: before };
    const { rates } = shownReport({ ...given, feeds: [feed('a', true)], confirmed });
    expect(rates.reschedule).toMatchObject({ hits: 20, cases: 100, missing: 20, delta: -20, fourWeekShare: 0.4 });
    expect(rates.reschedule.range).toEqual({ low: 20 / 120, high: 40 / 120, because: 'missing' });
    expect(rates.early_cancel).toMatchObject({ hits: 10, cases: 100, missing: 20, prior: { hits: 0, cases: 50 } });
    expect(rates.book).toMatchObject({ hits: 90, cases: 170, missing: 30, prior: { hits: 120, cases: 200 } });
    expect(limitsInWords(rates.reschedule)).toEqual([
      '20 more need manual confirm',
      expect.stringContaining('newest time'),
    ]);
    expect(casesInWords(rates.book)).toBe('90 of 170 leads, without those whose booking no CRM shows');
    expect(limitsInWords(shownReport(given).rates.reschedule)).toEqual([]);
  });

  test('what rules left out is added up', () => {
    const counts = someCounts({ excluded: { unpaid: 1, test: 2, internal: 4 } });
    expect(shownReport({ ...given, counts }).excluded).toBe(7);
    expect(shownReport({ ...given, fourWeeks: null }).rates.book.fourWeekShare).toBeNull();
  });

  test('fewer than twenty cases are told as counts', () => {
    const isFew = (leads: number) => shownReport({ ...given, counts: someCounts({ leads }) }).rates.book.isFew;
    expect([isFew(19), isFew(20)]).toEqual([true, false]);
  });
});
