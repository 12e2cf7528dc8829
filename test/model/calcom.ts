/**
 * Cal.com as the model test sees it: the rows that its API shows and the webhooks that it sends, by the rules of its documentation and code.
 * Invariant: a webhook is a snapshot; rows change only through the functions here.
 */
import type { Slot } from '../../domain/facts';

export type Kind = 'plain' | 'optIn' | 'paid' | 'paidOptIn' | 'seats';

export interface Attendee {
  readonly email: string;
  readonly seatId: string | null;
  absent: boolean;
}

export interface Row {
  readonly uid: string;
  readonly kind: Kind;
  slot: Slot;
  status: 'accepted' | 'pending' | 'cancelled' | 'rejected';
  /** What a read still shows in the step in which it was canceled: the webhook leaves before the database is written. */
  before: { readonly status: Row['status']; readonly tick: number } | null;
  readonly from: string | null;
  to: string | null;
  /** Null: no calendar answered. */
  readonly iCalUid: string | null;
  sequence: number;
  host: string;
  attendees: Attendee[];
  absentHost: boolean;
  /** Id of the series; null: no occurrence of one. */
  readonly series: string | null;
  unpaid: boolean;
}

export type Trigger =
  | 'BOOKING_CREATED'
  | 'BOOKING_REQUESTED'
  | 'BOOKING_PAYMENT_INITIATED'
  | 'BOOKING_PAID'
  | 'BOOKING_RESCHEDULED'
  | 'BOOKING_CANCELLED'
  | 'BOOKING_REJECTED'
  | 'BOOKING_NO_SHOW_UPDATED'
  | 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW'
  | 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW'
  | 'MEETING_ENDED';

export interface Hook {
  readonly trigger: Trigger;
  readonly uid: string;
  readonly slot: Slot;
  readonly sequence: number;
  readonly iCalUid: string | null;
  readonly host: string;
  readonly seats: boolean;
  readonly recurring: boolean;
  readonly optIn: boolean;
  /** Those whom the body lists; the first one is the guest. */
  readonly attendees: readonly { readonly email: string; readonly seatId: string | null }[];
  readonly rescheduleUid: string | null;
  readonly requestReschedule: boolean;
  readonly mark: { readonly email: string; readonly absent: boolean } | null;
}

export interface NewRow {
  readonly uid: string;
  readonly kind: Kind;
  readonly slot: Slot;
  readonly host: string;
  readonly attendees: readonly { readonly email: string; readonly seatId: string | null }[];
  readonly pending: boolean;
  readonly unpaid?: boolean;
  readonly series?: string | null;
  /** The row that it replaces; the calendar id is inherited, unless the calendar gave another one or none answered. */
  readonly replaces?: { readonly row: Row; readonly calendar: 'kept' | 'replaced' | 'absent' };
}

export function newRow(given: NewRow): Row {
  const { uid, replaces } = given;
  return {
    uid,
    kind: given.kind,
    slot: given.slot,
    status: given.pending ? 'pending' : 'accepted',
    before: null,
    from: replaces?.row.uid ?? null,
    to: null,
    iCalUid: iCalUidOf(given),
    sequence: replaces ? replaces.row.sequence + 1 : 0,
    host: given.host,
    attendees: given.attendees.map((attendee) => ({ ...attendee, absent: false })),
    absentHost: false,
    series: given.series ?? null,
    unpaid: given.unpaid ?? false,
  };
}

function iCalUidOf({ uid, replaces }: NewRow): string | null {
  if (!replaces) return `${uid}@Cal.com`;
  if (replaces.calendar === 'kept') return replaces.row.iCalUid;
  return replaces.calendar === 'replaced' ? `${uid}@calendar` : null;
}

/** The new row, and what becomes of the old one: canceled without a webhook, and linked where it was live. */
export function replaceRow(old: Row, given: Omit<NewRow, 'replaces'>, calendar: 'kept' | 'replaced' | 'absent'): Row {
  const row = newRow({ ...given, replaces: { row: old, calendar } });
  // A row whose guest was asked for a new time stays unlinked in the API, even when the guest has chosen one.
  if (old.status !== 'cancelled') old.to = row.uid;
  old.status = 'cancelled';
  return row;
}

export function cancelRow(row: Row, tick: number): void {
  row.before = { status: row.status, tick };
  row.status = 'cancelled';
  row.sequence += 1;
}

/** A read in the same step as the cancellation may still show what was before. */
export function statusShown(row: Row, tick: number, lying: boolean): Row['status'] {
  return lying && row.before?.tick === tick ? row.before.status : row.status;
}

type Besides = Partial<Pick<Hook, 'sequence' | 'attendees' | 'rescheduleUid' | 'requestReschedule' | 'mark'>>;

export function hookOf(trigger: Trigger, row: Row, more: Besides = {}): Hook {
  return {
    trigger,
    uid: row.uid,
    slot: row.slot,
    sequence: more.sequence ?? row.sequence,
    iCalUid: row.iCalUid,
    host: row.host,
    seats: row.kind === 'seats',
    recurring: row.series !== null,
    optIn: row.kind === 'optIn' || row.kind === 'paidOptIn',
    attendees: more.attendees ?? row.attendees,
    rescheduleUid: more.rescheduleUid ?? null,
    requestReschedule: more.requestReschedule ?? false,
    mark: more.mark ?? null,
  };
}
