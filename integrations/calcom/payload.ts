/**
 * What Cal.com sends (payload version 2021-10-20), one schema per trigger.
 * Invariant: strict about what we rely on (ids, instants, marks, attendees), deaf to the rest: unknown fields are dropped,
 * and a text that is odd or missing is null. Shapes: Cal.com's webhook guide and the code that builds the payloads.
 */
import { z } from 'zod';
import { cleanLine, cleanText } from './text';

const MAX_ID_BYTES = 255;
const MAX_CALENDAR_UID_BYTES = 1000;
const MAX_ATTENDEES = 1000;
const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** Ids end up in workflow ids (at most 1,000 bytes, percent-encoded) and in indexes: hence bytes, and nothing invisible. */
const uid = z
  .string('expected a string')
  .refine(isUsableId, `expected 1 to ${MAX_ID_BYTES} bytes of text without control characters or broken Unicode`);

/** Epoch ms. `Z`, `+00:00` and other offsets are the same instant; a text without offset is not an instant. */
const instant = z.iso
  .datetime({ offset: true, error: 'expected an ISO 8601 instant with Z or an offset' })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= EARLIEST_MS && ms < LATEST_MS, 'expected an instant between the years 1970 and 2199');

const anything = z.unknown().optional();
const line = anything.transform(cleanLine);
const text = anything.transform(cleanText);
const optionalUid = anything.transform((value) => (value === '' ? null : value)).pipe(uid.nullish());
const flag = z.boolean('expected true or false');

const sequence = anything.transform((value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null,
);

const calendarUid = anything.transform((value) => {
  const cleaned = cleanLine(value);
  return cleaned !== null && Buffer.byteLength(cleaned) <= MAX_CALENDAR_UID_BYTES ? cleaned : null;
});

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

/** Counted before the elements are looked at, so that a huge list costs one complaint and not one per element. */
const listOf = <T extends z.ZodType>(element: T) =>
  z
    .array(z.unknown(), 'expected an array')
    .max(MAX_ATTENDEES, `expected at most ${MAX_ATTENDEES} elements`)
    .pipe(z.array(element));

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
      attendeeSeatId: line,
      status: line,
      title: line,
      additionalNotes: text,
      location: line,
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
  });
export type CalBooking = z.infer<typeof booking>;

/** The raw booking row of MEETING_*: a snapshot from when it was booked, so only what can't go stale is read. */
const meetingRow = z.object({ uid, startTime: instant, iCalUID: calendarUid }, 'expected an object');

const noShowUpdate = z.object(
  {
    bookingUid: uid,
    attendees: listOf(z.object({ noShow: flag }, 'expected an object')).refine(
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

/** The first complaint as `payload.attendees[0].email: expected a string`. Paths hold the schema's own keys only, so no values. */
export function firstComplaint(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'body: expected another shape';
  const path = issue.path.reduce<string>(
    (sofar, key) =>
      typeof key === 'number' ? `${sofar}[${key}]` : sofar === '' ? String(key) : `${sofar}.${String(key)}`,
    '',
  );
  return `${path === '' ? 'body' : path}: ${issue.message}`;
}

function isUsableId(value: string): boolean {
  return value.length > 0 && Buffer.byteLength(value) <= MAX_ID_BYTES && !/[\p{Cc}\p{Cs}]/u.test(value);
}
