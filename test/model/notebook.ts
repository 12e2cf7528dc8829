/**
 * The oracle: what a careful person at the front desk has in a notebook who sees everything that really happens, as it happens.
 * Invariant: knows nothing of webhooks, facts, ranks or folds, and was written from PRODUCT.md's words, not from the fold.
 */
import type { BookingStatus } from '../../domain/booking';
import type { DecidedOutcome, Slot } from '../../domain/facts';

export type Standing = 'requested' | 'confirmed' | 'asked_to_move' | 'canceled' | 'rejected';

/** One line: the appointment under one of the source's ids. A new id is a new line on the same page. */
export interface Line {
  readonly uid: string;
  slot: Slot;
  standing: Standing;
  /** The host's mark at the source that the guest was absent. */
  absent: boolean;
  /** A head count of the call saw no guest. */
  nobodySeen: boolean;
  /** What a person here said about this appointment, newest only. */
  decided: DecidedOutcome | null;
  agreedSlot: Slot | null;
}

/** One page: one guest's appointment through its whole life. */
export interface Page {
  readonly guest: string;
  /** Others may take part in the same appointment. */
  readonly isShared: boolean;
  host: string;
  readonly lines: Line[];
  paid: boolean;
  confirmedSlot: Slot | null;
}

/** The page as it reads at an instant, in the product's words. */
export interface Reading {
  readonly status: BookingStatus;
  readonly slot: Slot;
  readonly chain: readonly string[];
  readonly outcome: 'showed' | 'no_show' | 'canceled' | null;
  readonly agreedSlot: Slot | null;
  readonly confirmedSlot: Slot | null;
  readonly guest: string;
  readonly host: string;
  readonly paid: boolean;
}

export interface Booked {
  readonly uid: string;
  readonly slot: Slot;
  readonly standing: 'requested' | 'confirmed';
}

export function newPage(
  booked: Booked & { readonly guest: string; readonly host: string; readonly isShared: boolean },
): Page {
  const { guest, host, isShared } = booked;
  const page: Page = { guest, isShared, host, lines: [], paid: false, confirmedSlot: null };
  newLine(page, booked);
  return page;
}

/** Booked under a new id: a move, a move that waits for the host, a rebooking. What was said about the old appointment stays with the old line. */
export function newLine(page: Page, booked: Booked): void {
  const { uid, slot, standing } = booked;
  page.lines.push({ uid, slot, standing, absent: false, nobodySeen: false, decided: null, agreedSlot: null });
  if (standing === 'confirmed') page.confirmedSlot = slot;
}

export function confirm(page: Page): void {
  const line = lastLine(page);
  line.standing = 'confirmed';
  page.confirmedSlot = line.slot;
}

/** The host moves everybody of a shared appointment: same id, new time. */
export function moveInPlace(page: Page, slot: Slot): void {
  lastLine(page).slot = slot;
  page.confirmedSlot = slot;
}

export function endWith(page: Page, standing: 'asked_to_move' | 'canceled' | 'rejected'): void {
  lastLine(page).standing = standing;
}

/** Said here about the appointment that the books showed, which need not be the newest. The last word counts. */
export function decide(page: Page, about: { uid: string; outcome: DecidedOutcome; agreedSlot: Slot | null }): void {
  const line = page.lines.find(({ uid }) => uid === about.uid);
  if (!line) throw new Error(`The notebook has no appointment ${about.uid} on this page`);
  line.decided = about.outcome;
  line.agreedSlot = about.agreedSlot;
}

export function lastLine(page: Page): Line {
  return page.lines[page.lines.length - 1]!;
}

/** `trustHeadCount`: the house rule that an empty call is a no-show. */
export function readPage(page: Page, nowMs: number, trustHeadCount: boolean): Reading {
  const line = lastLine(page);
  const status = statusOf(line, nowMs, trustHeadCount);
  return {
    status,
    slot: line.slot,
    chain: page.lines.map(({ uid }) => uid),
    outcome: status === 'showed' || status === 'no_show' || status === 'canceled' ? status : null,
    agreedSlot: line.decided === 'rescheduled' ? line.agreedSlot : null,
    confirmedSlot: page.confirmedSlot,
    guest: page.guest,
    host: page.host,
    paid: page.paid,
  };
}

function statusOf(line: Line, nowMs: number, trustHeadCount: boolean): BookingStatus {
  // A person's word stands; for a new time that was agreed on here, the booking waits.
  if (line.decided === 'rescheduled') return 'reschedule_requested';
  if (line.decided !== null) return line.decided;
  if (line.standing === 'asked_to_move') return 'reschedule_requested';
  if (line.standing !== 'confirmed') return line.standing;
  if (line.absent || (line.nobodySeen && trustHeadCount)) return 'no_show';
  return line.slot.endMs <= nowMs ? 'awaiting_outcome' : 'scheduled';
}
