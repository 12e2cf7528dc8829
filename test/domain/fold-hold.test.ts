/**
 * Waiting for a new time: a wish of the host, a time that a person here agreed on, and when the waiting ends.
 */
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import { aDecision, aFact, aRead, DAY, EVIDENCE, HOUR, keepWaiting, slotAt, START } from '../support/facts';

const slot = slotAt(START);
const agreed = slotAt(START + 7 * DAY);
const at = (hours: number) => ({ receivedAtMs: START - 5 * DAY + hours * HOUR });
const booked = () => aFact('scheduled', { slot, sequence: 0, ...at(0) });
const wished = () => aFact('reschedule_requested', { slot, ...at(10) });
const picture = (...facts: Fact[]) => fold(facts, START - DAY, EVIDENCE).picture;

describe('the hold', () => {
  test('begins when the wish was heard, and a repetition does not renew it', () => {
    const again = aFact('reschedule_requested', { slot, sequence: 3, ...at(20) });
    expect(picture(booked(), again, wished())).toMatchObject({
      status: 'reschedule_requested',
      statusReason: 'waiting for the guest to choose another time',
      holdSinceMs: at(10).receivedAtMs,
      agreedSlot: null,
    });
  });
  test('is renewed by a decision to keep waiting', () => {
    expect(picture(booked(), wished(), keepWaiting(at(30))).holdSinceMs).toBe(at(30).receivedAtMs);
    expect(picture(booked(), keepWaiting(at(30)), wished(), keepWaiting(at(40))).holdSinceMs).toBe(at(40).receivedAtMs);
  });
  test('begins with the decision where a person here decided that the guest chooses', () => {
    expect(picture(booked(), aDecision('rescheduled', at(12))).holdSinceMs).toBe(at(12).receivedAtMs);
  });
  test('ends with a new uid, a decision, or a cancellation, and is not renewed after that', () => {
    const rebooked = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: agreed, sequence: 1 });
    expect(picture(booked(), wished(), rebooked)).toMatchObject({ status: 'scheduled', holdSinceMs: null });
    expect(picture(booked(), wished(), aDecision('canceled', at(20)))).toMatchObject({ status: 'canceled', holdSinceMs: null }); // prettier-ignore
    expect(picture(booked(), wished(), aFact('canceled', { slot }), keepWaiting())).toMatchObject({ status: 'canceled', holdSinceMs: null }); // prettier-ignore
  });
  test("is not ended by the API, which shows the source's row as canceled", () => {
    const read = aRead('canceled', { slot, ...at(11) });
    expect(picture(booked(), wished(), read).status).toBe('reschedule_requested');
  });
});

describe('a time that was agreed on here', () => {
  const decided = () => aDecision('rescheduled', { slot: agreed, ...at(12) });

  test('is waited for, and the wait has a limit', () => {
    expect(picture(booked(), decided())).toMatchObject({
      status: 'reschedule_requested',
      statusReason: 'moving to the agreed time',
      agreedSlot: agreed,
      holdSinceMs: at(12).receivedAtMs,
      slot,
    });
  });
  test('is there when the source confirms it under a new uid, or any other time there', () => {
    for (const slotOfB of [agreed, slotAt(START + 9 * DAY)]) {
      const moved = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotOfB, sequence: 1, ...at(13) });
      expect(picture(booked(), decided(), moved)).toMatchObject({ status: 'scheduled', agreedSlot: null, slot: slotOfB }); // prettier-ignore
    }
  });
  test('is there when the source confirms it under the same uid, and what follows counts', () => {
    const moved = aFact('rescheduled', { slot: agreed, sequence: 1, ...at(13) });
    expect(picture(moved, decided(), booked())).toMatchObject({ status: 'scheduled', agreedSlot: null, slot: agreed });
    const canceled = aFact('canceled', { slot: agreed, ...at(20) });
    expect(picture(moved, decided(), booked(), canceled).status).toBe('canceled');
    const again = aFact('rescheduled', { slot: slotAt(START + 9 * DAY), sequence: 2, ...at(21) });
    expect(picture(moved, decided(), again, booked()).status).toBe('scheduled');
  });
  test('is not there because a delayed repetition of the old time arrives', () => {
    expect(picture(booked(), decided(), aFact('scheduled', { slot, sequence: 0, ...at(14) })).agreedSlot).toEqual(
      agreed,
    );
  });
  test('clears what was said of attendance before', () => {
    const facts = [booked(), aFact('no_show', at(11)), decided()];
    expect(picture(...facts)).toMatchObject({ status: 'reschedule_requested', outcome: null, settledAtMs: null });
  });
  test('is replaced by a later decision', () => {
    expect(picture(booked(), decided(), aDecision('rescheduled', at(13)))).toMatchObject({
      agreedSlot: null,
      statusReason: 'waiting for the guest to choose another time',
    });
    expect(picture(booked(), decided(), aDecision('showed', at(13)))).toMatchObject({ status: 'showed', agreedSlot: null }); // prettier-ignore
  });
});
