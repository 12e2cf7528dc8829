/**
 * Attendance: who said how it went, how sure that is, and which of two words wins.
 */
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START, TRUSTED } from '../support/facts';

const slot = slotAt(START);
const AFTER = START + DAY;
const booked = () => aFact('scheduled', { slot, personId: 'guest' });
/** At so many minutes after the slot's start. */
const at = (minutes: number) => ({ receivedAtMs: START + minutes * 60_000 });
const readAt = (minutes: number, storedMinutes = minutes) => ({
  readAtMs: START + minutes * 60_000,
  receivedAtMs: START + storedMinutes * 60_000,
});
const verdictOn = (fact: Fact, facts: readonly Fact[], policy = EVIDENCE) =>
  fold(facts, AFTER, policy).verdicts.find(({ factId }) => factId === fact.id);

describe('decided beats marked beats counted', () => {
  const counted = () => aFact('no_show_suspected');
  const marked = () => aFact('showed');
  const decided = () => aDecision('no_show');
  const outcomeOf = (...facts: Fact[]) => fold([booked(), ...facts], AFTER, TRUSTED).picture.outcome;

  test.each([
    ['a mark over a head count', [counted, marked], 'showed', 'marked'],
    ['a head count never over a mark', [marked, counted], 'showed', 'marked'],
    ['a decision over a mark', [marked, decided], 'no_show', 'decided'],
    ['a mark never over a decision', [decided, marked], 'no_show', 'decided'],
    ['a decision over a head count', [counted, decided], 'no_show', 'decided'],
    ['a head count never over a decision', [decided, counted], 'no_show', 'decided'],
    ['a head count alone, where it is trusted', [counted], 'no_show', 'counted'],
  ] as const)('%s', (_name, builders, value, sureness) => {
    const facts = builders.map((build) => build());
    const by = sureness === 'decided' ? 'operator' : 'source';
    expect(outcomeOf(...facts)).toMatchObject({ value, sureness, by });
  });
  test('an outcome names the fact that said it, and when', () => {
    const canceled = aFact('canceled', { slot });
    expect(outcomeOf(canceled)).toEqual({
      value: 'canceled',
      by: 'source',
      sureness: 'marked',
      factId: canceled.id,
      atMs: canceled.receivedAtMs,
    });
    const showed = marked();
    expect(outcomeOf(counted(), showed)).toMatchObject({ factId: showed.id, atMs: showed.receivedAtMs });
  });
  test('of two decisions the later one counts, and says what it replaced', () => {
    const [first, second] = [aDecision('no_show', at(60)), aDecision('showed', at(90))];
    expect(outcomeOf(second, first)).toMatchObject({ value: 'showed', factId: second.id });
    expect(verdictOn(second, [booked(), second, first])).toEqual({
      factId: second.id,
      outcome: 'applied',
      why: 'a person decided: showed, replacing no-show (decided here, 2026-11-24 18:00Z)',
    });
  });
  test('a decision that is made twice is one', () => {
    const [first, second] = [aDecision('showed', at(60)), aDecision('showed', at(90))];
    expect(outcomeOf(first, second)).toMatchObject({ factId: first.id });
    expect(verdictOn(second, [first, second])).toMatchObject({ outcome: 'duplicate' });
  });
  test('a mark that repeats what was decided here is the echo of it, not news', () => {
    const [decision, echo] = [aDecision('no_show', at(60)), aFact('no_show', at(61))];
    expect(verdictOn(echo, [booked(), decision, echo])).toEqual({
      factId: echo.id,
      outcome: 'duplicate',
      why: 'a person here had already decided: no-show, 2026-11-24 18:00Z',
    });
  });
});

describe('head counts', () => {
  test('are evidence by default: the booking awaits its outcome, and the earliest count is shown', () => {
    const [later, earlier] = [aFact('no_show_suspected', at(20)), aFact('no_show_suspected', { ...at(10), slot })];
    const { picture } = fold([booked(), later, earlier], AFTER, EVIDENCE);
    expect(picture).toMatchObject({ status: 'awaiting_outcome', outcome: null, noShowSuspectedAtMs: START + 600_000 });
  });
  test('that come after a surer word say so', () => {
    const [mark, count] = [aFact('showed', at(40)), aFact('no_show_suspected', at(50))];
    expect(verdictOn(count, [booked(), mark, count], TRUSTED)).toEqual({
      factId: count.id,
      outcome: 'superseded',
      why: 'a head count saw no guest; a surer word was known (showed, 2026-11-24 17:40Z)',
    });
  });
  test('stand when a mark of the source is taken back', () => {
    const facts = [booked(), aFact('no_show_suspected', at(10)), aFact('no_show', at(40)), aFact('no_show_reverted', at(50))]; // prettier-ignore
    expect(fold(facts, AFTER, TRUSTED).picture.outcome).toMatchObject({ value: 'no_show', sureness: 'counted' });
    expect(fold(facts, AFTER, EVIDENCE).picture.status).toBe('awaiting_outcome');
  });
  test('about another time of the appointment say nothing', () => {
    const count = aFact('no_show_suspected', { slot: slotAt(START - DAY) });
    expect(fold([booked(), count], AFTER, TRUSTED).picture).toMatchObject({ status: 'awaiting_outcome', noShowSuspectedAtMs: null }); // prettier-ignore
  });
  test('of a host who was absent are not about the guest', () => {
    const absent = aFact('host_no_show');
    expect(fold([booked(), absent], AFTER, TRUSTED).picture).toMatchObject({
      status: 'awaiting_outcome',
      outcome: null,
    });
    expect(verdictOn(absent, [booked(), absent])?.why).toBe('the host was absent; that is not a no-show of the guest');
  });
});

