/**
 * Whatever arrives, in whatever order, however often, and whatever never arrives: each booking ends as in the notebook of a
 * person who saw everything. `MODEL_CASES` says how many cases are played, `MODEL_SEED` which;
 * unless told otherwise they are the same every time.
 */
import fc from 'fast-check';
import { BOOKING_STATUSES } from '../../domain/booking';
import { asFixture, counterexamples } from './counterexamples';
import { RULES } from './rules';
import type { Seen } from './post';
import { runCase } from './run-case';
import { cases, COMMANDS, type Case } from './script';

const CASES = Number(process.env['MODEL_CASES'] ?? 100_000);
const SEED = Number(process.env['MODEL_SEED'] ?? 20_261_121);
/** A millisecond each would be slow; a busy machine may need several. */
const TIMEOUT_MS = 60_000 + CASES * 10;

const IN_THE_POST = [
  'a webhook repeated',
  'a webhook delayed',
  'a webhook after a later one',
  'a series that is read again',
] as const;

test.each(counterexamples())('$file no longer shows that $showed', (found) => {
  expect(() => runCase(found.case, RULES, () => undefined)).not.toThrow();
});

describe(`${CASES} cases, seed ${SEED}`, () => {
  test(
    'without losses, any order and any repetition end as in the notebook',
    () => {
      const seen = playAll({ losses: false, numRuns: Math.ceil(CASES / 2) });
      expectCoverage(seen, IN_THE_POST);
    },
    TIMEOUT_MS,
  );

  test(
    'with any losses, one poll later everything that the API shows is as in the notebook',
    () => {
      const seen = playAll({ losses: true, numRuns: Math.floor(CASES / 2) });
      expectCoverage(seen, [...IN_THE_POST, 'a webhook lost', 'a poll', 'a read that brings no news']);
    },
    TIMEOUT_MS,
  );
});

function playAll({ losses, numRuns }: { losses: boolean; numRuns: number }): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  const note: Seen = (what) => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const property = fc.property(cases(losses), (aCase) => runCase(aCase, RULES, note));
  const check = fc.check<[Case]>(property, { numRuns, seed: SEED });
  const coverage = [...seen].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`model ${losses ? 'with' : 'without'} losses: ${check.numRuns} cases; ${coverage.join(', ')}\n`);
  if (!check.failed) return seen;
  const [found] = check.counterexample ?? [];
  const showed = check.errorInstance instanceof Error ? check.errorInstance.message : 'a difference';
  throw new Error(
    `${showed}\nThe smallest case, for test/model/counterexamples/:\n${found ? asFixture(found, showed) : ''}`,
  );
}

function expectCoverage(seen: ReadonlyMap<string, number>, besides: readonly string[]): void {
  const wanted = [...COMMANDS, ...BOOKING_STATUSES.map((status) => `ends as ${status}`), ...besides];
  expect(wanted.filter((what) => !seen.has(what))).toEqual([]);
}
