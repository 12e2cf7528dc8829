/**
 * Builds webhook bodies as Cal.com sends them (payload version 2021-10-20), for the demo's samples and for tests.
 * Invariant: equal options give an equal body, byte for byte; nothing is read from a clock.
 */
import {
  addressOf,
  bookingRow,
  calendarEvent,
  createdAtOf,
  endOf,
  hex,
  hostOf,
  meetingLink,
  numberFrom,
  paymentFields,
  plainInstant,
  previousFields,
} from './calcom-fields';
import type { BookingOptions, PreviousSlot } from './calcom-fields';

/** One webhook body. `payload` is absent in the flat MEETING_ENDED. */
export interface CalcomBody {
  readonly triggerEvent: string;
  readonly createdAt: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export function bookingCreated(options: BookingOptions): CalcomBody {
  return envelope('BOOKING_CREATED', options, {
    ...calendarEvent(options),
    ...meetingLink(options),
    status: 'ACCEPTED',
  });
}

/** `rescheduledFrom`: only older builds of Cal.com say that a request is in fact a reschedule. */
export function bookingRequested(options: BookingOptions & { readonly rescheduledFrom?: PreviousSlot }): CalcomBody {
  return envelope('BOOKING_REQUESTED', options, {
    ...calendarEvent(options),
    ...(options.rescheduledFrom ? previousFields(options.rescheduledFrom) : {}),
    requiresConfirmation: true,
    metadata: {},
    status: 'PENDING',
  });
}

/** `previous` is the booking that this one replaces; equal uids are a host's move of a whole slot. */
export function bookingRescheduled(options: BookingOptions & { readonly previous: PreviousSlot }): CalcomBody {
  return envelope('BOOKING_RESCHEDULED', options, {
    ...calendarEvent({ sequence: 1, iCalUid: `${options.previous.uid}@Cal.com`, ...options }),
    ...meetingLink(options),
    ...previousFields(options.previous),
    rescheduledBy: addressOf(options.guest),
    status: 'ACCEPTED',
  });
}

/** `requestReschedule`: the host asks the guest for a new time. Cal.com writes the instants of this trigger with `+00:00`. */
export function bookingCancelled(
  options: BookingOptions & { readonly reason?: string; readonly requestReschedule?: boolean },
): CalcomBody {
  const event = calendarEvent({ sequence: 1, ...options });
  return envelope('BOOKING_CANCELLED', options, {
    ...event,
    startTime: plainInstant(options.startMs).replace('Z', '+00:00'),
    endTime: plainInstant(endOf(options)).replace('Z', '+00:00'),
    destinationCalendar: [],
    cancellationReason: options.reason ?? '',
    cancelledBy: options.requestReschedule ? addressOf(hostOf(options)) : addressOf(options.guest),
    status: 'CANCELLED',
    requestReschedule: options.requestReschedule ?? false,
  });
}

export function bookingRejected(options: BookingOptions & { readonly reason?: string }): CalcomBody {
  return envelope('BOOKING_REJECTED', options, {
    ...calendarEvent(options),
    startTime: new Date(options.startMs).toISOString(),
    endTime: new Date(endOf(options)).toISOString(),
    requiresConfirmation: true,
    rejectionReason: options.reason ?? '',
    status: 'REJECTED',
  });
}

/** Sent instead of BOOKING_CREATED while the payment is open; it says ACCEPTED nevertheless. */
export function bookingPaymentInitiated(options: BookingOptions & { readonly price?: number }): CalcomBody {
  return envelope('BOOKING_PAYMENT_INITIATED', options, { ...paymentFields(options), metadata: {} });
}

export function bookingPaid(options: BookingOptions & { readonly price?: number }): CalcomBody {
  return envelope('BOOKING_PAID', options, {
    ...paymentFields(options),
    metadata: { bookingId: numberFrom(options.uid), externalId: `pi_${hex(options.uid).slice(0, 24)}` },
  });
}

/** A mark that the guest was absent (`noShow: true`), or that it was taken back. Carries neither times nor a status. */
export function noShowUpdated(options: {
  readonly uid: string;
  readonly email: string;
  readonly noShow: boolean;
  readonly createdAtMs: number;
}): CalcomBody {
  return {
    triggerEvent: 'BOOKING_NO_SHOW_UPDATED',
    createdAt: new Date(options.createdAtMs).toISOString(),
    payload: {
      message: `${options.email} ${options.noShow ? 'marked' : 'unmarked'} as no-show`,
      attendees: [{ email: options.email, noShow: options.noShow }],
      bookingUid: options.uid,
      bookingId: numberFrom(options.uid),
    },
  };
}

/** The clock's event. Older senders spread the booking's row beside `triggerEvent` (`flat`), newer ones wrap it in `payload`. */
export function meetingEnded(options: BookingOptions & { readonly flat: boolean }): CalcomBody {
  const row = bookingRow(options);
  if (options.flat) return { triggerEvent: 'MEETING_ENDED', ...row, createdAt: createdAtOf(options) };
  return { triggerEvent: 'MEETING_ENDED', createdAt: new Date(endOf(options)).toISOString(), payload: row };
}

/** The bytes that Cal.com signs and sends. */
export function toBody(body: CalcomBody): string {
  return JSON.stringify(body);
}

function envelope(triggerEvent: string, options: BookingOptions, payload: Record<string, unknown>): CalcomBody {
  return { triggerEvent, createdAt: createdAtOf(options), payload };
}
