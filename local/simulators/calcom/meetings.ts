/**
 * MEETING_STARTED and MEETING_ENDED: the clock's webhooks, with the row as it was when it was booked.
 * Invariant: each is sent at most once per slot, never for a booking that no longer stands, and not when a day has passed.
 */
import { hostOf, type Account } from './account';
import type { Booking } from './bookings';
import { attendeeRow, calendarFields, fullInstant, responseFields, titleOf, videoUrl } from './payload-fields';
import type { Fields } from './payload-fields';
import { uuid } from './random';
import { refused } from './errors';

const LATEST_MS = 24 * 60 * 60_000;

/** Takes the snapshot that the clock will send; call it when the booking stands. */
export function scheduleMeeting(booking: Booking): void {
  booking.meeting = { row: meetingRow(booking), isStarted: false, isEnded: false };
}

export function dropMeeting(booking: Booking): void {
  booking.meeting = null;
}

/** Sends what is due, in the order in which it became due. */
export function sendDueMeetings(account: Account): void {
  const now = account.clock();
  const due = account.bookings.all().flatMap((booking) => dueOf(booking, now));
  due.sort((a, b) => a.atMs - b.atMs);
  for (const { booking, trigger, atMs } of due) {
    mark(booking, trigger);
    if (now - atMs <= LATEST_MS) send(account, booking, trigger);
  }
}

/** When the clock has to look again; null when nothing is scheduled. */
export function nextMeetingAtMs(account: Account): number | null {
  const times = account.bookings.all().flatMap((booking) => dueOf(booking, Infinity).map(({ atMs }) => atMs));
  return times.length === 0 ? null : Math.min(...times);
}

/** "End the meeting now", for a slot that has begun: what its clock has not sent yet is sent. */
export function endMeeting(account: Account, uid: string): Booking {
  const booking = account.bookings.get(uid);
  if (booking.status !== 'accepted') throw refused(`The booking is ${booking.status}: there is no meeting to end.`);
  if (account.clock() < booking.startMs) throw refused('The meeting has not begun yet; move the booking or wait.');
  for (const { trigger } of dueOf(booking, Infinity)) {
    mark(booking, trigger);
    send(account, booking, trigger);
  }
  return booking;
}

type MeetingTrigger = 'MEETING_STARTED' | 'MEETING_ENDED';

interface Due {
  readonly booking: Booking;
  readonly trigger: MeetingTrigger;
  readonly atMs: number;
}

function dueOf(booking: Booking, now: number): Due[] {
  const { meeting, startMs, endMs, status } = booking;
  if (meeting === null || status !== 'accepted') return [];
  const all: Due[] = [
    ...(meeting.isStarted ? [] : [{ booking, trigger: 'MEETING_STARTED' as const, atMs: startMs }]),
    ...(meeting.isEnded ? [] : [{ booking, trigger: 'MEETING_ENDED' as const, atMs: endMs }]),
  ];
  return all.filter(({ atMs }) => atMs <= now);
}

function mark({ meeting }: Booking, trigger: MeetingTrigger): void {
  if (meeting === null) return;
  if (trigger === 'MEETING_STARTED') meeting.isStarted = true;
  else meeting.isEnded = true;
}

/** The wrapped one comes from newer builds, whose users have a second id. */
function send(account: Account, { uid, meeting, hostId }: Booking, trigger: MeetingTrigger): void {
  if (meeting === null) return;
  const shape = account.settings().meetings;
  const newer = shape === 'wrapped' ? { userUuid: uuid(`user ${hostId}`) } : {};
  account.emit({ trigger, uid, shape, payload: { ...meeting.row, ...newer } });
}

function meetingRow(booking: Booking): Fields {
  const host = hostOf(booking);
  return {
    id: booking.id,
    uid: booking.uid,
    idempotencyKey: uuid(`slot ${booking.uid} ${booking.startMs}`),
    userId: host.id,
    userPrimaryEmail: host.email,
    eventTypeId: booking.eventTypeId,
    title: titleOf(booking),
    description: '',
    customInputs: {},
    responses: responseFields(booking),
    startTime: fullInstant(booking.startMs),
    endTime: fullInstant(booking.endMs),
    location: videoUrl(booking),
    createdAt: fullInstant(booking.createdAtMs),
    updatedAt: fullInstant(booking.updatedAtMs),
    status: 'ACCEPTED',
    paid: booking.paid,
    destinationCalendarId: null,
    cancellationReason: null,
    rejectionReason: null,
    reassignReason: null,
    reassignById: null,
    dynamicEventSlugRef: null,
    dynamicGroupSlugRef: null,
    rescheduled: null,
    fromReschedule: booking.fromUid,
    recurringEventId: booking.recurringUid,
    smsReminderNumber: booking.attendees[0]?.phone ?? null,
    scheduledJobs: [],
    metadata: booking.metadata,
    isRecorded: false,
    ...calendarFields(booking),
    rating: null,
    ratingFeedback: null,
    noShowHost: false,
    oneTimePassword: null,
    cancelledBy: null,
    rescheduledBy: booking.rescheduledBy,
    creationSource: booking.creationSource,
    user: { email: host.email, name: host.name, timeZone: host.zone, username: host.username },
    attendees: booking.attendees.map((one) => attendeeRow(one, booking)),
    payment: [],
    references: [],
    appsStatus: [],
  };
}
