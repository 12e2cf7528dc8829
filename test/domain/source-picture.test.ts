/** What a source has to be told: one table of lives, and what each of them leaves to tell. */
import type { Outcome, Picture } from '../../domain/booking';
import type { DecidedOutcome, Fact, Slot } from '../../domain/facts';
import { sourceActionOf, sourcePictureOf, sourceShows, type SourcePicture } from '../../domain/source-picture';
import { aFact, DAY, HOUR, slotAt, START } from '../support/facts';

const AGREED = slotAt(START + 2 * DAY);

/** The parts of a picture that this rule looks at. */
function aPicture(given: Partial<Picture>): Picture {
  return {
    status: 'scheduled',
    statusReason: null,
    slot: slotAt(START),
    confirmedSlot: slotAt(START),
    chain: ['A'],
    outcome: null,
    settledAtMs: null,
    slotKnownAtMs: START - DAY,
    paid: false,
    noShowSuspectedAtMs: null,
    holdSinceMs: null,
    agreedSlot: null,
    sourceDecision: null,
    personId: 'guest',
    hostId: null,
    eventType: null,
    contactChoices: {},
    crmDecisions: {},
    ...given,
  };
}

const decided = (outcome: DecidedOutcome, given: Partial<Fact> = {}): Fact =>
  aFact('outcome_decided', { decision: { kind: 'outcome', outcome }, ...given });

const outcomeOf = (fact: Fact, value: Outcome['value']): Partial<Picture> => ({
  status: value,
  outcome: { value, by: 'operator', sureness: 'decided', factId: fact.id, atMs: fact.receivedAtMs },
});

describe('what was decided here is told', () => {
  it.each([
    ['no_show', { mark: 'absent', cancel: false, notBeforeMs: START }, 'mark_absent'],
    ['showed', { mark: 'present', cancel: false, notBeforeMs: START }, 'unmark_absent'],
    ['canceled', { mark: null, cancel: true, notBeforeMs: null }, 'cancel'],
  ] as const)('%s', (value, expected, action) => {
    const fact = decided(value);
    const wanted = sourcePictureOf(aPicture(outcomeOf(fact, value)), [aFact('scheduled'), fact]);
    expect(wanted).toEqual({ uid: 'A', cause: fact.id, moveTo: null, ...expected });
    expect(sourceActionOf(wanted!)).toBe(action);
  });

  it('an agreed time, to the newest uid of the chain, for the newest decision that names it', () => {
    const decision = { kind: 'outcome', outcome: 'rescheduled', slot: AGREED } as const;
    const other = { ...decision, slot: slotAt(START + 3 * DAY) };
    const [first, between, last] = [decision, other, decision].map((one) => decided('rescheduled', { decision: one }));
    const picture = aPicture({ status: 'reschedule_requested', agreedSlot: AGREED, chain: ['0', 'A'] });
    const wanted = sourcePictureOf(picture, [last!, first!, between!]);
    expect(wanted).toMatchObject({ uid: 'A', cause: last!.id, mark: null, cancel: false, moveTo: AGREED });
    expect(sourceActionOf(wanted!)).toBe('reschedule');
  });
});

describe('an agreed time', () => {
  const agreeing = (slot: Slot | null, receivedAtMs: number): Fact =>
    decided('rescheduled', {
      receivedAtMs,
      decision: { kind: 'outcome', outcome: 'rescheduled', ...(slot && { slot }) },
    });
  const picture = aPicture({ status: 'reschedule_requested', agreedSlot: AGREED });

  it('is told for the decision that named it, whatever was decided after that', () => {
    const first = agreeing(AGREED, START);
    const contact = { kind: 'contact', connection: 'crm', contact: { choice: 'no_contact' } } as const;
    const ofContact = aFact('contact_decided', { decision: contact, receivedAtMs: START + HOUR });
    const later = [agreeing(slotAt(START), START + HOUR), agreeing(null, START + HOUR), ofContact];
    expect(sourcePictureOf(picture, [...later, first, aFact('scheduled')])).toMatchObject({ cause: first.id });
    expect(sourcePictureOf(picture, later)).toBeNull();
  });
  it('is told though the source took a mark back', () => {
    const fact = agreeing(AGREED, START);
    const marks = [aFact('no_show'), aFact('no_show_reverted')];
    expect(sourcePictureOf(picture, [fact, ...marks])).toMatchObject({ moveTo: AGREED });
  });
  it('of two decisions at one instant has the one with the greater id as its cause', () => {
    const [one, two] = [agreeing(AGREED, START), agreeing(AGREED, START)];
    expect(sourcePictureOf(picture, [one, two])?.cause).toBe(two.id);
    expect(sourcePictureOf(picture, [two, one])?.cause).toBe(two.id);
  });
  it('that was decided again has the later decision as its cause, whatever their ids', () => {
    const [later, earlier] = [agreeing(AGREED, START + HOUR), agreeing(AGREED, START)];
    expect(sourcePictureOf(picture, [earlier, later])?.cause).toBe(later.id);
    expect(sourcePictureOf(picture, [later, earlier])?.cause).toBe(later.id);
  });
});

