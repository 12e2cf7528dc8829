/**
 * What a source has to be told about a booking: only what a person decided, here or in a CRM, and only while the source does not know it.
 * Invariant: level-triggered and pure. What the source said by itself is never told back to it, whoever repeated it here.
 */
import type { Picture } from './booking';
import { outcomeSaid, type Fact, type Slot } from './facts';
import { callsOff, momentOf } from './order';

/** How a source is told; the words of the ledger of writes. */
export type SourceAction = 'mark_absent' | 'unmark_absent' | 'cancel' | 'reschedule';

export interface SourcePicture {
  /** The newest uid of the chain: the appointment that is written to. */
  readonly uid: string;
  /** Id of the fact that decided it, or of the newer decision to try again: every cause is written at most once. */
  readonly cause: string;
  readonly mark: 'absent' | 'present' | null;
  readonly cancel: boolean;
  readonly moveTo: Slot | null;
  /** Epoch ms before which the source would not take it: sources know attendance only from the slot's start. Null: at any time. */
  readonly notBeforeMs: number | null;
}

/** What the source shows of one booking right now, as far as it matters here. */
export interface SourceShown {
  /** Canceled, rejected, replaced, or called off with the wish for a new time. */
  readonly calledOff: boolean;
  readonly absent: boolean;
  readonly startMs: number | null;
}

/** Null: the source has to be told nothing, or a person decided to leave it as it is. `facts`: those of the picture, in any order. */
export function sourcePictureOf(picture: Picture, facts: readonly Fact[]): SourcePicture | null {
  const uid = picture.chain.at(-1);
  if (uid === undefined) return null;
  const wanted = wantedOf(picture, facts);
  if (wanted === null || isSaidBySource(wanted, { uid, personId: picture.personId, facts })) return null;
  const { decided, ...write } = wanted;
  const again = decidedAfter(decided, picture.sourceDecision, facts);
  if (again?.action === 'skip') return null;
  return { ...NOTHING, ...write, uid, cause: again?.factId ?? decided.id };
}

const NOTHING = { mark: null, cancel: false, moveTo: null, notBeforeMs: null } as const;

interface Wanted extends Partial<Pick<SourcePicture, 'mark' | 'cancel' | 'moveTo' | 'notBeforeMs'>> {
  readonly decided: Fact;
}

function wantedOf(picture: Picture, facts: readonly Fact[]): Wanted | null {
  const { outcome, agreedSlot } = picture;
  if (outcome !== null) {
    const decided = facts.find((fact) => fact.id === outcome.factId);
    if (outcome.by === 'source' || outcome.sureness !== 'decided' || decided === undefined) return null;
    if (outcome.value === 'canceled') return { decided, cancel: true };
    const mark = outcome.value === 'no_show' ? 'absent' : 'present';
    return { decided, mark, notBeforeMs: picture.slot?.startMs ?? null };
  }
  const reopened = takenBack(picture, facts);
  if (reopened !== null) return { decided: reopened, mark: 'present', notBeforeMs: picture.slot?.startMs ?? null };
  if (agreedSlot === null) return null;
  const decided = newest(facts.filter((fact) => agreesOn(fact, agreedSlot)));
  return decided === undefined ? null : { decided, moveTo: agreedSlot };
}

function agreesOn(fact: Fact, slot: Slot): boolean {
  return outcomeSaid(fact)?.slot?.startMs === slot.startMs;
}

/** The newest word of a person took the outcome back: what the source was told of it has to go too. */
function takenBack(picture: Picture, facts: readonly Fact[]): Fact | null {
  if (picture.status !== 'scheduled' && picture.status !== 'awaiting_outcome') return null;
  const last = newest(facts.filter((fact) => outcomeSaid(fact) !== null && fact.uid === picture.chain.at(-1)));
  return last !== undefined && outcomeSaid(last)?.outcome === 'open' ? last : null;
}

/**
 * By state alone, so that the echo of our own write needs no recognition: a source that called the appointment off knows that it
 * is, and one that shows the mark, or has shown it since the decision, is not told again. A later change of it is somebody's own.
 */
function isSaidBySource(
  wanted: Wanted,
  at: { readonly uid: string; readonly personId: string | null; readonly facts: readonly Fact[] },
): boolean {
  const said = at.facts.filter((fact) => fact.by === 'source' && fact.uid === at.uid);
  if (wanted.cancel) return said.some((fact) => callsOff(fact.type));
  if (wanted.mark === undefined || wanted.mark === null) return false;
  const agrees = (fact: Fact): boolean => (fact.type === 'no_show') === (wanted.mark === 'absent');
  const marks = said.filter(
    (fact) => MARKS.has(fact.type) && (fact.aboutPersonId === null || fact.aboutPersonId === at.personId),
  );
  const since = marks.filter((fact) => momentOf(fact) > wanted.decided.receivedAtMs);
  const before = newest(marks.filter((fact) => !since.includes(fact)));
  return since.some(agrees) || (before !== undefined && agrees(before));
}

const MARKS: ReadonlySet<string> = new Set(['no_show', 'no_show_reverted', 'showed']);

/** A decision about a refused write only counts for what had been decided before it. */
function decidedAfter(
  decided: Fact,
  sourceDecision: Picture['sourceDecision'],
  facts: readonly Fact[],
): Picture['sourceDecision'] {
  const fact = facts.find((one) => one.id === sourceDecision?.factId);
  return fact !== undefined && fact.receivedAtMs >= decided.receivedAtMs ? sourceDecision : null;
}

function newest(facts: readonly Fact[]): Fact | undefined {
  return [...facts].sort((a, b) => momentOf(b) - momentOf(a) || (a.id < b.id ? 1 : -1))[0];
}

/** The one write that brings the source to the picture. */
export function sourceActionOf(wanted: SourcePicture): SourceAction {
  if (wanted.cancel) return 'cancel';
  if (wanted.moveTo !== null) return 'reschedule';
  return wanted.mark === 'absent' ? 'mark_absent' : 'unmark_absent';
}

/** Does the source show it already? Whom a called-off appointment's attendance is about there is nobody left to mark. */
export function sourceShows(wanted: SourcePicture, shown: SourceShown): boolean {
  if (wanted.cancel) return shown.calledOff;
  if (wanted.moveTo !== null) return !shown.calledOff && shown.startMs === wanted.moveTo.startMs;
  return shown.calledOff || shown.absent === (wanted.mark === 'absent');
}
