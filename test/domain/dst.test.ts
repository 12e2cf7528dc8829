/**
 * Slots, reminders and holds on fifty offset changes: each has exactly one instant, at the documented wall time.
 * The expected instants are written by hand (offset-changes.ts) and found a second time by trying every minute, read by moment-timezone itself.
 */
import moment from 'moment-timezone';
import { localTime, wallClock } from '../../config/zones';
import type { Picture } from '../../domain/booking';
import { staleDueAtMs } from '../../domain/deadlines';
import { fold } from '../../domain/fold';
import { planMessages, reconcileMessages, type Message } from '../../domain/messages';
import type { ReminderSpan } from '../../domain/settings';
import { aFact, DAY, HOUR, slotAt } from '../support/facts';
import { changedIn2026, offsetChanges, type OffsetChange } from './offset-changes';

const MINUTE = 60_000;
const outcome = { askAfterMs: 2 * HOUR, reviewAfterMs: 24 * HOUR, rescheduleHoldDays: 7, closeAfterMs: 72 * HOUR };
const settingsWith = (...reminders: ReminderSpan[]) => ({
  policy: { confirmation: false, reminders, outcomeAsk: false },
  outcome,
  wallClock,
});
const daysBefore = (days: number) => settingsWith({ kind: 'days', days });

/** A booking of a slot that begins at `start`, a month ahead. */
function booked(start: string, zone: string): Picture {
  const startMs = Date.parse(start);
  const facts = [aFact('scheduled', { slot: slotAt(startMs, zone), receivedAtMs: startMs - 30 * DAY })];
  return fold(facts, startMs - 30 * DAY, { trustHeadCount: false }).picture;
}

/** Wall time as if it were UTC, ms. */
const wallMsOf = (text: string): number => Date.parse(`${text.slice(0, 16)}Z`);
const utcOffsetMs = (atMs: number, zone: string): number => 0 - moment.tz.zone(zone)!.utcOffset(atMs) * MINUTE;

/** Every minute at which clocks somewhere on Earth show `wallMs`. */
const minutesAround = (wallMs: number): number[] =>
  Array.from({ length: 30 * 60 }, (_, nth) => wallMs - 15 * HOUR + nth * MINUTE);

function instantsShowing(wallMs: number, zone: string): number[] {
  return minutesAround(wallMs).filter((atMs) => atMs + utcOffsetMs(atMs, zone) === wallMs);
}

/** The documented rule in the words of the documentation, by trying: the first that shows it, or later by the length of the gap. */
function documented(wallMs: number, zone: string): number {
  const [first] = instantsShowing(wallMs, zone);
  if (first !== undefined) return first;
  const afterGap = minutesAround(wallMs).find((atMs) => atMs + utcOffsetMs(atMs, zone) > wallMs)!;
  const gapMs = utcOffsetMs(afterGap, zone) - utcOffsetMs(afterGap - MINUTE, zone);
  return instantsShowing(wallMs + gapMs, zone)[0]!;
}

const named = offsetChanges.map((change): [string, OffsetChange] => [
  `${change.zone} ${change.on} (${change.why})`,
  change,
]);

test('there are fifty of them, all different, eight of them by rules of 2026', () => {
  expect(new Set(offsetChanges.map(({ zone, slot }) => `${zone} ${slot}`)).size).toBe(50);
  expect(changedIn2026).toHaveLength(8);
});

