/**
 * Payloads of BOOKING_* and head counts, one function per kind.
 * Invariant: `status` is what the trigger says, not what the row says.
 */
import { eventTypeOf, hostOf } from './account';
import type { Attendee, Booking } from './bookings';
import {
  APP_URL,
  attendeeFields,
  attendeeRow,
  bookerOf,
  calendarFields,
  commonFields,
  fullInstant,
  leanAttendee,
  offsetInstant,
  plainInstant,
  responseFields,
  titleOf,
  videoUrl,
} from './payload-fields';
import type { Fields } from './payload-fields';
import type { Subscription } from './subscriptions';

const MINUTE_MS = 60_000;

/** Whom a shared slot's payload is about; null: everybody in it. */
type About = Attendee | null;

/** BOOKING_CREATED, BOOKING_REQUESTED and BOOKING_RESCHEDULED have this in common. */
function fullPayload(booking: Booking, about: About): Fields {
  const { seats, recurring } = eventTypeOf(booking);
  const phone = (about ?? bookerOf(booking))?.phone ?? null;
  return {
    bookerUrl: APP_URL,
    ...commonFields(booking),
    startTime: plainInstant(booking.startMs),
    endTime: plainInstant(booking.endMs),
    hideCalendarNotes: false,
    hideCalendarEventDetails: false,
    hideOrganizerEmail: false,
    schedulingType: null,
    seatsPerTimeSlot: seats,
    seatsShowAttendees: seats === null,
    seatsShowAvailabilityCount: true,
    customReplyToEmail: null,
    disableRescheduling: false,
    disableCancelling: false,
    attendees: (about === null ? booking.attendees : [about]).map((one) => attendeeFields(one, booking)),
    responses: responseFields(booking, about ?? bookerOf(booking)),
    userFieldsResponses: {},
    destinationCalendar: null,
    ...calendarFields(booking),
    oneTimePassword: null,
    organizationId: null,
    hashedLink: null,
    appsStatus: [],
    ...(about?.seatUid == null ? {} : { attendeeSeatId: about.seatUid }),
    ...(recurring === null ? {} : { recurringEvent: recurring }),
    ...(phone === null ? {} : { smsReminderNumber: phone }),
  };
}

export function createdPayload(booking: Booking, about: About = null): Fields {
  const metadata = { ...booking.metadata, videoCallUrl: videoUrl(booking) };
  return { ...fullPayload(booking, about), metadata, status: 'ACCEPTED' };
}

/** `previous`: only older builds say that a request is in fact a reschedule. */
export function requestedPayload(booking: Booking, previous: Booking | null): Fields {
  const replaced = previous === null ? {} : previousFields(previous);
  return { ...fullPayload(booking, null), ...replaced, metadata: booking.metadata, status: 'PENDING' };
}

export function rescheduledPayload(
  booking: Booking,
  previous: Fields,
  given: { readonly about: About; readonly by: string | null },
): Fields {
  const by = given.by === null ? {} : { rescheduledBy: given.by };
  return { ...createdPayload(booking, given.about), ...previous, ...by };
}

/** What a new time replaces. */
export function previousFields(previous: Pick<Booking, 'id' | 'uid' | 'startMs' | 'endMs'>): Fields {
  return { rescheduleId: previous.id, rescheduleUid: previous.uid, ...previousTimes(previous) };
}

export function previousTimes(previous: Pick<Booking, 'startMs' | 'endMs'>): Fields {
  return {
    rescheduleStartTime: plainInstant(previous.startMs),
    rescheduleEndTime: plainInstant(previous.endMs),
  };
}

