/**
 * The subject: the real rules of identity and fold over Maps, which do what place-delivery.ts does with the database.
 * Invariant: decides nothing itself; every decision is a call of domain/identity.ts or domain/fold.ts.
 */
import type { Picture } from '../../domain/booking';
import type { Fact } from '../../domain/facts';
import type * as foldModule from '../../domain/fold';
import type * as identityModule from '../../domain/identity';
import type { CalendarUse, Known, Sharer } from '../../domain/identity';
import { isKnownRead } from '../../domain/known-read';
import type { SourceEvent, SourcePerson } from '../../integrations/ports';
import { decisionFactOf, factOf } from './subject-facts';
import type { DecidedHere } from './world';
import { nameOf } from './source-events';

/** The rules under test: the real ones, or ones with a planted mistake. */
export interface Rules {
  readonly fold: (typeof foldModule)['fold'];
  readonly identity: typeof identityModule;
}

interface Stored {
  readonly id: string;
  facts: Fact[];
  mergedInto: string | null;
  /** Facts of shared uids of which it has a copy. */
  readonly copied: Set<string>;
  folded: { readonly nowMs: number; readonly facts: number; readonly picture: Picture } | null;
}

/** `hasLeft` is looked up when it is asked for. */
type Part = { -readonly [K in keyof Omit<Sharer, 'hasLeft'>]: Sharer[K] };

export class Subject {
  private readonly bookings = new Map<string, Stored>();
  private readonly aliases = new Map<string, string>();
  private readonly sharers: Part[] = [];
  /** What was said of a shared uid without naming a seat. */
  private readonly said = new Map<string, Fact[]>();
  private readonly claims = new Map<string, { uid: string; sequence: number }[]>();
  private readonly meanings = new Map<string, Fact>();
  private made = 0;

  constructor(
    private readonly rules: Rules,
    private readonly trustHeadCount: boolean,
  ) {}

  knows(uid: string): boolean {
    return this.aliases.has(uid) || this.sharers.some((sharer) => sharer.uid === uid);
  }

  /** Would the event be a new booking's, as far as its ids tell? */
  isNewBooking(event: SourceEvent): boolean {
    const known = this.known(event);
    return !this.rules.identity.isShared(event, known) && this.rules.identity.identify(event, known).bookingId === null;
  }

  /** Every time that was ever heard of the appointment. */
  startsOf(uid: string): number[] {
    const sharing = this.sharers.filter((sharer) => sharer.uid === uid).map((sharer) => sharer.bookingId);
    const ids = [this.aliases.get(uid), ...sharing].filter((id) => id !== undefined);
    const facts = [...ids.flatMap((id) => this.booking(id).facts), ...(this.said.get(uid) ?? [])];
    return facts.flatMap((fact) => (fact.uid === uid && fact.slot ? [fact.slot.startMs] : []));
  }

  hear(event: SourceEvent, atMs: number): void {
    const known = this.known(event);
    const fact = factOf(event, { id: this.nextFactId(), atMs });
    if (this.rules.identity.isShared(event, known)) this.hearOfShared(event, fact, known);
    else this.add(this.ownBooking(event, known), fact, event.meaning);
  }

  decide(decided: DecidedHere, atMs: number): void {
    const sharer = this.sharers.find(({ uid, personId }) => uid === decided.uid && personId === decided.guest);
    const id = sharer?.bookingId ?? this.aliases.get(decided.uid);
    if (id === undefined) throw new Error(`Nothing is known of ${decided.uid}, and yet somebody decided about it`);
    this.booking(id).facts.push(decisionFactOf(decided, { id: this.nextFactId(), atMs }));
  }

  /** As activities/judge-read.ts: does the one booking of this uid show already what was read? */
  isKnown(uid: string, read: readonly SourceEvent[], nowMs: number): boolean {
    const id = this.aliases.get(uid);
    if (id === undefined || read.some(({ seat }) => seat !== null)) return false;
    const picture = this.picture(this.booking(id), nowMs);
    const isSame = (person: SourcePerson | null, known: string | null): boolean | null =>
      person === null ? null : nameOf(person) === known;
    return isKnownRead(
      picture,
      read.map((event) => ({
        type: event.type,
        uid: event.uid,
        predecessorUid: event.predecessorUid,
        ancestry: event.ancestry,
        slot: event.slot,
        sameGuest: isSame(event.guest, picture.personId),
        sameHost: isSame(event.host, picture.hostId),
        aboutGuest: isSame(event.about, picture.personId),
      })),
    );
  }

