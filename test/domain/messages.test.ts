/**
 * Which messages a booking plans, which come back, and which are not sent at the last moment.
 */
import { wallClock } from '../../config/zones';
import { slotKey, type Picture } from '../../domain/booking';
import { fold } from '../../domain/fold';
import type { Fact } from '../../domain/facts';
import type { MessagePolicy, ReminderSpan } from '../../domain/settings';
import { planMessages, reconcileMessages, whyNotSend, type Message } from '../../domain/messages';
import { aFact, DAY, HOUR, slotAt, START } from '../support/facts';

const hours = (count: number): ReminderSpan => ({ kind: 'hours', ms: count * HOUR });
const policy: MessagePolicy = { confirmation: true, reminders: [hours(72), hours(24)], outcomeAsk: true };
const outcome = { askAfterMs: 2 * HOUR, reviewAfterMs: 24 * HOUR, rescheduleHoldDays: 7, closeAfterMs: 72 * HOUR };

const pictureOf = (facts: readonly Fact[], nowMs: number): Picture =>
  fold(facts, nowMs, { trustHeadCount: false }).picture;
const plan = (picture: Picture) => planMessages(picture, { policy, outcome, wallClock });
const reconcile = (stored: readonly Message[], picture: Picture, nowMs: number) =>
  reconcileMessages(stored, picture, { policy, outcome, wallClock, nowMs });
const booked = (bookedMs: number, startMs = START) =>
  aFact('scheduled', { slot: slotAt(startMs), receivedAtMs: bookedMs });

/** What is stored after the changes were made. */
function apply(stored: readonly Message[], change: { insert: Message[]; update: Message[] }): Message[] {
  const updated = new Map(change.update.map((message) => [message.key, message]));
  return [...stored.map((message) => updated.get(message.key) ?? message), ...change.insert];
}

test('a booking two weeks ahead plans a confirmation, both reminders and the question to the host', () => {
  const messages = plan(pictureOf([booked(START - 14 * DAY)], START - 14 * DAY));
  expect(messages.map(({ kind, dueAtMs, state }) => [kind, dueAtMs - START, state])).toEqual([
    ['confirmation', -14 * DAY, 'planned'],
    ['reminder', -72 * HOUR, 'planned'],
    ['reminder', -24 * HOUR, 'planned'],
    ['outcome_ask', 2.5 * HOUR, 'planned'],
  ]);
});

test("booked inside a reminder's window: that reminder is skipped with the reason, the later one stays", () => {
  const messages = plan(pictureOf([booked(START - 30 * HOUR)], START - 30 * HOUR));
  expect(messages.filter((m) => m.kind === 'reminder').map((m) => [m.state, m.reason])).toEqual([
    ['skipped', "booked inside this reminder's window"],
    ['planned', null],
  ]);
});

test('a slot that had begun when it was booked gets no confirmation', () => {
  const [confirmation] = plan(pictureOf([booked(START + 60_000)], START + 60_000));
  expect(confirmation).toMatchObject({ kind: 'confirmation', state: 'skipped' });
});

test('a move skips the old reminders and plans new ones; moving back brings the old ones back', () => {
  const first = [booked(START - 14 * DAY)];
  const moved = aFact('rescheduled', {
    uid: 'B',
    predecessorUid: 'A',
    slot: slotAt(START + DAY),
    receivedAtMs: START - 13 * DAY,
  });
  const back = aFact('rescheduled', {
    uid: 'C',
    predecessorUid: 'B',
    slot: slotAt(START),
    receivedAtMs: START - 12 * DAY,
  });
  let stored = apply([], reconcile([], pictureOf(first, START - 14 * DAY), START - 14 * DAY));
  stored = apply(stored, reconcile(stored, pictureOf([...first, moved], START - 13 * DAY), START - 13 * DAY));
  const old = stored.filter((m) => m.slotKey === slotKey(slotAt(START)) && m.kind === 'reminder');
  expect(old.map((m) => [m.state, m.reason])).toEqual(Array(2).fill(['skipped', 'the booking moved to another time']));
  stored = apply(stored, reconcile(stored, pictureOf([...first, moved, back], START - 12 * DAY), START - 12 * DAY));
  const planned = stored.filter((m) => m.kind === 'reminder' && m.state === 'planned');
  expect(planned.map((m) => m.slotKey)).toEqual(Array(2).fill(slotKey(slotAt(START))));
});

test('what was handed over is never planned again, whatever the picture says', () => {
  const sent = plan(pictureOf([booked(START - 14 * DAY)], START - 14 * DAY)).map((m) => ({
    ...m,
    state: 'sent' as const,
  }));
  const change = reconcile(
    sent,
    pictureOf([booked(START - 14 * DAY), aFact('canceled')], START - 2 * DAY),
    START - 2 * DAY,
  );
  expect(change).toEqual({ insert: [], update: [] });
});

test('after an outage only the newest overdue reminder is sent', () => {
  const picture = pictureOf([booked(START - 14 * DAY)], START - HOUR);
  const reminders = reconcile([], picture, START - HOUR).insert.filter((m) => m.kind === 'reminder');
  expect(reminders.map((m) => [m.state, m.reason])).toEqual([
    ['skipped', 'a later reminder was due as well'],
    ['planned', null],
  ]);
});

