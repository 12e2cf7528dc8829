/**
 * The fold: all facts of one booking, in any arrival order and with any repetition, to its picture and a verdict on each fact.
 * Invariant: the result depends on the set of facts, `nowMs` and the policy only; a status is computed here and nowhere else.
 */
import { applied, duplicate, NOTHING_KNOWN, outcomeOf, superseded, type Appointment, type Step } from './appointment';
import { assertNever } from './assert-never';
import { countHeads, decide, mark, marksReadAtMs, unmark, type Circumstances } from './attendance';
import { isSettled, type BookingStatus, type Outcome, type Picture } from './booking';
import type { Fact, Verdict } from './facts';
import { learn, NOTHING_LEARNED, type Knowledge } from './knowledge';
import { advance, end, keepWaiting, type LifecycleFactType } from './lifecycle';
import { chainOf, founds, inOrder, isConfirmation, isMark, isRead } from './order';
import type { FoldPolicy } from './settings';
import { verdictsOf, type Taken } from './verdicts';
import { minuteOf } from './words';

export interface Folded {
  readonly picture: Picture;
  /** The facts in their own order (domain/order.ts). */
  readonly ordered: readonly Fact[];
  /** In the same order. */
  readonly verdicts: readonly Verdict[];
}

/** Folds at least one fact. `nowMs` only decides whether a scheduled slot is over. */
export function fold(facts: readonly Fact[], nowMs: number, policy: FoldPolicy): Folded {
  const chain = chainOf(facts);
  const ordered = inOrder(facts, chain);
  let walked = walk(ordered, null, policy);
  // Whose mark it is can only be told when the guest is known, and that may be in the last fact.
  const guestId = walked.known.personId;
  if (guestId !== null && facts.some((fact) => (fact.aboutPersonId ?? guestId) !== guestId))
    walked = walk(ordered, guestId, policy);
  return { picture: pictureOf(walked, chain, nowMs), ordered, verdicts: verdictsOf(walked.taken) };
}

interface Walked {
  readonly appointment: Appointment;
  readonly known: Knowledge;
  readonly taken: readonly Taken[];
}

/** Reads the facts in order. Leaves the newest uid's state, what holds for the whole chain, and what each fact did. */
function walk(ordered: readonly Fact[], guestId: string | null, policy: FoldPolicy): Walked {
  const taken: Taken[] = [];
  const said = new Map<string, Fact>();
  let known = NOTHING_LEARNED;
  let appointment = NOTHING_KNOWN;
  for (const factsOfUid of byUid(ordered)) {
    appointment = NOTHING_KNOWN;
    const ofUid = { guestId, facts: factsOfUid, marksReadAtMs: marksReadAtMs(factsOfUid, guestId), ...policy };
    for (const fact of factsOfUid) {
      const around: Circumstances = { known, ...ofUid };
      const step = repeated(said, fact) ?? transition(appointment, fact, around);
      const learned = learn(known, fact, {
        // A change that does not hold is news all the same: the CRM has to be written back.
        isApplied: step.kind === 'applied' || fact.type === 'crm_overruled',
        wasConfirmed: appointment.wasConfirmed,
      });
      appointment = step.next ?? appointment;
      taken.push({ fact, step, taught: isTaught(known, learned) });
      known = learned;
    }
  }
  return { appointment, known, taken };
}

function byUid(ordered: readonly Fact[]): Fact[][] {
  const groups: Fact[][] = [];
  for (const fact of ordered) {
    const group = groups.at(-1);
    if (group?.[0]?.uid === fact.uid) group.push(fact);
    else groups.push([fact]);
  }
  return groups;
}

function isTaught(before: Knowledge, after: Knowledge): boolean {
  return before.slot !== after.slot || before.personId !== after.personId || before.hostId !== after.hostId;
}

/** What the source pushes twice is said once. Notes the fact as said otherwise. */
function repeated(said: Map<string, Fact>, fact: Fact): Step | null {
  const content = contentOf(fact);
  const first = said.get(content);
  if (first) return duplicate(`the same was said before, ${minuteOf(first.receivedAtMs)}`);
  said.set(content, fact);
  return null;
}

/**
 * Equal for facts that say the same about the same appointment. Marks are never equal: no-show, taken back, no-show is a
 * legitimate life, and so is a uid that is moved there, back, and there again. Nor are reads: each shows the source as it is
 * at its moment.
 */
function contentOf(fact: Fact): string {
  const mayRepeat = isMark(fact.type) || (isConfirmation(fact.type) && !founds(fact));
  if (mayRepeat || isRead(fact) || fact.decision !== null) return fact.id;
  const slot = fact.slot ? `${fact.slot.startMs}-${fact.slot.endMs}-${fact.slot.zone}` : '';
  return [fact.type, fact.uid, fact.predecessorUid, fact.sequence, slot, fact.aboutPersonId ?? null].join('|');
}

