/**
 * One booking as Cal.com's API v2 shows it (`cal-api-version` 2024-08-13: plain, recurring, seated, or both).
 * Invariant: strict about what a state is read from (ids, status, times, marks), deaf to the rest.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { anything, calendarUid, flag, idNumber, instant, line, listOf, optionalUid, text, uid } from './fields';
import type { NamedPerson } from './person';

/** `awaiting_host` is what instant meetings start with; the contract does not list it, the code lower-cases the row's status. */
const STATUSES = ['accepted', 'pending', 'awaiting_host', 'cancelled', 'rejected'] as const;

const personFields = {
  email: z.string('expected a string'),
  displayEmail: line,
  name: line,
  timeZone: line,
};

const attendee = z.object(
  {
    ...personFields,
    phoneNumber: line,
    language: line,
    absent: flag.nullish(),
    /** Only in bookings whose slot is shared. */
    seatUid: optionalUid,
    bookingFieldsResponses: anything,
  },
  'expected an object',
);
export type CalAttendee = z.infer<typeof attendee>;

const host = z.object({ ...personFields, email: line }, 'expected an object');

const row = z
  .object(
    {
      uid,
      status: z.enum(STATUSES, `expected one of ${STATUSES.join(', ')}`),
      start: instant,
      end: instant,
      attendees: listOf(attendee),
      hosts: listOf(host).nullish(),
      absentHost: flag.nullish(),
      rescheduledFromUid: optionalUid,
      rescheduledToUid: optionalUid,
      recurringBookingUid: optionalUid,
      icsUid: calendarUid,
      eventType: z.object({ id: idNumber }).catch({ id: null }),
      title: line,
      description: text,
      location: line,
      meetingUrl: line,
      cancelledByEmail: line,
      cancellationReason: text,
      bookingFieldsResponses: anything,
      metadata: anything,
    },
    'expected an object',
  )
  .refine((value) => value.end > value.start, { path: ['end'], error: 'expected an instant after start' });
export type CalRow = z.infer<typeof row>;

/** The people of a row, which a write has to name as Cal.com does. */
export const writtenRow = z.looseObject({ attendees: listOf(attendee), hosts: listOf(host).nullish() });
export type WrittenRow = z.infer<typeof writtenRow>;

/** What a read becomes on its way through the inbox. */
export const readBody = z.object({ readAt: instant, payload: row });

/** Name in `triggerEvent` of a delivery that was made here from a read; Cal.com has no such trigger. */
export const READ_TRIGGER = 'BOOKING_READ';

/** As much of a row as the client needs; the rest is judged when the read is, so that one odd row does not hide the others. */
export const listedRow = z
  .looseObject({ uid, updatedAt: instant.nullish().catch(null), rescheduledFromUid: optionalUid.catch(null) })
  .transform((value) => ({
    uid: value.uid,
    changedAtMs: value.updatedAt ?? null,
    predecessorUid: value.rescheduledFromUid === value.uid ? null : value.rescheduledFromUid,
  }));

/** Equal as long as everything that is read of the row is; of a row that can't be read, as long as all of it is. */
export function contentHashOf(raw: unknown): string {
  const parsed = row.safeParse(raw);
  return createHash('sha256')
    .update(JSON.stringify(sorted(parsed.success ? shownOf(parsed.data) : raw)))
    .digest('hex');
}

/** What comes with something else: of the metadata only the mark is read, which never changes, and who canceled shows with the status. */
const UNCOUNTED: readonly string[] = ['metadata', 'cancelledByEmail'] satisfies (keyof CalRow)[];

function shownOf(parsed: CalRow): unknown {
  return Object.fromEntries(Object.entries(parsed).filter(([name]) => !UNCOUNTED.includes(name)));
}

/** An attendee in the shape that webhooks have. */
export function attendeeAsPerson(one: CalAttendee): NamedPerson {
  const { email, displayEmail, name, timeZone, phoneNumber, language } = one;
  const unsaid = { firstName: null, lastName: null, locale: null };
  return { email, displayEmail, name, timeZone, phoneNumber, language: { locale: language }, ...unsaid };
}

/** The first host; null where Cal.com has none, which it shows as a person named "unknown". */
export function hostAsPerson({ hosts }: CalRow): NamedPerson | null {
  const [first] = hosts ?? [];
  if (first === undefined || first.email === null || first.email === 'unknown') return null;
  const unsaid = { firstName: null, lastName: null, phoneNumber: null, language: { locale: null }, locale: null };
  return {
    email: first.email,
    displayEmail: first.displayEmail,
    name: first.name,
    timeZone: first.timeZone,
    ...unsaid,
  };
}

/** The same value with the keys of all its objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  );
}
