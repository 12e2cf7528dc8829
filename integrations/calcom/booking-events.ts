/**
 * The BOOKING_* triggers that carry a calendar event: whose participation each is about, and what it says.
 * Invariant: one event per guest it concerns; a guest is never told for another one who shares the slot.
 */
import type { Slot, SourceFactType } from '../../domain/facts';
import type { SourceEvent, SourcePerson } from '../ports';
import { detailsOf } from './details';
import { bareEvent } from './bare-event';
import { markOf } from './bookings';
import { meaningOf, participantOf, statusWord } from './meaning';
import type { CalBooking, CalPerson } from './payload';
import { bookersAddress, calledOffBy, guestOf, hostOf, isSameAddress } from './person';

export const BOOKING_TRIGGERS = {
  BOOKING_CREATED: 'scheduled',
  BOOKING_REQUESTED: 'requested',
  BOOKING_PAYMENT_INITIATED: 'payment_pending',
  BOOKING_PAID: 'paid',
  BOOKING_RESCHEDULED: 'rescheduled',
  BOOKING_CANCELLED: 'canceled',
  BOOKING_REJECTED: 'rejected',
} as const satisfies Readonly<Record<string, SourceFactType>>;
export type BookingTrigger = keyof typeof BOOKING_TRIGGERS;

/** What all events of one delivery have in common. */
interface Delivery {
  readonly trigger: BookingTrigger;
  readonly type: SourceFactType;
  readonly booking: CalBooking;
  readonly host: SourcePerson | null;
}

/** One event, or one per listed attendee where the slot is shared. */
export function bookingEvents(trigger: BookingTrigger, booking: CalBooking): SourceEvent[] {
  const asksForNewTime = trigger === 'BOOKING_CANCELLED' && booking.requestReschedule === true;
  const type = asksForNewTime ? 'reschedule_requested' : BOOKING_TRIGGERS[trigger];
  const delivery: Delivery = { trigger, type, booking, host: hostOf(booking) };
  if (!isShared(booking)) return [ownEvent(delivery)];
  if (isWholeMove(booking)) return [everybodysEvent(delivery)];
  if (booking.attendees.length === 0) return [seatEvent(delivery, null, booking.attendeeSeatId)];
  const holder = holderOf(booking);
  return booking.attendees.map((attendee) =>
    seatEvent(delivery, attendee, attendee === holder ? booking.attendeeSeatId : null),
  );
}

function isShared(booking: CalBooking): boolean {
  return booking.seatsPerTimeSlot || booking.attendeeSeatId !== null;
}

/** A host who moves a whole slot keeps its uid. */
function isWholeMove(booking: CalBooking): boolean {
  return booking.rescheduleUid === booking.uid;
}

/** Whose seat `attendeeSeatId` is: the only attendee's, else the one's who filled in the form; null when that can't be told. */
function holderOf({ attendees, responses }: CalBooking): CalPerson | null {
  if (attendees.length === 1) return attendees[0] ?? null;
  const booker = bookersAddress(responses);
  const matching = attendees.filter((attendee) => booker !== null && isSameAddress(booker, attendee.email));
  return matching.length === 1 ? (matching[0] ?? null) : null;
}

/** The uid is one guest's own. The first attendee is the guest; further ones were brought along. */
function ownEvent(delivery: Delivery): SourceEvent {
  const { booking } = delivery;
  const attendee = booking.attendees[0] ?? null;
  const guest = attendee && guestOf(booking, attendee);
  const mark = markOf(booking.metadata);
  return {
    ...commonOf(delivery),
    ...(mark !== undefined && { bookedFor: mark }),
    iCalUid: booking.iCalUID,
    slot: slotOf(delivery, guest),
    guest,
    details: detailsOf(booking, attendee),
    // Moved there, back, and there again is a life, and its first and third event are equal.
    meaning: isWholeMove(booking) ? null : meaningFor(delivery, participantOf(null, attendee?.email ?? null)),
  };
}

/** One participation. The calendar's id is the slot's, not the participation's, so it is no key here. */
function seatEvent(delivery: Delivery, attendee: CalPerson | null, id: string | null): SourceEvent {
  const { booking, trigger } = delivery;
  const guest = attendee && guestOf(booking, attendee);
  // Who leaves, joins and leaves again is told twice in the same words: without the seat they can't be told apart.
  const mayRepeat = trigger === 'BOOKING_CANCELLED' && id === null;
  return {
    ...commonOf(delivery),
    seat: { id },
    slot: slotOf(delivery, guest),
    guest,
    details: detailsOf(booking, attendee),
    meaning: mayRepeat ? null : meaningFor(delivery, participantOf(id, attendee?.email ?? null)),
  };
}

/** The whole slot moved. No guest: it is about those, too, whom the body does not list. */
function everybodysEvent(delivery: Delivery): SourceEvent {
  const { booking, host } = delivery;
  const zones = new Set(booking.attendees.map((attendee) => guestOf(booking, attendee).zone));
  const [zone = null] = zones.size === 1 ? zones : [];
  return {
    ...commonOf(delivery),
    slot: { startMs: booking.startTime, endMs: booking.endTime, zone: zone ?? host?.zone ?? 'UTC' },
    details: { ...detailsOf(booking, null), notes: null, answers: {} },
  };
}

function commonOf({ type, booking, host }: Delivery): SourceEvent {
  const { cancelledBy, attendees, organizer } = booking;
  return {
    ...bareEvent(type, booking.uid),
    ...calledOffBy(type, cancelledBy, { attendees, hosts: organizer ? [organizer] : [] }),
    // The same uid is no predecessor: no self-loop.
    predecessorUid: isWholeMove(booking) ? null : booking.rescheduleUid,
    sequence: booking.iCalSequence,
    eventType: booking.eventTypeId,
    host,
    series: mayMeanSeries(type, booking),
  };
}

function slotOf({ booking, host }: Delivery, guest: SourcePerson | null): Slot {
  return { startMs: booking.startTime, endMs: booking.endTime, zone: guest?.zone ?? host?.zone ?? 'UTC' };
}

/**
 * Every occurrence is booked with an event of its own, but one event confirms, rejects or cancels them all
 * (Cal.com's handleConfirmation and handleCancelBooking). Canceling "this and all that follow" leaves no marker.
 */
function mayMeanSeries(type: SourceFactType, booking: CalBooking): boolean {
  if (!(booking.recurringEvent || booking.recurringEventId || booking.recurringBookingUid)) return false;
  if (type === 'canceled' || type === 'rejected' || type === 'reschedule_requested') return true;
  return type === 'scheduled' && booking.requiresConfirmation !== false;
}

function meaningFor({ trigger, type, booking }: Delivery, participant: string): string {
  return meaningOf(trigger, booking.uid, [
    type,
    participant,
    statusWord(booking.status),
    String(booking.startTime),
    String(booking.iCalSequence ?? ''),
  ]);
}