/** One fact on one appointment: the whole matrix of status and event. */
function transition(now: Appointment, fact: Fact, around: Circumstances): Step {
  switch (fact.type) {
    case 'requested':
    case 'payment_pending':
    case 'paid':
    case 'scheduled':
    case 'rescheduled':
    case 'reschedule_requested':
    case 'rejected':
    case 'canceled':
      return advance(now, fact as Fact & { type: LifecycleFactType }, around.known);
    case 'ended':
      return end(now, fact, around.known);
    case 'host_no_show':
      return superseded('the host was absent; that is not a no-show of the guest');
    case 'no_show_suspected':
      return countHeads(now, fact, around);
    case 'showed':
    case 'no_show':
      return mark(now, fact, around);
    case 'no_show_reverted':
      return unmark(now, fact, around);
    case 'outcome_decided':
    case 'crm_reported':
      return decide(now, fact, around);
    case 'hold_decided':
      return keepWaiting(now, fact);
    case 'contact_decided':
      return applied(now, 'a person chose the CRM contact');
    case 'crm_decided':
      return applied(now, 'a person decided about the refused CRM write');
    case 'source_decided':
      return applied(now, 'a person decided about the write that the source refused');
    case 'conflict_decided':
      return applied(now, `a person decided about a conflict: ${keptWord(fact)}`);
    case 'crm_overruled':
      return superseded(overruledWord(fact));
    case 'crm_deleted':
      return applied(now, `deleted${placeOf(fact)}: a person is asked whether it is made again`);
    default:
      return assertNever(fact.type);
  }
}

function placeOf({ decision }: Fact): string {
  return decision?.kind === 'crm_record' ? ` in ${decision.connection}` : '';
}

/** "moved in ghl-main; the booking owns its time, so it is written back" */
function overruledWord(fact: Fact): string {
  const field = fact.decision?.kind === 'crm_record' ? fact.decision.field : 'record';
  const [done, owned] =
    field === 'slot'
      ? ['moved', 'its time']
      : field === 'stage'
        ? ['deal moved', 'the stage']
        : ['changed', 'the outcome'];
  return `${done}${placeOf(fact)}; the booking owns ${owned}, so it is written back`;
}

function keptWord({ decision }: Fact): string {
  return decision?.kind === 'conflict' && decision.keep === 'crm'
    ? 'what the CRM says stays'
    : 'what the booking says stays';
}

// ---------------------------------------------------------------- result

function pictureOf({ appointment, known }: Walked, chain: readonly string[], nowMs: number): Picture {
  const status = statusOf(appointment, known.slot?.endMs ?? null, nowMs);
  const hold = status === 'reschedule_requested' ? appointment.hold : null;
  const outcome = outcomeOf(appointment) ?? canceledOutcome(status, appointment);
  return {
    status,
    statusReason: outcome?.calledOffBy ? `by the ${outcome.calledOffBy}` : reasonOf(status, appointment, known.paid),
    slot: known.slot,
    confirmedSlot: known.confirmedSlot,
    chain,
    outcome,
    settledAtMs: isSettled(status) ? (outcome?.atMs ?? appointment.saidBy?.atMs ?? null) : null,
    slotKnownAtMs: known.slotKnownAtMs,
    paid: known.paid,
    noShowSuspectedAtMs: appointment.noShowSuspectedAtMs,
    holdSinceMs: hold?.sinceMs ?? null,
    agreedSlot: hold?.agreed ?? null,
    ...(hold?.agreedIn !== undefined && { agreedIn: hold.agreedIn }),
    sourceDecision: known.sourceDecision,
    eventType: known.eventType,
    personId: known.personId,
    hostId: known.hostId,
    contactChoices: known.contactChoices,
    crmDecisions: known.crmDecisions,
  };
}

function canceledOutcome(status: BookingStatus, { saidBy, calledOffBy }: Appointment): Outcome | null {
  if (status !== 'canceled' || saidBy === null) return null;
  const said = { value: 'canceled', by: 'source', sureness: 'marked', ...saidBy } as const;
  return calledOffBy === null ? said : { ...said, calledOffBy };
}

function statusOf(appointment: Appointment, slotEndMs: number | null, nowMs: number): BookingStatus {
  const outcome = outcomeOf(appointment);
  if (outcome) return outcome.value;
  switch (appointment.lifecycle) {
    case 'requested':
    case 'reschedule_requested':
    case 'canceled':
    case 'rejected':
      return appointment.lifecycle;
    case 'scheduled':
    case 'none':
      if (appointment.ended || (slotEndMs !== null && nowMs >= slotEndMs)) return 'awaiting_outcome';
      return appointment.lifecycle === 'scheduled' ? 'scheduled' : 'requested';
    default:
      return assertNever(appointment.lifecycle);
  }
}

function reasonOf(status: BookingStatus, appointment: Appointment, paid: boolean): string | null {
  if (status === 'reschedule_requested')
    return appointment.hold?.agreed ? 'moving to the agreed time' : 'waiting for the guest to choose another time';
  if (status !== 'requested') return null;
  if (appointment.paymentPending) return 'waiting for payment';
  if (paid && appointment.hostMustConfirm !== 'pushed') return 'paid, waiting for the confirmation';
  return appointment.hostMustConfirm === 'no' ? 'not confirmed by the source' : 'waiting for the host to confirm';
}
