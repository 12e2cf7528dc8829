/**
 * What a read of Cal.com's API means: the state that the row shows, said as events.
 * Invariant: every event names the instant of the read; what the row does not show is not guessed at.
 */
import type { SourceFactType } from '../../domain/facts';
import type { SourceDetails, SourceEvent, SourcePerson } from '../ports';
import { attendeeAsPerson, hostAsPerson, READ_TRIGGER, type CalAttendee, type CalRow } from './api-row';
import { bareEvent } from './bare-event';
import { markOf } from './bookings';
import { answersOf, entriesOf, withoutApp } from './details';
import { meaningOf, participantOf } from './meaning';
import { calledOffBy, isSameAddress, personOf } from './person';
import { cleanLine, cleanText, dig, httpUrl } from './text';

interface Read {
  readonly row: CalRow;
  readonly readAtMs: number;
  readonly host: SourcePerson | null;
}

/** The lifecycle first, then the marks; one lifecycle event per attendee where the slot is shared. */
export function readEvents(row: CalRow, readAtMs: number): SourceEvent[] {
  const named = hostAsPerson(row);
  const read: Read = { row, readAtMs, host: named && personOf(named, []) };
  const isShared = row.attendees.some((attendee) => attendee.seatUid !== null);
  const lives = isShared ? row.attendees.map((attendee) => seatEvent(read, attendee)) : [ownEvent(read)];
  return [...lives, ...marksOf(read, isShared)];
}

/**
 * A row that was moved away is canceled at Cal.com, but the appointment goes on under its next uid: `rescheduledToUid`. Until that
 * one is heard of, the truth is "a new time is on its way": no cancellation, and nobody is reminded of a slot that is dead.
 * A wish for a new time looks like a plain cancellation here: the API hides it.
 */
function typeOf(row: CalRow): SourceFactType {
  switch (row.status) {
    case 'accepted':
      return predecessorOf(row) === null ? 'scheduled' : 'rescheduled';
    case 'pending':
    case 'awaiting_host':
      return 'requested';
    case 'rejected':
      return 'rejected';
    case 'cancelled':
      return row.rescheduledToUid !== null && row.rescheduledToUid !== row.uid ? 'reschedule_requested' : 'canceled';
  }
}

function predecessorOf(row: CalRow): string | null {
  return row.rescheduledFromUid === row.uid ? null : row.rescheduledFromUid;
}

function ownEvent(read: Read): SourceEvent {
  const { row } = read;
  const attendee = bookerOf(row);
  const phones = phonesIn(row.bookingFieldsResponses);
  const mark = markOf(row.metadata);
  return {
    ...lifeOf(read, attendee && personOf(attendeeAsPerson(attendee), phones), row.bookingFieldsResponses),
    iCalUid: row.icsUid,
    ...(mark !== undefined && { bookedFor: mark }),
    meaning: meaningFor(read, typeOf(row), participantOf(null, attendee?.email ?? null)),
  };
}

/** One participation; the calendar's id is the slot's, so it is no key here. */
function seatEvent(read: Read, attendee: CalAttendee): SourceEvent {
  const answers = attendee.bookingFieldsResponses;
  return {
    ...lifeOf(read, personOf(attendeeAsPerson(attendee), phonesIn(answers)), answers),
    seat: { id: attendee.seatUid },
    meaning: meaningFor(read, typeOf(read.row), participantOf(attendee.seatUid, attendee.email)),
  };
}

function lifeOf({ row, readAtMs, host }: Read, guest: SourcePerson | null, answers: unknown): SourceEvent {
  const type = typeOf(row);
  return {
    ...bareEvent(type, row.uid),
    ...calledOffBy(type, row.cancelledByEmail, { attendees: row.attendees, hosts: row.hosts ?? [] }),
    predecessorUid: predecessorOf(row),
    eventType: row.eventType.id,
    slot: { startMs: row.start, endMs: row.end, zone: guest?.zone ?? host?.zone ?? 'UTC' },
    guest,
    host,
    details: detailsOf(row, answers),
    readAtMs,
  };
}

/** Who filled in the form, else the first attendee. */
function bookerOf({ attendees, bookingFieldsResponses }: CalRow): CalAttendee | null {
  const booker = cleanLine(dig(bookingFieldsResponses, 'email'));
  const found = booker === null ? undefined : attendees.find((attendee) => isSameAddress(attendee.email, booker));
  return found ?? attendees[0] ?? null;
}

/**
 * "Not absent" is said of everybody, always; it can only have been decided once the slot began, and only matters while the
 * appointment stands. A head count and the end of the slot leave nothing in the row.
 */
function marksOf(read: Read, isShared: boolean): SourceEvent[] {
  const { row, readAtMs } = read;
  const isDecidable = row.status === 'accepted' && row.start <= readAtMs;
  const marks = (type: 'no_show' | 'no_show_reverted', absent: boolean): SourceEvent[] =>
    row.attendees
      .filter((one) => one.absent === absent)
      .map((one) => markEvent(read, { type, attendee: one, isShared }));
  return [
    ...(isDecidable ? marks('no_show_reverted', false) : []),
    ...marks('no_show', true),
    ...(row.absentHost === true ? [hostMark(read)] : []),
  ];
}

/** In a shared slot the marked one is the participation's guest; else a mark must not make anybody the booking's guest. */
function markEvent(
  read: Read,
  of: { type: 'no_show' | 'no_show_reverted'; attendee: CalAttendee; isShared: boolean },
): SourceEvent {
  const { type, attendee, isShared } = of;
  const about = personOf(attendeeAsPerson(attendee), []);
  return {
    ...bareEvent(type, read.row.uid),
    about,
    ...(isShared ? { seat: { id: attendee.seatUid }, guest: about } : {}),
    readAtMs: read.readAtMs,
    meaning: meaningFor(read, type, participantOf(attendee.seatUid, attendee.email)),
  };
}

function hostMark(read: Read): SourceEvent {
  const meaning = meaningFor(read, 'host_no_show', '');
  return { ...bareEvent('host_no_show', read.row.uid), readAtMs: read.readAtMs, meaning };
}

/** The instant of the read is part of it: showing again what was shown before is news when something else was shown between. */
function meaningFor({ row, readAtMs }: Read, type: SourceFactType, participant: string): string {
  return meaningOf(READ_TRIGGER, row.uid, [type, participant, String(row.start), String(readAtMs)]);
}

/** `answers`: of the attendee whom the event is about, key → value. */
function detailsOf(row: CalRow, answers: unknown): SourceDetails {
  const notes = cleanText(dig(answers, 'notes')) ?? row.description;
  const place = row.location ?? row.meetingUrl;
  return {
    title: row.title,
    notes,
    location: withoutApp(place),
    joinUrl: httpUrl(place),
    cancellationReason: row.cancellationReason,
    answers: answersOf(entriesOf(answers), notes),
  };
}

function phonesIn(answers: unknown): readonly (string | null)[] {
  return [cleanLine(dig(answers, 'attendeePhoneNumber')), cleanLine(dig(answers, 'smsReminderNumber'))];
}
