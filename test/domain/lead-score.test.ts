/** Points for answers: what passes, what does not, and how a number is read out of what a guest typed. */
import { firstNumber, leadScore, type ScoreRule } from '../../domain/lead-score';

const rule = (test: ScoreRule['test'], points = 10): ScoreRule => ({ answer: 'budget', test, points });
const is = (text: string) => rule({ kind: 'is', text });
const contains = (text: string) => rule({ kind: 'contains', text });
const atLeast = (number: number) => rule({ kind: 'at_least', number });

test.each([
  ['is exactly this', is('yes'), 'yes', 10],
  ['is this in other letters', is('Sí'), ' si ', 10],
  ['is more than this', is('yes'), 'yes, please', 0],
  ['holds this', contains('roof'), 'A new ROOF and gutters', 10],
  ['holds something else', contains('roof'), 'Gutters', 0],
  ['names exactly the number', atLeast(10_000), '10000', 10],
  ['names less', atLeast(10_000), '$9,999.99', 0],
  ['names no number', atLeast(1), 'a lot', 0],
])('an answer that %s', (_title, one, given, points) => {
  expect(leadScore([one], { budget: given })).toBe(points);
});

test('every rule that passes counts, points may be taken off, and an unanswered question passes nothing', () => {
  const rules = [
    contains('roof'),
    atLeast(5),
    { ...is('x'), answer: 'toString' },
    rule({ kind: 'contains', text: 'no' }, -3),
  ];
  expect(leadScore(rules, { budget: 'no roof, 5 windows' })).toBe(17);
  expect(leadScore(rules, {})).toBe(0);
  expect(leadScore([], { budget: 'roof' })).toBe(0);
});

test.each([
  ['$ 12,500.50', 12_500.5],
  ['12 500', 12_500],
  ['12.500 €', 12_500],
  ["CHF 1'250'000", 1_250_000],
  ['12,5', 12.5],
  ['10k - 20k', 10_000],
  ['2.5 k', 2_500],
  ['between 5 and 10', 5],
  ['-3', -3],
  ['12 50', 12],
  ['3 kids', 3],
  ['', null],
  ['none', null],
])('"%s" names %p', (text, number) => {
  expect(firstNumber(text)).toBe(number);
});
