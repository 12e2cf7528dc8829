/**
 * Which booking an event belongs to (its uids first, the calendar's id with care, shared uids), and what a task may decide.
 */
import {
  bookingsToShare,
  calendarClaims,
  copyFor,
  identify,
  isShared,
  participationOf,
  receiversOf,
  rootUidOf,
  shareOut,
  uidsOf,
  type CalendarUse,
  type EventIds,
  type Known,
  type Sharer,
} from '../../domain/identity';
import { bookingId, participationId } from '../../domain/ids';
import { TASK_DECISIONS, TASK_KINDS, whyDecisionIsRefused } from '../../domain/tasks';
import { aFact } from '../support/facts';

function ids(given: Partial<EventIds> = {}): EventIds {
  return {
    type: 'scheduled',
    uid: 'B',
    predecessorUid: null,
    ancestry: [],
    iCalUid: null,
    sequence: null,
    series: false,
    seat: null,
    ...given,
  };
}

function known(given: { bookings?: Record<string, string>; sharers?: Sharer[]; calendar?: CalendarUse[] } = {}): Known {
  return {
    bookingOf: new Map(Object.entries(given.bookings ?? {})),
    sharers: given.sharers ?? [],
    calendar: given.calendar ?? [],
  };
}

describe('the uids of an event', () => {
  test('an event whose uids nobody knows founds a booking, named after the oldest that it names', () => {
    expect(identify(ids(), known())).toEqual({ bookingId: null, mergeFrom: [] });
    expect(rootUidOf(ids())).toBe('B');
    expect(rootUidOf(ids({ predecessorUid: 'A' }))).toBe('A');
    expect(rootUidOf(ids({ predecessorUid: 'A', ancestry: ['0', '00'] }))).toBe('00');
  });
  test('a uid that names itself as its predecessor is no link', () => {
    expect(uidsOf(ids({ predecessorUid: 'B' }))).toEqual(['B']);
    expect(uidsOf(ids({ predecessorUid: 'A', ancestry: ['B', '0'] }))).toEqual(['0', 'A', 'B']);
  });
  test('uids that point to several bookings make them one: the oldest link survives', () => {
    const bookings = { '0': 'oldest', A: 'older', B: 'newer' };
    expect(identify(ids({ predecessorUid: 'A', ancestry: ['0'] }), known({ bookings }))).toEqual({
      bookingId: 'oldest',
      mergeFrom: ['older', 'newer'],
    });
  });
});

describe("the calendar's id", () => {
  const moved = ids({ type: 'requested', iCalUid: 'K', sequence: 1 });
  const use = (uid: string, sequence: number, booking: string): CalendarUse => ({ uid, sequence, bookingId: booking });

  test('joins a move that names no predecessor, whichever part is heard first', () => {
    expect(identify(moved, known({ calendar: [use('A', 0, 'first')] })).bookingId).toBe('first');
    const first = ids({ uid: 'A', iCalUid: 'K', sequence: 0 });
    expect(identify(first, known({ calendar: [use('B', 1, 'second')] })).bookingId).toBe('second');
  });
  test('merges what was apart before: the part with the lower version survives', () => {
    const older = known({ bookings: { B: 'second' }, calendar: [use('A', 0, 'first')] });
    expect(identify(moved, older)).toEqual({ bookingId: 'first', mergeFrom: ['second'] });
    const newer = known({ bookings: { B: 'first' }, calendar: [use('C', 2, 'second')] });
    expect(identify(moved, newer)).toEqual({ bookingId: 'first', mergeFrom: ['second'] });
  });
  test('does not join occurrences of a series, which begin under the same version', () => {
    const occurrence = ids({ uid: 'R2', iCalUid: 'K', sequence: 0 });
    expect(identify(occurrence, known({ calendar: [use('R1', 0, 'one')] })).bookingId).toBeNull();
  });
  test('is no key once two bookings have it', () => {
    expect(identify(moved, known({ calendar: [use('R1', 0, 'one'), use('R2', 0, 'two')] })).bookingId).toBeNull();
  });
  test('does not join an occurrence to the move of another one, though only the move was heard', () => {
    const move = ids({ uid: 'R1b', predecessorUid: 'R1', iCalUid: 'K', sequence: 1 });
    expect(calendarClaims(move)).toEqual([
      { uid: 'R1b', sequence: 1 },
      { uid: 'R1', sequence: 0 },
    ]);
    const remembered = calendarClaims(move).map((claim) => ({ ...claim, bookingId: 'one' }));
    const other = ids({ uid: 'R2', iCalUid: 'K', sequence: 0 });
    expect(identify(other, known({ calendar: remembered })).bookingId).toBeNull();
    expect(identify(move, known({ calendar: [use('R2', 0, 'two')] })).bookingId).toBeNull();
  });
  test('joins the root of a chain of which only a later part was heard', () => {
    const last = calendarClaims(ids({ uid: 'C', predecessorUid: 'B', iCalUid: 'K', sequence: 2 }));
    const remembered = last.map((claim) => ({ ...claim, bookingId: 'one' }));
    expect(identify(ids({ uid: 'A', iCalUid: 'K', sequence: 0 }), known({ calendar: remembered })).bookingId).toBe(
      'one',
    );
  });
  test('is remembered under no version below the first', () => {
    const move = ids({ predecessorUid: 'A', iCalUid: 'K', sequence: 0 });
    expect(calendarClaims(move)).toEqual([{ uid: 'B', sequence: 0 }]);
  });
  test('joins though the event itself was remembered before, and by the lowest version that it was seen under', () => {
    const again = known({ bookings: { B: 'second' }, calendar: [use('B', 1, 'second'), use('A', 0, 'first')] });
    expect(identify(moved, again)).toEqual({ bookingId: 'first', mergeFrom: ['second'] });
    const around = known({ bookings: { B: 'second' }, calendar: [use('C', 2, 'first'), use('A', 0, 'first')] });
    expect(identify(moved, around)).toEqual({ bookingId: 'first', mergeFrom: ['second'] });
  });
  test.each(['requested', 'payment_pending', 'paid', 'scheduled', 'rescheduled'] as const)(
    'is remembered of a beginning: %s',
    (type) => expect(calendarClaims({ ...moved, type })).toEqual([{ uid: 'B', sequence: 1 }]),
  );
  test.each([
    ['an event that names none', { iCalUid: null }],
    ['an ending, whose version is its own', { type: 'canceled' }],
    ['an event that names no version', { sequence: null }],
    ['an event that may mean a whole series', { series: true }],
    ['a seat', { seat: { id: null } }],
  ] as const)('says nothing of %s', (_what, given) => {
    const event = { ...moved, ...given };
    expect(calendarClaims(event)).toEqual([]);
    expect(identify(event, known({ calendar: [use('A', 0, 'first')] })).bookingId).toBeNull();
  });
});

