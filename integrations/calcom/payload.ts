/**
 * What Cal.com sends (payload version 2021-10-20), one schema per trigger.
 * Invariant: strict about what we rely on (ids, instants, marks, attendees), deaf to the rest: unknown fields are dropped,
 * and a text that is odd or missing is null. Shapes: Cal.com's webhook guide and the code that builds the payloads.
 */
import { z } from 'zod';
import {
  anything,
  calendarUid,
  flag,
  idNumber,
  instant,
  line,
  listOf,
  optionalUid,
  sequence,
  text,
  uid,
} from './fields';

const person = z.object(
  {
    email: z.string('expected a string'),
    name: line,
    firstName: line,
    lastName: line,
    timeZone: line,
    phoneNumber: line,
    language: z.object({ locale: line }).catch({ locale: null }),
    locale: line,
  },
  'expected an object',
);
export type CalPerson = z.infer<typeof person>;

/** True where Cal.com shares the appointment among attendees. */
const seats = anything.transform((value) => typeof value === 'number' && value > 0);
/** Any value counts as a marker of a series. */
const marker = anything.transform((value) => value !== undefined && value !== null && value !== '' && value !== false);
const lenientFlag = anything.transform((value) => (typeof value === 'boolean' ? value : null));

const booking = z
  .object(
    {
      uid,
      startTime: instant,
      endTime: instant,
      attendees: listOf(person),
      organizer: person.nullish(),
      rescheduleUid: optionalUid,
      requestReschedule: flag.nullish(),
      iCalUID: calendarUid,
      iCalSequence: sequence,
      eventTypeId: idNumber,
      attendeeSeatId: optionalUid,
      seatsPerTimeSlot: seats,
      recurringEvent: marker,
      recurringEventId: marker,
      recurringBookingUid: marker,
      requiresConfirmation: lenientFlag,
      status: line,
      title: line,
      additionalNotes: text,
      location: line,
      cancelledBy: line,
      cancellationReason: text,
      rejectionReason: text,
      smsReminderNumber: line,
      responses: anything,
      metadata: anything,
      videoCallData: anything,
    },
    'expected an object',
  )
  .refine((value) => value.endTime > value.startTime, {
    path: ['endTime'],
    error: 'expected an instant after startTime',
  })
  // Read as "everybody", it would cancel the guests who keep their seats.
  .refine((value) => !value.seatsPerTimeSlot || value.attendees.length > 0 || tellsWhose(value), {
    path: ['attendees'],
    error: 'expected the attendee whose seat this is about',
  });
export type CalBooking = z.infer<typeof booking>;

/** The raw booking row of MEETING_*: a snapshot from when it was booked, so only what can't go stale is read. */
const meetingRow = z.object({ uid, startTime: instant, iCalUID: calendarUid }, 'expected an object');

const noShowUpdate = z.object(
  {
    bookingUid: uid,
    attendees: listOf(z.object({ noShow: flag, email: line }, 'expected an object')).refine(
      (list) => list.length > 0,
      'expected at least one attendee',
    ),
  },
  'expected an object',
);

/** Cal Video's head count. Older builds lack `guests` and `noShowHost`; neither is needed. */
const headCount = z.object({ bookingUid: uid, startTime: instant, hostEmail: line }, 'expected an object');

const object = z.object({}, 'expected an object');
const name = z.string('expected a string');
const wrapped = <T extends z.ZodType>(payload: T) => z.object({ payload });

export const bookingBody = wrapped(booking);
export const noShowBody = wrapped(noShowUpdate);
export const headCountBody = wrapped(headCount);

/** Older senders spread the row beside `triggerEvent`, newer ones wrap it in `payload`; both read as the wrapped one. */
export const meetingBody = {
  flat: meetingRow.transform((payload) => ({ payload })),
  wrapped: wrapped(meetingRow),
};

/** Triggers that say nothing about a booking's state: only as much shape as tells them from something else. */
export const otherBodies = {
  FORM_SUBMITTED: wrapped(z.object({ responses: object }, 'expected an object')),
  FORM_SUBMITTED_NO_EVENT: wrapped(z.object({ responses: object }, 'expected an object')),
  RECORDING_READY: wrapped(z.object({ downloadLink: name }, 'expected an object')),
  RECORDING_TRANSCRIPTION_GENERATED: wrapped(z.object({ downloadLinks: object }, 'expected an object')),
  INSTANT_MEETING: wrapped(z.object({ uid }, 'expected an object')),
  OOO_CREATED: wrapped(z.object({ oooEntry: object }, 'expected an object')),
  DELEGATION_CREDENTIAL_ERROR: wrapped(z.object({ error: object }, 'expected an object')),
  WRONG_ASSIGNMENT_REPORT: wrapped(z.object({ booking: object }, 'expected an object')),
  ROUTING_FORM_FALLBACK_HIT: wrapped(object),
};

function tellsWhose(value: { uid: string; attendeeSeatId: string | null; rescheduleUid: string | null }): boolean {
  return value.attendeeSeatId !== null || value.rescheduleUid === value.uid;
}
