/**
 * A read of the source's API, boiled down to what it shows of one booking.
 * Invariant: reads the body as the source's own adapter does; of a uid that several guests share only this guest's part counts.
 */
import type { SourceShown } from '../domain/source-picture';
import { callsOff } from '../domain/order';
import {
  READ_HEADERS,
  type BookingSource,
  type SourceEvent,
  type SourcePerson,
  type SourceRead,
} from '../integrations/ports';

/** Whose part of the appointment it is. */
export interface Participant {
  readonly email: string | null;
  readonly phone: string | null;
  /** Null: the uid is the guest's own, as far as is known here. */
  readonly seat: { readonly id: string | null } | null;
}

export interface GuestShown extends SourceShown {
  /** The guest's e-mail as the source has it, else the phone; null where neither is known. */
  readonly address: string | null;
  /** Several guests share the uid. */
  readonly isShared: boolean;
  readonly seatId: string | null;
}

/** Null: the read says nothing that could be compared. */
export function shownTo(guest: Participant, source: BookingSource, read: SourceRead): GuestShown | null {
  const said = source.read(read.body, { ...READ_HEADERS });
  if (said.kind !== 'events') return null;
  const about = said.events.filter((event) => event.uid === read.uid);
  const isShared = guest.seat !== null || about.some((event) => event.seat !== null);
  const mine = about.filter((event) => event.seat === null || isMine(event, guest));
  const named = mine.filter((event) => event.guest !== null);
  // Everybody is named but this guest: the seat was given up.
  const isGone = isShared && named.length === 0;
  return {
    calledOff: isGone || mine.some((event) => callsOff(event.type)),
    absent: mine.some((event) => event.type === 'no_show' && (event.about === null || isSame(event.about, guest))),
    startMs: mine.findLast((event) => event.slot !== null)?.slot?.startMs ?? null,
    address: named.find((event) => event.guest?.email)?.guest?.email ?? guest.email ?? guest.phone,
    isShared,
    seatId: mine.find((event) => event.seat?.id)?.seat?.id ?? guest.seat?.id ?? null,
  };
}

function isMine({ seat, guest: named }: SourceEvent, guest: Participant): boolean {
  if (seat?.id && guest.seat?.id) return seat.id === guest.seat.id;
  return named !== null && isSame(named, guest);
}

function isSame(named: SourcePerson, guest: Participant): boolean {
  if (named.email !== null && guest.email !== null) return named.email === guest.email;
  return named.phone !== null && named.phone === guest.phone;
}
