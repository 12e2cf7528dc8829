/**
 * Any permutation of a booking's facts, with any repetition, ends in the picture that a careful person would have noted;
 * and this test is shown to catch planted mistakes in the fold.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { transformSync } from '@swc/core';
import fc from 'fast-check';
import { BOOKING_STATUSES, type Picture } from '../../domain/booking';
import type { Fact } from '../../domain/facts';
import * as domain from '../../domain/fold';
import { START } from '../support/facts';
import { arrivals, arrive, AT_ONCE, lives, type Life } from '../support/lives';

type Fold = typeof domain.fold;
const BEFORE_ANY_SLOT = START - 1;
const SEED = Number(process.env.FOLD_SEED ?? Date.now() % 2 ** 31);

/** What arrival may change: instants of hearing and which of equal facts is named. Everything else is the booking's truth. */
function truthOf(picture: Picture) {
  const { settledAtMs: _settled, slotKnownAtMs: _known, noShowSuspectedAtMs, holdSinceMs, outcome, ...truth } = picture;
  return {
    ...truth,
    suspected: noShowSuspectedAtMs !== null,
    waits: holdSinceMs !== null,
    outcome: outcome && { value: outcome.value, by: outcome.by, sureness: outcome.sureness },
  };
}

/** Plain comparison instead of `expect`: it runs a hundred thousand times. */
function same(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}

function holds(fold: Fold, life: Life, facts: readonly Fact[]): void {
  const { policy, notebook } = life;
  const folded = fold(facts, BEFORE_ANY_SLOT, policy);
  const { picture } = folded;
  const asItHappened = fold(arrive(life, AT_ONCE), BEFORE_ANY_SLOT, policy).picture;
  same('late and as it happened', truthOf(picture), truthOf(asItHappened));
  same('read backwards', fold([...facts].reverse(), BEFORE_ANY_SLOT, policy), folded);
  const { status, statusReason, outcome, slot, chain, agreedSlot, hostId } = picture;
  const calledOffBy = status === 'canceled' ? (/^by the (guest|host)$/.exec(statusReason ?? '')?.[1] ?? null) : null;
  const sureness = outcome?.sureness ?? null;
  same('notebook', { status, sureness, slot, chain, agreedSlot, hostId, calledOffBy }, notebook);
  same('waits', picture.holdSinceMs !== null, status === 'reschedule_requested');
}

const cases = fc.tuple(lives, arrivals);

test('any arrival of a life ends in the notebook picture, 20,000 times', () => {
  const seen = new Map<string, number>();
  let facts = 0;
  const check = fc.check(
    fc.property(cases, ([life, arrival]) => {
      for (const step of new Set([...life.steps, `ends as ${life.notebook.status}`]))
        seen.set(step, (seen.get(step) ?? 0) + 1);
      const arrived = arrive(life, arrival);
      facts += arrived.length;
      holds(domain.fold, life, arrived);
    }),
    { numRuns: 20_000, seed: SEED },
  );
  const coverage = [...seen].sort((a, b) => b[1] - a[1]).map(([step, count]) => `${step} ${count}`);
  process.stdout.write(`fold property: seed ${SEED}, ${check.numRuns} lives, ${facts} facts; ${coverage.join(', ')}\n`);
  if (check.failed) throw new Error(fc.defaultReportMessage(check) ?? 'failed');
  for (const status of BOOKING_STATUSES) {
    expect(seen.get(`ends as ${status}`) ?? 0).toBeGreaterThan(50);
  }
});

