/** What a person may decide about a booking, and the words in which the rest is refused. */
import type { Picture } from '../../domain/booking';
import {
  decisionFactOf,
  whyBookingDecisionIsRefused,
  type BookingDecision,
  type Decidable,
} from '../../domain/booking-decisions';
import { DAY, HOUR, slotAt, START } from '../support/facts';

const scheduled: Decidable = { status: 'scheduled', slotStartMs: START };
const over: Decidable = { status: 'awaiting_outcome', slotStartMs: START };
const held: Decidable = { status: 'reschedule_requested', slotStartMs: START };
const canceled: Decidable = { status: 'canceled', slotStartMs: START };
const unknown: Decidable = { status: 'requested', slotStartMs: null };

const say = (decision: BookingDecision['decision'], given: Partial<BookingDecision> = {}): BookingDecision => ({
  decision,
  startMs: null,
  by: 'operator',
  ...given,
});

it.each([
  ['the guest came, once the slot has begun', over, say('showed'), START],
  ['the guest did not come, once the slot has begun', scheduled, say('no_show'), START],
  ['the guest came to what was canceled by mistake', canceled, say('showed'), START + HOUR],
  ['a cancellation at any time', scheduled, say('canceled'), START - DAY],
  ['a new time', scheduled, say('rescheduled', { startMs: START + DAY }), START - HOUR],
  ['a new time that the guest will choose', canceled, say('rescheduled'), START - HOUR],
  ['to keep waiting for a new time', held, say('keep_waiting'), START + DAY],
] as const)('may be decided: %s', (_what, booking, decision, nowMs) => {
  expect(whyBookingDecisionIsRefused(booking, decision, nowMs)).toBeNull();
});

it.each([
  ['attendance before the slot', scheduled, say('no_show'), START - 1, /begins at 2026-11-24T17:00:00.000Z/],
  ['attendance at no known time', unknown, say('showed'), START, /not known/],
  ['to keep waiting for nothing', scheduled, say('keep_waiting'), START, /this one is scheduled/],
  ['a time that has passed', scheduled, say('rescheduled', { startMs: START - DAY }), START - HOUR, /in the past/],
  ['a time for what was called off', canceled, say('rescheduled', { startMs: START + DAY }), START, /book again/],
  ['a time of no known length', unknown, say('rescheduled', { startMs: START + DAY }), START, /can not be moved/],
  ['a time that is none', scheduled, say('rescheduled', { startMs: Number.NaN }), START, /no instant/],
  ['a time with anything else', over, say('showed', { startMs: START + DAY }), START, /only goes with rescheduled/],
  ['an address in place of an id', over, say('showed', { by: 'jane@example.com' }), START, /opaque id/],
  ['a word of no meaning', over, say('erased' as 'showed'), START, /allowed are showed, no_show/],
] as const)('is refused: %s', (_what, booking, decision, nowMs, words) => {
  expect(whyBookingDecisionIsRefused(booking, decision, nowMs)).toMatch(words);
});

const moveTo = (startMs: number): BookingDecision => say('rescheduled', { startMs });

it.each([
  ['a time that is now', scheduled, moveTo(START - HOUR), START - HOUR, /in the past/],
  ['a time between two milliseconds', scheduled, moveTo(START + 0.5), START - HOUR, /no instant/],
  ['a time for what was rejected', { ...canceled, status: 'rejected' }, moveTo(START), START - HOUR, /is rejected/],
  [
    'a time with the wish to wait',
    held,
    say('keep_waiting', { startMs: START }),
    START - HOUR,
    /not with keep_waiting/,
  ],
  ['no id', over, say('showed', { by: '' }), START, /opaque id/],
  ['a long id', over, say('showed', { by: 'x'.repeat(65) }), START, /opaque id/],
  ['an id with more before it', over, say('showed', { by: '<jane' }), START, /opaque id/],
] as const)('is refused: %s', (_what, booking, decision, nowMs, words) => {
  expect(whyBookingDecisionIsRefused(booking, decision, nowMs)).toMatch(words);
});

