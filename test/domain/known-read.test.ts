import type { Picture } from '../../domain/booking';
import type { SourceFactType } from '../../domain/facts';
import { isKnownRead, type ReadClaim } from '../../domain/known-read';
import { slotAt, START } from '../support/facts';

const SLOT = slotAt(START);
const LATER = slotAt(START + 3_600_000);

function aPicture(given: Partial<Picture> = {}): Picture {
  return {
    status: 'scheduled',
    statusReason: null,
    slot: SLOT,
    confirmedSlot: SLOT,
    chain: ['A', 'B'],
    outcome: null,
    settledAtMs: null,
    slotKnownAtMs: 0,
    paid: false,
    noShowSuspectedAtMs: null,
    holdSinceMs: null,
    agreedSlot: null,
    sourceDecision: null,
    eventType: null,
    personId: 'guest',
    hostId: 'host',
    contactChoices: {},
    crmDecisions: {},
    ...given,
  };
}

function claim(type: SourceFactType, given: Partial<ReadClaim> = {}): ReadClaim {
  const nobody = { sameGuest: null, sameHost: null, aboutGuest: null };
  return { type, uid: 'B', predecessorUid: null, ancestry: [], slot: null, ...nobody, ...given };
}

const outcome = (
  value: 'showed' | 'no_show' | 'canceled',
  sureness: 'decided' | 'marked' | 'counted' = 'marked',
): Partial<Picture> => ({
  status: value,
  outcome: { value, by: sureness === 'decided' ? 'operator' : 'source', sureness, factId: 'f', atMs: 0 },
});

describe('what the newest appointment shows already', () => {
  test.each<[string, Partial<Picture>, ReadClaim]>([
    ['booked, at that time', {}, claim('rescheduled', { predecessorUid: 'A', slot: SLOT })],
    ['booked, and its slot is over', { status: 'awaiting_outcome' }, claim('scheduled', { slot: SLOT })],
    ['booked, and marked as no-show', outcome('no_show'), claim('scheduled', { slot: SLOT })],
    ['booked, and canceled by a person here', outcome('canceled', 'decided'), claim('scheduled', { slot: SLOT })],
    ['waiting for the host', { status: 'requested', confirmedSlot: null }, claim('requested', { slot: SLOT })],
    ['paid', { paid: true }, claim('paid')],
    ['canceled', { status: 'canceled' }, claim('canceled', { slot: SLOT })],
    ['asked for a new time, which the API hides', { status: 'reschedule_requested' }, claim('canceled')],
    ['on its way to a new time', { status: 'reschedule_requested' }, claim('reschedule_requested')],
    ['rejected', { status: 'rejected' }, claim('rejected')],
    ['absent', outcome('no_show'), claim('no_show', { aboutGuest: true })],
    ['absent, which is another attendee', {}, claim('no_show', { aboutGuest: false })],
    ['not absent', {}, claim('no_show_reverted', { aboutGuest: true })],
    ['not absent, which is another attendee', outcome('no_show'), claim('no_show_reverted', { aboutGuest: false })],
    ['present', outcome('showed'), claim('showed')],
    ['suspected', { noShowSuspectedAtMs: 1 }, claim('no_show_suspected')],
    ['the same people', {}, claim('scheduled', { slot: SLOT, sameGuest: true, sameHost: true })],
  ])('%s', (_what, shown, said) => {
    expect(isKnownRead(aPicture(shown), [said])).toBe(true);
  });
});