describe('reminders by the calendar', () => {
  // Clocks in Denver are turned back on 1 November 2026, at 02:00.
  const slot = slotAt(Date.UTC(2026, 10, 2, 16, 0));
  const picture = () =>
    pictureOf([aFact('scheduled', { slot, receivedAtMs: slot.startMs - 14 * DAY })], slot.startMs - 14 * DAY);
  const spans: ReminderSpan[] = [{ kind: 'days', days: 7 }, hours(48), { kind: 'days', days: 2 }];
  const settings = { policy: { ...policy, reminders: spans }, outcome, wallClock };

  test('days keep the wall time of the guest, hours do not', () => {
    const reminders = planMessages(picture(), settings).filter((m) => m.kind === 'reminder');
    expect(reminders.map((m) => m.dueAtMs - slot.startMs)).toEqual([-(7 * DAY + HOUR), -48 * HOUR, -(2 * DAY + HOUR)]);
  });

  test('their keys name the span as it was configured, so a slot has at most one of each', () => {
    const reminders = planMessages(picture(), settings).filter((m) => m.kind === 'reminder');
    expect(reminders.map((m) => m.key)).toEqual([
      `reminder/7d/${slotKey(slot)}`,
      `reminder/${48 * HOUR}/${slotKey(slot)}`,
      `reminder/2d/${slotKey(slot)}`,
    ]);
  });

  test('a guest who turns out to live elsewhere is reminded by the clock there', () => {
    const elsewhere = { ...picture(), slot: { ...slot, zone: 'America/Phoenix' } };
    const stored = planMessages(picture(), settings);
    const { insert, update } = reconcileMessages(stored, elsewhere, { ...settings, nowMs: slot.startMs - 10 * DAY });
    expect(insert).toEqual([]);
    expect(update.map((m) => [m.key.split('/')[1], m.dueAtMs - slot.startMs])).toEqual([
      ['7d', -7 * DAY],
      ['2d', -2 * DAY],
    ]);
  });

  test('settings that changed from hours to days after the reminder was sent do not send it again', () => {
    const oneDay = { ...settings, policy: { ...policy, reminders: [{ kind: 'days', days: 1 } as const] } };
    const byHours = { ...settings, policy: { ...policy, reminders: [hours(24)] } };
    const sent = planMessages(picture(), byHours).map((m) => ({ ...m, state: 'sent' as const }));
    const { insert } = reconcileMessages(sent, picture(), { ...oneDay, nowMs: slot.startMs - 20 * HOUR });
    expect(insert.map((m) => [m.key.split('/')[1], m.state, m.reason])).toEqual([
      ['1d', 'skipped', 'another reminder was sent instead'],
    ]);
  });
});

describe('the question to the host', () => {
  const slotEndMs = slotAt(START).endMs;
  const askedAt = (suspectedMs: number | null): number | undefined => {
    const picture = { ...pictureOf([booked(START - 14 * DAY)], START), noShowSuspectedAtMs: suspectedMs };
    return plan(picture).find((m) => m.kind === 'outcome_ask')?.dueAtMs;
  };
  test.each([
    ['no head count: two hours after the slot', null, slotEndMs + 2 * HOUR],
    ['a head count during the slot: as soon as it is over', START + 10 * 60_000, slotEndMs],
    ['a head count after the slot: at once', slotEndMs + 60_000, slotEndMs + 60_000],
    ['a head count that comes late: not later than without it', slotEndMs + DAY, slotEndMs + 2 * HOUR],
  ])('%s', (_name, suspectedMs, dueAtMs) => {
    expect(askedAt(suspectedMs)).toBe(dueAtMs);
  });

  test('a head count that comes while it is planned moves it forward, under the same key', () => {
    const picture = pictureOf([booked(START - 14 * DAY)], START);
    const suspected = { ...picture, noShowSuspectedAtMs: slotEndMs + 60_000 };
    const { insert, update } = reconcile(plan(picture), suspected, slotEndMs + 60_000);
    expect(insert).toEqual([]);
    expect(update.filter((m) => m.kind !== 'reminder')).toEqual([
      expect.objectContaining({ kind: 'outcome_ask', dueAtMs: slotEndMs + 60_000 }),
    ]);
  });
});

describe('the last check before sending', () => {
  const slot = slotAt(START);
  const reminder = { kind: 'reminder', slotKey: slotKey(slot) } as const;
  test.each([
    ['scheduled, before the slot', { status: 'scheduled' as const, slot }, START - 1, null],
    [
      'scheduled, the slot has begun',
      { status: 'scheduled' as const, slot },
      START,
      'the slot had begun before it could be sent',
    ],
    ['canceled', { status: 'canceled' as const, slot }, START - 1, 'the booking is canceled'],
    [
      'moved',
      { status: 'scheduled' as const, slot: slotAt(START + DAY) },
      START - 1,
      'the booking moved to another time',
    ],
    ['never recorded', { status: null, slot: null }, START - 1, 'the booking has no slot'],
    ['of no known time', { status: 'scheduled' as const, slot: null }, START - 1, 'the booking has no slot'],
    ['of no known status', { status: null, slot }, START - 1, 'the booking has no slot'],
  ])('%s', (_name, booking, nowMs, reason) => {
    expect(whyNotSend(reminder, booking, nowMs)).toBe(reason);
  });
  test('the question to the host is asked until the outcome is known', () => {
    const ask = { kind: 'outcome_ask', slotKey: slotKey(slot) } as const;
    expect(whyNotSend(ask, { status: 'awaiting_outcome', slot }, START + DAY)).toBeNull();
    expect(whyNotSend(ask, { status: 'scheduled', slot }, START - DAY)).toBeNull();
    expect(whyNotSend(ask, { status: 'showed', slot }, START + DAY)).toBe('the outcome is known: showed');
  });
});
