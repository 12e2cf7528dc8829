/**
 * The chain and the order: the same whatever order the facts are given in, also when the source's links are wrong.
 */
import fc from 'fast-check';
import { SOURCE_FACT_TYPES, type FactType } from '../../domain/facts';
import {
  callsOff,
  chainOf,
  holdsForChain,
  inOrder,
  isConfirmation,
  isLifecycle,
  isMark,
  saysHowItWent,
} from '../../domain/order';
import { aFact, aRead, DAY, slotAt, START } from '../support/facts';

/** Mutants of the order are judged by fewer. */
const CASES = Number(process.env.ORDER_CASES ?? 2_000);

const at = (seconds: number) => ({ receivedAtMs: START + seconds * 1_000 });

describe('the chain', () => {
  test('follows predecessors, and uids that were only named are in it', () => {
    const facts = [aFact('rescheduled', { uid: 'C', predecessorUid: 'B' }), aFact('scheduled', { uid: 'A' })];
    expect(chainOf([aFact('rescheduled', { uid: 'C', predecessorUid: 'B' })])).toEqual(['B', 'C']);
    expect(chainOf([...facts, aFact('rescheduled', { uid: 'B', predecessorUid: 'A' })])).toEqual(['A', 'B', 'C']);
  });
  test('follows the ancestry that the API told, nearest first', () => {
    const read = aRead('rescheduled', { uid: 'D', predecessorUid: 'C', ancestry: ['B', 'A'] });
    expect(chainOf([read])).toEqual(['A', 'B', 'C', 'D']);
    expect(chainOf([aFact('scheduled', { uid: 'A', sequence: 0 }), read])).toEqual(['A', 'B', 'C', 'D']);
    expect(chainOf([read, aFact('scheduled', { uid: 'B', sequence: 7 })])).toEqual(['A', 'B', 'C', 'D']);
  });
  test('places uids without a link by their highest version, then by which was heard of first', () => {
    const versions = [aFact('requested', { uid: 'a', sequence: 2 }), aFact('scheduled', { uid: 'b', sequence: 1 })];
    expect(chainOf(versions)).toEqual(['b', 'a']);
    expect(chainOf([aFact('scheduled', { uid: 'a', ...at(9) }), aFact('scheduled', { uid: 'b', ...at(1) })])).toEqual(['b', 'a']); // prettier-ignore
  });
  test('ignores a link of a uid to itself', () => {
    expect(chainOf([aFact('rescheduled', { uid: 'A', predecessorUid: 'A', ancestry: ['A'] })])).toEqual(['A']);
  });
  test('is not moved by a link of a uid to itself', () => {
    const itself = aFact('scheduled', { uid: 'A', predecessorUid: 'A', sequence: 0 });
    expect(chainOf([aFact('scheduled', { uid: 'B', sequence: 1 }), itself])).toEqual(['A', 'B']);
  });
  test('begins with what has no version, and with what was only named', () => {
    const unversioned = [aFact('scheduled', { uid: 'b', sequence: 0, ...at(1) }), aFact('scheduled', { uid: 'a', ...at(9) })]; // prettier-ignore
    expect(chainOf(unversioned)).toEqual(['a', 'b']);
    const link = aFact('rescheduled', { uid: 'C', predecessorUid: 'X', sequence: 2, ...at(9) });
    expect(chainOf([aFact('scheduled', { uid: 'D', sequence: 0, ...at(1) }), link])).toEqual(['X', 'D', 'C']);
  });
  test('places by their names what was heard at once', () => {
    const [a, b] = [aFact('scheduled', { uid: 'a', ...at(1) }), aFact('scheduled', { uid: 'b', ...at(1) })];
    expect([chainOf([a, b]), chainOf([b, a])]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
  test('of two predecessors that contradict each other takes the smaller, in whatever order they are heard', () => {
    const links = ['A', 'B'].map((predecessorUid) => aFact('rescheduled', { uid: 'C', predecessorUid, sequence: 1 }));
    const late = aFact('scheduled', { uid: 'B', sequence: 5 });
    expect(chainOf([...links, late])).toEqual(['A', 'C', 'B']);
    expect(chainOf([late, ...links.reverse()])).toEqual(['A', 'C', 'B']);
  });
  test('keeps every uid of a circle', () => {
    const circle = [
      aFact('rescheduled', { uid: 'A', predecessorUid: 'C' }),
      aFact('rescheduled', { uid: 'B', predecessorUid: 'A' }),
      aFact('rescheduled', { uid: 'C', predecessorUid: 'B', ancestry: ['A', 'C'] }),
    ];
    expect(chainOf(circle).sort()).toEqual(['A', 'B', 'C']);
  });
});

test('whatever the links are, any permutation gives the same chain and the same order, and no uid is lost', () => {
  const uid = fc.constantFrom('A', 'B', 'C', 'D', 'E');
  const types = ['requested', 'scheduled', 'rescheduled', 'canceled', 'no_show', 'ended'] as const;
  const someFact = fc
    .record({
      type: fc.constantFrom(...types),
      uid,
      predecessorUid: fc.option(uid),
      ancestry: fc.array(uid, { maxLength: 4 }),
      sequence: fc.option(fc.nat({ max: 2 })),
      seconds: fc.nat({ max: 5 }),
      readSeconds: fc.option(fc.nat({ max: 5 })),
    })
    .map(({ type, seconds, readSeconds, ...given }) =>
      aFact(type, { ...given, ...at(seconds), readAtMs: readSeconds === null ? null : START + readSeconds * 1_000 }),
    );
  const shuffledTwice = fc
    .array(someFact, { minLength: 1, maxLength: 10 })
    .chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length, maxLength: facts.length })),
    );
  fc.assert(
    fc.property(shuffledTwice, ([facts, shuffled]) => {
      const chain = chainOf(facts);
      expect(chainOf(shuffled)).toEqual(chain);
      expect(inOrder(shuffled, chain)).toEqual(inOrder(facts, chain));
      const named = facts.flatMap((fact) => [fact.uid, fact.predecessorUid, ...fact.ancestry]);
      expect(new Set(chain)).toEqual(new Set(named.filter((one) => one !== null)));
      expect(chain).toHaveLength(new Set(chain).size);
    }),
    { numRuns: CASES },
  );
});