it('may be decided by anybody with an id, for a time a millisecond from now', () => {
  const soon = say('rescheduled', { startMs: START + 1, by: 'x'.repeat(64) });
  expect(whyBookingDecisionIsRefused(scheduled, soon, START)).toBeNull();
  expect(whyBookingDecisionIsRefused(unknown, say('canceled', { by: 'O-7_a' }), START)).toBeNull();
});

describe('the fact that a decision becomes', () => {
  const picture: Picture = {
    status: 'scheduled',
    statusReason: null,
    slot: slotAt(START),
    confirmedSlot: slotAt(START),
    chain: ['A'],
    outcome: null,
    settledAtMs: null,
    slotKnownAtMs: START,
    paid: false,
    noShowSuspectedAtMs: null,
    holdSinceMs: null,
    agreedSlot: null,
    sourceDecision: null,
    personId: null,
    hostId: null,
    eventType: null,
    contactChoices: {},
    crmDecisions: {},
  };

  it('keeps length and zone of the slot that is moved', () => {
    expect(decisionFactOf(picture, say('rescheduled', { startMs: START + DAY }))).toEqual({
      type: 'outcome_decided',
      decision: { kind: 'outcome', outcome: 'rescheduled', slot: slotAt(START + DAY) },
    });
  });

  it('names no slot when the guest chooses', () => {
    const fact = decisionFactOf(picture, say('rescheduled'));
    expect(fact?.decision).toEqual({ kind: 'outcome', outcome: 'rescheduled' });
  });

  it('names no slot when nobody knows how long the appointment is', () => {
    const fact = decisionFactOf({ ...picture, slot: null }, moveTo(START + DAY));
    expect(fact?.decision).toEqual({ kind: 'outcome', outcome: 'rescheduled' });
  });

  it('renews a hold each time', () => {
    const fact = { type: 'hold_decided', decision: { kind: 'hold', action: 'keep_waiting' } };
    expect(decisionFactOf({ ...picture, status: 'reschedule_requested' }, say('keep_waiting'))).toEqual(fact);
  });

  const outcome = { value: 'showed', by: 'operator', sureness: 'decided', factId: 'f', atMs: START } as const;
  it.each<[string, Partial<Picture>, BookingDecision, boolean]>([
    ['showed, which was decided before', { status: 'showed', outcome }, say('showed'), false],
    [
      'showed, which only the source said',
      { status: 'showed', outcome: { ...outcome, sureness: 'marked' } },
      say('showed'),
      true,
    ],
    ['no-show, where showed was decided', { status: 'showed', outcome }, say('no_show'), true],
    ['canceled, of what is canceled', { status: 'canceled' }, say('canceled'), false],
    ['the time that it has', {}, say('rescheduled', { startMs: START }), false],
    [
      'the time that was agreed on before',
      { status: 'reschedule_requested', agreedSlot: slotAt(START + DAY) },
      say('rescheduled', { startMs: START + DAY }),
      false,
    ],
    [
      'another time than was agreed on before',
      { status: 'reschedule_requested', agreedSlot: slotAt(START + DAY) },
      say('rescheduled', { startMs: START + 2 * DAY }),
      true,
    ],
    ['a new time, where one is waited for', { status: 'reschedule_requested' }, say('rescheduled'), false],
    ['a new time of what takes place', {}, say('rescheduled'), true],
    ['another time than it has', {}, say('rescheduled', { startMs: START + DAY }), true],
    ['the time that it had, of what was called off', { status: 'canceled' }, moveTo(START), true],
    ['a time, where the guest was to choose one', { status: 'reschedule_requested' }, moveTo(START + DAY), true],
    [
      'that the guest chooses, where a time was agreed on',
      { status: 'reschedule_requested', agreedSlot: slotAt(START + DAY) },
      say('rescheduled'),
      true,
    ],
    ['canceled, of what takes place', {}, say('canceled'), true],
    ['showed, of which nobody said anything', {}, say('showed'), true],
  ])('is stored only where it says something new: %s', (_what, given, decision, isNew) => {
    expect(decisionFactOf({ ...picture, ...given }, decision) !== null).toBe(isNew);
  });
});