const lean = (responses: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(keys.flatMap((key) => (key in responses ? [[key, responses[key]] as const] : [])));

/** `requestReschedule` null: the build does not say. `series`: canceled as a whole. `about`: only that seat. */
export function cancelledPayload(
  booking: Booking,
  given: { readonly requestReschedule: boolean | null; readonly isSeries: boolean; readonly about: About },
): Fields {
  const { seats, recurring } = eventTypeOf(booking);
  const { about, requestReschedule } = given;
  const listed = about === null ? booking.attendees : [about];
  return {
    bookerUrl: APP_URL,
    ...commonFields(booking),
    startTime: offsetInstant(booking.startMs),
    endTime: offsetInstant(booking.endMs),
    userFieldsResponses: {},
    responses: lean(responseFields(booking, about ?? bookerOf(booking)), ['name', 'email', 'notes', 'guests']),
    attendees: listed.map((one) =>
      about === null ? leanAttendee(one, booking) : { ...attendeeRow(one, booking), ...leanAttendee(one, booking) },
    ),
    destinationCalendar: [],
    cancelledBy: booking.cancelledBy ?? hostOf(booking).email,
    cancellationReason: booking.cancellationReason ?? '',
    seatsPerTimeSlot: seats,
    seatsShowAttendees: seats === null,
    ...calendarFields(booking),
    hideOrganizerEmail: false,
    customReplyToEmail: null,
    organizationId: null,
    status: 'CANCELLED',
    ...(given.isSeries && recurring !== null ? { recurringEvent: recurring } : {}),
    ...(requestReschedule === null ? {} : { requestReschedule }),
  };
}

export function rejectedPayload(booking: Booking): Fields {
  return {
    bookerUrl: APP_URL,
    ...commonFields(booking),
    startTime: fullInstant(booking.startMs),
    endTime: fullInstant(booking.endMs),
    userFieldsResponses: {},
    responses: lean(responseFields(booking), ['name', 'email', 'notes', 'guests']),
    attendees: booking.attendees.map((one) => leanAttendee(one, booking)),
    destinationCalendar: null,
    hideOrganizerEmail: false,
    hideCalendarNotes: false,
    hideCalendarEventDetails: false,
    customReplyToEmail: null,
    organizationId: null,
    rejectionReason: booking.rejectionReason ?? '',
    status: 'REJECTED',
  };
}

/** BOOKING_PAYMENT_INITIATED and BOOKING_PAID; both say ACCEPTED, also of what is not. */
export function paymentPayload(booking: Booking, isPaid: boolean): Fields {
  const { price } = eventTypeOf(booking);
  const { id, name, email, username, zone } = hostOf(booking);
  const organizer = { id, name, email, username, timeZone: zone, language: { locale: 'en' }, timeFormat: 12 };
  const details = { bookingId: booking.id, eventTypeId: booking.eventTypeId, externalId: `pi_${booking.uid}` };
  return {
    ...commonFields(booking),
    startTime: fullInstant(booking.startMs),
    endTime: fullInstant(booking.endMs),
    organizer,
    attendees: booking.attendees.map((one) => ({
      name: one.name,
      email: one.email,
      timeZone: one.zone,
      language: { locale: one.locale },
    })),
    destinationCalendar: null,
    hideCalendarNotes: false,
    seatsShowAttendees: true,
    seatsShowAvailabilityCount: true,
    schedulingType: null,
    ...calendarFields(booking),
    price,
    currency: 'USD',
    paymentId: booking.id,
    metadata: isPaid ? details : {},
    status: 'ACCEPTED',
  };
}

export function noShowPayload(booking: Booking, marked: readonly Attendee[]): Fields {
  const texts = marked.map(({ email, absent }) => `${email} ${absent ? 'marked' : 'unmarked'} as no-show`);
  return {
    message: texts.join(' and '),
    attendees: marked.map(({ email, absent }) => ({ email, noShow: absent })),
    bookingUid: booking.uid,
    bookingId: booking.id,
  };
}

/** A video call's head count. The older shape is leaner and shows the marks from before it. */
export function headCountPayload(
  booking: Booking,
  subscription: Subscription,
  given: { readonly missing: 'guests' | 'host'; readonly generation: 'older' | 'newer' },
): Fields {
  const { missing, generation } = given;
  const waitedMs = (subscription.noShowAfterMinutes ?? 0) * MINUTE_MS;
  const host = hostOf(booking).email;
  const rows = booking.attendees.map((one) => attendeeRow(one, booking));
  const isNew = generation === 'newer';
  const attendees = rows.map((row) => ({ ...row, noShow: isNew && missing === 'guests' }));
  const who = missing === 'guests' ? 'Guest' : `Host with email ${host}`;
  const until = new Date(booking.startMs + waitedMs).toISOString().replace('T', ' ').slice(0, 19);
  return {
    title: titleOf(booking),
    bookingId: booking.id,
    bookingUid: booking.uid,
    startTime: fullInstant(booking.startMs),
    attendees,
    endTime: fullInstant(booking.endMs),
    participants: [],
    ...(missing === 'host' ? { hostEmail: host, ...(isNew ? { noShowHost: true } : {}) } : {}),
    ...(missing === 'guests' && isNew ? { guests: attendees } : {}),
    eventType: { id: booking.eventTypeId, teamId: null, parentId: null, calVideoSettings: null },
    webhook: {
      id: subscription.id,
      subscriberUrl: subscription.url,
      appId: null,
      time: subscription.noShowAfterMinutes,
      timeUnit: 'MINUTE',
      eventTriggers: subscription.triggers,
      payloadTemplate: subscription.payloadTemplate,
    },
    message: `${who} didn't join the call or didn't join before ${until} +00:00`,
  };
}