describe('attendance', () => {
  it('is told at once where no time is known', () => {
    const fact = decided('no_show');
    const picture = aPicture({ ...outcomeOf(fact, 'no_show'), slot: null });
    expect(sourcePictureOf(picture, [fact])).toMatchObject({ mark: 'absent', notBeforeMs: null });
  });
  it.each([
    ['showed', 'showed', false],
    ['showed', 'no_show_reverted', false],
    ['showed', 'no_show', true],
    ['no_show', 'showed', true],
  ] as const)('%s is told to a source that says %s: %s', (value, said, isTold) => {
    const mark = aFact(said);
    const fact = decided(value);
    expect(sourcePictureOf(aPicture(outcomeOf(fact, value)), [mark, fact]) !== null).toBe(isTold);
  });
});

describe('nothing is told', () => {
  it('of a booking without a uid, or for a decision that is not among the facts', () => {
    const fact = decided('canceled');
    expect(sourcePictureOf(aPicture({ ...outcomeOf(fact, 'canceled'), chain: [] }), [fact])).toBeNull();
    expect(sourcePictureOf(aPicture(outcomeOf(fact, 'canceled')), [aFact('scheduled')])).toBeNull();
  });

  it('when nobody here decided anything', () => {
    expect(sourcePictureOf(aPicture({}), [aFact('scheduled')])).toBeNull();
  });

  it('when a new time is waited for that nobody named', () => {
    const picture = aPicture({ status: 'reschedule_requested' });
    expect(sourcePictureOf(picture, [decided('rescheduled')])).toBeNull();
  });

  it.each([
    ['by', 'source', 'decided'],
    ['sureness', 'operator', 'counted'],
  ] as const)('of an outcome that no person here decided (%s)', (_what, by, sureness) => {
    const fact = decided('no_show');
    const outcome = { value: 'no_show', by, sureness, factId: fact.id, atMs: fact.receivedAtMs } as const;
    expect(sourcePictureOf(aPicture({ status: 'no_show', outcome }), [fact])).toBeNull();
  });

  it.each(['canceled', 'rejected', 'reschedule_requested'] as const)(
    'of a cancellation of what the source itself calls %s, whether before or since',
    (type) => {
      const fact = decided('canceled');
      const picture = aPicture(outcomeOf(fact, 'canceled'));
      const before = aFact(type, { receivedAtMs: fact.receivedAtMs - HOUR });
      expect(sourcePictureOf(picture, [fact, before])).toBeNull();
      expect(sourcePictureOf(picture, [fact, aFact(type)])).toBeNull();
      expect(sourcePictureOf(picture, [fact, aFact(type, { uid: 'older' })])).not.toBeNull();
    },
  );

  it('of a mark that the source had when it was decided, not even when somebody takes it back later', () => {
    const before = aFact('no_show');
    const fact = decided('no_show');
    const picture = aPicture(outcomeOf(fact, 'no_show'));
    expect(sourcePictureOf(picture, [before, fact])).toBeNull();
    expect(sourcePictureOf(picture, [before, fact, aFact('no_show_reverted')])).toBeNull();
  });

  it('of a mark that the source has shown since, even when a person there changed it after that', () => {
    const fact = decided('no_show');
    const picture = aPicture(outcomeOf(fact, 'no_show'));
    const echo = aFact('no_show');
    expect(sourcePictureOf(picture, [fact, echo])).toBeNull();
    expect(sourcePictureOf(picture, [fact, echo, aFact('no_show_reverted')])).toBeNull();
  });
});

describe('a mark is told all the same', () => {
  it('when it had been taken back before the decision', () => {
    const facts = [aFact('no_show'), aFact('no_show_reverted')];
    const fact = decided('no_show');
    expect(sourcePictureOf(aPicture(outcomeOf(fact, 'no_show')), [...facts, fact])).not.toBeNull();
  });

  it('when a read since the decision still shows the contrary', () => {
    const fact = decided('no_show');
    const read = aFact('no_show_reverted', { readAtMs: fact.receivedAtMs + HOUR });
    expect(sourcePictureOf(aPicture(outcomeOf(fact, 'no_show')), [fact, read])).not.toBeNull();
  });

  it('when the source marked somebody else', () => {
    const fact = decided('no_show');
    const picture = aPicture(outcomeOf(fact, 'no_show'));
    expect(sourcePictureOf(picture, [fact, aFact('no_show', { aboutPersonId: 'another' })])).not.toBeNull();
    expect(sourcePictureOf(picture, [fact, aFact('no_show', { aboutPersonId: 'guest' })])).toBeNull();
  });
});

