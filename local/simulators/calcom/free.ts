/**
 * When the account's host has time.
 * Invariant: a slot is free when nothing that stands or waits overlaps it. Hosts are open at all hours; slots begin at each quarter.
 */
import { eventTypeOf } from './account';
import type { Account } from './account';
import type { EventType } from './seed';

const QUARTER_MS = 15 * 60_000;

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const overlaps = (a: Span, b: Span): boolean => a.startMs < b.endMs && b.startMs < a.endMs;

/** Whether the host could take an appointment then. Reservations don't count. */
export function hasTime(account: Account, hostId: number, span: Span): boolean {
  return !account.bookings
    .all()
    .some(
      (row) =>
        row.hostId === hostId &&
        (row.status === 'accepted' || row.status === 'pending') &&
        eventTypeOf(row).seats === null &&
        overlaps(row, span),
    );
}

/** Whether somebody is about to book then. */
export function isReserved(account: Account, eventTypeId: number, span: Span): boolean {
  return account.reservations.all().some((one) => one.eventTypeId === eventTypeId && overlaps(one, span));
}

/** Slots that begin within the window and after now. */
export function freeSlots(
  account: Account,
  of: { readonly type: EventType; readonly hostId: number; readonly window: Span },
): readonly Span[] {
  const { type, hostId, window } = of;
  const lengthMs = type.minutes * 60_000;
  const firstMs = Math.ceil(Math.max(window.startMs, account.clock() + 1) / QUARTER_MS) * QUARTER_MS;
  const found: Span[] = [];
  for (let startMs = firstMs; startMs < window.endMs; startMs += QUARTER_MS) {
    const span = { startMs, endMs: startMs + lengthMs };
    if (hasTime(account, hostId, span) && !isReserved(account, type.id, span)) found.push(span);
  }
  return found;
}
