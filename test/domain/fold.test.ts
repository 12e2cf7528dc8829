/**
 * The fold's matrix: what each fact does to a booking in each status. This table is the documentation.
 */
import { BOOKING_STATUSES, type BookingStatus } from '../../domain/booking';
import { SOURCE_FACT_TYPES, type Fact, type SourceFactType } from '../../domain/facts';
import { fold } from '../../domain/fold';
import { aFact, DAY, slotAt, START } from '../support/facts';

const slot = slotAt(START);
const BEFORE = START - DAY;

/** The shortest life that leads to each status. */
const LIVES: Readonly<Record<BookingStatus, () => Fact[]>> = {
  requested: () => [aFact('requested', { slot })],
  scheduled: () => [aFact('scheduled', { slot })],
  reschedule_requested: () => [aFact('scheduled', { slot }), aFact('reschedule_requested', { slot })],
  canceled: () => [aFact('scheduled', { slot }), aFact('canceled', { slot })],
  rejected: () => [aFact('requested', { slot }), aFact('rejected', { slot })],
  awaiting_outcome: () => [aFact('scheduled', { slot }), aFact('ended')],
  showed: () => [aFact('scheduled', { slot }), aFact('showed')],
  no_show: () => [aFact('scheduled', { slot }), aFact('no_show')],
};

// Columns in the order of SOURCE_FACT_TYPES: requested, payment_pending, paid, scheduled, rescheduled, reschedule_requested, canceled,
// rejected, ended, showed, no_show, no_show_reverted, no_show_suspected, host_no_show. `=` means: the status stays and the fact is not applied.
// An appointment that was called off has no outcome of its own: the same two facts in the other order must end the same.
// prettier-ignore
const MATRIX: Readonly<Record<BookingStatus, readonly string[]>> = {
  requested: ['=', 'requested', 'requested', 'scheduled', 'scheduled', 'reschedule_requested', 'canceled', 'rejected', '=', 'showed', 'no_show', '=', 'requested', '='],
  scheduled: ['=', '=', '=', '=', 'scheduled', 'reschedule_requested', 'canceled', 'rejected', 'awaiting_outcome', 'showed', 'no_show', '=', 'scheduled', '='],
  reschedule_requested: ['=', '=', '=', '=', '=', '=', 'canceled', 'rejected', '=', '=', '=', '=', 'reschedule_requested', '='],
  canceled: ['=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', 'canceled', '='],
  rejected: ['=', '=', '=', '=', '=', '=', 'canceled', '=', '=', '=', '=', '=', 'rejected', '='],
  awaiting_outcome: ['=', '=', '=', '=', 'awaiting_outcome', 'reschedule_requested', 'canceled', 'rejected', '=', 'showed', 'no_show', '=', 'awaiting_outcome', '='],
  showed: ['=', '=', '=', '=', 'showed', 'reschedule_requested', 'canceled', 'rejected', 'showed', '=', 'no_show', '=', 'showed', '='],
  no_show: ['=', '=', '=', '=', 'no_show', 'reschedule_requested', 'canceled', 'rejected', 'no_show', 'showed', '=', 'scheduled', 'no_show', '='],
};

describe('what each fact does to a booking in each status', () => {
  for (const status of BOOKING_STATUSES) {
    for (const [column, type] of SOURCE_FACT_TYPES.entries()) {
      const cell = MATRIX[status][column]!;
      const expected = cell === '=' ? status : cell;
      test(`${status} + ${type} → ${cell === '=' ? 'unchanged' : cell}`, () => {
        const life = LIVES[status]();
        const news = aFact(type, { slot: carriesSlot(type) ? slot : null });
        const { picture, verdicts } = fold([...life, news], BEFORE);
        const verdict = verdicts.find((v) => v.factId === news.id)!;
        expect(fold(life, BEFORE).picture.status).toBe(status);
        expect(picture.status).toBe(expected);
        if (cell === '=') expect(verdict.outcome).not.toBe('applied');
        expect(verdict.why).not.toBe('');
      });
    }
  }
});

function carriesSlot(type: SourceFactType): boolean {
  return !['ended', 'showed', 'no_show', 'no_show_reverted', 'no_show_suspected', 'host_no_show'].includes(type);
}