  /** Pictures of the bookings that are known by this uid: several where guests share it. */
  pictures(uid: string, nowMs: number): Picture[] {
    const sharing = this.sharers.filter((sharer) => sharer.uid === uid).map((sharer) => sharer.bookingId);
    const own = this.aliases.get(uid);
    const ids = new Set(own === undefined ? sharing : [own, ...sharing]);
    return [...ids].map((id) => this.picture(this.booking(id), nowMs));
  }

  /** Everything that was not merged away. */
  allPictures(nowMs: number): Picture[] {
    return [...this.bookings.values()].filter((one) => one.mergedInto === null).map((one) => this.picture(one, nowMs));
  }

  private picture(booking: Stored, nowMs: number): Picture {
    const isFolded = booking.folded?.nowMs === nowMs && booking.folded.facts === booking.facts.length;
    if (isFolded) return booking.folded!.picture;
    const { picture } = this.rules.fold(booking.facts, nowMs, { trustHeadCount: this.trustHeadCount });
    booking.folded = { nowMs, facts: booking.facts.length, picture };
    return picture;
  }

  private booking(id: string): Stored {
    return this.bookings.get(id)!;
  }

  // ---------------------------------------------------------------- one guest's own booking

  private ownBooking(event: SourceEvent, known: Known): string {
    const { identify, uidsOf, rootUidOf, calendarClaims } = this.rules.identity;
    const { bookingId, mergeFrom } = identify(event, known);
    const id = bookingId ?? this.found(rootUidOf(event));
    for (const from of mergeFrom) this.merge(from, id);
    for (const uid of uidsOf(event)) if (!this.aliases.has(uid)) this.aliases.set(uid, id);
    if (event.iCalUid === null) return id;
    for (const claim of calendarClaims(event)) this.claimCalendar(event.iCalUid, claim);
    return id;
  }

  private claimCalendar(iCalUid: string, claim: { uid: string; sequence: number }): void {
    const claims = this.claims.get(iCalUid) ?? [];
    const same = claims.find(({ uid }) => uid === claim.uid);
    if (!same) claims.push({ ...claim });
    else same.sequence = Math.min(same.sequence, claim.sequence);
    this.claims.set(iCalUid, claims);
  }

  private found(rootUid: string): string {
    const id = this.bookings.has(rootUid) ? `${rootUid}/${(this.made += 1)}` : rootUid;
    this.bookings.set(id, { id, facts: [], mergedInto: null, copied: new Set(), folded: null });
    return id;
  }

  private merge(from: string, into: string): void {
    const [loser, survivor] = [this.booking(from), this.booking(into)];
    survivor.facts.push(...loser.facts);
    loser.facts = [];
    loser.mergedInto = into;
    for (const [uid, id] of this.aliases) if (id === from) this.aliases.set(uid, into);
    for (const kept of loser.copied) survivor.copied.add(kept);
    for (const sharer of this.sharers) if (sharer.bookingId === from) sharer.bookingId = into;
  }

  // ---------------------------------------------------------------- uids that several guests share

  private hearOfShared(event: SourceEvent, fact: Fact, known: Known): void {
    const { bookingsToShare, participationOf } = this.rules.identity;
    const nobodys = bookingsToShare(event, known).filter((id) => !this.shareOut(id));
    const { sharers } = this.known(event);
    const heldBy = event.seat === null ? null : this.holderOf(event.meaning);
    const whose = participationOf(event, { guestId: fact.personId, sharers, heldBy });
    const id = whose && this.participation(event, fact, whose);
    const survivor = id ?? sharers[0]?.bookingId;
    if (survivor !== undefined) for (const from of nobodys) this.merge(from, survivor);
    if (id !== null && event.seat !== null) return this.add(id, fact, event.meaning);
    this.addForAll(event, fact);
  }

  private participation(
    event: SourceEvent,
    fact: Fact,
    whose: { bookingId: string | null; mergeFrom: readonly string[] },
  ): string {
    const id = whose.bookingId ?? this.found(`${event.uid}/${(this.made += 1)}`);
    for (const from of whose.mergeFrom) this.merge(from, id);
    const personId = this.sharers.find((one) => one.bookingId === id && one.personId !== null)?.personId;
    this.takePart(id, this.rules.identity.uidsOf(event), {
      seatId: event.seat?.id ?? null,
      personId: personId ?? fact.personId,
    });
    return id;
  }