describe('marks about attendees', () => {
  test('of another attendee than the guest are superseded, pushed or read', () => {
    for (const mark of [aFact('no_show', { aboutPersonId: 'friend' }), aRead('no_show', { aboutPersonId: 'friend' })]) {
      expect(fold([booked(), mark], AFTER, EVIDENCE).picture.status).toBe('awaiting_outcome');
      const verdict = verdictOn(mark, [mark, booked()]);
      expect(verdict?.outcome).toBe('superseded');
      expect(verdict?.why).toMatch(/about another attendee, not the one who booked$/);
    }
  });
  test('of the guest count, even when the guest is named by a later fact only', () => {
    const mark = aFact('no_show', { aboutPersonId: 'friend' });
    const anonymous = aFact('scheduled', { slot });
    expect(fold([anonymous, mark], AFTER, EVIDENCE).picture.status).toBe('no_show');
    const named = aFact('scheduled', { slot, personId: 'guest', uid: 'B', predecessorUid: 'A' });
    expect(fold([anonymous, mark, named], AFTER, EVIDENCE).verdicts[1]).toMatchObject({ outcome: 'superseded' });
  });
  test('that name nobody count', () => {
    expect(fold([booked(), aFact('no_show')], AFTER, EVIDENCE).picture.status).toBe('no_show');
  });
});

describe('no-show on, off, on', () => {
  test('is told from repeats by reads, whatever order they are stored in', () => {
    const reads = () => [
      aRead('no_show', { ...readAt(10, 30), aboutPersonId: 'guest' }),
      aRead('no_show_reverted', { ...readAt(20, 32), aboutPersonId: 'guest' }),
      aRead('no_show', { ...readAt(28, 28), aboutPersonId: 'guest' }),
    ];
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1], [0, 2, 1], [1, 2, 0]]) {
      const all = reads();
      const facts = [booked(), ...order.map((i) => all[i]!)];
      const { picture, verdicts } = fold(facts, AFTER, EVIDENCE);
      expect(picture.status).toBe('no_show');
      expect(picture.outcome?.factId).toBe(all[2]!.id);
      expect(verdicts.find((v) => v.factId === all[2]!.id)?.why).toBe('read from the source: marked as no-show');
    }
  }); // prettier-ignore
  test('a read that came late by the post is still in its place', () => {
    const [read, push] = [aRead('no_show_reverted', readAt(10, 60)), aFact('no_show', at(20))];
    expect(fold([booked(), push, read], AFTER, EVIDENCE).picture.status).toBe('no_show');
  });
  test('without a read the later word wins, and the timeline says so', () => {
    const [on, off, again] = [aFact('no_show', at(10)), aFact('no_show_reverted', at(20)), aFact('no_show', at(30))];
    const facts = [booked(), again, off, on];
    expect(fold(facts, AFTER, EVIDENCE).picture.outcome?.factId).toBe(again.id);
    expect(verdictOn(on, facts)?.why).toBe('marked as no-show');
    expect(verdictOn(off, facts)?.why).toBe('the no-show mark was taken back (the later word wins, the source gives no order)'); // prettier-ignore
    expect(verdictOn(again, facts)?.why).toBe('marked as no-show (the later word wins, the source gives no order)');
  });
  test('a mark that comes after its own reversal wins as the later word, and the timeline says so', () => {
    const [off, on] = [aFact('no_show_reverted', at(10)), aFact('no_show', at(20))];
    expect(verdictOn(on, [booked(), off, on])?.why).toMatch(/the later word wins/);
  });
  test('with a read after them nothing is left to the order of arrival', () => {
    const [on, off, read] = [aFact('no_show', at(10)), aFact('no_show_reverted', at(20)), aRead('no_show', readAt(21))];
    const facts = [booked(), on, off, read];
    expect(verdictOn(off, facts)?.why).toBe('the no-show mark was taken back');
    expect(verdictOn(read, facts)?.why).toBe('read from the source: marked as no-show');
    expect(fold(facts, AFTER, EVIDENCE).picture.status).toBe('no_show');
  });
  test('a read that shows what is known is a duplicate', () => {
    const [on, read] = [aFact('no_show', at(10)), aRead('no_show', readAt(11))];
    expect(verdictOn(read, [booked(), on, read])).toEqual({
      factId: read.id,
      outcome: 'duplicate',
      why: 'read from the source: already known (already marked as no-show, 2026-11-24 17:10Z)',
    });
  });
  test('a no-show that becomes a showed names what it replaced', () => {
    const [on, came] = [aFact('no_show', at(10)), aRead('showed', readAt(60))];
    expect(verdictOn(came, [booked(), on, came])?.why).toBe(
      "read from the source: marked as showed, replacing no-show (the source's mark, 2026-11-24 17:10Z)",
    );
  });
});

test('a mark on an appointment that was called off is kept with the reason', () => {
  const canceled = aFact('canceled', { slot, receivedAtMs: START - HOUR });
  const mark = aFact('no_show', at(10));
  expect(verdictOn(mark, [booked(), mark, canceled])).toEqual({
    factId: mark.id,
    outcome: 'superseded',
    why: 'an appointment that was called off has no attendance (canceled, 2026-11-24 16:00Z)',
  });
});
