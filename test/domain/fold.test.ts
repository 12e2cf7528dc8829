/**
 * The fold's matrix: what each fact does to a booking in each status. These tables are the documentation.
 */
import { BOOKING_STATUSES, type BookingStatus } from '../../domain/booking';
import { SOURCE_FACT_TYPES, type Fact, type SourceFactType } from '../../domain/facts';
import { fold } from '../../domain/fold';
import type { FoldPolicy } from '../../domain/settings';
import { minuteOf } from '../../domain/words';
import { aDecision, aFact, aRead, DAY, EVIDENCE, keepWaiting, slotAt, START, TRUSTED } from '../support/facts';

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

/** One row per status; `=` means: the status stays and the fact is not applied. */
type Matrix = Readonly<Record<BookingStatus, readonly string[]>>;

function expectRows(
  matrix: Matrix,
  columns: readonly { name: string; fact: () => Fact }[],
  policy: FoldPolicy = EVIDENCE,
): void {
  for (const status of BOOKING_STATUSES) {
    for (const [column, { name, fact }] of columns.entries()) {
      const cell = matrix[status][column]!;
      const expected = cell === '=' ? status : cell;
      test(`${status} + ${name} → ${cell === '=' ? 'unchanged' : cell}`, () => {
        const life = LIVES[status]();
        const news = fact();
        const { picture, verdicts } = fold([...life, news], BEFORE, policy);
        const verdict = verdicts.find((v) => v.factId === news.id)!;
        expect(fold(life, BEFORE, policy).picture.status).toBe(status);
        expect(picture.status).toBe(expected);
        expect(verdict.outcome === 'applied').toBe(cell !== '=');
        expect(verdict.why).toMatch(/^[a-z][^]{3,}/);
      });
    }
  }
}

const BARE: readonly SourceFactType[] = ['ended', 'showed', 'no_show', 'no_show_reverted', 'no_show_suspected', 'host_no_show']; // prettier-ignore
const bodyOf = (type: SourceFactType) => (BARE.includes(type) ? {} : { slot });
const pushed = (type: SourceFactType) => ({ name: type, fact: () => aFact(type, bodyOf(type)) });
const read = (type: SourceFactType) => ({ name: `a read that shows ${type}`, fact: () => aRead(type, bodyOf(type)) });