const orderOf = (...facts: Parameters<typeof inOrder>[0][number][]) => inOrder(facts, chainOf(facts)).map(({ id }) => id); // prettier-ignore

describe('confirmations of one uid', () => {
  const slot = slotAt(START);

  test('stand by version, whenever they arrived', () => {
    const older = aFact('rescheduled', { sequence: 1, slot, ...at(9) });
    const newer = aFact('rescheduled', { sequence: 2, slot: slotAt(START + DAY), ...at(1) });
    expect(orderOf(newer, older)).toEqual([older.id, newer.id]);
  });
  test('that carry no version stand by arrival, but what founds a uid comes first', () => {
    const [one, two] = [aFact('rescheduled', { slot, ...at(1) }), aFact('rescheduled', { slot, ...at(2) })];
    const founding = aFact('scheduled', { slot, ...at(9) });
    expect(orderOf(founding, two, one)).toEqual([founding.id, one.id, two.id]);
  });
  test('that were read are as new as what had been heard, and newer than what founds the uid', () => {
    const founding = aFact('scheduled', { sequence: 0, ...at(9) });
    const [before, after] = [aFact('rescheduled', { sequence: 1, ...at(1) }), aFact('rescheduled', { sequence: 2, ...at(8) })]; // prettier-ignore
    const read = aRead('scheduled', at(5));
    expect(orderOf(after, founding, read, before)).toEqual([founding.id, before.id, read.id, after.id]);
  });
  test('that were read stand by the moment of the read, not by when they were stored', () => {
    const first = aRead('scheduled', { readAtMs: START + 1_000, ...at(9) });
    const second = aRead('scheduled', { readAtMs: START + 2_000, ...at(3) });
    expect(orderOf(second, first)).toEqual([first.id, second.id]);
  });
});

