/**
 * Plays a case from its first step to the last webhook and, where asked, the poll; then compares the product's pictures with the notebook.
 * Invariant: one thread of time: what arrives in a step arrives after what happens in it, and every look-up reads Cal.com as it is then.
 */
import type { Picture } from '../../domain/booking';
import type { SourceEvent } from '../../integrations/ports';
import type { Hook } from './calcom';
import { comparePages, type Hidden } from './compare';
import type { Page } from './notebook';
import { play } from './play';
import { fateOf, type Case } from './script';
import { eventsOf, nameOf, readEventsOf } from './source-events';
import { Subject, type Rules } from './subject';
import { MINUTE, newWorld, type World } from './world';

/** What was seen of it, for the coverage that the test prints. */
export type Seen = (what: string) => void;

interface Posted {
  readonly hook: Hook;
  readonly arrival: number;
  readonly place: number;
}

/** Throws when a picture differs from the notebook. */
export function runCase(aCase: Case, rules: Rules, seen: Seen): void {
  const run = new Run(aCase, rules, seen);
  run.steps();
  run.rest();
  if (needsPoll(aCase)) run.poll();
  run.compare();
}

class Run {
  private readonly world: World;
  private readonly subject: Subject;
  private readonly heard = new Set<string>();
  private posted: Posted[] = [];
  private sent = 0;
  private places = 0;
  private newestPlace = 0;
  private delivered = 0;
  private readonly hidden: Hidden = {
    wishes: new Set(),
    headCounts: new Set(),
    confirmations: new Set(),
    seats: new Set(),
  };
  /** Without the API, what carries no order arrives in its own. */
  private lastInOrder = 0;

  constructor(
    private readonly aCase: Case,
    rules: Rules,
    private readonly seen: Seen,
  ) {
    this.subject = new Subject(rules, aCase.trustHeadCount);
    this.world = newWorld({ newestHeard: (page) => this.newestHeard(page), api: aCase.api });
  }

  steps(): void {
    for (const step of this.aCase.steps) {
      if (!play(this.world, step)) continue;
      this.seen(step.command);
      if (this.world.decided) this.subject.decide(this.world.decided, this.clock());
      for (const hook of this.world.sent) this.post(hook);
      if (this.world.pollAsked && this.aCase.api) this.poll();
      this.deliver(this.world.tick);
    }
  }

  /** Everything that is still under way arrives, a minute apart. */
  rest(): void {
    for (const tick of new Set(this.posted.map(({ arrival }) => arrival).sort((a, b) => a - b))) {
      this.world.nowMs += MINUTE;
      this.world.tick = tick;
      this.deliver(tick);
    }
  }

  /** Every row, as the API shows it now; only news are taken on. */
  poll(): void {
    this.seen('a poll');
    this.world.nowMs += MINUTE;
    this.world.tick += 1;
    const reads = [...this.world.rows.keys()].map((uid) => ({ uid, events: this.readOf(uid) }));
    const news = reads.filter(({ uid, events }) => !this.subject.isKnown(uid, events, this.world.nowMs));
    if (news.length < reads.length) this.seen('a read that brings no news');
    for (const { events } of news) for (const event of events) this.take(event);
  }

  compare(): void {
    const { world, subject, aCase } = this;
    const nowMs = world.nowMs + MINUTE;
    comparePages(world.pages, {
      nowMs,
      trustHeadCount: aCase.trustHeadCount,
      polled: needsPoll(aCase),
      hidden: this.hidden,
      isHeard: (page) => this.newestHeard(page) !== null,
      picturesOf: (uid) => subject.pictures(uid, nowMs),
      all: (): Picture[] => subject.allPictures(nowMs),
      seen: this.seen,
    });
  }

  // ---------------------------------------------------------------- the post

  private post(hook: Hook): void {
    const fate = fateOf(this.aCase, this.sent++);
    if (hook.recurring && hook.trigger === 'BOOKING_CREATED') this.hideConfirmations(hook.uid);
    if (fate.lost) return this.lose(hook);
    if (fate.delays.length > 1) this.seen('a webhook repeated');
    if (fate.delays.some((delay) => delay > 0)) this.seen('a webhook delayed');
    const arrivals = fate.delays.map((delay) => this.world.tick + delay);
    if (!this.aCase.api && carriesNoOrder(hook)) {
      this.lastInOrder = Math.max(this.lastInOrder, arrivals[0]!);
      arrivals.fill(this.lastInOrder);
    }
    for (const arrival of arrivals) this.posted.push({ hook, arrival, place: (this.places += 1) });
  }

