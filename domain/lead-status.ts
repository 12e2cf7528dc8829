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
  const status = speakingStatus(bookings, mapping);
  if (status === null) return null;
  const { field, byStatus } = mapping;
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

function speakingStatus(bookings: readonly LeadBooking[], { rule }: LeadMapping): BookingStatus | null {
  if (rule.kind === 'first-of')
    return rule.order.find((word) => bookings.some(({ status }) => status === word)) ?? null;
  const [newest] = [...bookings].sort((a, b) => b.openedAtMs - a.openedAtMs || (a.bookingId < b.bookingId ? 1 : -1));
  return newest?.status ?? null;
}
