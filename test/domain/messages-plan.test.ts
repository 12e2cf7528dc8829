/**
 * When a message is planned, why it is not wanted any more, and which reminders an outage leaves to be sent.
 */
import { wallClock } from '../../config/zones';
import { slotKey, type Picture } from '../../domain/booking';
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import { planMessages, reconcileMessages, type Message } from '../../domain/messages';
import { aFact, DAY, EVIDENCE, HOUR, slotAt, START } from '../support/facts';

const reminders = [72, 24].map((hours) => ({ kind: 'hours', ms: hours * HOUR }) as const);
const policy = { confirmation: true, reminders, outcomeAsk: true };
const outcome = { askAfterMs: 2 * HOUR, reviewAfterMs: 24 * HOUR, rescheduleHoldDays: 7, closeAfterMs: 72 * HOUR };

const pictureOf = (facts: readonly Fact[], nowMs: number): Picture => fold(facts, nowMs, EVIDENCE).picture;
const plan = (picture: Picture) => planMessages(picture, { policy, outcome, wallClock });
const reconcile = (stored: readonly Message[], picture: Picture, nowMs: number) =>
  reconcileMessages(stored, picture, { policy, outcome, wallClock, nowMs });
const booked = (bookedMs: number) => aFact('scheduled', { slot: slotAt(START), receivedAtMs: bookedMs });

test('policies without a confirmation or a question to the host plan none', () => {
  const picture = pictureOf([booked(START - 14 * DAY)], START - 14 * DAY);
  const silent = { policy: { confirmation: false, reminders: [], outcomeAsk: false }, outcome, wallClock };
  expect(planMessages(picture, silent)).toEqual([]);
});

test('nothing is planned for what is not confirmed, or of no known time', () => {
  const requested = aFact('requested', { slot: slotAt(START), receivedAtMs: START - DAY });
  expect(plan(pictureOf([requested], START - DAY))).toEqual([]);
  expect(plan(pictureOf([aFact('scheduled')], START - DAY))).toEqual([]);
  expect(plan({ ...pictureOf([booked(START - DAY)], START - DAY), slotKnownAtMs: null })).toEqual([]);
});

test('every message names whom it is for, its slot, and a key of its own', () => {
  const key = slotKey(slotAt(START));
  const messages = plan(pictureOf([booked(START - 14 * DAY)], START - 14 * DAY));
  expect(messages.map((m) => [m.key, m.recipient, m.slotKey, m.reason])).toEqual([
    ['confirmation', 'guest', key, null],
    [`reminder/${72 * HOUR}/${key}`, 'guest', key, null],
    [`reminder/${24 * HOUR}/${key}`, 'guest', key, null],
    [`outcome_ask/${key}`, 'host', key, null],
  ]);
});

describe('a note about a lead', () => {
  const noted = (score: number | null, picture: Picture, stored: readonly Message[] = []) => {
    const lead = score === null ? null : { score, noteAtLeast: 50 };
    const settings = { policy, outcome, wallClock, lead, nowMs: START - 14 * DAY };
    const { insert, update } = reconcileMessages(stored, picture, settings);
    const isNote = ({ kind }: Message): boolean => kind === 'lead_note';
    return { insert: insert.filter(isNote), update: update.filter(isNote) };
  };
  const picture = pictureOf([booked(START - 14 * DAY)], START - 14 * DAY);

  test.each([
    [50, 1],
    [49, 0],
    [null, 0],
  ])('with a score of %p goes to the team %i times', (score, times) => {
    expect(noted(score, picture).insert).toHaveLength(times);
  });

  test('is one for the whole booking, follows it to another time, and is not repeated once it left', () => {
    const [note] = noted(60, picture).insert;
    expect(note).toMatchObject({ key: 'lead_note', recipient: 'team', state: 'planned', dueAtMs: START - 14 * DAY });
    const moved = pictureOf([aFact('scheduled', { slot: slotAt(START + DAY), receivedAtMs: START - 14 * DAY })], 0);
    expect(noted(60, moved, [note!])).toMatchObject({
      insert: [],
      update: [{ slotKey: slotKey(slotAt(START + DAY)) }],
    });
    expect(noted(60, moved, [{ ...note!, state: 'sent' }])).toEqual({ insert: [], update: [] });
  });

  test('is not sent for a score that went down, or for a booking that is off', () => {
    const [note] = noted(60, picture).insert;
    const reason = 'its score asks for no note any more';
    expect(noted(40, picture, [note!]).update).toMatchObject([{ state: 'skipped', reason }]);
    const canceled = pictureOf([booked(START - 14 * DAY), aFact('canceled', { receivedAtMs: START - 13 * DAY })], 0);
    expect(noted(60, canceled, [note!]).update).toMatchObject([
      { state: 'skipped', reason: 'the booking was canceled' },
    ]);
  });
});

test('what is over is only asked about', () => {
  const messages = plan(pictureOf([booked(START - 14 * DAY)], START + DAY));
  expect(messages.map(({ kind, state }) => [kind, state])).toEqual([['outcome_ask', 'planned']]);
});

describe('a booking that is heard of at the last moment', () => {
  test.each([
    ['a confirmation as long as the slot has not begun', START - 1, 'planned', null],
    ['no confirmation from its start on', START, 'skipped', 'the slot had already begun when it was booked'],
  ])('gets %s', (_what, bookedMs, state, reason) => {
    const [confirmation] = plan(pictureOf([booked(bookedMs)], bookedMs));
    expect(confirmation).toMatchObject({ kind: 'confirmation', state, reason });
  });
  test.each([
    ['before', START - 24 * HOUR - 1, 'planned'],
    ['when', START - 24 * HOUR, 'skipped'],
  ])(
    'is reminded only where that is due after it was booked: booked the moment %s it is due',
    (_when, bookedMs, state) => {
      const reminders = plan(pictureOf([booked(bookedMs)], bookedMs)).filter((m) => m.kind === 'reminder');
      expect(reminders.at(-1)).toMatchObject({ dueAtMs: START - 24 * HOUR, state });
    },
  );
});

