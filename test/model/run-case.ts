/**
 * Plays a case for the domain's rules, with the look-ups and the poll that the product makes at Cal.com's API, and compares their
 * pictures with the notebook.
 * Invariant: every look-up reads Cal.com as it is at that moment.
 */
import type { SourceEvent } from '../../integrations/ports';
import type { Hook } from './calcom';
import { comparePages } from './compare';
import { Post, type Receiver, type Seen } from './post';
import type { Case } from './script';
import { eventsOf, readEventsOf } from './source-events';
import { Subject, type Rules } from './subject';
import { MINUTE, type DecidedHere } from './world';

/** Throws when a picture differs from the notebook. */
export function runCase(aCase: Case, rules: Rules, seen: Seen): void {
  const run = new Run(aCase, rules, seen);
  run.post.play();
  if (needsPoll(aCase)) run.poll();
  run.compare();
}

/** What was lost, and what a read did not show yet, is only found by asking again. */
function needsPoll(aCase: Case): boolean {
  return aCase.lyingReads || aCase.fates.some((fate) => fate.lost);
}

class Run implements Receiver {
  readonly post: Post;
  private readonly subject: Subject;
  private moments = 0;

  constructor(
    private readonly aCase: Case,
    rules: Rules,
    private readonly seen: Seen,
  ) {
    this.subject = new Subject(rules, aCase.trustHeadCount);
    this.post = new Post({ case: aCase, receiver: this, seen });
  }

  hear(hook: Hook): void {
    for (const event of eventsOf(hook)) {
      if (this.aCase.api) this.takeWithLookUps(event);
      else this.take(event);
    }
  }

  decide(decided: DecidedHere): void {
    this.subject.decide(decided, this.moment());
  }

  /** Every row, as the API shows it now; only news are taken on. */
  poll(): void {
    this.seen('a poll');
    this.post.passMinute();
    const { rows, nowMs } = this.post.world;
    const reads = [...rows.keys()].map((uid) => ({ uid, events: this.readOf(uid) }));
    const news = reads.filter(({ uid, events }) => !this.subject.isKnown(uid, events, nowMs));
    if (news.length < reads.length) this.seen('a read that brings no news');
    for (const { events } of news) for (const event of events) this.take(event);
  }

  compare(): void {
    const { post, subject, aCase, seen } = this;
    const nowMs = post.world.nowMs + MINUTE;
    comparePages(post.world.pages, {
      nowMs,
      trustHeadCount: aCase.trustHeadCount,
      polled: needsPoll(aCase),
      hidden: post.hidden,
      seen,
      isHeard: (page) => post.newestHeard(page) !== null,
      picturesOf: (uid) => subject.pictures(uid, nowMs),
      all: () => subject.allPictures(nowMs),
    });
  }

  private take(event: SourceEvent): void {
    this.subject.hear(event, this.moment());
    this.post.noteHeard(event);
  }

  // ---------------------------------------------------------------- look-ups at the API

  /** As worker/look-up.ts: marks and times that carry no order, predecessors that an event leaves out, the rest of a series. */
  private takeWithLookUps(event: SourceEvent): void {
    const contradicts = this.contradicts(event);
    const marked = isMark(event) ? this.markRead(event) : event;
    this.take(marked.seat === null ? this.withHistory(marked) : marked);
    if (event.series) this.readSeries(event.uid);
    if (contradicts) this.read(event.uid);
  }

  private readOf(uid: string): SourceEvent[] {
    const { world } = this.post;
    return readEventsOf(world.rows.get(uid)!, { atMs: this.moment(), tick: world.tick, lying: this.aCase.lyingReads });
  }

  private read(uid: string): void {
    for (const event of this.readOf(uid)) this.take(event);
  }

  private readSeries(uid: string): void {
    const { rows } = this.post.world;
    const { series } = rows.get(uid)!;
    if (series === null) return;
    this.seen('a series that is read again');
    for (const row of rows.values()) if (row.series === series) this.read(row.uid);
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
    const { subject } = this;
    const { rows } = this.post.world;
    // What carries no version (a mark, a head count, the end of the slot) may be the first that is heard of a later appointment.
    const mayContinue = event.type === 'requested' || event.sequence === null || event.sequence > 0;
    const asked = event.predecessorUid === null && mayContinue && subject.isNewBooking(event);
    const predecessorUid = asked ? rows.get(event.uid)!.from : event.predecessorUid;
    const ancestry: string[] = [];
    let at = predecessorUid;
    while (at !== null && !subject.knows(at)) {
      at = rows.get(at)!.from;
      if (at !== null) ancestry.push(at);
    }
    return { ...event, predecessorUid, ancestry };
  }

  /** Every delivery has an instant of its own. */
  private moment(): number {
    this.moments += 1;
    return this.post.world.nowMs + this.moments;
  }
}

function isMark({ type }: SourceEvent): boolean {
  return type === 'no_show' || type === 'no_show_reverted';
}
