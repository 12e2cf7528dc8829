/**
 * Fifty bookings in every status, for the test that loses Temporal's database: what is sent for each, and what becomes of it.
 */
import { randomUUID } from 'node:crypto';
import { BOOKING_STATUSES, type BookingStatus } from '../../domain/booking';
import {
  bookingCancelled,
  bookingCreated,
  bookingRejected,
  bookingRequested,
  bookingRescheduled,
  noShowUpdated,
  type CalcomBody,
} from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export type Kind = BookingStatus | 'moved' | 'unmatched' | 'parked' | 'interrupted';

/** How many of each; they add up to fifty. */
export const FIFTY: Readonly<Record<Kind, number>> = {
  requested: 5,
  scheduled: 11,
  moved: 3,
  reschedule_requested: 5,
  canceled: 5,
  rejected: 4,
  awaiting_outcome: 5,
  showed: 3,
  no_show: 3,
  unmatched: 3,
  parked: 2,
  /** Temporal was lost while its confirmation was being sent. */
  interrupted: 1,
};

export interface Made {
  readonly kind: Kind;
  /** The newest uid. */
  readonly uid: string;
  readonly guest: { readonly name: string; readonly email: string };
  readonly bodies: readonly CalcomBody[];
  readonly status: BookingStatus;
  readonly crm: 'synced' | 'needs_contact' | 'parked';
  /** Decided by a person once it is asked: only then the booking has its status. */
  readonly decision: 'showed' | null;
}

/** All of them, with slots in the coming days, or just past where the status needs that. */
export function fiftyBookings(): Made[] {
  return (Object.keys(FIFTY) as Kind[]).flatMap((kind) => Array.from({ length: FIFTY[kind] }, (_, n) => made(kind, n)));
}

function made(kind: Kind, n: number): Made {
  const key = randomUUID().slice(0, 8);
  const guest = { name: `Guest ${kind} ${key}`, email: `${kind}.${key}@example.com` };
  const startMs = startOf(kind, n);
  const booking: BookingOptions = { uid: `${kind}-${key}`, startMs, guest };
  const next = { ...booking, uid: `${kind}-${key}-next`, startMs: startMs + DAY_MS, sequence: 1, previous: booking };
  const mark = noShowUpdated({
    uid: booking.uid,
    email: guest.email,
    noShow: true,
    createdAtMs: startMs + 40 * MINUTE_MS,
  });
  const bodies: Record<Kind, readonly CalcomBody[]> = {
    requested: [bookingRequested(booking)],
    scheduled: [bookingCreated(booking)],
    moved: [bookingCreated(booking), bookingRescheduled(next)],
    reschedule_requested: [bookingCreated(booking), bookingCancelled({ ...booking, requestReschedule: true })],
    canceled: [bookingCreated(booking), bookingCancelled(booking)],
    rejected: [bookingRequested(booking), bookingRejected(booking)],
    awaiting_outcome: [bookingCreated(booking)],
    showed: [bookingCreated(booking)],
    no_show: [bookingCreated(booking), mark],
    unmatched: [bookingCreated(booking)],
    parked: [bookingCreated(booking)],
    interrupted: [bookingCreated(booking)],
  };
  return {
    kind,
    guest,
    bodies: bodies[kind],
    uid: kind === 'moved' ? next.uid : booking.uid,
    status: (BOOKING_STATUSES as readonly Kind[]).includes(kind) ? (kind as BookingStatus) : 'scheduled',
    crm: kind === 'unmatched' ? 'needs_contact' : kind === 'parked' ? 'parked' : 'synced',
    decision: kind === 'showed' ? 'showed' : null,
  };
}

/** Each at another minute, so that deadlines differ; a review is asked for a day after the slot. */
function startOf(kind: Kind, n: number): number {
  const minute = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS;
  if (kind === 'showed') return minute - 2 * DAY_MS - n * 60 * MINUTE_MS;
  if (kind === 'awaiting_outcome' || kind === 'no_show') return minute - (45 + n) * MINUTE_MS;
  return minute + (8 + n) * DAY_MS + n * 37 * MINUTE_MS;
}
