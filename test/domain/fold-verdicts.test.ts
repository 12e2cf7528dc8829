/**
 * Why: the sentence that the timeline shows of each fact, from recorded facts, saying of what it is a repeat or because of what it lost.
 */
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START } from '../support/facts';

const slot = slotAt(START);
const other = slotAt(START + DAY);
/** Hours after 2026-11-23 17:00Z. */
const at = (hours: number) => ({ receivedAtMs: START - DAY + hours * HOUR });
const booked = (hours = 0) => aFact('scheduled', { slot, sequence: 0, ...at(hours) });
const toB = (hours: number) =>
  aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: other, sequence: 1, ...at(hours) });

function verdictOn(fact: Fact, ...others: Fact[]): [string, string] {
  const { outcome, why } = fold([...others, fact], START - DAY, EVIDENCE).verdicts.find((v) => v.factId === fact.id)!;
  return [outcome, why];
}

describe('repeats', () => {
  test('say of what and when', () => {
    expect(verdictOn(booked(3), booked())).toEqual(['duplicate', 'the same was said before, 2026-11-23 17:00Z']);
  });
  test('that another trigger said say what is known', () => {
    const created = aFact('scheduled', { uid: 'B', slot: other, sequence: 1, ...at(3) });
    expect(verdictOn(created, toB(1))).toEqual(['duplicate', 'already known (scheduled, 2026-11-23 18:00Z)']);
  });
  test('are never told of what was heard after them', () => {
    const [first, repeat] = [toB(1), aFact('scheduled', { uid: 'B', slot: other, ...at(3) })];
    expect(verdictOn(first, repeat)).toEqual(['applied', 'moved to another time']);
    expect(verdictOn(repeat, first)[0]).toBe('superseded');
    const [push, read] = [aFact('no_show', at(30)), aRead('no_show', { readAtMs: at(29).receivedAtMs, ...at(31) })];
    expect(verdictOn(push, booked(), read)[0]).toBe('applied');
    expect(verdictOn(read, booked(), push)[1]).toMatch(/newer news was already known \(no-show, 2026-11-24 23:00Z\)/);
  });
  test('of a cancellation with another version are repeats', () => {
    const again = aFact('canceled', { slot, sequence: 2, ...at(3) });
    const why = 'already known (canceled, 2026-11-23 18:00Z)';
    expect(verdictOn(again, booked(), aFact('canceled', { slot, sequence: 1, ...at(1) }))).toEqual(['duplicate', why]);
  });
  test('the cancellation that a person decided here comes back as a repeat', () => {
    const echo = aFact('canceled', { slot, ...at(3) });
    const why = 'canceled, as was known (decided by a person: canceled, 2026-11-23 18:00Z)';
    expect(verdictOn(echo, booked(), aDecision('canceled', at(1)))).toEqual(['duplicate', why]);
  });
});

describe('late facts', () => {
  test('of an older uid say that the booking had moved on', () => {
    const why = 'scheduled; it arrived late, the booking had already moved on (rescheduled, 2026-11-23 18:00Z)';
    expect(verdictOn(booked(2), toB(1))).toEqual(['superseded', why]);
    expect(verdictOn(aFact('ended', { uid: 'A', ...at(2) }), booked(), toB(1))[0]).toBe('superseded');
    expect(verdictOn(aFact('no_show', { uid: 'A', ...at(2) }), booked(), toB(1))[0]).toBe('superseded');
  });
  test('of the same uid name the news that was there before', () => {
    const why = 'scheduled; it arrived late, newer news was already known (canceled, 2026-11-23 18:00Z)';
    expect(verdictOn(booked(2), aFact('canceled', { slot, ...at(1) }))).toEqual(['superseded', why]);
  });
  test('name the news that was heard first, wherever it is in the chain', () => {
    const toC = (hours: number) =>
      aFact('rescheduled', { uid: 'C', predecessorUid: 'B', slot, sequence: 2, ...at(hours) });
    const news = (hour: number) => new RegExp(`had already moved on \\(rescheduled, 2026-11-23 ${17 + hour}:00Z\\)$`);
    expect(verdictOn(booked(5), toB(1), toC(2))[1]).toMatch(news(1));
    expect(verdictOn(booked(5), toB(2), toC(1))[1]).toMatch(news(1));
    expect(verdictOn(booked(5), toB(6), toC(4))[1]).toMatch(news(4));
  });
  test('of a uid that went on in many steps name the step, not what came under the next uid', () => {
    const [paid, canceled] = [aFact('paid', { slot, ...at(1) }), aFact('canceled', { slot, ...at(3) })];
    const requested = aFact('requested', { slot, ...at(5) });
    expect(verdictOn(requested, paid, booked(2), canceled)).toEqual([
      'superseded',
      'requested, waiting for confirmation; it arrived late, newer news was already known (paid, 2026-11-23 18:00Z)',
    ]);
  });
  test('are not those that came in time', () => {
    expect(verdictOn(booked(), aFact('canceled', { slot, ...at(1) }), toB(2))).toEqual(['applied', 'scheduled']);
  });
  test('are not those that overrule what was said before: a cancellation after a mark', () => {
    expect(verdictOn(aFact('canceled', { slot, ...at(2) }), booked(), aFact('no_show', at(1)))).toEqual(['applied', 'canceled']); // prettier-ignore
  });
  test('are not those that brought the time that the booking has: a confirmation after a mark', () => {
    expect(verdictOn(booked(2), aFact('no_show', at(1)))).toEqual(['applied', 'scheduled']);
  });
});

