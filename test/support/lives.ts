/**
 * Random lives of a booking, told in their true order together with what a careful person would note down at the end.
 * Invariant: the notebook is kept step by step and knows nothing of facts, ranks or folds.
 */
import fc from 'fast-check';
import type { BookingStatus, Outcome } from '../../domain/booking';
import type { DecidedOutcome, Fact, FactType, Side, Slot } from '../../domain/facts';
import type { FoldPolicy } from '../../domain/settings';
import { HOUR, slotAt, START } from './facts';

/** What is noted about the newest appointment. A new uid starts a new page. */
interface Page {
  standing: 'requested' | 'confirmed' | 'asked_to_move' | 'canceled' | 'rejected' | 'time_agreed';
  calledOffBy: Side | null;
  ended: boolean;
  mark: 'showed' | 'no_show' | null;
  counted: boolean;
  decided: Exclude<DecidedOutcome, 'rescheduled'> | null;
  agreed: Slot | null;
  /** Moved under the same uid: to any time, or to the one that a person here had agreed on. */
  movedInPlace: boolean;
  movedAsAgreed: boolean;
  mayMoveInPlace: boolean;
  reassigned: boolean;
}

export interface Notebook {
  readonly status: BookingStatus;
  readonly sureness: Outcome['sureness'] | null;
  readonly slot: Slot;
  readonly chain: readonly string[];
  readonly agreedSlot: Slot | null;
  readonly hostId: string;
  /** Whose wish the cancellation was that stands. */
  readonly calledOffBy: Side | null;
}

/** A fact as it was said; `isRead`: by the source's API, at that moment. Ids and instants are given by `arrive`. */
type Said = Omit<Fact, 'id' | 'receivedAtMs' | 'readAtMs'> & { readonly isRead: boolean };

export interface Life {
  /** In the order in which it happened. */
  readonly facts: readonly Said[];
  readonly policy: FoldPolicy;
  readonly notebook: Notebook;
  readonly steps: readonly string[];
}

const STEPS = [
  'move', 'move', 'moveUnheard', 'moveTwiceUnheard', 'requestMove', 'confirm', 'pay', 'askToMove', 'cancel', 'reject',
  'end', 'show', 'noShow', 'takeBack', 'onOffOn', 'noShowOfFriend', 'readMarks', 'suspect', 'suspect', 'hostAbsent', 'wholeSlotMove',
  'read', 'readStale', 'reassign', 'agree', 'agree', 'moveAsAgreed', 'moveAsAgreed', 'keepWaiting',
  'decideShowed', 'decideNoShow', 'decideCanceled', 'decideRescheduled',
] as const; // prettier-ignore
type Step = (typeof STEPS)[number];
const BEGINNINGS = ['scheduled', 'requested', 'payment_pending'] as const;
type Beginning = (typeof BEGINNINGS)[number];
const MOST_STEPS = 14;
/** Some steps say three things. */
const MOST_FACTS = 3 * MOST_STEPS + 1;

export const lives: fc.Arbitrary<Life> = fc
  .tuple(
    fc.constantFrom(...BEGINNINGS),
    fc.array(fc.constantFrom(...STEPS), { maxLength: MOST_STEPS, size: 'max' }),
    fc.boolean(),
  )
  .map(([beginning, steps, trustHeadCount]) => new Telling(beginning, { trustHeadCount }).tell(steps));

class Telling {
  private readonly facts: Said[] = [];
  private readonly taken: string[];
  private readonly chain = ['uid-0'];
  private slot = slotAt(START);
  private hostId = 'host-0';
  private sequence = 0;
  private page = newPage('requested');

  constructor(
    private readonly beginning: Beginning,
    private readonly policy: FoldPolicy,
  ) {
    this.taken = [beginning, policy.trustHeadCount ? 'head counts trusted' : 'head counts are evidence'];
    this.page.standing = beginning === 'scheduled' ? 'confirmed' : 'requested';
    this.push(beginning);
  }

  tell(steps: readonly Step[]): Life {
    for (const step of steps) if (this[step]()) this.taken.push(step);
    const { facts, policy, taken } = this;
    return { facts, policy, notebook: this.notebook(), steps: taken };
  }

