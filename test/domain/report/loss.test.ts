/**
 * Of a booking tool's events, some are never heard. Each rate that the report then shows is within two points of the true one, or
 * carries its warning; and this test is shown to catch a report without warnings.
 */
import type { Fact } from '../../../domain/facts';
import { fold } from '../../../domain/fold';
import type { ReportCounts } from '../../../domain/report/counts';
import { RATE_NAMES, ratesOf, shareOf, TOLERATED_SHIFT } from '../../../domain/report/rates';
import { shownReport } from '../../../domain/report/shown';
import { aFact, DAY, EVIDENCE, HOUR, slotAt, START } from '../../support/facts';
import { NO_COUNTS, someCounts } from './counts';

const SEEDS = 200;
const AFTER_MS = START + 30 * DAY;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One guest's booking as the source tells it; no facts: a lead that never booked. */
function lifeFrom(random: () => number): readonly Fact[] {
  if (random() < 0.35) return [];
  let startMs = START + Math.floor(random() * 7 * 24) * HOUR;
  const facts = [aFact('scheduled', { uid: 'A', slot: slotAt(startMs), personId: 'guest' })];
  let uid = 'A';
  while (random() < 0.2) {
    const predecessorUid = uid;
    uid = `${uid}+`;
    startMs += DAY;
    facts.push(aFact('rescheduled', { uid, predecessorUid, slot: slotAt(startMs), personId: 'guest' }));
  }
  if (random() < 0.15) {
    const receivedAtMs = startMs - (random() < 0.6 ? 2 * DAY : HOUR);
    return [...facts, aFact('canceled', { uid, slot: slotAt(startMs), receivedAtMs })];
  }
  const isNoShow = random() < 0.22;
  facts.push(aFact(isNoShow ? 'no_show' : 'showed', { uid, receivedAtMs: startMs + HOUR }));
  if (!isNoShow || random() > 0.08) return facts;
  const tookBack = aFact('no_show_reverted', { uid, receivedAtMs: startMs + 2 * HOUR });
  return [...facts, tookBack, aFact('showed', { uid, receivedAtMs: startMs + 3 * HOUR })];
}

/** What became of a booking, as the report sees it; folded as always. */
type Seen = Partial<
  Record<'due' | 'showed' | 'noShows' | 'chains' | 'rescheduled' | 'earlyCancels' | 'lateCancels', 1>
>;

function seen(facts: readonly Fact[]): Seen {
  const { slot, status, chain } = fold(facts, AFTER_MS, EVIDENCE).picture;
  // Without a slot it is in no window.
  if (slot === null) return {};
  const own: Seen = { chains: 1, ...(chain.length > 1 && { rescheduled: 1 }) };
  if (status === 'canceled') {
    const { receivedAtMs } = facts.find(({ type }) => type === 'canceled')!;
    return { ...own, [slot.startMs - receivedAtMs >= DAY ? 'earlyCancels' : 'lateCancels']: 1 };
  }
  return { ...own, due: 1, ...(status === 'showed' && { showed: 1 }), ...(status === 'no_show' && { noShows: 1 }) };
}

/** Null: a lead of whom no booking is known. */
function countsOf(leads: readonly (Seen | null)[]): ReportCounts {
  const sum = (of: keyof Seen): number => leads.reduce((total, one) => total + (one?.[of] ?? 0), 0);
  const [due, showed, noShows] = [sum('due'), sum('showed'), sum('noShows')];
  return {
    ...NO_COUNTS,
    due,
    showed,
    noShows,
    resolved: showed + noShows,
    unknown: due - showed - noShows,
    chains: sum('chains'),
    rescheduled: sum('rescheduled'),
    earlyCancels: sum('earlyCancels'),
    lateCancels: sum('lateCancels'),
    leads: leads.length,
    booked: leads.filter((one) => one !== null).length,
  };
}

/** Per rate: how far off, in shares of one; whether it carries a warning. */
function told(seed: number, withheld: number, size: number) {
  const random = numbersFrom(seed);
  const lives = Array.from({ length: size }, () => lifeFrom(random));
  const known = lives.map((facts) => (facts.length === 0 ? null : seen(facts)));
  const truth = ratesOf(countsOf(known));
  const counts = countsOf(
    lives.map((facts, index) => {
      const heard = facts.filter(() => random() >= withheld);
      if (heard.length === facts.length) return known[index] ?? null;
      return heard.length === 0 ? null : seen(heard);
    }),
  );
  const { rates, doubts } = shownReport({ counts, prior: someCounts(), fourWeeks: null, feeds: [] });
  const bare = ratesOf(counts);
  return RATE_NAMES.map((name) => {
    const { share, range } = rates[name];
    const off = (shown: number | null): number => Math.abs((shown ?? 0) - (shareOf(truth[name]) ?? 0));
    return {
      seed,
      name,
      off: off(share),
      bareOff: off(shareOf(bare[name])),
      isWarned: doubts.length > 0 || range !== null,
    };
  });
}

const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
const wrong = (told: readonly { off: number; isWarned: boolean }[]) =>
  told.filter(({ off, isWarned }) => off > TOLERATED_SHIFT && !isWarned);

test('with every event, each rate is the true one, and none of them is warned of', () => {
  const all = seeds.slice(0, 5).flatMap((seed) => told(seed, 0, 200));
  expect(all.filter(({ off, isWarned }) => off > 0 || isWarned)).toEqual([]);
});

test.each([25, 70])('with a fifth of the events withheld, each rate of %d leads is right or warned of', (size) => {
  const all = seeds.flatMap((seed) => told(seed, 0.2, size));
  expect(wrong(all)).toEqual([]);
  // Without the warnings many would be wrong.
  expect(all.filter(({ bareOff }) => bareOff > TOLERATED_SHIFT).length).toBeGreaterThan(SEEDS / 4);
});

test('with one event in a hundred withheld, most are not warned of, and still each is right', () => {
  const all = seeds.slice(0, 30).flatMap((seed) => told(seed, 0.01, 200));
  expect(wrong(all)).toEqual([]);
  expect(all.filter(({ isWarned }) => isWarned).length).toBeLessThan(all.length / 3);
});
