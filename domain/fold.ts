/**
 * The fold: all facts of one booking, in any arrival order and with any repetition, to its picture and a verdict on each fact.
 * Invariant: the picture depends on the set of facts and `nowMs` only; it is computed here and nowhere else.
 */
import { assertNever } from './assert-never';
import type { BookingStatus, Outcome, Picture } from './booking';
import type { ContactChoice, Fact, Verdict } from './facts';
import { chainOf, inOrder, isConfirmation, movesLifecycle } from './order';

/** What is known about one uid of the chain while its facts are read. A new uid starts from `NOTHING_KNOWN`. */
interface Appointment {
  readonly lifecycle: 'none' | 'requested' | 'scheduled' | 'reschedule_requested' | 'canceled' | 'rejected';
  readonly hostMustConfirm: boolean;
  readonly paymentPending: boolean;
  readonly ended: boolean;
  readonly noShowSuspectedAtMs: number | null;
  readonly outcome: Outcome | null;
  /** The fact that gave the current lifecycle word or outcome its time. */
  readonly settledAtMs: number | null;
}

const NOTHING_KNOWN: Appointment = {
  lifecycle: 'none',
  hostMustConfirm: false,
  paymentPending: false,
  ended: false,
  noShowSuspectedAtMs: null,
  outcome: null,
  settledAtMs: null,
};

type Step =
  | { readonly kind: 'applied'; readonly next: Appointment; readonly why: string }
  | { readonly kind: 'duplicate' | 'superseded'; readonly why: string };

export interface Folded {
  readonly picture: Picture;
  /** In the facts' own order. */
  readonly verdicts: readonly Verdict[];
}

/** Folds at least one fact. `nowMs` only decides whether a scheduled slot is over. */
export function fold(facts: readonly Fact[], nowMs: number): Folded {
  const chain = chainOf(facts);
  const ordered = inOrder(facts, chain);
  const earliestLater = arrivalOfLaterLifecycle(ordered);
  const verdicts: Verdict[] = [];
  const seen = new Set<string>();

  let uid: string | null = null;
  let appointment = NOTHING_KNOWN;
  let shared: SharedKnowledge = NOTHING_SHARED;
  for (const [index, fact] of ordered.entries()) {
    if (fact.uid !== uid) {
      uid = fact.uid;
      appointment = NOTHING_KNOWN;
    }
    const step = seen.has(contentOf(fact)) ? REPEATED : transition(appointment, fact);
    seen.add(contentOf(fact));
    if (step.kind === 'applied') {
      appointment = step.next;
      shared = learn(shared, fact);
    }
    verdicts.push(verdictOf(fact, step, earliestLater[index] ?? Infinity));
  }
  return { picture: pictureOf({ chain, appointment, shared, nowMs }), verdicts };
}

const REPEATED: Step = { kind: 'duplicate', why: 'the same was said before' };

/** Equal for facts that say the same about the same appointment. Marks are never equal: no-show, taken back, no-show is a legitimate life. */
function contentOf(fact: Fact): string {
  const isMark = fact.type === 'no_show' || fact.type === 'no_show_reverted' || fact.type === 'showed';
  if (isMark || fact.decision !== null) return fact.id;
  const slot = fact.slot ? `${fact.slot.startMs}-${fact.slot.endMs}-${fact.slot.zone}` : '';
  return [fact.type, fact.uid, fact.predecessorUid ?? '', fact.sequence ?? '', slot].join('|');
}

