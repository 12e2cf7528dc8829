/**
 * What may happen in one case of the model test, as numbers that fast-check can shrink: commands, and how the post treats each webhook.
 * Invariant: the smaller the numbers, the simpler the case; a case written as JSON plays the same whatever order `COMMANDS` has.
 */
import fc from 'fast-check';

export const COMMANDS = [
  'book', 'bookOptIn', 'bookPaid', 'bookPaidOptIn', 'bookSeries', 'bookOptInSeries', 'join',
  'pay', 'confirm', 'reject', 'move', 'moveByHost', 'moveTogether', 'moveAlone', 'leave',
  'askToMove', 'rebook', 'cancel', 'cancelSeries', 'reassignHost',
  'begin', 'end', 'staleEnd', 'noShow', 'unmark', 'noShowOfFriend', 'headCount', 'hostNoShow',
  'decideShowed', 'decideNoShow', 'decideCanceled', 'decideRescheduled', 'keepWaiting', 'poll',
] as const; // prettier-ignore
export type Command = (typeof COMMANDS)[number];

export interface Step {
  readonly command: Command;
  /** Which of the bookings that it can be applied to. */
  readonly which: number;
  /** Whatever else the command has to choose: a slot, a payload generation, whether the decision is written back. */
  readonly choice: number;
}

/** How the post treats one webhook. `delays` of its copies count from its own sending, in steps; the first copy is the webhook itself. */
export interface Fate {
  readonly lost: boolean;
  readonly delays: readonly number[];
}

export interface Case {
  readonly steps: readonly Step[];
  /** One per webhook in the order of sending; those beyond arrive once and at once. */
  readonly fates: readonly Fate[];
  /** Whether this service may read the source's API. Without it, contradictions that carry no order arrive in theirs. */
  readonly api: boolean;
  readonly trustHeadCount: boolean;
  /** A read right after a change still shows what was before. */
  readonly lyingReads: boolean;
}

const AT_ONCE: Fate = { lost: false, delays: [0] };
/** Longer than any case: such a webhook arrives after everything else. */
const LAST = 60;
const DELAYS = [0, 1, 2, 3, 5, 8, 13, LAST] as const;

export const fateOf = (aCase: Case, nth: number): Fate => aCase.fates[nth] ?? AT_ONCE;

/** Before the day: openings come often enough that most of the other commands find something to do. */
const BEFORE: readonly Command[] = [
  'book', 'join', 'join', 'move', 'move', 'moveAlone', 'moveTogether', 'confirm', 'confirm', 'pay', 'rebook', 'rebook',
  'askToMove', 'leave', ...COMMANDS,
]; // prettier-ignore
/** On the day and after it. */
const AFTER: readonly Command[] = [
  'begin', 'end', 'end', 'staleEnd', 'noShow', 'noShow', 'noShow', 'unmark', 'unmark', 'unmark', 'noShowOfFriend', 'headCount',
  'hostNoShow', 'decideShowed', 'decideNoShow', 'decideCanceled', 'decideRescheduled', 'cancel', 'move', 'rebook', 'poll',
]; // prettier-ignore
const OPENINGS: readonly Command[] = ['book', 'join', 'bookOptIn', 'bookPaid', 'bookPaidOptIn', 'bookSeries', 'bookOptInSeries']; // prettier-ignore
const CHOICES = 8;
const WHICH = 4;

function stepOf(words: readonly Command[], n: number): Step {
  const command = words[n % words.length]!;
  const rest = Math.floor(n / words.length);
  return { command, which: rest % WHICH, choice: Math.floor(rest / WHICH) % CHOICES };
}

function fateFrom(n: number, losses: boolean): Fate {
  const delay = (digit: number) => DELAYS[Math.floor(n / DELAYS.length ** digit) % DELAYS.length]!;
  const rest = Math.floor(n / DELAYS.length ** 3);
  const copies = [1, 1, 2, 3][rest % 4]!;
  return { lost: losses && Math.floor(rest / 4) % 3 === 2, delays: [0, 1, 2].slice(0, copies).map(delay) };
}

const someStep = (words: readonly Command[]) =>
  fc.noBias(fc.nat({ max: words.length * WHICH * CHOICES - 1 })).map((n) => stepOf(words, n));
const someFates = fc.noBias(fc.array(fc.noBias(fc.nat({ max: DELAYS.length ** 3 * 12 - 1 })), { maxLength: 24 }));

const someSteps = (words: readonly Command[], maxLength: number) =>
  fc.noBias(fc.array(someStep(words), { maxLength, size: 'max' }));

/** Cases with `losses` may lose any webhook; they are compared after a poll only. */
export function cases(losses: boolean): fc.Arbitrary<Case> {
  return fc
    .tuple(someStep(OPENINGS), someSteps(BEFORE, 9), someSteps(AFTER, 5), someFates, fc.noBias(fc.nat({ max: 7 })))
    .map(([opening, before, after, fates, flags]) => ({
      steps: [opening, ...before, ...dayOf(after)],
      fates: fates.map((n) => fateFrom(n, losses)),
      api: losses || flags % 2 === 0,
      trustHeadCount: flags % 4 > 1,
      lyingReads: losses && flags % 8 > 3,
    }));
}

/** Little can be done on the day before it has begun. */
function dayOf(after: readonly Step[]): Step[] {
  return after.length === 0 ? [] : [{ command: 'begin', which: after[0]!.which, choice: 0 }, ...after];
}
