/**
 * What holds for a booking as a whole, whichever of its uids it was said of: choices about CRMs, payment, people, and since when its time is known.
 */
import type { Decision, Fact } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { aFact, aRead, DAY, EVIDENCE, HOUR, slotAt, START } from '../support/facts';

const slot = slotAt(START);
const at = (hours: number) => ({ receivedAtMs: START - 2 * DAY + hours * HOUR });
const booked = (given: Partial<Fact> = {}) => aFact('scheduled', { slot, sequence: 0, ...at(0), ...given });
const toB = (given: Partial<Fact> = {}) =>
  aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1, ...at(5), ...given });
const folded = (...facts: Fact[]) => fold(facts, START - DAY, EVIDENCE);
const picture = (...facts: Fact[]) => folded(...facts).picture;
const verdictOn = (fact: Fact, ...others: Fact[]) =>
  folded(...others, fact).verdicts.find(({ factId }) => factId === fact.id);

describe('what a person decides about a CRM', () => {
  const contact = (connection: string, crmPersonId: string, hours: number) => {
    const decision: Decision = { kind: 'contact', connection, contact: { choice: 'use_contact', crmPersonId } };
    return aFact('contact_decided', { decision, ...at(hours) });
  };
  const crm = (connection: string, action: 'retry' | 'skip', hours: number) =>
    aFact('crm_decided', { decision: { kind: 'crm', connection, action }, ...at(hours) });

  test('is remembered for each connection, the newest contact for each', () => {
    const facts = [contact('one', '1', 1), contact('two', '2', 2), contact('one', '3', 3)];
    expect(picture(booked(), ...facts).contactChoices).toEqual({
      one: { choice: 'use_contact', crmPersonId: '3' },
      two: { choice: 'use_contact', crmPersonId: '2' },
    });
  });
  test('is remembered for each connection, the newest retry or skip for each', () => {
    const [first, other, last] = [crm('one', 'retry', 1), crm('two', 'skip', 2), crm('one', 'skip', 3)];
    expect(picture(booked(), last, other, first).crmDecisions).toEqual({
      one: { action: 'skip', factId: last.id },
      two: { action: 'skip', factId: other.id },
    });
  });
  test('holds when the booking had moved on before it was decided', () => {
    const source = aFact('source_decided', { decision: { kind: 'source', action: 'retry' }, ...at(9) });
    for (const decided of [contact('one', '1', 9), crm('one', 'skip', 9), source]) {
      expect(verdictOn(decided, booked(), toB())).toMatchObject({ outcome: 'applied' });
    }
    expect(picture(booked(), toB(), contact('one', '1', 9)).contactChoices).toHaveProperty('one');
  });
  test('is told in words', () => {
    expect(verdictOn(contact('one', '1', 1))?.why).toBe('a person chose the CRM contact');
    expect(verdictOn(crm('one', 'skip', 1))?.why).toBe('a person decided about the refused CRM write');
  });
});

test('what was booked is what the newest fact that names it says, in whatever order they came', () => {
  const demo = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot, eventType: 'demo', ...at(3) });
  const call = aFact('scheduled', { slot, eventType: 'call', ...at(4) });
  const silent = aFact('canceled', { uid: 'B', ...at(5) });
  expect(picture(booked()).eventType).toBeNull();
  expect(picture(silent, demo, call).eventType).toBe('demo');
  expect(picture(call, demo, silent).eventType).toBe('demo');
});

test('a booking is paid once that was heard, and stays so under a new uid', () => {
  expect(picture(booked()).paid).toBe(false);
  expect(picture(aFact('paid', { slot }), booked(), toB()).paid).toBe(true);
});

test('a payment that another fact beat is none, and one that is repeated is a repeat', () => {
  const again = aFact('paid', { slot, sequence: 4, ...at(2) });
  expect(verdictOn(again, aFact('paid', { slot, sequence: 3, ...at(1) }))).toMatchObject({ outcome: 'duplicate' });
});

describe('since when the time is known', () => {
  test('is when it was first heard, not when it was repeated', () => {
    const again = aFact('rescheduled', { slot, sequence: 1, hostId: 'host', ...at(3) });
    expect(picture(booked(), again).slotKnownAtMs).toBe(at(0).receivedAtMs);
  });
  test('is when the new time was heard, where it was moved', () => {
    expect(picture(booked(), toB()).slotKnownAtMs).toBe(at(5).receivedAtMs);
    expect(picture(booked(), toB(), aFact('ended', { uid: 'B', slot, ...at(6) })).slotKnownAtMs).toBe(
      at(5).receivedAtMs,
    );
  });
  test('is when it was moved back, where it had been at that time before', () => {
    const back = aFact('rescheduled', { uid: 'C', predecessorUid: 'B', slot, sequence: 2, ...at(8) });
    expect(picture(booked(), toB(), back).slotKnownAtMs).toBe(at(8).receivedAtMs);
  });
  test('is nothing while no time is known', () => {
    expect(picture(aFact('scheduled'))).toMatchObject({ slot: null, slotKnownAtMs: null });
    expect(picture(aFact('scheduled', at(0)), booked(at(1))).slotKnownAtMs).toBe(at(1).receivedAtMs);
  });
});

describe('the time of a booking', () => {
  test('is another one as soon as its start or its end is', () => {
    for (const other of [
      { ...slot, endMs: slot.endMs + HOUR },
      { ...slot, startMs: slot.startMs - HOUR },
    ]) {
      const moved = aFact('rescheduled', { slot: other, sequence: 1, ...at(1) });
      expect(verdictOn(moved, booked())?.why).toBe('moved to another time');
      expect(picture(booked(), moved).slot).toEqual(other);
    }
  });
  test('is told in the zone that was told last', () => {
    const elsewhere = slotAt(START, 'Europe/Berlin');
    expect(picture(booked(), aRead('scheduled', { slot: elsewhere, ...at(1) })).slot).toEqual(elsewhere);
  });
});

test('what is said again with another host is a repeat, and the first word stands', () => {
  const again = booked({ hostId: 'host-2', ...at(1) });
  expect(verdictOn(again, booked({ hostId: 'host-1' }))).toMatchObject({ outcome: 'duplicate' });
  expect(picture(booked({ hostId: 'host-1' }), again).hostId).toBe('host-1');
});

describe('a read that shows somebody new says who', () => {
  const read = (given: Partial<Fact>) => aRead('scheduled', { slot, ...at(2), ...given });
  test.each([
    ['the guest', {}, { personId: 'guest' }],
    ['another guest', { personId: 'other' }, { personId: 'guest' }],
    ['the host', {}, { hostId: 'host' }],
    ['another host and another time zone', { hostId: 'other' }, { hostId: 'host', slot: slotAt(START, 'UTC') }],
  ])('%s', (words, before, now) => {
    const parts = words.split(' and ').reverse().join(' and ');
    expect(verdictOn(read(now), booked(before))?.why).toBe(`read from the source: scheduled, with ${parts}`);
  });
  test('and nothing where a time was not known before', () => {
    expect(verdictOn(read({}), booked({ slot: null }))?.why).toBe('read from the source: scheduled, with another time');
  });
  test('and nothing where it names neither time nor people', () => {
    const known = booked({ personId: 'guest', hostId: 'host' });
    expect(verdictOn(read({ slot: null }), known)).toMatchObject({ outcome: 'duplicate' });
  });
});
