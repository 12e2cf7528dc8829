/**
 * Which booking an event belongs to, from what the database knows about its ids.
 * Invariant: decided by one writer per connection, so two events of one chain can never found two bookings at once.
 */
export interface KnownIds {
  /** Booking that holds the event's own uid, the predecessor that it names, its calendar id; null when unknown. */
  readonly byUid: string | null;
  readonly byPredecessor: string | null;
  readonly byCalendarUid: string | null;
}

export interface Identity {
  /** Null: found a new booking, rooted in the predecessor if one is named, else in the event's own uid. */
  readonly bookingId: string | null;
  /** Bookings that turn out to be the same one and are merged into `bookingId`. */
  readonly mergeFrom: readonly string[];
}

/** The oldest link names the survivor: predecessor before calendar id before own uid. */
export function identify(known: KnownIds): Identity {
  const candidates = [known.byPredecessor, known.byCalendarUid, known.byUid].filter((id) => id !== null);
  const [survivor = null, ...others] = [...new Set(candidates)];
  return { bookingId: survivor, mergeFrom: others };
}

/** The uid that a new booking is named after. */
export function rootUidOf(event: { readonly uid: string; readonly predecessorUid: string | null }): string {
  return event.predecessorUid ?? event.uid;
}