describe('cancellations of one uid', () => {
  const own = aFact('canceled', { personId: 'guest', ...at(1) });

  test('stand by their moment when they name the guest, or were pushed', () => {
    const named = aRead('canceled', { personId: 'guest', ...at(2) });
    const pushed = aFact('canceled', at(3));
    expect(orderOf(pushed, named, own)).toEqual([own.id, named.id, pushed.id]);
  });
  test("that were read where nobody was left come before the guest's own", () => {
    const empty = aRead('canceled', at(2));
    expect(orderOf(own, empty)).toEqual([empty.id, own.id]);
  });
  test('are the only facts for which it matters that nobody is named', () => {
    const [named, unnamed] = [aRead('requested', { personId: 'guest', ...at(1) }), aRead('requested', at(2))];
    expect(orderOf(unnamed, named)).toEqual([named.id, unnamed.id]);
  });
});

describe('confirmations that were read', () => {
  const moved = (sequence: number, seconds: number) => aFact('rescheduled', { sequence, ...at(seconds) });

  test('come after what founds the uid, though it is heard later', () => {
    const [read, founding] = [aRead('scheduled', at(1)), aFact('scheduled', { sequence: 3, ...at(9) })];
    expect(orderOf(read, founding)).toEqual([founding.id, read.id]);
  });
  test('come before moves that were heard later, whatever order those have', () => {
    const [founding, read] = [aFact('scheduled', { sequence: 0, ...at(1) }), aRead('scheduled', at(6))];
    const [newer, older] = [moved(5, 9), moved(4, 20)];
    expect(orderOf(newer, older, read, founding)).toEqual([founding.id, read.id, older.id, newer.id]);
  });
  test('come after every version that was heard before them', () => {
    const [founding, read] = [aFact('scheduled', { sequence: 0, ...at(1) }), aRead('scheduled', at(6))];
    const [newest, newer] = [moved(7, 2), moved(6, 3)];
    expect(orderOf(read, newest, newer, founding)).toEqual([founding.id, newer.id, newest.id, read.id]);
  });
});

test('facts that nothing tells apart stand by their ids', () => {
  const [one, two] = [aFact('no_show', at(1)), aFact('no_show', at(1))];
  expect(inOrder([one, two], ['A'])).toEqual([one, two]);
  expect(inOrder([two, one], ['A'])).toEqual([one, two]);
});

test('each type of fact is in the groups that the rules speak of', () => {
  const ofChain = ['contact_decided', 'crm_decided', 'source_decided', 'conflict_decided'] as const;
  const types: readonly FactType[] = [...SOURCE_FACT_TYPES, 'outcome_decided', 'hold_decided', ...ofChain];
  const calledOff = ['reschedule_requested', 'canceled', 'rejected'];
  const confirmed = ['scheduled', 'rescheduled'];
  const marks = ['showed', 'no_show', 'no_show_reverted'];
  expect(types.filter(isConfirmation)).toEqual(confirmed);
  expect(types.filter(callsOff)).toEqual(calledOff);
  expect(types.filter(isLifecycle)).toEqual(['requested', 'payment_pending', 'paid', ...confirmed, ...calledOff]);
  expect(types.filter(isMark)).toEqual(marks);
  expect(types.filter(saysHowItWent)).toEqual([...marks, 'outcome_decided']);
  expect(types.filter(holdsForChain)).toEqual(ofChain);
});

test('a fact that was stored before there were reads is in order as it was', () => {
  const { readAtMs: _read, ancestry: _ancestry, aboutPersonId: _about, ...old } = aFact('scheduled', at(1));
  const newer = aFact('rescheduled', { uid: 'B', predecessorUid: 'A', ...at(2) });
  const facts = [newer, old as typeof newer];
  expect(chainOf(facts)).toEqual(['A', 'B']);
  expect(inOrder(facts, chainOf(facts)).map(({ uid }) => uid)).toEqual(['A', 'B']);
});