describe('after the source refused', () => {
  const fact = decided('canceled');
  const say = (action: 'retry' | 'skip', receivedAtMs: number): [Fact, Partial<Picture>] => {
    const said = aFact('source_decided', { decision: { kind: 'source', action }, receivedAtMs });
    return [said, { ...outcomeOf(fact, 'canceled'), sourceDecision: { action, factId: said.id } }];
  };

  it('skip leaves the source as it is, and retry begins anew with a cause of its own', () => {
    const [skip, skipped] = say('skip', fact.receivedAtMs + 1);
    expect(sourcePictureOf(aPicture(skipped), [fact, skip])).toBeNull();
    const [retry, again] = say('retry', fact.receivedAtMs + 1);
    expect(sourcePictureOf(aPicture(again), [fact, retry])).toMatchObject({ cancel: true, cause: retry.id });
  });

  it('a skip says nothing about what is decided later', () => {
    const [skip, skipped] = say('skip', fact.receivedAtMs - 1);
    expect(sourcePictureOf(aPicture(skipped), [skip, fact])).toMatchObject({ cancel: true, cause: fact.id });
    expect(sourcePictureOf(aPicture(skipped), [fact, skip])).toMatchObject({ cancel: true, cause: fact.id });
    const [atOnce, given] = say('skip', fact.receivedAtMs);
    expect(sourcePictureOf(aPicture(given), [fact, atOnce])).toBeNull();
  });
});

describe('what the source shows', () => {
  const wanted = (given: Partial<SourcePicture>): SourcePicture => ({
    uid: 'A',
    cause: 'fact',
    mark: null,
    cancel: false,
    moveTo: null,
    notBeforeMs: null,
    ...given,
  });
  const shown = { calledOff: false, absent: false, startMs: START };

  it.each([
    ['a cancellation, once it is called off', wanted({ cancel: true }), { ...shown, calledOff: true }, true],
    ['no cancellation before', wanted({ cancel: true }), shown, false],
    ['absence, once it is marked', wanted({ mark: 'absent' }), { ...shown, absent: true }, true],
    ['no absence before', wanted({ mark: 'absent' }), shown, false],
    ['presence, while nobody is marked', wanted({ mark: 'present' }), shown, true],
    ['no presence while marked', wanted({ mark: 'present' }), { ...shown, absent: true }, false],
    ['any attendance of what was called off', wanted({ mark: 'absent' }), { ...shown, calledOff: true }, true],
    ['the agreed time, once it has it', wanted({ moveTo: AGREED }), { ...shown, startMs: AGREED.startMs }, true],
    ['no agreed time before', wanted({ moveTo: AGREED }), shown, false],
    [
      'no agreed time of what was called off',
      wanted({ moveTo: AGREED }),
      { ...shown, startMs: AGREED.startMs, calledOff: true },
      false,
    ],
  ])('is %s', (_what, wish, state, expected) => expect(sourceShows(wish, state)).toBe(expected));
});

describe('an outcome that a person took back', () => {
  const reported = (outcome: 'open' | 'showed', given: Partial<Fact> = {}): Fact =>
    aFact('crm_reported', {
      by: 'crm',
      decision: { kind: 'reported', connection: 'hubspot-main', outcome },
      receivedAtMs: START + HOUR,
      ...given,
    });
  const marked = aFact('no_show', { receivedAtMs: START });

  it.each(['scheduled', 'awaiting_outcome'] as const)(
    'takes the mark back at the source of one that is %s',
    (status) => {
      const open = reported('open');
      const wanted = sourcePictureOf(aPicture({ status }), [aFact('scheduled'), marked, open]);
      expect(wanted).toEqual({
        uid: 'A',
        cause: open.id,
        mark: 'present',
        cancel: false,
        moveTo: null,
        notBeforeMs: START,
      });
      expect(sourceActionOf(wanted!)).toBe('unmark_absent');
    },
  );
  it('has no time to wait for where none is known', () => {
    expect(sourcePictureOf(aPicture({ slot: null }), [marked, reported('open')])?.notBeforeMs).toBeNull();
  });
  it.each([
    ['where it is over by now', aPicture({ status: 'canceled' }), [marked, reported('open')]],
    [
      'where a later word says something else',
      aPicture({}),
      [marked, reported('open'), reported('showed', { receivedAtMs: START + DAY })],
    ],
    ['of an appointment that was replaced', aPicture({ chain: ['A', 'B'] }), [marked, reported('open')]],
    ['that nobody took back', aPicture({}), [marked]],
  ])('is not told %s', (_what, picture, facts) => {
    expect(sourcePictureOf(picture, facts)).toBeNull();
  });
});
