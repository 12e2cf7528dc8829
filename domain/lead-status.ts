/**
 * One status per lead: what all bookings of a person together say, as the mapping wants it on the person in the CRM.
 * Invariant: a function of the bookings' pictures and the mapping alone, so every sync of any of them writes the same.
 */
import type { BookingStatus } from './booking';
import type { LeadMapping } from './settings';

/** A booking of the person, as far as it counts for their status. */
export interface LeadBooking {
  readonly bookingId: string;
  readonly status: BookingStatus;
  /** The source's key of what was booked; null: not named. */
  readonly eventType: string | null;
  /** When it was first heard of, epoch ms. */
  readonly openedAtMs: number;
}

export interface LeadStatus {
  readonly status: BookingStatus;
  /** Field → value; empty: the status says nothing about the field, which stays as it is. */
  readonly values: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** Null: the person has no booking, or none of which the rule speaks. */
export function leadStatusOf(bookings: readonly LeadBooking[], mapping: LeadMapping): LeadStatus | null {
  const speaks = speakingBooking(bookings, mapping);
  if (speaks === null) return null;
  const { status, eventType } = speaks;
  const { field, byEventType } = mapping;
  const own = eventType !== null && Object.hasOwn(byEventType, eventType) ? byEventType[eventType] : {};
  const byStatus = { ...mapping.byStatus, ...own };
  const value = byStatus[status]?.value ?? null;
  const tags = byStatus[status]?.tags ?? [];
  return { status, tags, values: field === null || value === null ? {} : { [field]: value } };
}

/** From the tags that this service wrote last to those that it wants. A tag that it never wrote is somebody else's and stays. */
export function tagChange(
  written: readonly string[],
  wanted: readonly string[],
): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  return {
    add: wanted.filter((tag) => !written.includes(tag)),
    remove: written.filter((tag) => !wanted.includes(tag)),
  };
}

/** Of several that have the status which comes first in the list, the newest one. */
function speakingBooking(bookings: readonly LeadBooking[], { rule }: LeadMapping): LeadBooking | null {
  const newestFirst = [...bookings].sort((a, b) => b.openedAtMs - a.openedAtMs || (a.bookingId < b.bookingId ? 1 : -1));
  if (rule.kind === 'newest') return newestFirst[0] ?? null;
  const word = rule.order.find((each) => bookings.some(({ status }) => status === each));
  return newestFirst.find(({ status }) => status === word) ?? null;
}
