/**
 * Slots that are held for somebody who is about to book.
 * Invariant: a reservation ends by itself at its instant; it hides the slot from lists and from other reservations, and stops no
 * booking: `POST /v2/bookings` of 2024-08-13 names none (Cal.com's slots service, 2024-09-04).
 */
import { uuid } from './random';

export interface Reservation {
  readonly uid: string;
  readonly eventTypeId: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly untilMs: number;
}

export interface ReservationStore {
  add(given: Omit<Reservation, 'uid'>): Reservation;
  /** Null for one that is unknown, over or released. */
  find(uid: string): Reservation | null;
  remove(uid: string): void;
  /** The live ones, oldest first. */
  all(): readonly Reservation[];
  clear(): void;
}

export function createReservationStore(clock: () => number): ReservationStore {
  const held = new Map<string, Reservation>();
  let count = 0;
  const live = (): readonly Reservation[] => [...held.values()].filter(({ untilMs }) => untilMs > clock());
  return {
    add(given) {
      count += 1;
      const reservation = { ...given, uid: uuid(`reservation ${count}`) };
      held.set(reservation.uid, reservation);
      return reservation;
    },
    find: (uid) => live().find((one) => one.uid === uid) ?? null,
    remove: (uid) => held.delete(uid),
    all: live,
    clear: () => held.clear(),
  };
}