describe('what the source pushes', () => {
  // Columns in the order of SOURCE_FACT_TYPES: requested, payment_pending, paid, scheduled, rescheduled, reschedule_requested, canceled,
  // rejected, ended, showed, no_show, no_show_reverted, no_show_suspected, host_no_show.
  // An appointment that was called off has no outcome of its own: the same two facts in the other order must end the same.
  // prettier-ignore
  const MATRIX: Matrix = {
    requested: ['=', 'requested', 'requested', 'scheduled', 'scheduled', 'reschedule_requested', 'canceled', 'rejected', '=', 'showed', 'no_show', '=', 'requested', '='],
    scheduled: ['=', '=', '=', '=', '=', 'reschedule_requested', 'canceled', 'rejected', 'awaiting_outcome', 'showed', 'no_show', '=', 'scheduled', '='],
    reschedule_requested: ['=', '=', '=', '=', '=', '=', 'canceled', 'rejected', '=', '=', '=', '=', '=', '='],
    canceled: ['=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '='],
    rejected: ['=', '=', '=', '=', '=', '=', 'canceled', '=', '=', '=', '=', '=', '=', '='],
    awaiting_outcome: ['=', '=', '=', '=', '=', 'reschedule_requested', 'canceled', 'rejected', '=', 'showed', 'no_show', '=', 'awaiting_outcome', '='],
    showed: ['=', '=', '=', '=', '=', 'reschedule_requested', 'canceled', 'rejected', 'showed', '=', 'no_show', '=', 'showed', '='],
    no_show: ['=', '=', '=', '=', '=', 'reschedule_requested', 'canceled', 'rejected', 'no_show', 'showed', '=', 'scheduled', 'no_show', '='],
  };
  expectRows(MATRIX, SOURCE_FACT_TYPES.map(pushed));
});

describe("what the source's API shows", () => {
  const types = ['requested', 'scheduled', 'reschedule_requested', 'canceled', 'rejected', 'no_show', 'no_show_reverted'] as const; // prettier-ignore
  // A wish for a new time is shown as a cancellation; what was called off may be shown as booked for a while.
  // prettier-ignore
  const MATRIX: Matrix = {
    requested: ['=', 'scheduled', 'reschedule_requested', 'canceled', 'rejected', 'no_show', '='],
    scheduled: ['=', '=', 'reschedule_requested', 'canceled', 'rejected', 'no_show', '='],
    reschedule_requested: ['=', '=', '=', '=', 'rejected', '=', '='],
    canceled: ['=', '=', '=', '=', '=', '=', '='],
    rejected: ['=', '=', '=', 'canceled', '=', '=', '='],
    awaiting_outcome: ['=', '=', 'reschedule_requested', 'canceled', 'rejected', 'no_show', '='],
    showed: ['=', '=', 'reschedule_requested', 'canceled', 'rejected', 'no_show', '='],
    no_show: ['=', '=', 'reschedule_requested', 'canceled', 'rejected', '=', 'scheduled'],
  };
  expectRows(MATRIX, types.map(read));
});

describe('a head count that is trusted', () => {
  const MATRIX: Matrix = {
    requested: ['no_show'],
    scheduled: ['no_show'],
    reschedule_requested: ['='],
    canceled: ['='],
    rejected: ['='],
    awaiting_outcome: ['no_show'],
    // The source's mark is surer.
    showed: ['='],
    no_show: ['='],
  };
  expectRows(MATRIX, [pushed('no_show_suspected')], TRUSTED);
});

describe('what a person decides', () => {
  const words = ['showed', 'no_show', 'canceled', 'rescheduled'] as const;
  // Columns: showed, no_show, canceled, rescheduled, keep_waiting. A person may name any outcome, for what was canceled by mistake too.
  // prettier-ignore
  const MATRIX: Matrix = {
    requested: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    scheduled: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    reschedule_requested: ['showed', 'no_show', 'canceled', 'reschedule_requested', 'reschedule_requested'],
    canceled: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    rejected: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    awaiting_outcome: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    showed: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
    no_show: ['showed', 'no_show', 'canceled', 'reschedule_requested', '='],
  };
  expectRows(MATRIX, [
    ...words.map((word) => ({ name: `decided: ${word}`, fact: () => aDecision(word) })),
    { name: 'decided: keep_waiting', fact: () => keepWaiting() },
  ]);
});

describe('chains', () => {
  const created = () => aFact('scheduled', { slot, sequence: 0 });
  const toB = () => aFact('rescheduled', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
  const toC = () => aFact('rescheduled', { uid: 'C', predecessorUid: 'B', slot: slotAt(START + 2 * DAY), sequence: 2 });

  test('C before B in A→B→C ends at C, and B is said to be late', () => {
    const [a, c, b] = [created(), toC(), toB()];
    const { picture, verdicts } = fold([a, c, b], BEFORE, EVIDENCE);
    expect(picture.slot?.startMs).toBe(START + 2 * DAY);
    expect(picture.chain).toEqual(['A', 'B', 'C']);
    expect(verdicts.find((v) => v.factId === b.id)?.outcome).toBe('superseded');
  });
  test('a no-show of A after A was moved is kept, and the booking stays at its new time', () => {
    const facts = [created(), toB(), aFact('no_show', { uid: 'A' })];
    expect(fold(facts, BEFORE, EVIDENCE).picture.status).toBe('scheduled');
  });
  test('a move that keeps the uid takes the higher sequence, in any order', () => {
    const moved = aFact('rescheduled', { slot: slotAt(START + DAY), sequence: 1 });
    for (const facts of [
      [created(), moved],
      [moved, created()],
    ]) {
      expect(fold(facts, BEFORE, EVIDENCE).picture).toMatchObject({ chain: ['A'], slot: { startMs: START + DAY } });
    }
  });
  test('a uid that is moved there, back, and there again is at its last time, and the timeline says why', () => {
    const moveTo = (days: number) => aFact('rescheduled', { slot: slotAt(START + days * DAY), sequence: 1 });
    const [there, back, again] = [moveTo(1), moveTo(0), moveTo(1)];
    const { picture, verdicts } = fold([again, created(), back, there], BEFORE, EVIDENCE);
    expect(picture.slot?.startMs).toBe(START + DAY);
    expect(verdicts.map(({ factId, why }) => [factId, why]).slice(1)).toEqual([
      [there.id, 'moved to another time'],
      [back.id, 'moved to another time (the later word wins, the source gives no order)'],
      [again.id, 'moved to another time (the later word wins, the source gives no order)'],
    ]);
  });
  test('a cancellation names the time that the appointment had, whatever is heard of the others who shared it', () => {
    const others = aFact('rescheduled', { slot: slotAt(START + DAY), sequence: 1 });
    const { picture } = fold([created(), aFact('canceled', { slot }), others], BEFORE, EVIDENCE);
    expect(picture).toMatchObject({ status: 'canceled', slot, confirmedSlot: slot });
  });
  test('a guest who left before the others moved keeps the own time, whenever the empty row was read', () => {
    const joined = aFact('scheduled', { slot, personId: 'guest' });
    const later = slotAt(START + DAY);
    const others = aFact('rescheduled', { slot: later, sequence: 1, personId: 'guest' });
    const left = aFact('canceled', { slot, personId: 'guest' });
    const leftAtMs = left.receivedAtMs;
    const leftAgain = aFact('canceled', { slot, personId: 'guest', receivedAtMs: leftAtMs + 900 });
    const emptyAt = (atMs: number) => aRead('canceled', { slot: later, readAtMs: atMs, receivedAtMs: atMs });
    const [empty, emptyLater] = [emptyAt(leftAtMs - 500), emptyAt(leftAtMs + 500)];
    for (const facts of [
      [joined, others, empty, left],
      [joined, others, left, emptyLater],
      [joined, others, empty, left, emptyLater, leftAgain],
    ]) {
      const settledAtMs = facts.includes(empty) ? leftAtMs - 500 : leftAtMs;
      const { picture } = fold(facts, BEFORE, EVIDENCE);
      expect(picture).toMatchObject({ status: 'canceled', slot, confirmedSlot: slot, settledAtMs });
    }
  });
  test('what a second cancellation says of the time is taken on, and the timeline says so', () => {
    const readAtMs = START - 3 * DAY;
    const empty = aRead('canceled', { slot: slotAt(START + DAY), readAtMs, receivedAtMs: readAtMs });
    const left = aFact('canceled', { slot, personId: 'guest', receivedAtMs: START - 2 * DAY });
    const { picture, verdicts } = fold(
      [aFact('requested', { slot, personId: 'guest' }), left, empty],
      BEFORE,
      EVIDENCE,
    );
    expect(picture).toMatchObject({ status: 'canceled', slot, confirmedSlot: null, settledAtMs: readAtMs });
    const why = `already known (canceled, ${minuteOf(readAtMs)}), with another time`;
    expect(verdicts.at(-1)).toEqual({ factId: left.id, outcome: 'applied', why });
  });
  test('while a new time is only requested, the confirmed time is remembered', () => {
    const requested = aFact('requested', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
    const { picture } = fold([created(), requested], BEFORE, EVIDENCE);
    expect(picture).toMatchObject({ status: 'requested', confirmedSlot: slot, slot: { startMs: START + DAY } });
  });
  test('a request for a new time that the host rejects: the old time is gone at the source, so the booking is rejected', () => {
    const requested = aFact('requested', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY), sequence: 1 });
    const rejected = aFact('rejected', { uid: 'B', slot: slotAt(START + DAY), sequence: 1 });
    expect(fold([created(), rejected, requested], BEFORE, EVIDENCE).picture).toMatchObject({
      status: 'rejected',
      confirmedSlot: slot,
      outcome: null,
    });
  });
  test('a booking that was canceled comes back under a new uid', () => {
    const facts = [created(), aFact('canceled', { slot }), toB()];
    expect(fold(facts, BEFORE, EVIDENCE).picture).toMatchObject({ status: 'scheduled', chain: ['A', 'B'] });
  });
});

describe('payment', () => {
  const pending = () => aFact('payment_pending', { slot });
  const paid = () => aFact('paid', { slot });
  const picture = (...facts: Fact[]) => fold(facts, BEFORE, EVIDENCE).picture;

  test.each([
    ['pending', [pending], 'requested', 'waiting for payment'],
    ['pending, paid', [pending, paid], 'requested', 'paid, waiting for the confirmation'],
    ['paid without a word of it being pending', [paid], 'requested', 'paid, waiting for the confirmation'],
    ['pending, paid, requested', [pending, paid, () => aFact('requested', { slot })], 'requested', 'waiting for the host to confirm'],
    ['pending, paid, confirmed', [pending, paid, () => aFact('scheduled', { slot })], 'scheduled', null],
  ] as const)('%s, in any order', (_name, builders, status, statusReason) => {
    for (const order of permutations(builders)) {
      expect(picture(...order.map((build) => build()))).toMatchObject({ status, statusReason });
    }
  }); // prettier-ignore
  test('a payment that is waited for anew, under a new uid, is waited for', () => {
    const again = aFact('payment_pending', { uid: 'B', predecessorUid: 'A', slot: slotAt(START + DAY) });
    expect(picture(pending(), paid(), again)).toMatchObject({ statusReason: 'waiting for payment', paid: true });
  });
  test('a read that shows it as pending does not turn the wait for the confirmation into a wait for the host', () => {
    expect(picture(pending(), paid(), aRead('requested', { slot })).statusReason).toBe('paid, waiting for the confirmation'); // prettier-ignore
  });
});

describe('the clock', () => {
  test('a slot that is over awaits its outcome by the clock alone', () => {
    const facts = LIVES.scheduled();
    expect(fold(facts, slot.endMs - 1, EVIDENCE).picture.status).toBe('scheduled');
    expect(fold(facts, slot.endMs, EVIDENCE).picture.status).toBe('awaiting_outcome');
  });
  test('the end of another time than the one it has says nothing', () => {
    const facts = [aFact('scheduled', { slot: slotAt(START + DAY) }), aFact('ended', { slot })];
    const { picture, verdicts } = fold(facts, BEFORE, EVIDENCE);
    expect(picture).toMatchObject({ status: 'scheduled', slot: { startMs: START + DAY } });
    expect(verdicts[1]).toMatchObject({ outcome: 'superseded' });
  });
  test('the snapshot that comes with the end of the slot fills what nobody had said, and overwrites nothing', () => {
    const stale = { slot, hostId: 'host-old', personId: 'guest-old' };
    const facts = [aFact('scheduled', { slot, hostId: 'host-new', personId: 'guest-new' }), aFact('ended', stale)];
    expect(fold(facts, BEFORE, EVIDENCE).picture).toMatchObject({ hostId: 'host-new', personId: 'guest-new' });
    expect(fold([aFact('ended', stale)], BEFORE, EVIDENCE).picture).toMatchObject({ ...stale, status: 'awaiting_outcome' }); // prettier-ignore
  });
});

test('the newest decision about a write that the source refused is in the picture', () => {
  const decide = (action: 'retry' | 'skip') => aFact('source_decided', { decision: { kind: 'source', action } });
  const [first, second] = [decide('retry'), decide('skip')];
  const { picture } = fold([second, ...LIVES.scheduled(), first], BEFORE, EVIDENCE);
  expect(picture.sourceDecision).toEqual({ action: 'skip', factId: second.id });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}