describe('reads', () => {
  const read = (type: 'scheduled' | 'requested' | 'canceled', given: Partial<Fact> = {}) =>
    aRead(type, { slot, ...at(5), ...given });

  test('that still show what was called off lose, and say against what', () => {
    const stillBooked = "the source's API still showed it as booked; ";
    const endings = [
      [aFact('canceled', { slot, ...at(1) }), 'the cancellation stands (canceled, 2026-11-23 18:00Z)'],
      [aFact('rejected', { slot, ...at(1) }), 'the rejection stands (rejected, 2026-11-23 18:00Z)'],
      [aFact('reschedule_requested', { slot, ...at(1) }), 'the wish for another time stands (another time asked for, 2026-11-23 18:00Z)'],
    ] as const; // prettier-ignore
    for (const [ending, stands] of endings) {
      expect(verdictOn(read('scheduled'), booked(), ending)).toEqual(['superseded', `${stillBooked}${stands}`]);
    }
    const pending = aFact('requested', { slot });
    expect(verdictOn(read('requested'), pending, aFact('canceled', { slot, ...at(1) }))[1]).toMatch(
      /still showed it as waiting for confirmation; the cancellation stands/,
    );
  });
  test('that show a request for what was confirmed are late', () => {
    expect(verdictOn(read('requested'), booked())).toEqual([
      'superseded',
      'read from the source: requested, waiting for confirmation; it arrived late, newer news was already known (scheduled, 2026-11-23 17:00Z)',
    ]);
  });
  test('that show what is known are repeats', () => {
    const why = 'read from the source: already known (scheduled, 2026-11-23 17:00Z)';
    expect(verdictOn(read('scheduled'), booked())).toEqual(['duplicate', why]);
  });
  test('that bring news say where it is from, and what it is', () => {
    const first = { personId: 'guest', hostId: 'host-1' };
    const known = aFact('scheduled', { slot, ...first, ...at(0) });
    expect(verdictOn(read('scheduled'))).toEqual(['applied', 'read from the source: scheduled']);
    expect(verdictOn(read('scheduled', { ...first, hostId: 'host-2' }), known)).toEqual([
      'applied',
      'read from the source: scheduled, with another host',
    ]);
    expect(verdictOn(read('scheduled', { ...first, slot: slotAt(START, 'America/Boise') }), known)[1]).toBe(
      'read from the source: scheduled, with another time zone',
    );
    expect(verdictOn(read('canceled'), booked())).toEqual(['applied', 'read from the source: canceled']);
  });
  test('of a wish for a new time as a cancellation are repeats', () => {
    const wished = aFact('reschedule_requested', { slot, ...at(1) });
    const [outcome, why] = verdictOn(read('canceled'), booked(), wished);
    expect(outcome).toBe('duplicate');
    expect(why).toMatch(/^read from the source: canceled, which is how it shows a wish for another time as well/);
  });
});

test('a host who was replaced without a word is found by a read, and a repeat of the old word changes nothing', () => {
  const first = aFact('scheduled', { slot, sequence: 0, hostId: 'host-1', ...at(0) });
  const shown = aRead('scheduled', { slot, hostId: 'host-2', ...at(1) });
  const late = aFact('rescheduled', { predecessorUid: 'X', slot, sequence: 0, hostId: 'host-1', ...at(2) });
  for (const facts of [
    [first, shown, late],
    [late, shown, first],
  ]) {
    expect(fold(facts, START - DAY, EVIDENCE).picture.hostId).toBe('host-2');
  }
});

test('the time is known since it was first heard of, also by a fact that comes later in order', () => {
  const facts = [booked(5), aFact('canceled', { slot, ...at(1) })];
  expect(fold(facts, START - DAY, EVIDENCE).picture.slotKnownAtMs).toBe(at(1).receivedAtMs);
});
