/**
 * Which booking an event belongs to, from what is known about its ids.
 * Invariant: ids only ever join bookings and never part them, so the same events end in the same bookings whatever their order;
 * one writer per connection decides, so two events of one chain can never found two bookings at once.
 *
 * A store (the database, or a Map in a test) does for every event:
 * 1. look up `uidsOf(event)`, the seat and the calendar id: that is `Known`;
 * 2. not `isShared`: `identify` says which booking it is, and which others turn out to be the same one. Afterwards every uid of
 *    `uidsOf` is that booking's, and `calendarClaims` are remembered;
 * 3. `isShared`: `bookingsToShare` first become participations (`shareOut`); then `participationOf` says whose participation the
 *    event is about; afterwards it takes part under every uid of `uidsOf`. An event with a seat is a fact of that participation
 *    alone. One without is kept with the uid, and `receiversOf` get it, those that are heard of later included.
 */
import type { Fact, SourceFactType } from './facts';

/** What identity reads of an event. An event as a source's adapter makes it is one. */
export interface EventIds {
  readonly type: SourceFactType;
  readonly uid: string;
  /** Equal to `uid` when the appointment moved and kept it: that is no link. */
  readonly predecessorUid: string | null;
  /** Uids before the predecessor, nearest first. */
  readonly ancestry: readonly string[];
  readonly iCalUid: string | null;
  readonly sequence: number | null;
  /** It may stand for other appointments of a series. */
  readonly series: boolean;
  /** Null: not about one of several who share the uid. */
  readonly seat: { readonly id: string | null } | null;
}

/** A participation under one uid. One that moved alone is under several. */
export interface Sharer {
  readonly bookingId: string;
  readonly uid: string;
  readonly seatId: string | null;
  readonly personId: string | null;
  /** It was canceled or rejected under this uid, by an event of its own. */
  readonly hasLeft: boolean;
}

/** An appointment that a calendar id was seen on, with the lowest sequence it was known under. */
export interface CalendarClaim {
  readonly uid: string;
  readonly sequence: number;
}
export type CalendarUse = CalendarClaim & { readonly bookingId: string };

/** What a store knows about the ids of one event. */
export interface Known {
  /** Of `uidsOf(event)`, those that one guest's own booking holds → that booking. */
  readonly bookingOf: ReadonlyMap<string, string>;
  /** Participations under any of `uidsOf(event)` or with the event's seat id, in the order in which they were first heard of. */
  readonly sharers: readonly Sharer[];
  /**
   * What is remembered under the event's calendar id: of each booking that holds it at least the use with the lowest sequence whose
   * uid is none of the event's, of each version that the event claims at least one such use, and every use of the event's own uids.
   */
  readonly calendar: readonly CalendarUse[];
}

export interface Identity {
  /** Null: nobody knows it yet; found a new one, named after `rootUidOf`. */
  readonly bookingId: string | null;
  /** Bookings that turn out to be the same one: merged into it. */
  readonly mergeFrom: readonly string[];
}

/** Every uid that the event says is the same appointment, oldest first, its own last. A uid that names itself is no link. */
export function uidsOf(event: Pick<EventIds, 'uid' | 'predecessorUid' | 'ancestry'>): string[] {
  const before = [event.predecessorUid, ...event.ancestry].filter((uid) => uid !== null && uid !== event.uid);
  return [...new Set([event.uid, ...before] as string[])].reverse();
}

/** The uid that a new booking is named after. */
export function rootUidOf(event: Pick<EventIds, 'uid' | 'predecessorUid' | 'ancestry'>): string {
  return uidsOf(event)[0] ?? event.uid;
}

/** One guest's own booking: the oldest link names the survivor. */
export function identify(event: EventIds, known: Known): Identity {
  const uids = uidsOf(event);
  const calendar = calendarLink(event, known.calendar);
  return oldestFirst([
    ...uids.slice(0, -1).map((uid) => known.bookingOf.get(uid)),
    calendar?.isOlder ? calendar.bookingId : undefined,
    known.bookingOf.get(event.uid),
    calendar?.bookingId,
  ]);
}

function oldestFirst(candidates: readonly (string | undefined)[]): Identity {
  const [bookingId = null, ...mergeFrom] = [...new Set(candidates.filter((id) => id !== undefined))];
  return { bookingId, mergeFrom };
}

// ---------------------------------------------------------------- the calendar's id

/** Only these say under which version an appointment came to be; an ending has a version of its own. */
const BEGINNINGS: readonly SourceFactType[] = ['requested', 'payment_pending', 'paid', 'scheduled', 'rescheduled'];

/**
 * What to remember under the event's calendar id: its own uid, and the uids that it names, each at least one version before the
 * next. Empty when the calendar id is no key: Cal.com resets it, and calendars give all occurrences of a series the same one.
 */
export function calendarClaims(event: EventIds): CalendarClaim[] {
  const { iCalUid, sequence } = event;
  if (iCalUid === null || sequence === null || event.series || event.seat !== null) return [];
  if (!BEGINNINGS.includes(event.type)) return [];
  return uidsOf(event)
    .reverse()
    .map((uid, before) => ({ uid, sequence: sequence - before }))
    .filter((claim) => claim.sequence >= 0);
}