  private notebook(): Notebook {
    const { page, slot, chain, hostId } = this;
    const status = this.status();
    const isOutcome = status === 'showed' || status === 'no_show' || status === 'canceled';
    const sureness = page.decided ? 'decided' : page.standing !== 'confirmed' || page.mark ? 'marked' : 'counted';
    const calledOffBy = page.standing === 'canceled' && !page.decided ? page.calledOffBy : null;
    return { status, sureness: isOutcome ? sureness : null, slot, chain, agreedSlot: page.agreed, hostId, calledOffBy };
  }

  private status(): BookingStatus {
    const { page } = this;
    if (page.decided) return page.decided;
    if (page.standing === 'asked_to_move' || page.standing === 'time_agreed') return 'reschedule_requested';
    if (page.standing !== 'confirmed') return page.standing;
    if (page.mark) return page.mark;
    if (page.counted && this.policy.trustHeadCount) return 'no_show';
    return page.ended ? 'awaiting_outcome' : 'scheduled';
  }

  // ---------------------------------------------------------------- how it is said

  private say(type: FactType, more: Partial<Said> = {}): true {
    this.facts.push({
      type,
      uid: this.chain.at(-1)!,
      predecessorUid: null,
      ancestry: [],
      slot: null,
      sequence: null,
      eventType: null,
      personId: null,
      hostId: null,
      aboutPersonId: null,
      by: 'source',
      decision: null,
      isRead: false,
      ...more,
    });
    return true;
  }
  private get body() {
    return { slot: this.slot, personId: 'guest', hostId: this.hostId };
  }
  private push(type: FactType, more: Partial<Said> = {}): true {
    return this.say(type, { ...this.body, sequence: this.sequence, ...more });
  }
  /** The API names no version and knows all older uids. */
  private readAs(type: FactType): true {
    const [, predecessorUid = null, ...ancestry] = [...this.chain].reverse();
    return this.say(type, { ...this.body, predecessorUid, ancestry, isRead: true });
  }
  private decision(outcome: DecidedOutcome, slot?: Slot): true {
    const decision = { kind: 'outcome', outcome, ...(slot && { slot }) } as const;
    return this.say('outcome_decided', { by: 'operator', decision });
  }
  private newTime(): void {
    this.sequence += 1;
    this.slot = slotAt(START + this.sequence * 25 * HOUR);
  }
  private newUid(standing: 'requested' | 'confirmed', slot?: Slot): string {
    const predecessor = this.chain.at(-1)!;
    this.chain.push(`uid-${this.chain.length}`);
    this.newTime();
    this.slot = slot ?? this.slot;
    this.page = newPage(standing);
    return predecessor;
  }

  // ---------------------------------------------------------------- what happens

  private get isConfirmed(): boolean {
    return this.page.standing === 'confirmed';
  }
  private get mayMove(): boolean {
    return this.isConfirmed || this.page.standing === 'asked_to_move' || this.page.standing === 'time_agreed';
  }
  private get isUntouched(): boolean {
    return this.status() === 'scheduled' && !this.page.ended;
  }