/** One fact on one appointment: the whole matrix of status and event. */
function transition(now: Appointment, fact: Fact): Step {
  switch (fact.type) {
    case 'requested':
      return begin(
        now,
        { ...now, lifecycle: 'requested', hostMustConfirm: true },
        'requested, waiting for confirmation',
      );
    case 'payment_pending':
      return begin(now, { ...now, lifecycle: 'requested', paymentPending: true }, 'booked, waiting for payment');
    case 'paid':
      return begin(now, { ...now, lifecycle: 'requested', paymentPending: false }, 'paid');
    case 'scheduled':
      return begin(now, { ...now, lifecycle: 'scheduled' }, 'scheduled');
    case 'rescheduled':
      return begin(now, { ...now, lifecycle: 'scheduled' }, 'moved to another time');
    case 'reschedule_requested':
      return applied({ ...now, lifecycle: 'reschedule_requested' }, 'the host asked for another time');
    case 'rejected':
      return applied({ ...now, lifecycle: 'rejected', settledAtMs: fact.receivedAtMs }, 'rejected by the host');
    case 'canceled':
      return applied({ ...now, lifecycle: 'canceled', settledAtMs: fact.receivedAtMs }, 'canceled');
    case 'ended':
      if (isOver(now)) return superseded('the appointment had already been called off');
      if (now.lifecycle === 'requested') return superseded('the appointment was never confirmed');
      return applied({ ...now, ended: true }, 'the slot is over; attendance is not known from that');
    case 'no_show_suspected':
      return applied(
        { ...now, noShowSuspectedAtMs: fact.receivedAtMs },
        'a head count saw no guest: evidence for the review, not an outcome',
      );
    case 'host_no_show':
      return superseded('the host was absent; that is not a no-show of the guest');
    case 'showed':
      return mark(now, fact, 'showed');
    case 'no_show':
      return mark(now, fact, 'no_show');
    case 'no_show_reverted':
      return unmark(now);
    case 'outcome_decided':
      return decide(now, fact);
    case 'contact_decided':
      return applied(now, 'a person chose the CRM contact');
    case 'crm_decided':
      return applied(now, 'a person decided about the refused CRM write');
    case 'hold_decided':
      return applied(now, 'a person decided to keep waiting for a new time');
    case 'source_decided':
      return applied(now, 'a person decided about the write that the source refused');
    default:
      return assertNever(fact.type);
  }
}

function applied(next: Appointment, why: string): Step {
  return { kind: 'applied', next, why };
}
function superseded(why: string): Step {
  return { kind: 'superseded', why };
}

/** A life begins or is confirmed; the order has already put every ending after it. */
function begin(now: Appointment, next: Appointment, why: string): Step {
  // Requests and payments are ordered before confirmations, so a scheduled appointment is never asked to become requested again.
  return applied(
    { ...next, hostMustConfirm: next.hostMustConfirm && next.lifecycle !== 'scheduled', ended: now.ended },
    why,
  );
}

function isOver(now: Appointment): boolean {
  return now.lifecycle === 'canceled' || now.lifecycle === 'rejected' || now.lifecycle === 'reschedule_requested';
}

function mark(now: Appointment, fact: Fact, value: 'showed' | 'no_show'): Step {
  const word = value === 'showed' ? 'showed' : 'no-show';
  if (now.outcome?.by === 'operator')
    return superseded(`a person here had already decided: ${wordOf(now.outcome.value)}`);
  if (isOver(now)) return superseded(`an appointment that was called off has no ${word}`);
  if (now.outcome?.value === value) return { kind: 'duplicate', why: `already marked as ${word}` };
  const replaced = now.outcome
    ? `, replacing ${wordOf(now.outcome.value)} (no order is given by the source: the later word wins)`
    : '';
  return applied(withOutcome(now, fact, value, 'source'), `marked as ${word}${replaced}`);
}

function unmark(now: Appointment): Step {
  if (now.outcome?.by === 'operator')
    return superseded(`a person here had already decided: ${wordOf(now.outcome.value)}`);
  if (now.outcome?.value !== 'no_show') return { kind: 'duplicate', why: 'there was no no-show mark to take back' };
  return applied({ ...now, outcome: null, settledAtMs: null }, 'the no-show mark was taken back');
}

function decide(now: Appointment, fact: Fact): Step {
  if (fact.decision?.kind !== 'outcome') return superseded('the decision names no outcome');
  if (fact.decision.outcome === 'rescheduled') {
    const next = { ...now, lifecycle: 'reschedule_requested', outcome: null, settledAtMs: null } as const;
    return applied(next, 'a person decided: a new time is agreed on, waiting for it');
  }
  return applied(
    withOutcome(now, fact, fact.decision.outcome, 'operator'),
    `a person decided: ${wordOf(fact.decision.outcome)}`,
  );
}

function withOutcome(now: Appointment, fact: Fact, value: Outcome['value'], by: Outcome['by']): Appointment {
  return {
    ...now,
    outcome: {
      value,
      by,
      sureness: by === 'operator' ? 'decided' : 'marked',
      factId: fact.id,
      atMs: fact.receivedAtMs,
    },
    settledAtMs: fact.receivedAtMs,
  };
}

function wordOf(value: Outcome['value']): string {
  return value === 'no_show' ? 'no-show' : value;
}

// ---------------------------------------------------------------- what holds for the whole chain

interface SharedKnowledge {
  readonly slot: Picture['slot'];
  readonly confirmedSlot: Picture['slot'];
  readonly slotKnownAtMs: number | null;
  readonly paid: boolean;
  readonly personId: string | null;
  readonly hostId: string | null;
  readonly contactChoices: Readonly<Record<string, ContactChoice>>;
  readonly crmDecisions: Picture['crmDecisions'];
}