describe('a shared uid', () => {
  const sharer = (given: Partial<Sharer>): Sharer => ({
    bookingId: 'one',
    uid: 'B',
    seatId: null,
    personId: null,
    hasLeft: false,
    ...given,
  });
  const whose = (event: Partial<EventIds>, guestId: string | null, sharers: Sharer[]) =>
    participationOf(ids(event), { guestId, sharers, heldBy: null });

  test('is known by a seat, and from then on for events without one', () => {
    expect(isShared(ids({ seat: { id: null } }), known())).toBe(true);
    expect(isShared(ids({ type: 'ended' }), known({ sharers: [sharer({})] }))).toBe(true);
    expect(isShared(ids({ predecessorUid: 'A' }), known({ sharers: [sharer({ uid: 'A' })] }))).toBe(true);
    expect(isShared(ids({ type: 'ended' }), known({ sharers: [sharer({ uid: 'other' })] }))).toBe(false);
    const both = [sharer({ uid: 'other' }), sharer({})];
    expect(isShared(ids({ type: 'ended' }), known({ sharers: both }))).toBe(true);
  });
  test('takes over what was a booking of its own before', () => {
    const before = known({ bookings: { A: 'a', B: 'b' } });
    expect(bookingsToShare(ids({ predecessorUid: 'A', seat: { id: 'x' } }), before)).toEqual(['a', 'b']);
    expect(bookingsToShare(ids({ predecessorUid: '0', seat: { id: 'x' } }), before)).toEqual(['b']);
  });
  test('a seat is found by its id under any uid, else by its guest under this one', () => {
    const moved = [sharer({ uid: 'A', seatId: 'x', personId: 'p' })];
    expect(whose({ seat: { id: 'x' } }, 'p', moved)?.bookingId).toBe('one');
    expect(whose({ seat: { id: null } }, 'p', moved)?.bookingId).toBeNull();
    expect(whose({ seat: { id: null } }, 'p', [sharer({ seatId: 'x', personId: 'p' })])?.bookingId).toBe('one');
    expect(whose({ seat: { id: 'x' } }, 'p', [sharer({ personId: 'p' })])?.bookingId).toBe('one');
  });
  test('a guest who left and joined again has another participation, and an event without a seat means that one', () => {
    const left = sharer({ seatId: 'x', personId: 'p', hasLeft: true });
    expect(whose({ seat: { id: 'y' } }, 'p', [left])?.bookingId).toBeNull();
    const back = sharer({ bookingId: 'two', seatId: 'y', personId: 'p' });
    expect(whose({ type: 'canceled', seat: { id: null } }, 'p', [left, back])?.bookingId).toBe('two');
    const heldBy = 'one';
    expect(
      participationOf(ids({ seat: { id: null } }), { guestId: 'p', sharers: [left, back], heldBy })?.bookingId,
    ).toBe('one');
  });
  test('a move that shows two participations to be one merges them', () => {
    const sharers = [sharer({ uid: 'A', seatId: 'x' }), sharer({ bookingId: 'two', personId: 'p' })];
    expect(whose({ predecessorUid: 'A', seat: { id: 'x' } }, 'p', sharers)).toEqual({
      bookingId: 'one',
      mergeFrom: ['two'],
    });
  });
  test('what names no seat concerns everybody, a mark only the one whom it is about', () => {
    const sharers = [
      sharer({ personId: 'p' }),
      sharer({ bookingId: 'two', personId: 'q' }),
      sharer({ bookingId: 'two', uid: 'A', personId: 'q' }),
    ];
    expect(whose({ type: 'ended' }, null, sharers)).toBeNull();
    expect(receiversOf({ aboutPersonId: null }, sharers)).toEqual(['one', 'two']);
    expect(receiversOf({ aboutPersonId: 'q' }, sharers)).toEqual(['two']);
    expect(receiversOf({ aboutPersonId: 'nobody heard of' }, sharers)).toEqual([]);
  });
  test('a whole-slot move shows that the guest whom it names takes part', () => {
    expect(whose({ type: 'rescheduled' }, 'p', [sharer({ personId: 'q' })])).toEqual({
      bookingId: null,
      mergeFrom: [],
    });
    expect(whose({ type: 'canceled' }, 'p', [sharer({ personId: 'q' })])).toBeNull();
  });
  test('a booking becomes the participation of the guest whom it named first, without what was said of others', () => {
    const own = aFact('rescheduled', { personId: 'p' });
    const others = aFact('rescheduled', { personId: 'q' });
    const ended = aFact('ended');
    const marks = [aFact('no_show', { aboutPersonId: 'p' }), aFact('no_show', { aboutPersonId: 'q' })] as const;
    const decision = aFact('hold_decided', { decision: { kind: 'hold', action: 'keep_waiting' } });
    expect(shareOut([decision, marks[1], marks[0], ended, others, own])).toEqual({
      personId: 'p',
      keeps: [own.id, ended.id, marks[0].id],
    });
    expect(shareOut([ended, marks[0]])).toEqual({ personId: null, keeps: [] });
  });
  test("what names nobody is nobody's, though there are participations of nobody known", () => {
    expect(whose({ type: 'scheduled' }, null, [sharer({})])).toBeNull();
    expect(whose({ seat: { id: 'y' } }, null, [sharer({})])?.bookingId).toBeNull();
  });
  test('who was named first is told by when, and at one instant by the ids', () => {
    const named = (personId: string | null, receivedAtMs: number) => aFact('scheduled', { personId, receivedAtMs });
    const [late, early] = [named('late', 2), named('early', 1)];
    expect(shareOut([late, early]).personId).toBe('early');
    expect(shareOut([named(null, 0), late, early]).personId).toBe('early');
    const [one, other] = [named('one', 1), named('other', 1)];
    expect([shareOut([one, other]).personId, shareOut([other, one]).personId]).toEqual(['one', 'one']);
  });
  test('a copy names the guest of its participation, and nobody where nobody was named', () => {
    const to = { id: 'copy', personId: 'q' };
    expect(copyFor(aFact('rescheduled', { personId: 'p' }), to)).toMatchObject({ id: 'copy', personId: 'q' });
    expect(copyFor(aFact('ended'), to).personId).toBeNull();
  });
});

test('a uid that a source chose cannot break a workflow id', () => {
  expect(bookingId('calcom-sales', 'a/b c?d')).toBe('calcom-sales/a%2Fb%20c%3Fd');
  expect(participationId('calcom-sales', 'a/b', '0a1b2c3d4e5f')).toBe('calcom-sales/a%2Fb/0a1b2c3d4e5f');
});

describe('decisions', () => {
  test.each(TASK_KINDS)('every decision of %s is allowed there, and anything else is refused with what is', (kind) => {
    for (const decision of TASK_DECISIONS[kind]) {
      const personId = decision === 'use_contact' ? '42' : undefined;
      expect(whyDecisionIsRefused(kind, { decision, personId })).toBeNull();
    }
    expect(whyDecisionIsRefused(kind, { decision: 'shrug' })).toContain(TASK_DECISIONS[kind].join(', '));
  });
  test('use_contact needs the contact, and nothing else takes one', () => {
    expect(whyDecisionIsRefused('match_contact', { decision: 'use_contact' })).toContain('personId');
    expect(whyDecisionIsRefused('match_contact', { decision: 'no_contact', personId: '42' })).toContain('personId');
  });
});