describe('a planted mistake is caught', () => {
  const MISTAKES: readonly [string, string, string, string][] = [
    ['a cancellation no longer outranks a confirmation', 'order', 'canceled: 6', 'canceled: 2.5'],
    ['chain position is ignored', 'order', 'position.get(a.uid)! - position.get(b.uid)! ||', ''],
    ['the version is ignored', 'order', 'versionOf(a) - versionOf(b) ||', ''],
    ['arrival decides before rank', 'order', 'RANK[a.type] - RANK[b.type] ||', 'a.receivedAtMs - b.receivedAtMs ||'],
    ['payment comes after confirmation', 'order', 'paid: 2', 'paid: 3.5'],
    ['reads are ordered by their arrival', 'order', 'fact.readAtMs ?? fact.receivedAtMs', 'fact.receivedAtMs'],
    ['a read is older than every version', 'order', 'isRead(fact) ? Math.max(known, founded.get(fact.uid) ?? -1) : known', '-1'],
    ['ancestors are ignored', 'order', '...(fact.ancestry ?? [])', ''],
    ['a new uid inherits the old outcome', 'fold', '    appointment = NOTHING_KNOWN;\n    const', '    const'],
    ['the source overrules a person', 'appointment', 'now.decided ?? now.marked ?? now.counted', 'now.marked ?? now.decided ?? now.counted'],
    ['a head count overrules a mark', 'appointment', 'now.decided ?? now.marked ?? now.counted', 'now.decided ?? now.counted ?? now.marked'],
    ['a head count is always evidence', 'attendance', 'if (!around.trustHeadCount)', 'if (true)'],
    ['a head count is always an outcome', 'attendance', 'if (!around.trustHeadCount)', 'if (false)'],
    ['a called-off appointment takes a no-show', 'attendance', '  if (isOver(now)) return superseded(`an appointment', '  if (false) return superseded(`an appointment'],
    ['taking back a no-show does nothing', 'attendance', '{ ...next, marked: null }', 'next'],
    ['marks of other attendees count', 'attendance', 'about !== guestId', 'false'],
    ['an agreed time is forgotten', 'attendance', 'agreed: to.agreed,', 'agreed: null,'],
    ['a uid that is kept never gets its agreed time', 'attendance', 'if (hasMoved(fact, to)) {', 'if (false) {'],
    ['a read cancellation ends the wish for a new time', 'lifecycle', "isRead(fact) && now.lifecycle === 'reschedule_requested'", 'false'],
    ['the first slot wins instead of the newest', 'knowledge', '(overwrites && !isSameSlot(fact.slot, known.slot))', 'false'],
    ['the first host wins instead of the newest', 'knowledge', 'overwrites ? (fact.hostId ?? known.hostId)', 'false ? (fact.hostId ?? known.hostId)'],
    ['repeats of marks are dropped by content', 'fold', 'const mayRepeat = isMark(fact.type) ||', 'const mayRepeat ='],
    ['the end of the slot counts as showed', 'fold', "return 'awaiting_outcome';", "return 'showed';"],
  ]; // prettier-ignore

  test.each(MISTAKES)('%s', (_name, file, from, to) => {
    const mutant = foldWith(file, from, to);
    const check = fc.check(
      fc.property(cases, ([life, arrival]) => holds(mutant, life, arrive(life, arrival))),
      // It ends at the first life that shows the mistake; a rare one takes some thousands.
      { numRuns: 50_000, seed: SEED, endOnFailure: true },
    );
    expect(check.failed).toBe(true);
  });
});

/** The fold compiled from its source with one text replaced. */
function foldWith(file: string, from: string, to: string): Fold {
  const load = (name: string): Record<string, unknown> => {
    let source = readFileSync(join(__dirname, '../../domain', `${name}.ts`), 'utf8');
    if (name === file) {
      if (!source.includes(from))
        throw new Error(`domain/${name}.ts no longer contains the text to be replaced: ${from}`);
      source = source.replace(from, to);
    }
    const { code } = transformSync(source, {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    const module = { exports: {} as Record<string, unknown> };
    new Function('module', 'exports', 'require', code)(module, module.exports, (path: string) =>
      load(path.replace('./', '')),
    );
    return module.exports;
  };
  return load('fold').fold as Fold;
}
