/**
 * What the timeline says of each fact. The picture ignores when a fact arrived, the timeline does not: it says what was late, and because of what.
 * Invariant: one sentence for each fact, from recorded facts only, and the same for any permutation of them.
 */
import type { Step } from './appointment';
import { outcomeSaid, type Fact, type Verdict } from './facts';
import { callsOff, holdsForChain, isConfirmation, isLifecycle, isRead, saysHowItWent } from './order';
import { newsOf } from './words';

/** A fact that was read in order, and what it did. */
export interface Taken {
  readonly fact: Fact;
  readonly step: Step;
  /** It brought a time or a person that was not known. */
  readonly taught: boolean;
}

/** Applied facts that come after a fact in order, and may have been heard before it. */
interface Later {
  /** The booking went on under a newer uid; the one of these that was heard first. */
  newerUid: Fact | null;
  /** The same uid went on in its life; the one of these that was heard first. */
  lifecycle: Fact | null;
  /** The same uid was called off; the one of these that was heard first. */
  calledOff: Fact | null;
  /** What was said of how it went, the last word first. */
  attendance: Fact[];
}

/** Verdicts in the order in which the facts are given. */
export function verdictsOf(taken: readonly Taken[]): Verdict[] {
  const verdicts: Verdict[] = [];
  let later: Later = { newerUid: null, lifecycle: null, calledOff: null, attendance: [] };
  for (const [fromEnd, entry] of [...taken].reverse().entries()) {
    const { fact, step } = entry;
    verdicts.push({ factId: fact.id, ...judge(entry, later) });
    if (step.kind === 'applied') note(later, fact);
    const isFirstOfUid = taken[taken.length - fromEnd - 2]?.fact.uid !== fact.uid;
    if (isFirstOfUid) later = { newerUid: firstHeard(later), lifecycle: null, calledOff: null, attendance: [] };
  }
  return verdicts.reverse();
}

function note(later: Later, fact: Fact): void {
  if (saysHowItWent(fact.type)) later.attendance.push(fact);
  if (!isLifecycle(fact.type)) return;
  later.lifecycle = earlierHeard(fact, later.lifecycle);
  if (callsOff(fact.type)) later.calledOff = earlierHeard(fact, later.calledOff);
}

function firstHeard({ newerUid, lifecycle, attendance }: Later): Fact | null {
  const news = [newerUid, lifecycle, ...attendance].filter((fact) => fact !== null);
  return news.reduce<Fact | null>((first, fact) => earlierHeard(fact, first), null);
}

function earlierHeard(fact: Fact, other: Fact | null): Fact {
  return other !== null && other.receivedAtMs <= fact.receivedAtMs ? other : fact;
}

type Judgement = Pick<Verdict, 'outcome' | 'why'>;

function judge(entry: Taken, later: Later): Judgement {
  const { fact, step } = entry;
  const isEnding = callsOff(fact.type);
  if (isRead(fact) && isLifecycle(fact.type) && !isEnding && wasHeardBefore(fact, later.calledOff))
    return staleRead(fact, later.calledOff);
  if (step.kind !== 'applied') return { outcome: step.kind, why: step.why };
  if (!holdsForChain(fact.type) && wasHeardBefore(fact, later.newerUid)) {
    const news = newsOf(later.newerUid);
    return { outcome: 'superseded', why: `${step.why}; it arrived late, the booking had already moved on (${news})` };
  }
  return judgeWithinUid(entry, later) ?? { outcome: 'applied', why: step.why };
}

/** Late against what was said of the same uid? */
function judgeWithinUid({ fact, step, taught }: Taken, later: Later): Judgement | null {
  const lastWord = later.attendance.find((word) => wasHeardBefore(fact, word));
  if (fact.type === 'no_show_suspected') {
    const isOutcome = step.next?.counted?.factId === fact.id;
    if (!isOutcome || !lastWord) return null;
    return { outcome: 'superseded', why: `a head count saw no guest; a surer word was known (${newsOf(lastWord)})` };
  }
  if (!isLifecycle(fact.type) && !saysHowItWent(fact.type)) return null;
  if (fact.type === 'canceled' && lastWord && isDecidedCanceled(lastWord))
    return { outcome: 'duplicate', why: `canceled, as was known (${newsOf(lastWord)})` };
  // A confirmation that brought the time or a person is part of the picture, whatever was said of attendance before it came.
  const attendance = isConfirmation(fact.type) && taught ? undefined : lastWord;
  const news = wasHeardBefore(fact, later.lifecycle) ? later.lifecycle : attendance;
  if (!news) return null;
  const why = `${step.why}; it arrived late, newer news was already known (${newsOf(news)})`;
  return { outcome: 'superseded', why };
}

function wasHeardBefore(fact: Fact, news: Fact | null): news is Fact {
  return news !== null && news.receivedAtMs < fact.receivedAtMs;
}

/** Cal.com sends a cancellation before its own database says so, and reads may lag behind for longer. */
function staleRead(read: Fact, calledOff: Fact): Judgement {
  const shown = isConfirmation(read.type) ? 'as booked' : 'as waiting for confirmation';
  const why = `the source's API still showed it ${shown}; ${endingWord(calledOff)} stands (${newsOf(calledOff)})`;
  return { outcome: 'superseded', why };
}

function endingWord({ type }: Fact): string {
  if (type === 'canceled') return 'the cancellation';
  return type === 'rejected' ? 'the rejection' : 'the wish for another time';
}

function isDecidedCanceled(fact: Fact): boolean {
  return outcomeSaid(fact)?.outcome === 'canceled';
}
