/**
 * The actions as methods, for tests in the same process.
 * Invariant: what comes back is a copy; the account changes only through actions and the API.
 */
import type { Account } from './account';
import { addAttendee, headCount, markAbsent, reassignHost, removeAttendee } from './attendance';
import type { Mark } from './attendance';
import { book, confirm, pay, reject } from './book';
import type { BookInput } from './book';
import type { Attendee, Booking } from './bookings';
import { cancel } from './cancel';
import type { CancelInput } from './cancel';
import { endMeeting } from './meetings';
import { askToMove, move, rebook } from './reschedule';
import type { MoveInput } from './reschedule';
import { cancelSeat, moveSeat, moveSlot } from './seats';
import type { Seated } from './seats';

/** A row as the account's database has it. */
export type BookingView = Readonly<Omit<Booking, 'attendees' | 'meeting' | 'lie'>> & {
  readonly attendees: readonly Readonly<Attendee>[];
};

export interface SeatView {
  readonly booking: BookingView;
  readonly seat: Readonly<Attendee>;
}

/** All of them throw a `CalcomRefusal` when the state does not allow it, and return the row that came of it. */
export interface CalcomActor {
  book(input: BookInput): BookingView;
  /** Of an event type that the host has to confirm. */
  requestBooking(input: Omit<BookInput, 'eventType'>): BookingView;
  /** One row per occurrence. */
  bookSeries(input: Omit<BookInput, 'eventType'> & { readonly needsConfirmation?: boolean }): readonly BookingView[];
  /** Joins the slot at this start, or opens it. */
  bookSeat(input: Omit<BookInput, 'eventType'>): SeatView;
  pay(uid: string): BookingView;
  confirm(uid: string): BookingView;
  reject(uid: string, reason?: string): BookingView;
  /** The new row. */
  move(uid: string, input: MoveInput): BookingView;
  moveSlot(uid: string, input: { readonly startMs: number }): BookingView;
  moveSeat(uid: string, input: { readonly seatUid: string; readonly startMs: number }): SeatView;
  askToMove(uid: string, reason?: string): BookingView;
  /** The new row. */
  rebook(uid: string, input: MoveInput): BookingView;
  cancel(uid: string, input?: CancelInput): BookingView;
  cancelSeat(uid: string, input: { readonly seatUid: string; readonly reason?: string }): BookingView;
  /** Default: of the one who booked. */
  markNoShow(uid: string, email?: string): BookingView;
  unmark(uid: string, email?: string): BookingView;
  /** Several attendees with one webhook. */
  mark(uid: string, attendees: readonly Mark[]): BookingView;
  markHost(uid: string, absent: boolean): BookingView;
  headCount(uid: string, missing: 'guests' | 'host'): BookingView;
  /** Default: the other host. */
  reassignHost(uid: string, hostEmail?: string): BookingView;
  addAttendee(uid: string, email: string): BookingView;
  removeAttendee(uid: string, email: string): BookingView;
  /** Sends what the slot's clock has not sent yet; only once it has begun. */
  endMeeting(uid: string): BookingView;
}

/** `acted` runs one action and takes care of what follows from it. */
export function createActor(account: Account, acted: <T>(action: () => T) => T): CalcomActor {
  const one = (action: () => Booking): BookingView => view(acted(action));
  const seated = (action: () => Seated): SeatView => {
    const { booking, seat } = acted(action);
    return { booking: view(booking), seat: structuredClone(seat) };
  };
  const all = (input: BookInput): readonly Booking[] => acted(() => book(account, input).bookings);
  const first = (input: BookInput): BookingView => {
    const [booking] = all(input);
    if (booking === undefined) throw new Error('Nothing was booked.');
    return view(booking);
  };
  const bookerOf = (uid: string): string => account.bookings.get(uid).attendees[0]?.email ?? '';
  const mark = (uid: string, attendees: readonly Mark[]): BookingView =>
    one(() => markAbsent(account, uid, { attendees }));

  return {
    book: first,
    requestBooking: (input) => first({ ...input, eventType: 'opt-in' }),
    bookSeries: ({ needsConfirmation, ...input }) =>
      all({ ...input, eventType: needsConfirmation === true ? 'series-opt-in' : 'series' }).map(view),
    bookSeat: (input) =>
      seated(() => {
        const { bookings, seat } = book(account, { ...input, eventType: 'seats' });
        const [booking] = bookings;
        if (booking === undefined || seat === null) throw new Error('No seat was booked.');
        return { booking, seat };
      }),
    pay: (uid) => one(() => pay(account, uid)),
    confirm: (uid) => one(() => confirm(account, uid)),
    reject: (uid, reason = '') => one(() => reject(account, uid, reason)),
    move: (uid, input) => one(() => move(account, uid, input)),
    moveSlot: (uid, input) => one(() => moveSlot(account, uid, input)),
    moveSeat: (uid, input) => seated(() => moveSeat(account, uid, input)),
    askToMove: (uid, reason = '') => one(() => askToMove(account, uid, reason)),
    rebook: (uid, input) => one(() => rebook(account, uid, input)),
    cancel: (uid, input = {}) => one(() => cancel(account, uid, input)),
    cancelSeat: (uid, { seatUid, reason = '' }) => one(() => cancelSeat(account, uid, { seatUid, reason })),
    markNoShow: (uid, email) => mark(uid, [{ email: email ?? bookerOf(uid), absent: true }]),
    unmark: (uid, email) => mark(uid, [{ email: email ?? bookerOf(uid), absent: false }]),
    mark,
    markHost: (uid, absent) => one(() => markAbsent(account, uid, { host: absent, attendees: [] })),
    headCount: (uid, missing) => one(() => headCount(account, uid, missing)),
    reassignHost: (uid, hostEmail) => one(() => reassignHost(account, uid, hostEmail)),
    addAttendee: (uid, email) => one(() => addAttendee(account, uid, email)),
    removeAttendee: (uid, email) => one(() => removeAttendee(account, uid, email)),
    endMeeting: (uid) => one(() => endMeeting(account, uid)),
  };
}

/** A copy without what only the simulator needs. */
export function view(booking: Booking): BookingView {
  const { meeting: _meeting, lie: _lie, ...row } = booking;
  return structuredClone(row);
}
