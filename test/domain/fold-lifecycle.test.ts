/**
 * Requests, confirmations and endings of one uid: what is a repeat, what is news, and in which words the timeline tells them.
 */
import type { Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START } from '../support/facts';

const slot = slotAt(START);
const other = slotAt(START + DAY);
/** Hours after 2026-11-23 17:00Z. */
const at = (hours: number) => ({ receivedAtMs: START - DAY + hours * HOUR });
const folded = (...facts: Fact[]) => fold(facts, START - DAY, EVIDENCE);
function verdictOn(fact: Fact, ...others: Fact[]): [string, string] {
  const { outcome, why } = folded(...others, fact).verdicts.find(({ factId }) => factId === fact.id)!;
  return [outcome, why];
}

describe('a request', () => {
  const pushed = (hours: number, given: Partial<Fact> = {}) => aFact('requested', { slot, ...at(hours), ...given });
  const read = (hours: number, given: Partial<Fact> = {}) => aRead('requested', { slot, ...at(hours), ...given });
  const isKnown = 'already known (requested, 2026-11-23 18:00Z)';

  test('that is pushed or read again is a repeat', () => {
    expect(verdictOn(pushed(2, { sequence: 1 }), pushed(1))).toEqual(['duplicate', isKnown]);
    expect(verdictOn(read(2), pushed(1))).toEqual(['duplicate', `read from the source: ${isKnown}`]);
    expect(verdictOn(read(2), read(1))).toEqual(['duplicate', `read from the source: ${isKnown}`]);
  });
  test('that is pushed after it was read says that the host is waited for, which a read does not', () => {
    const paid = aFact('paid', { slot, ...at(0) });
    const words = 'requested, waiting for confirmation';
    expect(verdictOn(pushed(2), read(1))).toEqual(['applied', words]);
    expect(folded(paid, read(1)).picture.statusReason).toBe('paid, waiting for the confirmation');
    expect(folded(paid, read(1), pushed(2)).picture.statusReason).toBe('waiting for the host to confirm');
    expect(folded(paid, pushed(1), read(2, { slot: other })).picture.statusReason).toBe('waiting for the host to confirm'); // prettier-ignore
    expect(folded(read(1)).picture.statusReason).toBe('waiting for the host to confirm');
  });
  test('for another time is news', () => {
    expect(verdictOn(pushed(2, { slot: other }), pushed(1))[0]).toBe('applied');
    expect(verdictOn(read(2, { slot: other }), read(1))[0]).toBe('applied');
  });
  test('after a payment that is waited for is news', () => {
    expect(verdictOn(pushed(2), aFact('payment_pending', { slot, ...at(1) }))[0]).toBe('superseded');
    expect(verdictOn(pushed(0), aFact('payment_pending', { slot, ...at(1) }))[0]).toBe('applied');
  });
});

test.each(['payment_pending', 'rejected', 'reschedule_requested', 'canceled'] as const)(
  'what is said twice under two versions is a repeat, also at the same instant: %s',
  (type) => {
    const [first, second] = [1, 2].map((sequence) => aFact(type, { slot, sequence, ...at(1) })) as [Fact, Fact];
    expect(verdictOn(second, first)[0]).toBe('duplicate');
    expect(verdictOn(second, first)[1]).toMatch(/^already known \(.*, 2026-11-23 18:00Z\)$/);
  },
);

describe('a cancellation', () => {
  const booked = aFact('scheduled', { slot, ...at(0) });
  const canceled = (hours: number, calledOffBy?: 'guest' | 'host') =>
    aFact('canceled', { slot, ...at(hours), ...(calledOffBy && { calledOffBy }) });

  test.each(['guest', 'host'] as const)('says whose wish it was where the source does: the %s’s', (side) => {
    expect(verdictOn(canceled(1, side), booked)).toEqual(['applied', `canceled by the ${side}`]);
    expect(folded(booked, canceled(1, side)).picture).toMatchObject({
      status: 'canceled',
      statusReason: `by the ${side}`,
    });
  });
  test('of which the source says no more is nobody’s', () => {
    expect(verdictOn(canceled(1), booked)).toEqual(['applied', 'canceled']);
    expect(folded(booked, canceled(1)).picture).toMatchObject({ status: 'canceled', statusReason: null });
  });
  test('is the newest one’s when it was booked again in between', () => {
    const again = aFact('scheduled', { uid: 'B', predecessorUid: 'A', slot: other, ...at(2) });
    const second = aFact('canceled', { uid: 'B', slot: other, ...at(3) });
    expect(folded(booked, canceled(1, 'guest'), again).picture.statusReason).toBeNull();
    expect(folded(booked, canceled(1, 'guest'), again, second).picture.statusReason).toBeNull();
    expect(folded(booked, canceled(1, 'guest'), again, { ...second, calledOffBy: 'host' }).picture.statusReason).toBe('by the host'); // prettier-ignore
  });
  test('that was told without it is still whose it was once that is told', () => {
    const read = aRead('canceled', { slot, ...at(1) });
    expect(verdictOn(canceled(2, 'host'), booked, read)).toEqual(['applied', 'already known (canceled, 2026-11-23 18:00Z); it was the host']); // prettier-ignore
    expect(folded(booked, read, canceled(2, 'host')).picture.statusReason).toBe('by the host');
    expect(folded(booked, canceled(1, 'host'), aRead('canceled', { slot, ...at(2) })).picture.statusReason).toBe(
      'by the host',
    );
  });
  test('that a person here decided is theirs, whoever else called it off', () => {
    const decided = aDecision('canceled', at(2));
    expect(folded(booked, canceled(1, 'guest'), decided).picture).toMatchObject({
      status: 'canceled',
      statusReason: null,
    });
  });
});

