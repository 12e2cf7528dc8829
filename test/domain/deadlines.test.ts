/**
 * When a booking acts by itself, and what an operator reads on its timer.
 */
import { wallClock } from '../../config/zones';
import { deadlinesOf, LEFT_SENDING, reviewDueAtMs, staleDueAtMs } from '../../domain/deadlines';
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import { aDecision, aFact, DAY, EVIDENCE, HOUR, keepWaiting, slotAt, START } from '../support/facts';

const settings = { askAfterMs: 2 * HOUR, reviewAfterMs: 24 * HOUR, rescheduleHoldDays: 7, closeAfterMs: 72 * HOUR };
const slot = slotAt(START);
const pictureOf = (facts: readonly Fact[], nowMs = START - DAY) => fold(facts, nowMs, EVIDENCE).picture;
const booked = () => aFact('scheduled', { slot });

function deadlines(
  facts: readonly Fact[],
  given: Partial<Parameters<typeof deadlinesOf>[0]> & { nowMs?: number } = {},
) {
  const { nowMs, ...more } = given;
  const picture = pictureOf(facts, nowMs);
  return deadlinesOf({ picture, messages: [], settings, wallClock, reviewIsOpen: false, staleIsOpen: false, ...more });
}

test('a scheduled booking waits for the end of its slot', () => {
  expect(deadlines([booked()])).toEqual([
    { atMs: slot.endMs, kind: 'slot_end', summary: 'Slot ends, outcome awaited, 2026-11-24 17:30Z' },
  ]);
});
test('one that awaits its outcome is reviewed by a person, who is asked once', () => {
  const given = { nowMs: slot.endMs };
  expect(deadlines([booked()], given)).toMatchObject([{ atMs: slot.endMs + 24 * HOUR, kind: 'no_show_review' }]);
  expect(deadlines([booked()], { ...given, reviewIsOpen: true })).toEqual([]);
});
test('where nobody knows how to ask the host, the review comes when the host would have been asked', () => {
  const given = { nowMs: slot.endMs, hostIsUnknown: true };
  expect(deadlines([booked()], given)).toMatchObject([{ atMs: slot.endMs + 2 * HOUR, kind: 'no_show_review' }]);
  const suspected = aFact('no_show_suspected', { slot, receivedAtMs: slot.endMs + HOUR });
  expect(deadlines([booked(), suspected], given)).toMatchObject([{ atMs: slot.endMs + HOUR }]);
});
test('one of which only the end was heard is reviewed at once', () => {
  expect(reviewDueAtMs(pictureOf([aFact('ended')]), settings)).toBe(0);
});
test('a settled booking closes after its grace time', () => {
  const canceled = aFact('canceled', { slot });
  expect(deadlines([booked(), canceled])).toMatchObject([{ atMs: canceled.receivedAtMs + 72 * HOUR, kind: 'close' }]);
  const rejected = aFact('rejected', { slot });
  expect(deadlines([rejected])).toMatchObject([{ atMs: rejected.receivedAtMs + 72 * HOUR, kind: 'close' }]);
});
test('messages come with the words of their kind, earliest first', () => {
  const messages = [
    { id: 'm3', kind: 'outcome_ask', dueAtMs: slot.endMs + HOUR },
    { id: 'm2', kind: 'reminder', dueAtMs: START - 90 * 60_000 },
    { id: 'm1', kind: 'reminder', dueAtMs: START - 24 * HOUR },
    { id: 'm4', kind: LEFT_SENDING, dueAtMs: START - 25 * HOUR },
    { id: 'm0', kind: 'confirmation', dueAtMs: START - 30 * HOUR },
  ];
  expect(deadlines([booked()], { messages }).map(({ messageId, summary }) => [messageId, summary])).toEqual([
    ['m0', 'Confirmation, 2026-11-23 11:00Z'],
    ['m4', 'Settle a message that was left while it was sent, 2026-11-23 16:00Z'],
    ['m1', 'Reminder 24 h before, 2026-11-23 17:00Z'],
    ['m2', 'Reminder 90 min before, 2026-11-24 15:30Z'],
    [undefined, 'Slot ends, outcome awaited, 2026-11-24 17:30Z'],
    ['m3', 'Ask the host how it went, 2026-11-24 18:30Z'],
  ]);
});

test.each([
  [24 * 60, '24 h'],
  [119, '119 min'],
  [120, '2 h'],
  [121, '2 h 1 min'],
  [23 * 60 + 30, '23 h 30 min'],
])('a reminder %d minutes before is called that: %s', (minutes, words) => {
  const reminder = { id: 'm', kind: 'reminder', dueAtMs: START - minutes * 60_000 };
  const [first] = deadlines([booked()], { messages: [reminder] });
  expect(first).toMatchObject({ kind: 'message', messageId: 'm', atMs: reminder.dueAtMs });
  expect(first?.summary).toMatch(`Reminder ${words} before, `);
});

test('what is canceled or of no known time does not end, and what is over does not end again', () => {
  const kinds = (...given: Parameters<typeof deadlines>) => deadlines(...given).map(({ kind }) => kind);
  expect(kinds([booked(), aFact('canceled', { slot })])).toEqual(['close']);
  expect(kinds([aFact('scheduled')])).toEqual([]);
  expect(kinds([booked()], { nowMs: slot.endMs })).toEqual(['no_show_review']);
  expect(kinds([aFact('requested', { slot })])).toEqual([]);
});

describe('a wish for a new time', () => {
  const wished = (receivedAtMs: number) => aFact('reschedule_requested', { slot, receivedAtMs });

  test('is asked about after seven calendar days at the same wall time in the zone of the slot', () => {
    // Clocks in Denver go back on 1 November 2026.
    const heardAtMs = Date.UTC(2026, 9, 28, 15, 0);
    expect(deadlines([booked(), wished(heardAtMs)])).toEqual([
      {
        atMs: Date.UTC(2026, 10, 4, 16, 0),
        kind: 'stale_reschedule',
        summary: 'No new time chosen, a person decides, 2026-11-04 16:00Z',
      },
    ]);
  });
  test('is counted in UTC where no slot is known', () => {
    const heardAtMs = Date.UTC(2026, 9, 28, 15, 0);
    const facts = [aFact('reschedule_requested', { receivedAtMs: heardAtMs })];
    expect(deadlines(facts)).toMatchObject([{ atMs: heardAtMs + 7 * DAY, kind: 'stale_reschedule' }]);
  });
  test('is not asked about twice, and again so many days after a decision to keep waiting', () => {
    const facts = [booked(), wished(START - 10 * DAY)];
    expect(deadlines(facts, { staleIsOpen: true })).toEqual([]);
    const renewed = [...facts, keepWaiting({ receivedAtMs: START - 2 * DAY })];
    expect(deadlines(renewed)).toMatchObject([{ atMs: START + 5 * DAY, kind: 'stale_reschedule' }]);
  });
  test('that was fulfilled or called off is not asked about', () => {
    const moved = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
    const facts = [booked(), wished(START - 10 * DAY)];
    expect(staleDueAtMs(pictureOf([...facts, moved]), settings, wallClock)).toBeNull();
    expect(staleDueAtMs(pictureOf([...facts, aDecision('canceled')]), settings, wallClock)).toBeNull();
  });
});
