/**
 * What makes two Cal.com deliveries the same event, in text that may be stored in clear.
 * Invariant: `createdAt` is no part of it (two subscriptions to one address send bodies that differ in nothing else),
 * and no address, name or free text either.
 */
import { createHash } from 'node:crypto';

/** `parts` must be fit to be kept in clear. */
export function meaningOf(trigger: string, uid: string, parts: readonly string[]): string {
  return [trigger, encodeURIComponent(uid), ...parts].join('|');
}

/** One uid may be shared by many: the seat tells them apart, else the address, which is not stored in clear. */
export function participantOf(seatId: string | null, email: string | null): string {
  return seatId === null ? `guest:${fingerprint(email)}` : `seat:${encodeURIComponent(seatId)}`;
}

/** Sixteen hex digits for an address, whatever its case; nothing for none. */
export function fingerprint(address: string | null): string {
  if (address === null) return '';
  return createHash('sha256').update(address.trim().toLowerCase()).digest('hex').slice(0, 16);
}

/** A custom template could put anything in `status`; only a status word is fit to be kept in clear. */
export function statusWord(status: string | null): string {
  return status !== null && /^[A-Za-z_]{1,32}$/.test(status) ? status.toUpperCase() : '';
}
