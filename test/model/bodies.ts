/**
 * The model's webhooks and rows as Cal.com writes them: for the real adapter and the running workflow.
 * Invariant: says what the webhook or row says, in a whole body; everything else in it is filled in.
 */
import {
  bookingCancelled,
  bookingCreated,
  bookingPaid,
  bookingPaymentInitiated,
  bookingRejected,
  bookingRequested,
  bookingRescheduled,
  meetingEnded,
  noShowUpdated,
  type CalcomBody,
} from '../../local/samples/calcom-body';
import type { BodyPerson, BookingOptions } from '../../local/samples/calcom-fields';
import { statusShown, type Hook, type Row } from './calcom';

/** In the model a person is the local part of an address. */
export const addressOf = (name: string): string => `${name}@example.com`;
const person = (name: string): BodyPerson => ({ name: `${name} Example`, email: addressOf(name) });

/** `createdAtMs`: when this copy was sent; two subscriptions send bodies that differ in nothing else. */
export function bodyOf(hook: Hook, createdAtMs: number): CalcomBody {
  const { uid, slot, sequence, iCalUid, host } = hook;
  const [guest, ...others] = hook.attendees.map(({ email }) => person(email));
  const seatId = hook.attendees.length === 1 ? hook.attendees[0]!.seatId : null;
  const options: BookingOptions = {
    uid,
    startMs: slot.startMs,
    endMs: slot.endMs,
    zone: slot.zone,
    sequence,
    iCalUid,
    createdAtMs,
    guest: guest!,
    broughtAlong: others,
    host: person(host),
    ...(seatId === null ? {} : { seatId }),
  };
  return withMarkers(hook, plainBody(hook, options, createdAtMs));
}

function plainBody(hook: Hook, options: BookingOptions, createdAtMs: number): CalcomBody {
  const previous = { uid: hook.rescheduleUid ?? '', startMs: options.startMs };
  switch (hook.trigger) {
    case 'BOOKING_CREATED':
      return bookingCreated(options);
    case 'BOOKING_REQUESTED':
      return bookingRequested(hook.rescheduleUid === null ? options : { ...options, rescheduledFrom: previous });
    case 'BOOKING_PAYMENT_INITIATED':
      return bookingPaymentInitiated(options);
    case 'BOOKING_PAID':
      return bookingPaid(options);
    case 'BOOKING_RESCHEDULED':
      return bookingRescheduled({ ...options, previous });
    case 'BOOKING_CANCELLED':
      return bookingCancelled({ ...options, requestReschedule: hook.requestReschedule });
    case 'BOOKING_REJECTED':
      return bookingRejected(options);
    case 'BOOKING_NO_SHOW_UPDATED':
      return noShowUpdated({
        uid: hook.uid,
        email: addressOf(hook.mark!.email),
        noShow: hook.mark!.absent,
        createdAtMs,
      });
    case 'MEETING_ENDED':
      return ended(hook, meetingEnded({ ...options, flat: createdAtMs % 2 === 0 }));
    case 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW':
    case 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW':
      return headCount(hook, createdAtMs);
  }
}

/** The samples' row always has a calendar id. */
function ended({ iCalUid }: Hook, body: CalcomBody): CalcomBody {
  return body.payload === undefined
    ? { ...body, iCalUID: iCalUid }
    : { ...body, payload: { ...body.payload, iCalUID: iCalUid } };
}

function headCount({ trigger, uid, slot, host }: Hook, createdAtMs: number): CalcomBody {
  const missing = trigger === 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW' ? { guests: [] } : { noShowHost: true };
  return {
    triggerEvent: trigger,
    createdAt: new Date(createdAtMs).toISOString(),
    payload: {
      title: 'Strategy call',
      bookingId: 1,
      bookingUid: uid,
      attendees: [],
      participants: [],
      ...missing,
      startTime: new Date(slot.startMs).toISOString(),
      endTime: new Date(slot.endMs).toISOString(),
      hostEmail: addressOf(host),
      message: 'Nobody joined the call',
    },
  };
}

/** What the builders of the samples do not write: seats without their id, series, event types that need a confirmation. */
function withMarkers(hook: Hook, body: CalcomBody): CalcomBody {
  if (!hook.trigger.startsWith('BOOKING_') || hook.mark !== null) return body;
  return {
    ...body,
    payload: {
      ...body.payload,
      ...(hook.seats ? { seatsPerTimeSlot: 10 } : {}),
      ...(hook.recurring ? { recurringEvent: { freq: 2, count: 3, interval: 1 } } : {}),
      requiresConfirmation: hook.optIn,
    },
  };
}

/** A read of the row, as the delivery that this service makes of it. */
export function readBodyOf(row: Row, read: { readonly atMs: number; readonly tick: number; readonly lying: boolean }) {
  return {
    triggerEvent: 'BOOKING_READ',
    readAt: new Date(read.atMs).toISOString(),
    payload: {
      id: 1,
      uid: row.uid,
      title: 'Strategy call',
      description: '',
      location: null,
      absentHost: row.absentHost,
      hosts: [{ id: 7, name: row.host, email: addressOf(row.host), timeZone: 'America/Denver' }],
      status: statusShown(row, read.tick, read.lying),
      start: new Date(row.slot.startMs).toISOString(),
      end: new Date(row.slot.endMs).toISOString(),
      rescheduledFromUid: row.from,
      rescheduledToUid: row.to,
      icsUid: row.iCalUid,
      createdAt: new Date(0).toISOString(),
      updatedAt: new Date(read.atMs).toISOString(),
      metadata: {},
      attendees: row.attendees.map(({ email, seatId, absent }) => ({
        name: `${email} Example`,
        email: addressOf(email),
        timeZone: row.slot.zone,
        language: 'en',
        absent,
        ...(seatId === null ? {} : { seatUid: seatId }),
      })),
      bookingFieldsResponses: {},
    },
  };
}
