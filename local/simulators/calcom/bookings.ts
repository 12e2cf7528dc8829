/**
 * The account's bookings as its database has them.
 * Invariant: rows never go; ids and uids never come back, not even after a reset.
 */
import { notFound } from './errors';
import { shortId, uuid } from './random';

export interface Attendee {
  readonly id: number;
  readonly name: string;
  /** As Cal.com stores it: invented for phone-only bookers. */
  readonly email: string;
  readonly phone: string | null;
  readonly zone: string;
  readonly locale: string;
  absent: boolean;
  /** Set where the slot is shared. */
  readonly seatUid: string | null;
  /** Booking question → answer; of the one who booked. */
  readonly answers: Readonly<Record<string, string>>;
}

export type BookingStatus = 'accepted' | 'pending' | 'cancelled' | 'rejected';

/** What MEETING_STARTED and MEETING_ENDED will show: the row as it was when it was booked. */
export interface Meeting {
  readonly row: Readonly<Record<string, unknown>>;
  isStarted: boolean;
  isEnded: boolean;
}

export interface Booking {
  readonly id: number;
  readonly uid: string;
  readonly eventTypeId: number;
  hostId: number;
  startMs: number;
  endMs: number;
  status: BookingStatus;
  readonly createdAtMs: number;
  /** Attendance marks and canceled seats leave it as it is. */
  updatedAtMs: number;
  attendees: Attendee[];
  absentHost: boolean;
  /** The booking that this one replaced. */
  readonly fromUid: string | null;
  /** Replaced by another one, or the guest was asked for a new time. */
  rescheduled: boolean;
  rescheduledBy: string | null;
  reschedulingReason: string | null;
  cancelledBy: string | null;
  cancellationReason: string | null;
  rejectionReason: string | null;
  /** Null: no calendar answered. */
  iCalUid: string | null;
  iCalSequence: number;
  readonly recurringUid: string | null;
  paid: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly creationSource: 'WEBAPP' | 'API_V2';
  meeting: Meeting | null;
  /** What reads still show until the cancellation has reached the database. */
  lie: { readonly untilMs: number; readonly status: BookingStatus; readonly updatedAtMs: number } | null;
}

/** What the store does not fill in by itself. */
export type NewBooking = Pick<
  Booking,
  'eventTypeId' | 'hostId' | 'startMs' | 'endMs' | 'status' | 'metadata' | 'creationSource'
> & {
  readonly attendees: readonly NewAttendee[];
  readonly fromUid?: string;
  readonly rescheduledBy?: string | null;
  readonly reschedulingReason?: string | null;
  readonly recurringUid?: string | null;
  readonly paid?: boolean;
  /** Default: made from the uid. */
  readonly iCalUid?: string | null;
  readonly iCalSequence?: number;
};

export type NewAttendee = Omit<Attendee, 'id' | 'absent' | 'seatUid'> & {
  /** `new`: gets a seat of its own. */
  readonly seat: 'none' | 'new' | { readonly uid: string };
};

export interface SavedBookings {
  readonly lastId: number;
  readonly rows: readonly Booking[];
}

export interface BookingStore {
  add(booking: NewBooking, nowMs: number): Booking;
  /** An attendee for a booking; the caller puts it in. */
  attendee(given: NewAttendee): Attendee;
  find(uid: string): Booking | null;
  /** Throws 404. */
  get(uid: string): Booking;
  findBySeat(seatUid: string): Booking | null;
  /** The booking that replaced it. */
  successorOf(uid: string): Booking | null;
  /** Occurrences of a series, by start. */
  series(recurringUid: string): Booking[];
  /** Oldest first. */
  all(): readonly Booking[];
  /** A number that no row or attendee has. */
  nextId(): number;
  saved(): SavedBookings;
  restore(saved: SavedBookings): void;
  clear(): void;
}

const FIRST_ID = 5_000;

/** `seed` names the account: equal seeds and equal actions give equal uids. */
export function createBookingStore(seed: () => number): BookingStore {
  let rows = new Map<string, Booking>();
  let lastId = FIRST_ID;
  const nextId = (): number => (lastId += 1);
  const attendee = ({ seat, ...given }: NewAttendee): Attendee => {
    const id = nextId();
    const seatUid = seat === 'none' ? null : seat === 'new' ? uuid(`seat ${seed()} ${id}`) : seat.uid;
    return { ...given, id, seatUid, absent: false };
  };

  return {
    add(given, nowMs) {
      const id = nextId();
      const uid = shortId(`booking ${seed()} ${id}`);
      const booking: Booking = {
        absentHost: false,
        rescheduled: false,
        cancelledBy: null,
        cancellationReason: null,
        rejectionReason: null,
        recurringUid: null,
        rescheduledBy: null,
        reschedulingReason: null,
        fromUid: null,
        paid: false,
        iCalUid: `${uid}@Cal.com`,
        iCalSequence: 0,
        meeting: null,
        lie: null,
        ...given,
        id,
        uid,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
        attendees: given.attendees.map(attendee),
      };
      rows.set(uid, booking);
      return booking;
    },
    attendee,
    find: (uid) => rows.get(uid) ?? null,
    get(uid) {
      const booking = rows.get(uid);
      if (booking === undefined) throw notFound(`Booking with uid=${uid}`);
      return booking;
    },
    findBySeat: (seatUid) =>
      [...rows.values()].find((row) => row.attendees.some((attendee) => attendee.seatUid === seatUid)) ?? null,
    successorOf: (uid) => [...rows.values()].find((row) => row.fromUid === uid) ?? null,
    series: (recurringUid) =>
      [...rows.values()].filter((row) => row.recurringUid === recurringUid).sort((a, b) => a.startMs - b.startMs),
    all: () => [...rows.values()],
    nextId,
    saved: () => ({ lastId, rows: [...rows.values()] }),
    restore(saved) {
      lastId = saved.lastId;
      rows = new Map(saved.rows.map((row) => [row.uid, row]));
    },
    clear() {
      rows = new Map();
    },
  };
}

/** The row as reads show it: a cancellation that has not reached the database yet is not there. */
export function shownRow(booking: Booking, nowMs: number): Booking {
  const { lie } = booking;
  if (lie === null || nowMs >= lie.untilMs) return booking;
  const unsaid = { cancelledBy: null, cancellationReason: null };
  return { ...booking, ...unsaid, status: lie.status, updatedAtMs: lie.updatedAtMs };
}