  private move(): boolean {
    return this.mayMove && this.push('rescheduled', { predecessorUid: this.newUid('confirmed'), ...this.now });
  }
  /** As it is after `newUid`, which is called before. */
  private get now() {
    return { ...this.body, uid: this.chain.at(-1)!, sequence: this.sequence };
  }
  private moveUnheard(): boolean {
    if (!this.mayMove) return false;
    this.newUid('confirmed');
    return this.readAs('rescheduled');
  }
  private moveTwiceUnheard(): boolean {
    if (!this.mayMove) return false;
    this.newUid('confirmed');
    return this.moveUnheard();
  }
  private requestMove(): boolean {
    return this.isUntouched && this.push('requested', { predecessorUid: this.newUid('requested'), ...this.now });
  }
  private wholeSlotMove(): boolean {
    if (!this.isUntouched || this.page.movedAsAgreed) return false;
    this.newTime();
    this.page.movedInPlace = true;
    return this.push('rescheduled');
  }
  private confirm(): boolean {
    if (this.page.standing !== 'requested' || this.page.decided) return false;
    this.page.standing = 'confirmed';
    return this.push('scheduled');
  }
  private pay(): boolean {
    return this.page.standing === 'requested' && this.push('paid');
  }
  private askToMove(): boolean {
    if (!this.isUntouched) return false;
    this.page.standing = 'asked_to_move';
    return this.push('reschedule_requested');
  }
  private cancel(): boolean {
    const isStanding = this.isConfirmed || this.page.standing === 'requested';
    if (!isStanding || this.page.decided) return false;
    this.page.standing = 'canceled';
    this.page.calledOffBy = this.facts.length % 2 === 0 ? 'guest' : 'host';
    return this.push('canceled', { calledOffBy: this.page.calledOffBy });
  }
  private reject(): boolean {
    if (this.page.standing !== 'requested' || this.page.decided) return false;
    this.page.standing = 'rejected';
    return this.push('rejected');
  }
  private end(): boolean {
    if (!this.isConfirmed || this.page.movedAsAgreed) return false;
    this.page.ended = true;
    return this.say('ended');
  }

  private show(): boolean {
    return this.mark('showed', { aboutPersonId: 'guest' });
  }
  private noShow(): boolean {
    return this.mark('no_show', { aboutPersonId: 'guest' });
  }
  private mark(value: 'showed' | 'no_show', more: Partial<Said>): boolean {
    if (this.page.standing === 'requested' || this.page.agreed) return false;
    this.say(value, more);
    if (this.isConfirmed && !this.page.decided) this.page.mark = value;
    return true;
  }
  private takeBack(): boolean {
    if (!this.isConfirmed) return false;
    if (!this.page.decided && this.page.mark === 'no_show') this.page.mark = null;
    return this.say('no_show_reverted');
  }
  private onOffOn(): boolean {
    if (!this.isConfirmed) return false;
    for (const type of ['no_show', 'no_show_reverted', 'no_show'] as const) this.say(type);
    if (!this.page.decided) this.page.mark = 'no_show';
    return true;
  }
  private noShowOfFriend(): boolean {
    return this.isConfirmed && this.say('no_show', { aboutPersonId: 'friend' });
  }
  /** A mark was changed without a word, then the API was read; it shows who is absent, guest and friend. */
  private readMarks(): boolean {
    if (!this.isConfirmed || this.page.mark === 'showed') return false;
    const isAbsent = this.page.mark !== 'no_show';
    if (!this.page.decided) this.page.mark = isAbsent ? 'no_show' : null;
    this.say('no_show', { aboutPersonId: 'friend', isRead: true });
    return this.say(isAbsent ? 'no_show' : 'no_show_reverted', { aboutPersonId: 'guest', isRead: true });
  }
  private suspect(): boolean {
    if (!this.isConfirmed || this.page.movedAsAgreed) return false;
    this.page.counted = true;
    return this.say('no_show_suspected');
  }
  private hostAbsent(): boolean {
    return this.isConfirmed && this.say('host_no_show');
  }

  private read(): boolean {
    const { standing } = this.page;
    if (standing === 'time_agreed') return false;
    if (standing === 'confirmed') return this.readAs('scheduled');
    // The API shows a wish for a new time as a cancellation.
    return this.readAs(standing === 'asked_to_move' ? 'canceled' : standing);
  }
  /** The webhook left before the source's database was written. */
  private readStale(): boolean {
    const isOff = this.page.standing === 'asked_to_move' || this.page.standing === 'canceled';
    return isOff && this.readAs('scheduled');
  }
  /** Nobody tells; only a read shows it. After a move in place nothing orders the two. */
  private reassign(): boolean {
    if (!this.isConfirmed || this.page.movedInPlace) return false;
    this.hostId = `host-${this.facts.length}`;
    this.page.reassigned = true;
    return this.readAs('scheduled');
  }

