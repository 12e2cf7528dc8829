/**
 * One case on one thread of time: what is done at Cal.com, and which webhooks arrive when, lost, repeated and delayed as the case says.
 * Invariant: what arrives in a step arrives after what happens in it; whoever receives it sees Cal.com as it is then.
 */
import type { SourceEvent } from '../../integrations/ports';
import type { Hook } from './calcom';
import type { Hidden } from './compare';
import type { Page } from './notebook';
import { play } from './play';
import { fateOf, type Case } from './script';
import { nameOf } from './source-events';
import { MINUTE, newWorld, type DecidedHere, type World } from './world';

/** What was seen of a case, for the coverage that the test prints. */
export type Seen = (what: string) => void;

/** Where it all arrives. */
export interface Receiver {
  /** `sentAtMs`: when Cal.com sent this copy, which no other body about the appointment shares. */
  hear(hook: Hook, sentAtMs: number): void;
  decide(decided: DecidedHere): void;
  poll(): void;
}

interface Posted {
  readonly hook: Hook;
  readonly sentAtMs: number;
  readonly arrival: number;
  readonly place: number;
}

export interface PostOptions {
  readonly case: Case;
  readonly receiver: Receiver;
  readonly seen: Seen;
  readonly startMs?: number;
  readonly prefix?: string;
}

export class Post {
  readonly world: World;
  readonly hidden: Hidden = { wishes: new Set(), headCounts: new Set(), confirmations: new Set(), seats: new Set() };
  private readonly heard = new Set<string>();
  private posted: Posted[] = [];
  private sent = 0;
  private places = 0;
  private newestPlace = 0;
  /** Without the API, what carries no order arrives in its own. */
  private lastInOrder = 0;

  constructor(private readonly given: PostOptions) {
    const newestHeard = (page: Page): string | null => this.newestHeard(page);
    const { startMs, prefix } = given;
    this.world = newWorld({
      newestHeard,
      api: given.case.api,
      ...(startMs === undefined ? {} : { startMs }),
      ...(prefix === undefined ? {} : { prefix }),
    });
  }

  /** From the first step to the last webhook. */
  play(): void {
    const { world, given } = this;
    for (const step of given.case.steps) {
      if (!play(world, step)) continue;
      given.seen(step.command);
      if (world.decided) given.receiver.decide(world.decided);
      for (const hook of world.sent) this.send(hook);
      if (world.pollAsked && given.case.api) given.receiver.poll();
      this.deliver(world.tick);
    }
    for (const tick of new Set(this.posted.map(({ arrival }) => arrival).sort((a, b) => a - b))) {
      this.passMinute(tick);
      this.deliver(tick);
    }
  }

  passMinute(tick: number = this.world.tick + 1): void {
    this.world.nowMs += MINUTE;
    this.world.tick = tick;
  }

  /** To be called for every event that was taken on: people decide about what they have heard of. */
  noteHeard(event: SourceEvent): void {
    this.heard.add(event.seat === null ? event.uid : `${event.uid} ${nameOf(event.guest)}`);
  }

  /** The newest appointment on the page of which anything was heard. */
  newestHeard(page: Page): string | null {
    for (let nth = page.lines.length - 1; nth >= 0; nth -= 1) {
      const { uid } = page.lines[nth]!;
      if (this.heard.has(page.isShared ? `${uid} ${page.guest}` : uid)) return uid;
    }
    return null;
  }

  private send(hook: Hook): void {
    const { case: aCase, seen } = this.given;
    const fate = fateOf(aCase, this.sent++);
    if (hook.recurring && hook.trigger === 'BOOKING_CREATED') this.hideConfirmations(hook.uid);
    if (fate.lost) return this.lose(hook);
    if (fate.delays.length > 1) seen('a webhook repeated');
    if (fate.delays.some((delay) => delay > 0)) seen('a webhook delayed');
    const arrivals = fate.delays.map((delay) => this.world.tick + delay);
    if (!aCase.api && carriesNoOrder(hook)) {
      this.lastInOrder = Math.max(this.lastInOrder, arrivals[0]!);
      arrivals.fill(this.lastInOrder);
    }
    for (const arrival of arrivals) {
      const place = (this.places += 1);
      this.posted.push({ hook, sentAtMs: this.world.nowMs + place, arrival, place });
    }
  }

  private lose(hook: Hook): void {
    this.given.seen('a webhook lost');
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
    for (const { hook, sentAtMs, place } of due) {
      if (place < this.newestPlace) this.given.seen('a webhook after a later one');
      this.newestPlace = Math.max(this.newestPlace, place);
      this.given.receiver.hear(hook, sentAtMs);
    }
  }
}

/** One guest of a shared appointment leaves, or moves alone. */
function givesUpSeat({ seats, trigger, rescheduleUid, attendees }: Hook): boolean {
  const leaves = trigger === 'BOOKING_CANCELLED' && attendees[0]?.seatId === null;
  return seats && (leaves || (trigger === 'BOOKING_RESCHEDULED' && rescheduleUid !== null && attendees.length === 1));
}

/** Marks, and the times of an appointment that can move without a new uid. */
function carriesNoOrder(hook: Hook): boolean {
  const tellsTime = hook.trigger === 'BOOKING_CREATED' || hook.trigger === 'BOOKING_RESCHEDULED';
  return hook.trigger === 'BOOKING_NO_SHOW_UPDATED' || (hook.seats && tellsTime);
}
