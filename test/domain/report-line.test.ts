/** What the report knows of a booking follows from its facts, in whatever order they came. */
import fc from 'fast-check';
import type { Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { excludedReasonOf } from '../../domain/report-exclusion';
import { reportLineOf } from '../../domain/report-line';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START, TRUSTED } from '../support/facts';

const AFTER = START + DAY;
const lineOf = (facts: readonly Fact[], policy = EVIDENCE) => {
  const { picture, ordered } = fold(facts, AFTER, policy);
  return reportLineOf(picture, ordered);
};
const first = aFact('scheduled', { slot: slotAt(START - DAY), sequence: 0 });
const inPlace = aFact('rescheduled', { slot: slotAt(START), sequence: 1 });
const chained = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START), sequence: 2 });

test('each other id and each other time under one id is a move, and what is said again is none', () => {
  expect(lineOf([first]).movedCount).toBe(0);
  expect(lineOf([first, inPlace]).movedCount).toBe(1);
  expect(lineOf([first, inPlace, aRead('scheduled', { slot: slotAt(START) })]).movedCount).toBe(1);
  expect(lineOf([first, inPlace, chained]).movedCount).toBe(2);
  // The source named an id of which nothing else was heard.
  expect(lineOf([aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START) })]).movedCount).toBe(1);
});

test('a webhook that is repeated after a read had shown the next time is no way back and forth', () => {
  const at = (hours: number) => ({ receivedAtMs: START - DAY + hours * HOUR });
  const moved = { slot: slotAt(START), sequence: 1 };
  const facts = [
    aFact('scheduled', { slot: slotAt(START - DAY), sequence: 0, ...at(0) }),
    aFact('rescheduled', { ...moved, ...at(1) }),
    aRead('scheduled', { slot: slotAt(START + DAY), ...at(2) }),
    aFact('rescheduled', { ...moved, ...at(3) }),
    aFact('rescheduled', { slot: slotAt(START + DAY), sequence: 3, ...at(4) }),
  ];
  expect(lineOf(facts).movedCount).toBe(2);
  // There and back, told as such, is two moves.
  const back = aFact('rescheduled', { slot: slotAt(START - DAY), sequence: 4, ...at(5) });
  expect(lineOf([...facts, back]).movedCount).toBe(3);
});

test('facts in another order give the same line', () => {
  const facts = [first, inPlace, chained, aFact('no_show', { uid: 'B' }), aDecision('showed', { uid: 'B' })];
  const line = lineOf(facts);
  fc.assert(
    fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
      expect(lineOf(shuffled)).toEqual(line);
    }),
    { numRuns: 50 },
  );
  expect(line).toMatchObject({ bookedAtMs: first.receivedAtMs, outcomeBy: 'operator', movedCount: 2 });
});

test.each([
  ['early', START - DAY],
  ['late', START - DAY + 1],
  ['late', START + HOUR],
])('a cancellation is %s when it was heard at %d', (timing, receivedAtMs) => {
  const facts = [aFact('scheduled', { slot: slotAt(START), sequence: 0 }), aFact('canceled', { receivedAtMs })];
  expect(lineOf(facts)).toMatchObject({ cancelTiming: timing, outcome: { value: 'canceled' } });
});

test('a head count that is trusted is an automatic outcome', () => {
  const facts = [aFact('scheduled', { slot: slotAt(START) }), aFact('no_show_suspected', { receivedAtMs: START })];
  expect(lineOf(facts, TRUSTED)).toMatchObject({ outcomeBy: 'automatic', outcome: { sureness: 'counted' } });
  expect(lineOf(facts, EVIDENCE)).toMatchObject({ outcomeBy: null, outcome: null });
});

test('what was to be paid is unpaid until the payment, or the confirmation, is heard', () => {
  const waits = aFact('payment_pending', { slot: slotAt(START) });
  expect(lineOf([waits]).isUnpaid).toBe(true);
  expect(lineOf([waits, aFact('canceled')]).isUnpaid).toBe(true);
  expect(lineOf([waits, aFact('paid', { slot: slotAt(START) })]).isUnpaid).toBe(false);
  expect(lineOf([waits, aFact('scheduled', { slot: slotAt(START) })]).isUnpaid).toBe(false);
  expect(lineOf([first]).isUnpaid).toBe(false);
});

test.each([
  [{ email: 'guest@example.com', isUnpaid: false }, null],
  [{ email: 'someone@Staff.Example.com', isUnpaid: true }, 'internal'],
  [{ email: 'someone@notstaff.example.com', isUnpaid: true }, 'unpaid'],
  [{ email: 'tester@qa.test.example.com', isUnpaid: false }, 'test'],
  [{ email: null, isUnpaid: true }, 'unpaid'],
  [{ email: null, isUnpaid: false }, null],
])('%j is excluded as %p', (booking, reason) => {
  const exclude = { internalDomains: ['staff.example.com'], testDomains: ['test.example.com'], unpaid: true };
  expect(excludedReasonOf(booking, exclude)).toBe(reason);
  expect(excludedReasonOf({ ...booking, email: null }, { ...exclude, unpaid: false })).toBe(null);
});