  /** What was said of the uids to everybody before is said to the newcomer too. */
  private takePart(id: string, uids: readonly string[], who: { seatId: string | null; personId: string | null }): void {
    for (const uid of uids) {
      const here = this.sharers.find((one) => one.bookingId === id && one.uid === uid);
      if (here) {
        here.seatId ??= who.seatId;
        here.personId ??= who.personId;
      } else this.sharers.push({ bookingId: id, uid, ...who });
      for (const fact of this.said.get(uid) ?? []) {
        if (this.rules.identity.isConcerned(fact, who)) this.copyTo(id, fact, who.personId);
      }
    }
  }

  /** Keeps the event with the uid and gives everybody whom it concerns a copy. */
  private addForAll(event: SourceEvent, fact: Fact): void {
    if (!this.isNew(event.meaning, fact)) return;
    this.keepFor(event.uid, fact);
    const concerned = this.known({ ...event, seat: null }).sharers;
    for (const id of this.rules.identity.receiversOf(fact, concerned)) {
      this.copyTo(id, fact, concerned.find((one) => one.bookingId === id)?.personId ?? null);
    }
  }

  private keepFor(uid: string, fact: Fact): void {
    const said = this.said.get(uid);
    if (said) said.push(fact);
    else this.said.set(uid, [fact]);
  }

  private copyTo(id: string, fact: Fact, personId: string | null): void {
    const booking = this.booking(id);
    if (booking.copied.has(fact.id)) return;
    booking.copied.add(fact.id);
    booking.facts.push(this.rules.identity.copyFor(fact, { id: this.nextFactId(), personId }));
  }

  /** False: it was nobody's, and is to be merged into one. */
  private shareOut(id: string): boolean {
    const booking = this.booking(id);
    const { personId, keeps } = this.rules.identity.shareOut(booking.facts);
    const said = booking.facts.filter(({ by }) => by === 'source');
    for (const fact of said) this.keepFor(fact.uid, fact);
    booking.facts = booking.facts.filter((fact) => fact.by !== 'source' || keeps.includes(fact.id));
    for (const kept of keeps) booking.copied.add(kept);
    const uids = [...this.aliases].flatMap(([uid, holder]) => (holder === id ? [uid] : []));
    for (const uid of uids) this.aliases.delete(uid);
    if (personId !== null) this.takePart(id, uids, { seatId: null, personId });
    return personId !== null;
  }

  // ---------------------------------------------------------------- what the store knows

  private known(event: SourceEvent): Known {
    const uids = this.rules.identity.uidsOf(event);
    const seatId = event.seat?.id ?? null;
    const bookingOf = new Map<string, string>();
    for (const uid of uids) if (this.aliases.has(uid)) bookingOf.set(uid, this.aliases.get(uid)!);
    const parts = this.sharers.filter((one) => uids.includes(one.uid) || (seatId !== null && one.seatId === seatId));
    return { bookingOf, sharers: parts.map((part) => this.sharerOf(part)), calendar: this.usesOf(event) };
  }

  private sharerOf(part: Part): Sharer {
    const { facts, copied } = this.booking(part.bookingId);
    const ends = (fact: Fact) => fact.uid === part.uid && (fact.type === 'canceled' || fact.type === 'rejected');
    return { ...part, hasLeft: facts.some((fact) => ends(fact) && fact.personId !== null && !copied.has(fact.id)) };
  }

  private usesOf(event: SourceEvent): CalendarUse[] {
    if (event.iCalUid === null || this.rules.identity.calendarClaims(event).length === 0) return [];
    return (this.claims.get(event.iCalUid) ?? []).flatMap((claim) => {
      const bookingId = this.aliases.get(claim.uid);
      return bookingId === undefined ? [] : [{ ...claim, bookingId }];
    });
  }

  /** The participation that has a fact which says the same. */
  private holderOf(meaning: string | null): string | null {
    const fact = meaning === null ? undefined : this.meanings.get(meaning);
    if (!fact) return null;
    return [...this.bookings.values()].find(({ facts }) => facts.includes(fact))?.id ?? null;
  }

  private add(id: string, fact: Fact, meaning: string | null): void {
    if (this.isNew(meaning, fact)) this.booking(id).facts.push(fact);
  }

  private isNew(meaning: string | null, fact: Fact): boolean {
    if (meaning === null) return true;
    if (this.meanings.has(meaning)) return false;
    this.meanings.set(meaning, fact);
    return true;
  }

  /** As random as a UUID's order: nothing may depend on it. */
  private nextFactId(): string {
    this.made += 1;
    return (Math.imul(this.made, 2654435761) >>> 0).toString(16).padStart(8, '0');
  }
}
