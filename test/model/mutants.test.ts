/**
 * The model test is worth something: mistakes planted in the fold, in its order and in identity are caught by it.
 */
import fc from 'fast-check';
import { DifferenceError } from './compare';
import { rulesWith, type Mistake } from './rules';
import { runCase } from './run-case';
import { cases } from './script';

const SEED = Number(process.env['MODEL_SEED'] ?? 20_261_121);
/** Most mistakes show within a few hundred cases. */
const MOST_CASES = 20_000;

const MISTAKES: readonly Mistake[] = [
  { name: 'a cancellation no longer outranks a confirmation', file: 'order', from: 'canceled: 6', to: 'canceled: 2.5' },
  { name: 'chain position is ignored', file: 'order', from: 'position.get(a.uid)! - position.get(b.uid)! ||', to: '' },
  { name: 'a new uid inherits how the old one went', file: 'fold', from: 'appointment = NOTHING_KNOWN;\n    const ofUid', to: 'const ofUid' },
  { name: 'a read undoes the wish for another time', file: 'lifecycle', from: "if (isRead(fact) && now.lifecycle === 'reschedule_requested')", to: 'if (false)' },
  { name: 'the source overrules a person', file: 'appointment', from: 'now.decided ?? now.marked', to: 'now.marked ?? now.decided' },
  { name: 'a mark about somebody else counts', file: 'attendance', from: 'return about !== null && guestId !== null && about !== guestId;', to: 'return false;' },
  { name: 'taking back a no-show does nothing', file: 'attendance', from: 'applied({ ...next, marked: null }', to: 'applied({ ...next }' },
  { name: 'head counts are trusted where the setting says no', file: 'attendance', from: 'if (!around.trustHeadCount)', to: 'if (around.trustHeadCount)' },
  { name: 'payment alone confirms', file: 'lifecycle', from: "return begun({ ...now, paymentPending: false, paid: true }, fact, 'paid');", to: "return confirm({ ...now, paid: true }, fact, known);" },
  { name: 'a predecessor links nothing', file: 'identity', from: '...uids.slice(0, -1).map((uid) => known.bookingOf.get(uid)),', to: '' },
  { name: 'chains that turn out to be one are not merged', file: 'identity', from: 'return { bookingId, mergeFrom };', to: 'return { bookingId, mergeFrom: [] };' },
  { name: 'the calendar id links nothing', file: 'identity', from: 'const claims = calendarClaims(event);\n  const own', to: 'return null;\n  const claims = calendarClaims(event);\n  const own' },
  { name: 'a seat counts as the whole booking', file: 'identity', from: 'return event.seat !== null || known', to: 'return known' },
  { name: 'only the first guest hears what is said of all', file: 'identity', from: 'const concerned = sharers.filter((sharer) => isConcerned(said, sharer));', to: 'const concerned = sharers.filter((sharer) => isConcerned(said, sharer)).slice(0, 1);' },
]; // prettier-ignore

test.each(MISTAKES)(
  '$name: caught',
  (mistake) => {
    const rules = rulesWith(mistake);
    const property = fc.property(fc.boolean().chain(cases), (aCase) => runCase(aCase, rules, () => undefined));
    const check = fc.check(property, { numRuns: MOST_CASES, seed: SEED, endOnFailure: true });
    process.stdout.write(
      `mutant "${mistake.name}": ${check.failed ? `caught in case ${check.numRuns}` : 'survives'}\n`,
    );
    // Nothing else counts: a mistake that only crashes has not been understood.
    expect(check.errorInstance).toBeInstanceOf(DifferenceError);
  },
  300_000,
);
