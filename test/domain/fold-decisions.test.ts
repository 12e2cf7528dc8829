/**
 * Marks and decisions side by side: whom a mark is about, what a decision replaces, and whether an agreed time is there.
 */
import type { Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START, TRUSTED } from '../support/facts';

const slot = slotAt(START);
const agreed = slotAt(START + 7 * DAY);
/** Hours after the slot's start, 2026-11-24 17:00Z. */
const at = (hours: number) => ({ receivedAtMs: START + hours * HOUR });
const booked = () => aFact('scheduled', { slot, sequence: 0, personId: 'guest', ...at(-90) });
const pictureOf = (facts: readonly Fact[], policy = EVIDENCE) => fold(facts, START + DAY, policy).picture;
function verdictOn(fact: Fact, others: readonly Fact[], policy = EVIDENCE): [string, string] {
  const { verdicts } = fold([...others, fact], START + DAY, policy);
  const { outcome, why } = verdicts.find(({ factId }) => factId === fact.id)!;
  return [outcome, why];
}

describe('where the source marks others too', () => {
  const ofFriend = aFact('no_show', { aboutPersonId: 'friend', ...at(1) });

  test.each(['guest', null])('a mark of the guest, or of nobody in particular, counts (%s)', (aboutPersonId) => {
    const mark = aFact('no_show', { aboutPersonId, ...at(2) });
    expect(pictureOf([booked(), ofFriend, mark]).outcome?.factId).toBe(mark.id);
    expect(pictureOf([booked(), ofFriend]).outcome).toBeNull();
  });
  test('a head count that misses a friend says nothing of the guest', () => {
    const count = aFact('no_show_suspected', { aboutPersonId: 'friend', ...at(2) });
    expect(pictureOf([booked(), count], TRUSTED)).toMatchObject({ noShowSuspectedAtMs: null, outcome: null });
    expect(verdictOn(count, [booked()])[1]).toBe('about another attendee, not the one who booked');
  });
  test('a read of the guest settles in which order the marks of the guest came, one of a friend does not', () => {
    const [on, off] = [aFact('no_show', at(1)), aFact('no_show_reverted', at(2))];
    const read = (aboutPersonId: string) => aRead('no_show', { aboutPersonId, ...at(3) });
    expect(verdictOn(off, [booked(), on, read('friend')])[1]).toMatch(/the later word wins/);
    expect(verdictOn(off, [booked(), ofFriend, on, read('guest')])[1]).toBe('the no-show mark was taken back');
  });
});

describe('a mark', () => {
  const [on, off] = [aFact('no_show', at(1)), aFact('no_show_reverted', at(4))];

  test('is settled by a read of the same moment, not by one before it', () => {
    const read = (hours: number) => aRead('no_show', at(hours));
    expect(verdictOn(off, [booked(), on, read(2)])[1]).toMatch(/the later word wins/);
    expect(verdictOn(off, [booked(), on, read(4)])[1]).toBe('the no-show mark was taken back');
  });
  test('that is pushed twice at one instant is one', () => {
    expect(verdictOn(aFact('no_show', at(1)), [booked(), on])[0]).toBe('duplicate');
  });
  test('that was never made can not be taken back', () => {
    expect(verdictOn(off, [booked()])).toEqual(['duplicate', 'there was no no-show mark to take back']);
    expect(verdictOn(off, [booked(), aFact('showed', at(1))])[0]).toBe('duplicate');
  });
  test('that is taken back leaves a head count that is trusted, and says so', () => {
    const count = aFact('no_show_suspected', at(0.5));
    const why = 'the no-show mark was taken back, the head count stands';
    expect(verdictOn(off, [booked(), count, on], TRUSTED)[1]).toMatch(why);
    expect(verdictOn(off, [booked(), count, on], EVIDENCE)[1]).not.toMatch('head count');
  });
  test('that agrees with the head count replaces nothing', () => {
    expect(verdictOn(on, [booked(), aFact('no_show_suspected', at(0.5))], TRUSTED)).toEqual(['applied', 'marked as no-show']); // prettier-ignore
  });
  test('loses against what a person decided, and so does its reversal', () => {
    const decided = aDecision('showed', at(0.5));
    const why = 'a person here had already decided: showed, 2026-11-24 17:30Z';
    expect(verdictOn(on, [booked(), decided])).toEqual(['superseded', why]);
    expect(verdictOn(off, [booked(), decided])).toEqual(['superseded', why]);
    expect(verdictOn(off, [booked(), aFact('canceled', { slot, ...at(-1) })])[0]).toBe('superseded');
  });
});

