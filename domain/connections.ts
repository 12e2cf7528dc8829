/**
 * What can be wrong with a connection to another system, as far as it decides what waits for whom.
 * Invariant: what a person has to mend is one task for the connection; what passes by itself never is.
 */

/** Why a booking looks again: found without a running workflow, merged, a CRM answers again, or its record there changed. The last two name the CRM. */
export type WakeReason = 'sweep' | 'merged' | 'crm_back' | 'crm_changed' | 'zone_data';

/** A person has to connect the account again, grant it a right, or have it reactivated. */
export const MENDED_BY_A_PERSON = ['reauth_required', 'scope_missing', 'account_inactive'] as const;
export type PersonReason = (typeof MENDED_BY_A_PERSON)[number];

/** Why bookings wait for a CRM: besides that, it does not answer, or its quota of the day is used up. */
export type ParkReason = 'unavailable' | 'daily_limit' | PersonReason;

/**
 * Why a booking waits behind a connection that others found down. A missing right is theirs until the booking meets it itself:
 * whoever lacks it is tried first when the right may have been granted.
 */
export function reasonBehind(health: string | null): ParkReason {
  return health === 'daily_limit' || health === 'reauth_required' || health === 'account_inactive'
    ? health
    : 'unavailable';
}

/** Which side of us a connection is looked after by: one that is both is a CRM. */
export type ConnectionRole = 'crm' | 'source';

export function needsPerson(reason: string): reason is PersonReason {
  return (MENDED_BY_A_PERSON as readonly string[]).includes(reason);
}

/** What a person is told about a connection that is down, without a subject. */
export const TROUBLE_WORDS: Readonly<Record<PersonReason, string>> = {
  reauth_required: 'does not accept our credentials: connect the account again',
  scope_missing: 'accepts our credentials, which lack a right: grant it and connect the account again',
  account_inactive: 'says that the account is not active: have it activated',
};