describe('what a person decides', () => {
  const decided = (outcome: 'showed' | 'no_show' | 'canceled' | 'rescheduled') =>
    aFact('outcome_decided', { decision: { kind: 'outcome', outcome } });

  test.each(['showed', 'no_show', 'canceled'] as const)('%s holds on a booking that awaits its outcome', (outcome) => {
    const { picture } = fold([...LIVES.awaiting_outcome(), decided(outcome)], START + DAY);
    expect(picture.status).toBe(outcome);
    expect(picture.outcome?.by).toBe('operator');
  });
  test('"rescheduled" waits for the new time, and the new time ends the waiting', () => {
    const life = [...LIVES.awaiting_outcome(), decided('rescheduled')];
    expect(fold(life, START + DAY).picture.status).toBe('reschedule_requested');
    const moved = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + 7 * DAY) });
    expect(fold([...life, moved], START + DAY).picture.status).toBe('scheduled');
  });
  test("outranks the source's mark, before and after it", () => {
    const later = fold([...LIVES.no_show(), decided('showed'), aFact('no_show_reverted')], START + DAY);
    expect(later.picture.status).toBe('showed');
    const before = fold([...LIVES.scheduled(), decided('showed'), aFact('no_show')], START + DAY);
    expect(before.picture.status).toBe('showed');
    expect(before.verdicts.at(-1)).toMatchObject({ outcome: 'superseded' });
  });
  test('a second decision replaces the first', () => {
    const { picture } = fold([...LIVES.awaiting_outcome(), decided('no_show'), decided('showed')], START + DAY);
    expect(picture.status).toBe('showed');
  });
  test('may name any outcome for a booking that was canceled by mistake', () => {
    expect(fold([...LIVES.canceled(), decided('showed')], START + DAY).picture.status).toBe('showed');
  });
});

describe('chains', () => {
  const created = () => aFact('scheduled', { slot, sequence: 0 });
  const toB = () => aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
  const toC = () => aFact('rescheduled', { uid: 'C', predecessorUid: 'B', slot: slotAt(START + 2 * DAY), sequence: 2 });

  test('C before B in A→B→C ends at C, and B is said to be late', () => {
    const [a, c, b] = [created(), toC(), toB()];
    const { picture, verdicts } = fold([a, c, b], BEFORE);
    expect(picture.slot?.startMs).toBe(START + 2 * DAY);
    expect(picture.chain).toEqual(['A', 'B', 'C']);
    expect(verdicts.find((v) => v.factId === b.id)?.outcome).toBe('superseded');
  });
  test('a predecessor that nobody ever saw is in the chain', () => {
    expect(fold([toC()], BEFORE).picture.chain).toEqual(['B', 'C']);
  });
  test('a no-show of A after A was moved is kept, and the booking stays at its new time', () => {
    expect(fold([created(), toB(), aFact('no_show', { uid: 'A' })], BEFORE).picture.status).toBe('scheduled');
  });
  test('a whole-slot move keeps the uid and takes the higher sequence, in any order', () => {
    const moved = aFact('rescheduled', { predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
    for (const facts of [
      [created(), moved],
      [moved, created()],
    ]) {
      expect(fold(facts, BEFORE).picture).toMatchObject({ chain: ['A'], slot: { startMs: START + DAY } });
    }
  });
  test('two starts of one uid without an order: the later arrival wins', () => {
    const later = aFact('rescheduled', { slot: slotAt(START + DAY) });
    expect(
      fold([later, aFact('scheduled', { slot, receivedAtMs: later.receivedAtMs - 5 })], BEFORE).picture.slot?.startMs,
    ).toBe(START + DAY);
  });
  test('a circle of predecessors does not hang and keeps every uid', () => {
    const circle = [
      aFact('rescheduled', { uid: 'A', predecessorUid: 'B', slot }),
      aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot }),
    ];
    expect([...fold(circle, BEFORE).picture.chain].sort()).toEqual(['A', 'B']);
  });
  test('while a new time is only requested, the confirmed time is remembered', () => {
    const requested = aFact('requested', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
    const { picture } = fold([created(), requested], BEFORE);
    expect(picture).toMatchObject({ status: 'requested', confirmedSlot: slot, slot: { startMs: START + DAY } });
  });
});

describe('the words around a status', () => {
  test('payment pending, then paid, then confirmed', () => {
    const pending = aFact('payment_pending', { slot });
    const paid = aFact('paid', { slot });
    expect(fold([pending], BEFORE).picture.statusReason).toBe('waiting for payment');
    expect(fold([pending, paid], BEFORE).picture.statusReason).toBe('paid, waiting for the confirmation');
    expect(fold([paid, pending, aFact('scheduled', { slot })], BEFORE).picture).toMatchObject({
      status: 'scheduled',
      statusReason: null,
      paid: true,
    });
  });
  test('a slot that is over awaits its outcome by the clock alone', () => {
    expect(fold(LIVES.scheduled(), slot.endMs - 1).picture.status).toBe('scheduled');
    expect(fold(LIVES.scheduled(), slot.endMs).picture.status).toBe('awaiting_outcome');
  });
  test('the same fact from two subscriptions is one: the second is a duplicate', () => {
    const { verdicts } = fold([aFact('scheduled', { slot }), aFact('scheduled', { slot })], BEFORE);
    expect(verdicts.map((v) => v.outcome)).toEqual(['applied', 'duplicate']);
  });
});