  private lose(hook: Hook): void {
    this.seen('a webhook lost');
    if (hook.requestReschedule) this.hidden.wishes.add(hook.uid);
    if (hook.trigger === 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW') this.hidden.headCounts.add(hook.uid);
    if (givesUpSeat(hook)) this.hidden.seats.add(hook.attendees[0]!.email);
  }

  private hideConfirmations(uid: string): void {
    const { series } = this.world.rows.get(uid)!;
    for (const row of this.world.rows.values()) {
      if (row.series === series) this.hidden.confirmations.add(row.attendees[0]!.email);
    }
  }

  private deliver(tick: number): void {
    const due = this.posted.filter(({ arrival }) => arrival <= tick);
    if (due.length === 0) return;
    this.posted = this.posted.filter(({ arrival }) => arrival > tick);
    due.sort((a, b) => a.arrival - b.arrival || a.place - b.place);
    for (const { hook, place } of due) {
      if (place < this.newestPlace) this.seen('a webhook after a later one');
      this.newestPlace = Math.max(this.newestPlace, place);
      for (const event of eventsOf(hook)) this.hear(event);
    }
  }

  private hear(event: SourceEvent): void {
    if (!this.aCase.api) return this.take(event);
    const contradicts = this.contradicts(event);
    this.take(this.lookedUp(event));
    if (event.series) this.readSeries(event.uid);
    if (contradicts) this.read(event.uid);
  }

  private take(event: SourceEvent): void {
    this.subject.hear(event, this.clock());
    this.heard.add(event.seat === null ? event.uid : `${event.uid} ${nameOf(event.guest)}`);
  }

  // ---------------------------------------------------------------- look-ups at the API

  private read(uid: string): void {
    for (const event of this.readOf(uid)) this.take(event);
  }

  private readOf(uid: string): SourceEvent[] {
    const reading = { atMs: this.clock(), tick: this.world.tick, lying: this.aCase.lyingReads };
    return readEventsOf(this.world.rows.get(uid)!, reading);
  }

  private readSeries(uid: string): void {
    const { series } = this.world.rows.get(uid)!;
    if (series === null) return;
    this.seen('a series that is read again');
    for (const row of this.world.rows.values()) if (row.series === series) this.read(row.uid);
  }

  /** As worker/look-up.ts: marks, which carry no order, then the predecessors that an event leaves out. */
  private lookedUp(event: SourceEvent): SourceEvent {
    const marked = isMark(event) ? this.markRead(event) : event;
    return marked.seat === null ? this.withHistory(marked) : marked;
  }

  /** Two times for one uid: the source gives them no order, so it is read. */
  private contradicts({ uid, slot, predecessorUid, seat }: SourceEvent): boolean {
    if (slot === null || (seat === null && predecessorUid !== null)) return false;
    return this.subject.startsOf(uid).some((startMs) => startMs !== slot.startMs);
  }

  private markRead(event: SourceEvent): SourceEvent {
    return this.readOf(event.uid).find(({ about }) => about !== null && about === event.about) ?? event;
  }

  private withHistory(event: SourceEvent): SourceEvent {
    const { subject, world } = this;
    const mayContinue = event.type === 'requested' || (event.sequence ?? 0) > 0 || isMark(event);
    const asked = event.predecessorUid === null && mayContinue && subject.isNewBooking(event);
    const predecessorUid = asked ? world.rows.get(event.uid)!.from : event.predecessorUid;
    const ancestry: string[] = [];
    let at = predecessorUid;
    while (at !== null && !subject.knows(at)) {
      at = world.rows.get(at)!.from;
      if (at !== null) ancestry.push(at);
    }
    return { ...event, predecessorUid, ancestry };
  }

  // ---------------------------------------------------------------- what is known here

  private newestHeard(page: Page): string | null {
    for (let nth = page.lines.length - 1; nth >= 0; nth -= 1) {
      const { uid } = page.lines[nth]!;
      const isShared = this.world.rows.get(uid)!.kind === 'seats';
      if (this.heard.has(isShared ? `${uid} ${page.guest}` : uid)) return uid;
    }
    return null;
  }

  /** Every delivery has an instant of its own. */
  private clock(): number {
    this.delivered += 1;
    return this.world.nowMs + this.delivered;
  }
}

/** What was lost, and what a read did not show yet, is only found by asking again. */
function needsPoll(aCase: Case): boolean {
  return aCase.lyingReads || aCase.fates.some((fate) => fate.lost);
}

/** One guest of a shared appointment leaves, or moves alone. */
function givesUpSeat({ seats, trigger, rescheduleUid, attendees }: Hook): boolean {
  const leaves = trigger === 'BOOKING_CANCELLED' && attendees[0]?.seatId === null;
  return seats && (leaves || (trigger === 'BOOKING_RESCHEDULED' && rescheduleUid !== null && attendees.length === 1));
}

function isMark({ type }: SourceEvent): boolean {
  return type === 'no_show' || type === 'no_show_reverted';
}

/** Marks, and the times of an appointment that can move without a new uid. */
function carriesNoOrder(hook: Hook): boolean {
  const tellsTime = hook.trigger === 'BOOKING_CREATED' || hook.trigger === 'BOOKING_RESCHEDULED';
  return hook.trigger === 'BOOKING_NO_SHOW_UPDATED' || (hook.seats && tellsTime);
}