describe.each(named)('%s', (_name, { zone, change, since, eve, on, slot, days }) => {
  const askedWallMs = wallMsOf(slot) - days * DAY;

  test('the table is right: its offsets are those of the zone, and the time asked for is skipped, shown twice or once', () => {
    for (const text of [since, eve, on, slot]) {
      const shown = localTime(Date.parse(text), zone);
      expect([shown.offsetMs, utcOffsetMs(Date.parse(text), zone)]).toEqual(
        Array(2).fill(wallMsOf(text) - Date.parse(text)),
      );
    }
    expect(wallMsOf(since)).toBe(askedWallMs - 7 * DAY);
    expect(instantsShowing(askedWallMs, zone)).toHaveLength({ gap: 0, none: 1, overlap: 2 }[change]);
    expect(documented(askedWallMs, zone)).toBe(Date.parse(on));
    expect(documented(wallMsOf(on) - days * DAY, zone)).toBe(Date.parse(eve));
  });

  test('a reminder that falls on the change is planned once, at the documented wall time', () => {
    const reminders = planMessages(booked(slot, zone), daysBefore(days));
    expect(reminders.map(({ state, dueAtMs }) => [state, new Date(dueAtMs)])).toEqual([['planned', new Date(on)]]);
  });

  test('a slot that falls on the change has one reminder, the day before', () => {
    const reminders = planMessages(booked(on, zone), daysBefore(days));
    expect(reminders.map(({ state, dueAtMs }) => [state, new Date(dueAtMs)])).toEqual([['planned', new Date(eve)]]);
  });

  test('a hold of seven days that ends on the change ends at the documented wall time', () => {
    expect(new Date(wallClock.plusDays(Date.parse(since), zone, 7))).toEqual(new Date(on));
    const waiting: Picture = { ...booked(slot, zone), status: 'reschedule_requested', holdSinceMs: Date.parse(since) };
    expect(staleDueAtMs(waiting, outcome, wallClock)).toBe(Date.parse(on));
  });

  test('hours are exact, whatever the clocks do', () => {
    const reminders = planMessages(booked(slot, zone), settingsWith({ kind: 'hours', ms: days * DAY }));
    expect(reminders.map(({ dueAtMs }) => Date.parse(slot) - dueAtMs)).toEqual([days * 24 * HOUR]);
  });

  test('moved there and away again, before and after it is sent, it stays the only one of its slot', () => {
    const settings = daysBefore(days);
    const [there, elsewhere] = [booked(slot, zone), booked(on, zone)];
    const nowMs = Date.parse(since) - 10 * DAY;
    let stored: readonly Message[] = [];
    for (const picture of [there, elsewhere, there]) {
      const { insert, update } = reconcileMessages(stored, picture, { ...settings, nowMs });
      const updated = new Map(update.map((message) => [message.key, message]));
      stored = [...stored.map((message) => updated.get(message.key) ?? message), ...insert];
    }
    expect(stored.map(({ state, dueAtMs }) => [state, new Date(dueAtMs)])).toEqual([
      ['planned', new Date(on)],
      ['skipped', new Date(eve)],
    ]);
    const sent = stored.map((message) => ({ ...message, state: 'sent' as const }));
    const later = { ...settings, nowMs: Date.parse(on) + MINUTE };
    expect(reconcileMessages(sent, there, later)).toEqual({ insert: [], update: [] });
  });
});

test("a day that is missing cannot hold a reminder: the one of the next day's slot is skipped and says why", () => {
  const reminders = planMessages(booked('2011-12-31T09:00+14:00', 'Pacific/Apia'), daysBefore(1));
  expect(reminders.map(({ state, reason }) => [state, reason])).toEqual([
    ['skipped', 'the day of this reminder does not exist where the guest is'],
  ]);
});

test('two spans that meet because clocks are turned back in between make one reminder', () => {
  const picture = booked('2027-11-07T09:00-07:00', 'America/Denver');
  const settings = settingsWith({ kind: 'hours', ms: 25 * HOUR }, { kind: 'days', days: 1 });
  expect(planMessages(picture, settings).map(({ state, reason }) => [state, reason])).toEqual([
    ['planned', null],
    ['skipped', 'another reminder is due at the same time'],
  ]);
});

test('an alias follows its zone, and an unknown zone counts as UTC', () => {
  const due = (zone: string) => planMessages(booked('2027-03-15T02:30-07:00', zone), daysBefore(1))[0]?.dueAtMs;
  expect(due('US/Pacific')).toBe(due('America/Los_Angeles'));
  expect(due('America/Los_Angeles')).toBe(Date.parse('2027-03-14T03:30-07:00'));
  expect(due('Mars/Olympus_Mons')).toBe(Date.parse('2027-03-15T02:30-07:00') - DAY);
});
