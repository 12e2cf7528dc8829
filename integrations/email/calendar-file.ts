/**
 * The calendar file of one appointment, as an attachment and as a calendar part of the e-mail.
 * Invariant: the same appointment keeps its UID, and a newer file has a higher sequence, so that calendars move it instead of adding one.
 */
import ical, { ICalAttendeeRole, ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';

export interface CalendarParty {
  readonly email: string;
  readonly name: string | null;
}

export interface CalendarFileInput {
  /** Stable for the booking's whole life. */
  readonly uid: string;
  /** Grows with every change of the slot, and with the cancellation (RFC 5545, 3.8.7.4). */
  readonly sequence: number;
  readonly startMs: number;
  readonly endMs: number;
  /** The guest's IANA zone, a known one: only a display hint for calendars. The times are UTC, so no reader's zone data matters. */
  readonly zone: string;
  readonly title: string;
  readonly description: string | null;
  readonly location: string | null;
  readonly url: string | null;
  readonly organizer: CalendarParty | null;
  readonly attendee: CalendarParty | null;
  readonly method: 'PUBLISH' | 'CANCEL';
  /** When this version was made, epoch ms (DTSTAMP); now, unless given. With it, equal inputs make equal files. */
  readonly stampMs?: number;
}

const METHODS = { PUBLISH: ICalCalendarMethod.PUBLISH, CANCEL: ICalCalendarMethod.CANCEL } as const;

/** Returns the text of the .ics file (CRLF, folded) and its method, as `OutgoingMessage.calendar` wants them. */
export function calendarFile(input: CalendarFileInput): {
  readonly content: string;
  readonly method: 'PUBLISH' | 'CANCEL';
} {
  const calendar = ical({
    method: METHODS[input.method],
    prodId: { company: 'Booking Status Sync', product: 'appointments' },
    x: { 'X-WR-TIMEZONE': input.zone },
  });
  const event = calendar.createEvent({
    id: input.uid,
    sequence: input.sequence,
    stamp: new Date(input.stampMs ?? Date.now()),
    start: new Date(input.startMs),
    end: new Date(input.endMs),
    summary: input.title,
    description: input.description,
    location: input.location,
    url: input.url,
    status: input.method === 'CANCEL' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer:
      input.organizer === null
        ? null
        : { email: input.organizer.email, name: input.organizer.name ?? input.organizer.email },
  });
  // RFC 5546, 3.2.1: a published event names no attendees; a cancellation may.
  if (input.attendee !== null && input.method === 'CANCEL') {
    event.createAttendee({
      email: input.attendee.email,
      name: input.attendee.name,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.ACCEPTED,
      rsvp: false,
    });
  }
  return { content: calendar.toString(), method: input.method };
}