test('a booking of which no more was heard than a mark that was taken back is not confirmed', () => {
  expect(folded(aFact('no_show_reverted')).picture).toMatchObject({
    status: 'requested',
    statusReason: 'not confirmed by the source',
    settledAtMs: null,
  });
});

test('the end of a slot is told once, whatever comes with it', () => {
  const again = aFact('ended', { slot, ...at(30) });
  const facts = [aFact('scheduled', { slot, ...at(0) }), aFact('ended', at(29))];
  expect(verdictOn(again, ...facts)).toEqual(['duplicate', 'the end of the slot was already known']);
});

test('a booking that is awaited anew is told as such where an outcome is refused', () => {
  const wished = aFact('reschedule_requested', { slot, ...at(1) });
  const why = 'an appointment that was called off has no attendance (another time is waited for, 2026-11-23 18:00Z)';
  expect(verdictOn(aFact('no_show', at(2)), wished)).toEqual(['superseded', why]);
  expect(folded(wished, aFact('no_show', at(2))).picture.settledAtMs).toBeNull();
});

describe('a confirmation', () => {
  const booked = (given: Partial<Fact> = {}) => aFact('scheduled', { slot, sequence: 0, ...at(0), ...given });
  const moved = (sequence: number, hours: number, given: Partial<Fact> = {}) =>
    aFact('rescheduled', { slot: slotAt(START), sequence, ...at(hours), ...given });

  test('that moves nothing says so, with what is new about it', () => {
    const [before, now] = [booked({ hostId: 'host-1' }), moved(1, 1, { hostId: 'host-2' })];
    expect(verdictOn(now, before)).toEqual(['applied', 'rescheduled at the same time, with another host']);
    expect(verdictOn(moved(1, 1, { predecessorUid: 'X', hostId: 'host-2' }), before)).toEqual([
      'applied',
      'rescheduled at the same time, with another host',
    ]);
  });
  test('of which no time is known is a move all the same', () => {
    expect(verdictOn(moved(1, 1, { slot: null, hostId: 'host' }), booked())[1]).toBe('moved to another time');
    expect(verdictOn(moved(1, 1), booked({ slot: null }))[1]).toBe('moved to another time');
  });
  test('under a version of its own is in order, and nothing is said of the later word', () => {
    expect(verdictOn(moved(2, 2, { slot: other }), booked(), moved(1, 1, { slot: slotAt(START - DAY) }))).toEqual([
      'applied',
      'moved to another time',
    ]);
  });
  test('that was heard before one of an older version is no repeat of it', () => {
    expect(verdictOn(moved(2, 1), booked({ sequence: 1, ...at(3) }))).toEqual([
      'applied',
      'rescheduled at the same time',
    ]);
  });
  test('that only brought the host is not late because of a mark, one that brought nothing is', () => {
    const mark = aFact('no_show', at(1));
    for (const news of [{ hostId: 'host' }, { personId: 'guest' }]) {
      expect(verdictOn(aRead('scheduled', { slot, ...news, ...at(2) }), booked(), mark)[0]).toBe('applied');
    }
    const why =
      'rescheduled at the same time; it arrived late, newer news was already known (no-show, 2026-11-23 18:00Z)';
    expect(verdictOn(moved(2, 2), booked({ sequence: 1, ...at(3) }), mark)).toEqual(['superseded', why]);
  });
});

describe('an ending that is heard again', () => {
  test('with another time brings that time', () => {
    const again = aFact('canceled', { slot: other, sequence: 1, ...at(2) });
    const canceled = aFact('canceled', { slot, ...at(1) });
    const why = 'already known (canceled, 2026-11-23 18:00Z), with another time';
    expect(verdictOn(again, canceled)).toEqual(['applied', why]);
    expect(folded(canceled, again).picture.slot).toEqual(other);
  });
  test('after a person canceled it is a repeat, and any other ending is late', () => {
    const decided = aDecision('canceled', at(1));
    expect(verdictOn(aFact('canceled', { slot, ...at(2) }), decided)[0]).toBe('duplicate');
    expect(verdictOn(aFact('rejected', { slot, ...at(2) }), decided)[0]).toBe('superseded');
    expect(verdictOn(aFact('canceled', { slot, ...at(2) }), aDecision('showed', at(1)))).toEqual([
      'superseded',
      'canceled; it arrived late, newer news was already known (decided by a person: showed, 2026-11-23 18:00Z)',
    ]);
  });
});