describe('what is not wanted any more says why', () => {
  const stored = () => plan(pictureOf([booked(START - 14 * DAY)], START - 14 * DAY));
  const reasons = (...more: Fact[]) => {
    const picture = pictureOf([booked(START - 14 * DAY), ...more], START - 2 * DAY);
    const { insert, update } = reconcile(stored(), picture, START - 2 * DAY);
    expect(insert).toEqual([]);
    return new Set(update.map((m) => `${m.state}: ${m.reason}`));
  };
  test.each([
    ['canceled', 'the booking was canceled'],
    ['rejected', 'the booking was rejected'],
    ['reschedule_requested', 'the host asked for another time'],
    ['showed', 'the outcome is known: showed'],
    ['no_show', 'the outcome is known: no_show'],
  ] as const)('%s: %s', (type, reason) => {
    expect(reasons(aFact(type, { slot: slotAt(START) }))).toEqual(new Set([`skipped: ${reason}`]));
  });
  test('not confirmed any more: the booking is not confirmed', () => {
    const requested = aFact('requested', { uid: 'B', predecessorUid: 'A', slot: slotAt(START) });
    expect(reasons(requested)).toEqual(new Set(['skipped: the booking is not confirmed']));
  });
  test('over: only the question to the host stays', () => {
    const picture = pictureOf([booked(START - 14 * DAY)], START + DAY);
    const { insert, update } = reconcile(stored(), picture, START + DAY);
    expect(insert).toEqual([]);
    expect(update.map((m) => [m.kind, m.state, m.reason])).toEqual([
      ['confirmation', 'skipped', 'the slot is over'],
      ['reminder', 'skipped', 'the slot is over'],
      ['reminder', 'skipped', 'the slot is over'],
    ]);
  });
});

test('a skipped message keeps its first reason, and only comes back when it is wanted again', () => {
  const picture = pictureOf([booked(START - 14 * DAY)], START - 14 * DAY);
  const skipped = plan(picture).map((m) => ({ ...m, state: 'skipped' as const, reason: 'the first reason' }));
  const canceled = pictureOf([booked(START - 14 * DAY), aFact('canceled')], START - 13 * DAY);
  expect(reconcile(skipped, canceled, START - 13 * DAY)).toEqual({ insert: [], update: [] });
  const back = reconcile(skipped, picture, START - 13 * DAY);
  expect(back.update.map((m) => [m.state, m.reason])).toEqual(Array(4).fill(['planned', null]));
});

test('a skipped message that stays unwanted keeps its first reason, though it would be due at another time now', () => {
  const picture = pictureOf([booked(START - DAY)], START - DAY);
  const first = plan(picture).filter((m) => m.state === 'skipped');
  expect(first.map((m) => m.kind)).toEqual(['reminder', 'reminder']);
  const stored = plan(picture).map((m) => (m.state === 'skipped' ? { ...m, dueAtMs: m.dueAtMs - HOUR } : m));
  expect(reconcile(stored, picture, START - DAY)).toEqual({ insert: [], update: [] });
});

test('what is stored as it is wanted is left alone', () => {
  const picture = pictureOf([booked(START - 14 * DAY)], START - 14 * DAY);
  expect(reconcile(plan(picture), picture, START - 14 * DAY)).toEqual({ insert: [], update: [] });
});

describe('when reminders are overdue', () => {
  const picture = () => pictureOf([booked(START - 14 * DAY)], START - HOUR);
  const both = () => plan(picture()).filter((m) => m.kind === 'reminder') as [Message, Message];
  const states = (stored: readonly Message[], nowMs: number) =>
    applied(stored, reconcile(stored, picture(), nowMs))
      .filter((m) => m.kind === 'reminder')
      .map((m) => m.state);

  test('one is overdue from the moment that it is due', () => {
    expect(states([], START - 24 * HOUR - 1)).toEqual(['planned', 'planned']);
    expect(states([], START - 24 * HOUR)).toEqual(['skipped', 'planned']);
  });
  test.each(['sending', 'sent', 'delivered', 'failed', 'unknown'] as const)(
    'none is sent after a later one that was handed over (%s)',
    (state) => {
      const [first, second] = both();
      expect(states([first, { ...second, state }], START - HOUR)).toEqual(['skipped', state]);
    },
  );
  test.each(['planned', 'held', 'skipped'] as const)(
    'what was not handed over (%s) does not count as sent',
    (state) => {
      const [, second] = both();
      const later = { ...second, key: 'reminder/other', state };
      expect(states([second, later], START - HOUR)[0]).toBe('planned');
    },
  );
  test('an earlier one that was sent does not stand for it, nor does one of another time, nor another message', () => {
    const [first, second] = both();
    expect(states([{ ...first, state: 'sent' }, second], START - HOUR)).toEqual(['sent', 'planned']);
    const elsewhere = { ...second, key: 'reminder/other', slotKey: 'another', state: 'sent' as const };
    expect(states([second, elsewhere], START - HOUR)[0]).toBe('planned');
    const asked = { ...second, key: 'other', kind: 'outcome_ask' as const, state: 'sent' as const };
    expect(states([second, asked], START - HOUR)[0]).toBe('planned');
  });
});

/** What is stored after the changes were made. */
function applied(stored: readonly Message[], change: { insert: Message[]; update: Message[] }): Message[] {
  const updated = new Map(change.update.map((message) => [message.key, message]));
  return [...stored.map((message) => updated.get(message.key) ?? message), ...change.insert];
}
