/** What a fact said, in the words that verdicts and the timeline share. */
import type { Fact } from '../../domain/facts';
import { minuteOf, newsOf, outcomeWord } from '../../domain/words';
import { aDecision, aFact, DAY, keepWaiting, slotAt, START } from '../support/facts';

const AT = { receivedAtMs: START };

test('an instant is shown to the minute, in UTC', () => {
  expect(minuteOf(START)).toBe('2026-11-24 17:00Z');
  expect(minuteOf(START + 59_999)).toBe('2026-11-24 17:00Z');
});

test('an outcome is a word without underscores', () => {
  expect(['showed', 'no_show', 'canceled'].map((value) => outcomeWord(value as 'showed'))).toEqual([
    'showed',
    'no-show',
    'canceled',
  ]);
});

test.each<[string, Fact]>([
  ['payment pending', aFact('payment_pending', AT)],
  ['another time asked for', aFact('reschedule_requested', AT)],
  ['no-show', aFact('no_show', AT)],
  ['no-show taken back', aFact('no_show_reverted', AT)],
  ['head count without the guest', aFact('no_show_suspected', AT)],
  ['rescheduled', aFact('rescheduled', AT)],
  ['decided by a person: no-show', aDecision('no_show', AT)],
  ['decided by a person: canceled', aDecision('canceled', AT)],
  ['decided by a person: a new time', aDecision('rescheduled', { ...AT, slot: slotAt(START + DAY) })],
  ['hold_decided', keepWaiting(AT)],
])('news is told as "%s", with when it was heard', (words, fact) => {
  expect(newsOf(fact)).toBe(`${words}, 2026-11-24 17:00Z`);
});