describe('a decision', () => {
  test('that agrees with the source replaces nothing, but is surer', () => {
    const facts = [booked(), aFact('showed', at(1))];
    expect(verdictOn(aDecision('showed', at(2)), facts)).toEqual(['applied', 'a person decided: showed']);
    expect(verdictOn(aDecision('no_show', at(2)), facts)[1]).toBe(
      "a person decided: no-show, replacing showed (the source's mark, 2026-11-24 18:00Z)",
    );
    expect(verdictOn(aDecision('no_show', at(2)), [booked()])[1]).toBe('a person decided: no-show');
  });
  test('that names no outcome decides none', () => {
    expect(verdictOn(aFact('outcome_decided', at(1)), [booked()])).toEqual([
      'superseded',
      'the decision names no outcome',
    ]);
    expect(pictureOf([booked(), aFact('outcome_decided', at(1))]).status).toBe('awaiting_outcome');
  });
  test('on a new time says whether it is known', () => {
    expect(verdictOn(aDecision('rescheduled', at(1)), [booked()])[1]).toBe(
      'a person decided: a new time is agreed on, waiting for it',
    );
    expect(verdictOn(aDecision('rescheduled', { slot: agreed, ...at(1) }), [booked()])[1]).toBe(
      'a person decided: moving to the agreed time',
    );
  });
});

describe('an agreed time under the same uid', () => {
  const decided = aDecision('rescheduled', { slot: agreed, ...at(1) });
  const moved = (hours: number, given: Partial<Fact> = {}) =>
    aFact('rescheduled', { slot: agreed, sequence: 1, ...at(hours), ...given });

  test('is there once it was confirmed after the decision, and the timeline says so', () => {
    expect(pictureOf([booked(), decided, moved(2)])).toMatchObject({ status: 'scheduled', agreedSlot: null });
    expect(verdictOn(decided, [booked(), moved(2)])[1]).toBe(
      'a person decided: a new time is agreed on; the source shows it',
    );
  });
  test('is not there by a request, or by a confirmation of no time', () => {
    for (const given of [
      aFact('requested', { slot: agreed, ...at(2) }),
      aFact('rescheduled', { sequence: 1, ...at(2) }),
    ]) {
      expect(pictureOf([booked(), decided, given])).toMatchObject({ status: 'reschedule_requested', agreedSlot: agreed }); // prettier-ignore
    }
  });
  test('is not there because it had been at that time before', () => {
    const away = moved(-1, { slot: slotAt(START + DAY), sequence: 2 });
    expect(pictureOf([booked(), moved(-2), away, decided]).agreedSlot).toEqual(agreed);
  });
  test('that it had already when it was decided is not there by a repetition', () => {
    const repeated = moved(2, { sequence: 1, hostId: 'host' });
    expect(pictureOf([booked(), moved(-1), decided, repeated]).agreedSlot).toEqual(agreed);
    const bare = aFact('rescheduled', { sequence: 1, ...at(0) });
    expect(pictureOf([booked(), moved(-1), bare, decided, repeated]).agreedSlot).toEqual(agreed);
  });
  test('forgets the head count of the time that was given up, and keeps that of the new one', () => {
    const before = aFact('no_show_suspected', at(0.5));
    expect(pictureOf([booked(), before, decided, moved(2)], TRUSTED)).toMatchObject({ outcome: null, noShowSuspectedAtMs: null }); // prettier-ignore
    const after = aFact('no_show_suspected', { slot: agreed, ...at(170) });
    expect(pictureOf([booked(), decided, moved(2), after], TRUSTED)).toMatchObject({
      status: 'no_show',
      noShowSuspectedAtMs: after.receivedAtMs,
      outcome: { sureness: 'counted', factId: after.id },
    });
  });
});
