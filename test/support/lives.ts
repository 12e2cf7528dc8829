/**
 * Random lives of a booking, told in their true order together with what a careful person would note down at the end.
 * Invariant: the notebook is kept step by step and knows nothing of facts, ranks or folds.
 */
import fc from 'fast-check';
import type { BookingStatus } from '../../domain/booking';
import type { DecidedOutcome, Fact, FactType, Slot } from '../../domain/facts';
import { HOUR, slotAt, START } from './facts';

export interface Notebook {
  status: BookingStatus;
  slot: Slot;
  chain: string[];
  decided: boolean;
  noShowMarked: boolean;
}

export interface Life {
  /** In the order in which it happened; ids and arrivals are given by `arrive`. */
  readonly facts: readonly Omit<Fact, 'id' | 'receivedAtMs'>[];
  readonly notebook: Readonly<Notebook>;
  readonly steps: readonly string[];
}

const STEPS = [
  'move', 'move', 'requestMove', 'confirm', 'pay', 'askToMove', 'cancel', 'reject',
  'end', 'show', 'noShow', 'takeBack', 'suspect', 'hostAbsent', 'wholeSlotMove',
  'decideShowed', 'decideNoShow', 'decideCanceled', 'decideRescheduled',
] as const; // prettier-ignore
const BEGINNINGS = ['scheduled', 'requested', 'payment_pending'] as const;

export const lives: fc.Arbitrary<Life> = fc
  .tuple(fc.constantFrom(...BEGINNINGS), fc.array(fc.constantFrom(...STEPS), { maxLength: 12 }))
  .map(([beginning, steps]) => tell(beginning, steps));