const NOTHING_SHARED: SharedKnowledge = {
  slot: null,
  confirmedSlot: null,
  slotKnownAtMs: null,
  paid: false,
  personId: null,
  hostId: null,
  contactChoices: {},
  crmDecisions: {},
};

function learn(shared: SharedKnowledge, fact: Fact): SharedKnowledge {
  const isNewSlot =
    fact.slot !== null && (fact.slot.startMs !== shared.slot?.startMs || fact.slot.endMs !== shared.slot.endMs);
  const { decision } = fact;
  return {
    slot: fact.slot ?? shared.slot,
    confirmedSlot: isConfirmation(fact.type) ? (fact.slot ?? shared.slot) : shared.confirmedSlot,
    slotKnownAtMs: isNewSlot ? fact.receivedAtMs : shared.slotKnownAtMs,
    paid: shared.paid || fact.type === 'paid',
    personId: fact.personId ?? shared.personId,
    hostId: fact.hostId ?? shared.hostId,
    contactChoices:
      decision?.kind === 'contact'
        ? { ...shared.contactChoices, [decision.connection]: decision.contact }
        : shared.contactChoices,
    crmDecisions:
      decision?.kind === 'crm'
        ? { ...shared.crmDecisions, [decision.connection]: { action: decision.action, factId: fact.id } }
        : shared.crmDecisions,
  };
}

// ---------------------------------------------------------------- result

function pictureOf(from: {
  chain: readonly string[];
  appointment: Appointment;
  shared: SharedKnowledge;
  nowMs: number;
}): Picture {
  const { appointment, shared } = from;
  const status = statusOf(appointment, shared.slot?.endMs ?? null, from.nowMs);
  return {
    status,
    statusReason: reasonOf(status, appointment, shared.paid),
    slot: shared.slot,
    confirmedSlot: shared.confirmedSlot,
    chain: from.chain,
    outcome: appointment.outcome ?? canceledOutcome(status),
    settledAtMs: status === 'scheduled' || status === 'awaiting_outcome' ? null : appointment.settledAtMs,
    slotKnownAtMs: shared.slotKnownAtMs,
    paid: shared.paid,
    noShowSuspectedAtMs: appointment.noShowSuspectedAtMs,
    holdSinceMs: null,
    agreedSlot: null,
    sourceDecision: null,
    personId: shared.personId,
    hostId: shared.hostId,
    contactChoices: shared.contactChoices,
    crmDecisions: shared.crmDecisions,
  };

  function canceledOutcome(word: BookingStatus): Outcome | null {
    if (word !== 'canceled' || appointment.settledAtMs === null) return null;
    return { value: 'canceled', by: 'source', sureness: 'marked', factId: '', atMs: appointment.settledAtMs };
  }
}

function statusOf(appointment: Appointment, slotEndMs: number | null, nowMs: number): BookingStatus {
  if (appointment.outcome) return appointment.outcome.value;
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
  if (status === 'reschedule_requested') return 'waiting for the guest to choose another time';
  if (status !== 'requested') return null;
  if (appointment.paymentPending && !paid) return 'waiting for payment';
  if (paid && !appointment.hostMustConfirm) return 'paid, waiting for the confirmation';
  return appointment.hostMustConfirm ? 'waiting for the host to confirm' : 'not confirmed by the source';
}

/** For each ordered fact: when the first lifecycle fact that comes after it in order had arrived. */
function arrivalOfLaterLifecycle(ordered: readonly Fact[]): number[] {
  const earliest: number[] = new Array<number>(ordered.length).fill(Infinity);
  let soFar = Infinity;
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    earliest[index] = soFar;
    const fact = ordered[index]!;
    if (movesLifecycle(fact.type)) soFar = Math.min(soFar, fact.receivedAtMs);
  }
  return earliest;
}

/** The picture ignores arrival; the timeline does not: a fact that came after newer news had is said to be late. */
function verdictOf(fact: Fact, step: Step, laterNewsAtMs: number): Verdict {
  if (step.kind === 'applied' && movesLifecycle(fact.type) && laterNewsAtMs < fact.receivedAtMs) {
    return {
      factId: fact.id,
      outcome: 'superseded',
      why: `${step.why}; it arrived late, newer news was already known`,
    };
  }
  return { factId: fact.id, outcome: step.kind, why: step.why };
}
