/**
 * Which bookings the report leaves out: tests, our own people, and what was never paid for.
 * Invariant: only the reason is kept; the address that it was judged by is not.
 */

export interface ReportSettings {
  /** IANA zone of the report's days and weeks. */
  readonly zone: string;
  readonly exclude: ReportExclusions;
  /** Addresses that get the report of the week before by e-mail; absent: none. */
  readonly subscribers?: readonly string[];
  /** When, on Mondays in `zone`. */
  readonly sendAt?: { readonly hour: number; readonly minute: number };
}

/** Domains are of guests' e-mail addresses, in lower case; one counts for its subdomains too. */
export interface ReportExclusions {
  readonly internalDomains: readonly string[];
  readonly testDomains: readonly string[];
  /** Payment was required, and neither it nor a confirmation came. */
  readonly unpaid: boolean;
}

export type ExcludedReason = 'unpaid' | 'test' | 'internal';

/** Has the guest's address to be looked at? */
export function excludesByDomain({ internalDomains, testDomains }: ReportExclusions): boolean {
  return internalDomains.length + testDomains.length > 0;
}

/** `email`: the guest's; null: not known. Null: the booking counts. */
export function excludedReasonOf(
  booking: { readonly email: string | null; readonly isUnpaid: boolean },
  exclude: ReportExclusions,
): ExcludedReason | null {
  if (isOf(exclude.testDomains, booking.email)) return 'test';
  if (isOf(exclude.internalDomains, booking.email)) return 'internal';
  return booking.isUnpaid && exclude.unpaid ? 'unpaid' : null;
}

/** Is this the address of one of our own people, or a test's? */
export function isExcludedGuest(email: string | null, exclude: ReportExclusions): boolean {
  return isOf(exclude.testDomains, email) || isOf(exclude.internalDomains, email);
}

function isOf(domains: readonly string[], email: string | null): boolean {
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase() ?? '';
  return domains.some((one) => domain === one || domain.endsWith(`.${one}`));
}