/**
 * The booking that the calendar id links to, and whether it is the older part. Uids of one chain follow each other in version;
 * two that began under the same version are occurrences of a series, and then the calendar id says nothing.
 */
function calendarLink(event: EventIds, uses: readonly CalendarUse[]): { bookingId: string; isOlder: boolean } | null {
  const claims = calendarClaims(event);
  const own = new Set(uidsOf(event));
  const others = uses.filter((use) => !own.has(use.uid));
  if (claims.some((claim) => others.some((use) => use.sequence === claim.sequence))) return null;
  const [bookingId, ...more] = new Set(others.map((use) => use.bookingId));
  if (bookingId === undefined || more.length > 0 || event.sequence === null || claims.length === 0) return null;
  return { bookingId, isOlder: Math.min(...others.map((use) => use.sequence)) < event.sequence };
}

// ---------------------------------------------------------------- shared uids

/** Is it about a uid that several guests share? Known once one event of that uid, or of one that it names, had a seat. */
export function isShared(event: EventIds, known: Known): boolean {
  const uids = uidsOf(event);
  return event.seat !== null || known.sharers.some((sharer) => uids.includes(sharer.uid));
}

/** Bookings that were taken for one guest's own before anybody knew that their uid is shared. */
export function bookingsToShare(event: EventIds, known: Known): string[] {
  return [...new Set(uidsOf(event).flatMap((uid) => known.bookingOf.get(uid) ?? []))];
}

/** What becomes of a booking whose uid turns out to be shared. All that its source said goes to everybody, as `receiversOf` says. */
export interface SharedOut {
  /** Whose participation the booking becomes; null: nobody's, its source facts leave it and it is merged into the one that is heard of. */
  readonly personId: string | null;
  /** Ids of source facts that the participation keeps as its own copy; the other source facts leave it. */
  readonly keeps: readonly string[];
}

/** The guest who was named first keeps the booking; what was said of or with somebody else does not stay with it. */
export function shareOut(facts: readonly Fact[]): SharedOut {
  const said = facts
    .filter((fact) => fact.by === 'source')
    .sort((a, b) => a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : 1));
  const personId = said.find((fact) => fact.personId !== null)?.personId ?? null;
  const isTheirs = (id: string | null): boolean => id === null || id === personId;
  const kept = said.filter((fact) => isTheirs(fact.personId) && isTheirs(fact.aboutPersonId));
  return { personId, keeps: personId === null ? [] : kept.map((fact) => fact.id) };
}

/**
 * Whose participation an event about a shared uid concerns; null: it names nobody whose it could be, so it concerns everybody
 * (or, as a mark, somebody who is looked for by `receiversOf`). A guest may leave and join again: that is another seat, and
 * another participation. Where no seat is named, the one that has not left is meant.
 * `guestId`: the event's guest as a person. `heldBy`: the participation that holds this very event already, if any.
 */
export function participationOf(
  event: EventIds,
  from: { readonly guestId: string | null; readonly sharers: readonly Sharer[]; readonly heldBy: string | null },
): Identity | null {
  const { guestId, sharers } = from;
  if (event.seat === null && (guestId === null || !BEGINNINGS.includes(event.type))) return null;
  const seatId = event.seat?.id ?? null;
  const bySeat = seatId === null ? undefined : sharers.find((sharer) => sharer.seatId === seatId);
  const byPerson = uidsOf(event).map((uid) => {
    const theirs = sharers.filter(
      (sharer) =>
        sharer.uid === uid &&
        guestId !== null &&
        sharer.personId === guestId &&
        (seatId === null || sharer.seatId === null || sharer.seatId === seatId),
    );
    return theirs.find((sharer) => !sharer.hasLeft) ?? theirs[0];
  });
  const candidates = [bySeat, ...byPerson].map((sharer) => sharer?.bookingId);
  return oldestFirst(from.heldBy === null ? candidates : [from.heldBy]);
}

/** Who gets what was said of a shared uid without a seat: a mark goes to the one whom it is about, anything else to everybody. */
export function receiversOf(said: Pick<Fact, 'aboutPersonId'>, sharers: readonly Sharer[]): string[] {
  const concerned = sharers.filter((sharer) => isConcerned(said, sharer));
  return [...new Set(concerned.map((sharer) => sharer.bookingId))];
}

/** Does what was said of a shared uid concern this participation? Asked again when it is heard of later. */
export function isConcerned(said: Pick<Fact, 'aboutPersonId'>, sharer: Pick<Sharer, 'personId'>): boolean {
  return said.aboutPersonId === null || said.aboutPersonId === sharer.personId;
}

/** A participation's copy of what was said of its uid: the guest of it is its own, never the one who was named for all. */
export function copyFor(said: Fact, to: { readonly id: string; readonly personId: string | null }): Fact {
  return { ...said, id: to.id, personId: said.personId === null ? null : to.personId };
}