describe('news', () => {
  test.each<[string, Partial<Picture>, ReadClaim]>([
    ['a uid that we never heard of', {}, claim('scheduled', { uid: 'C', predecessorUid: 'B', slot: SLOT })],
    ['a predecessor that we never heard of', {}, claim('scheduled', { predecessorUid: 'X', slot: SLOT })],
    ['an ancestor that we never heard of', {}, claim('scheduled', { predecessorUid: 'A', ancestry: ['X'] })],
    ['links the other way round', {}, claim('scheduled', { uid: 'A', predecessorUid: 'B', slot: SLOT })],
    ['another time', {}, claim('scheduled', { slot: LATER })],
    ['another zone', {}, claim('scheduled', { slot: slotAt(START, 'Europe/Berlin') })],
    ['a time that was only asked for', { confirmedSlot: LATER }, claim('scheduled', { slot: SLOT })],
    ['confirmed, which was requested', { status: 'requested', confirmedSlot: null }, claim('scheduled')],
    ['booked, which was canceled', { status: 'canceled' }, claim('scheduled', { slot: SLOT })],
    ['canceled, which was booked', {}, claim('canceled', { slot: SLOT })],
    ['canceled, which a person here said came about', outcome('showed', 'decided'), claim('canceled')],
    ['rejected, which was booked', {}, claim('rejected')],
    ['canceled, at a time that nobody told', { status: 'canceled' }, claim('canceled', { slot: LATER })],
    ['rejected, at a time that nobody told', { status: 'rejected' }, claim('rejected', { slot: LATER })],
    ['a time that was the confirmed one before', { slot: LATER }, claim('rescheduled', { slot: SLOT })],
    ['a time that a person canceled unheard', outcome('canceled', 'decided'), claim('canceled', { slot: LATER })],
    ['requested, which was booked', {}, claim('requested', { slot: SLOT })],
    ['paid, which was open', {}, claim('paid')],
    ['absent, of the guest', {}, claim('no_show', { aboutGuest: true })],
    ['absent, of somebody whom nobody can tell', {}, claim('no_show')],
    ['absent, which only a head count had said', outcome('no_show', 'counted'), claim('no_show')],
    ['not absent, which was a no-show', outcome('no_show'), claim('no_show_reverted', { aboutGuest: true })],
    ['present, which was unknown', { status: 'awaiting_outcome' }, claim('showed')],
    ['another host', {}, claim('scheduled', { slot: SLOT, sameHost: false })],
    ['another guest', {}, claim('scheduled', { slot: SLOT, sameGuest: false })],
    ['a head count', {}, claim('no_show_suspected')],
    ["the host's absence, which no picture shows", {}, claim('host_no_show')],
    ['the end, which no picture shows', {}, claim('ended')],
  ])('%s', (_what, shown, said) => {
    expect(isKnownRead(aPicture(shown), [said])).toBe(false);
  });

  test('one event that is news makes a read news', () => {
    const shown = claim('scheduled', { slot: SLOT });
    expect(isKnownRead(aPicture(), [shown])).toBe(true);
    expect(isKnownRead(aPicture(), [shown, claim('no_show', { aboutGuest: true })])).toBe(false);
  });
});

test('what an older appointment of the chain was does not matter any more, as long as its links are known', () => {
  const older = claim('reschedule_requested', { uid: 'A', slot: LATER });
  expect(isKnownRead(aPicture(), [older, claim('no_show', { uid: 'A', aboutGuest: true })])).toBe(true);
  expect(isKnownRead(aPicture({ chain: ['A'] }), [older])).toBe(false);
});

describe('a read of the newest appointment', () => {
  const decidedHere = outcome('showed', 'decided');
  test.each<[string, boolean, Partial<Picture>, ReadClaim]>([
    ['booked, and the guest came', true, outcome('showed'), claim('scheduled', { slot: SLOT })],
    ['waiting for payment', true, { status: 'requested' }, claim('payment_pending', { slot: SLOT })],
    ['waiting for payment, which was confirmed', false, {}, claim('payment_pending', { slot: SLOT })],
    ['on its way to a new time, which was booked', false, {}, claim('reschedule_requested')],
    ['present, which is another attendee', true, {}, claim('showed', { aboutGuest: false })],
    ['present, of the guest, which was unknown', false, {}, claim('showed', { aboutGuest: true })],
    ['present, where a person here said so', true, decidedHere, claim('showed', { aboutGuest: true })],
    ['paid, at another time', false, { paid: true }, claim('paid', { slot: LATER })],
    ['booked, for longer', false, {}, claim('scheduled', { slot: { ...SLOT, endMs: LATER.endMs } })],
    ['booked, from earlier on', false, {}, claim('scheduled', { slot: { ...SLOT, startMs: SLOT.startMs - 1 } })],
    ['booked, where no time was known', false, { slot: null, confirmedSlot: null }, claim('scheduled', { slot: SLOT })],
  ])('shows it %s: known is %s', (_what, isKnown, shown, said) => {
    expect(isKnownRead(aPicture(shown), [said])).toBe(isKnown);
  });
});