  private agree(): boolean {
    const before = this.slot;
    this.newTime();
    const agreed = this.slot;
    this.slot = before;
    // An old count that comes after the move would be taken for a new one.
    const mayMoveInPlace = this.isConfirmed && !this.page.counted && !this.page.reassigned;
    this.page = { ...this.page, standing: 'time_agreed', decided: null, mark: null, counted: false };
    this.page = { ...this.page, agreed, mayMoveInPlace };
    return this.decision('rescheduled', agreed);
  }
  private moveAsAgreed(): boolean {
    const { agreed, mayMoveInPlace } = this.page;
    if (!agreed) return false;
    if (!mayMoveInPlace) {
      const predecessorUid = this.newUid('confirmed', agreed);
      return this.push('rescheduled', { predecessorUid, ...this.now });
    }
    this.sequence += 1;
    this.slot = agreed;
    this.page = { ...newPage('confirmed'), movedInPlace: true, movedAsAgreed: true };
    return this.push('rescheduled');
  }
  private keepWaiting(): boolean {
    return this.say('hold_decided', { by: 'operator', decision: { kind: 'hold', action: 'keep_waiting' } });
  }
  private decideShowed(): boolean {
    return this.decide('showed');
  }
  private decideNoShow(): boolean {
    return this.decide('no_show');
  }
  private decideCanceled(): boolean {
    return this.decide('canceled');
  }
  private decide(outcome: 'showed' | 'no_show' | 'canceled'): boolean {
    this.page = { ...this.page, decided: outcome, agreed: null };
    if (this.page.standing === 'time_agreed') this.page.standing = 'asked_to_move';
    return this.decision(outcome);
  }
  private decideRescheduled(): boolean {
    this.page = { ...this.page, standing: 'asked_to_move', decided: null, mark: null, counted: false, agreed: null };
    return this.decision('rescheduled');
  }
}

function newPage(standing: Page['standing']): Page {
  return {
    standing,
    calledOffBy: null,
    ended: false,
    mark: null,
    counted: false,
    decided: null,
    agreed: null,
    movedInPlace: false,
    movedAsAgreed: false,
    mayMoveInPlace: false,
    reassigned: false,
  };
}

// ---------------------------------------------------------------- how it arrives

const MINUTE = 60_000;
const BEGAN = START - 30 * 24 * HOUR;

/** How a life reaches us: for each fact, how often and how late its copies come. */
export type Arrival = readonly { readonly copies: number; readonly delay: number }[];

const DELAYS = 60;
export const arrivals: fc.Arbitrary<Arrival> = fc
  .array(fc.noBias(fc.nat({ max: 3 * DELAYS - 1 })), { minLength: MOST_FACTS, maxLength: MOST_FACTS })
  .map((numbers) => numbers.map((n) => ({ copies: n % 3, delay: Math.floor(n / 3) })));

/** Every fact once and at once. */
export const AT_ONCE: Arrival = [];

/** Marks that are pushed have no order of their own, decisions are made here: both arrive as they happen. */
const ARRIVES_AT_ONCE: readonly FactType[] = [
  'showed',
  'no_show',
  'no_show_reverted',
  'outcome_decided',
  'hold_decided',
];

/** Gives ids and instants. What has an order of its own arrives whenever, reads included; nothing arrives before it happened. */
export function arrive(life: Life, arrival: Arrival): Fact[] {
  const arrived = life.facts.flatMap(({ isRead, ...said }, index) => {
    const happenedAtMs = BEGAN + index * MINUTE;
    const isLate = isRead || !ARRIVES_AT_ONCE.includes(said.type);
    const { copies, delay } = arrival[index] ?? { copies: 0, delay: 0 };
    return Array.from({ length: 1 + copies }, (_, copy): Fact => {
      const minutes = (delay + copy * 23) % DELAYS;
      const delayMs = isLate && arrival !== AT_ONCE ? minutes * MINUTE : copy;
      return {
        ...said,
        id: `fact-${String(index).padStart(2, '0')}-${copy}`,
        receivedAtMs: happenedAtMs + delayMs,
        readAtMs: isRead ? happenedAtMs : null,
      };
    });
  });
  return arrived.sort((a, b) => a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : 1));
}