function tell(beginning: (typeof BEGINNINGS)[number], steps: readonly (typeof STEPS)[number][]): Life {
  const facts: Omit<Fact, 'id' | 'receivedAtMs'>[] = [];
  const taken: string[] = [beginning];
  const book: Notebook = {
    status: 'requested',
    slot: slotAt(START),
    chain: ['uid-0'],
    decided: false,
    noShowMarked: false,
  };
  let sequence = 0;
  const say = (type: FactType, more: Partial<Fact> = {}): void => {
    facts.push({
      ...{ type, uid: book.chain.at(-1)!, predecessorUid: null, slot: null, sequence: null },
      ...{ ancestry: [], aboutPersonId: null, readAtMs: null },
      ...{ personId: null, hostId: null, by: 'source', decision: null },
      ...more,
    });
  };
  const confirmed = () => ['scheduled', 'awaiting_outcome', 'showed', 'no_show'].includes(book.status);
  const newUid = (): string => {
    const predecessor = book.chain.at(-1)!;
    book.chain.push(`uid-${book.chain.length}`);
    sequence += 1;
    book.slot = slotAt(START + sequence * 25 * HOUR);
    book.decided = false;
    book.noShowMarked = false;
    return predecessor;
  };
  const decide = (outcome: DecidedOutcome): void => {
    say('outcome_decided', { by: 'operator', decision: { kind: 'outcome', outcome } });
    book.decided = outcome !== 'rescheduled';
    book.noShowMarked = false;
    book.status = outcome === 'rescheduled' ? 'reschedule_requested' : outcome;
  };
  const off = () => ['canceled', 'rejected', 'reschedule_requested'].includes(book.status);
  let unmarked: BookingStatus = 'scheduled';

  const play: Record<(typeof STEPS)[number], () => boolean> = {
    move: () => {
      if (!confirmed() && book.status !== 'reschedule_requested') return false;
      say('rescheduled', { predecessorUid: newUid(), uid: book.chain.at(-1)!, slot: book.slot, sequence });
      book.status = 'scheduled';
      unmarked = 'scheduled';
      return true;
    },
    requestMove: () => {
      if (book.status !== 'scheduled') return false;
      say('requested', { predecessorUid: newUid(), uid: book.chain.at(-1)!, slot: book.slot, sequence });
      book.status = 'requested';
      return true;
    },
    wholeSlotMove: () => {
      if (book.status !== 'scheduled') return false;
      sequence += 1;
      book.slot = slotAt(START + sequence * 25 * HOUR);
      say('rescheduled', { slot: book.slot, sequence });
      return true;
    },
    confirm: () => {
      if (book.status !== 'requested') return false;
      say('scheduled', { slot: book.slot, sequence });
      book.status = 'scheduled';
      unmarked = 'scheduled';
      return true;
    },
    pay: () => {
      if (book.status !== 'requested') return false;
      say('paid', { slot: book.slot, sequence });
      return true;
    },
    askToMove: () => {
      if (book.status !== 'scheduled') return false;
      say('reschedule_requested', { slot: book.slot, sequence });
      book.status = 'reschedule_requested';
      return true;
    },
    cancel: () => {
      if (off() || book.decided || book.noShowMarked || book.status === 'showed') return false;
      say('canceled', { slot: book.slot });
      book.status = 'canceled';
      return true;
    },
    reject: () => {
      if (book.status !== 'requested') return false;
      say('rejected', { slot: book.slot });
      book.status = 'rejected';
      return true;
    },
    end: () => {
      if (!['scheduled', 'showed', 'no_show'].includes(book.status)) return false;
      say('ended');
      if (book.status === 'scheduled') book.status = 'awaiting_outcome';
      unmarked = 'awaiting_outcome';
      return true;
    },
    show: () => mark('showed'),
    noShow: () => mark('no_show'),
    takeBack: () => {
      if (!confirmed()) return false;
      say('no_show_reverted');
      if (book.noShowMarked && !book.decided) book.status = unmarked;
      book.noShowMarked = book.decided && book.noShowMarked;
      return true;
    },
    suspect: () => confirmed() && (say('no_show_suspected'), true),
    hostAbsent: () => confirmed() && (say('host_no_show'), true),
    decideShowed: () => (decide('showed'), true),
    decideNoShow: () => (decide('no_show'), true),
    decideCanceled: () => (decide('canceled'), true),
    decideRescheduled: () => (decide('rescheduled'), true),
  };
  function mark(value: 'showed' | 'no_show'): boolean {
    if (!confirmed() && !off()) return false;
    say(value);
    if (!book.decided && !off()) {
      book.status = value;
      book.noShowMarked = value === 'no_show';
    }
    return true;
  }

  say(beginning, { slot: book.slot, sequence });
  if (beginning === 'scheduled') book.status = 'scheduled';
  for (const step of steps) if (play[step]()) taken.push(step);
  return { facts, notebook: book, steps: taken };
}

/** Marks and decisions have no order of their own: their arrival is their order. */
const ORDERED_BY_ARRIVAL: readonly FactType[] = ['showed', 'no_show', 'no_show_reverted', 'outcome_decided'];

/** How a life reaches us: facts in any order, any of them repeated. */
export interface Arrival {
  readonly order: readonly number[];
  readonly copies: readonly number[];
}

export const arrivals: fc.Arbitrary<Arrival> = fc.record({
  order: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 13, maxLength: 13 }),
  copies: fc.array(fc.nat({ max: 2 }), { minLength: 13, maxLength: 13 }),
});

/** Gives ids and arrival instants. Facts with an order of their own arrive shuffled, the others in theirs. */
export function arrive(life: Life, arrival: Arrival): Fact[] {
  const places = life.facts.map((_, index) => index).sort((a, b) => arrival.order[a]! - arrival.order[b]!);
  const marks = life.facts.flatMap((fact, index) => (ORDERED_BY_ARRIVAL.includes(fact.type) ? [index] : []));
  const placesOfMarks = places.flatMap((index, place) => (marks.includes(index) ? [place] : []));
  marks.forEach((index, nth) => (places[placesOfMarks[nth]!] = index));
  return places.flatMap((index, place) =>
    Array.from({ length: 1 + arrival.copies[index]! }, (_, copy) => ({
      ...life.facts[index]!,
      id: `fact-${String(index).padStart(2, '0')}-${copy}`,
      receivedAtMs: START - 30 * 24 * HOUR + place * 60_000 + copy,
    })),
  );
}
