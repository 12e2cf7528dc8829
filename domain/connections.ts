/** What can be wrong with a connection to another system, as far as it decides what waits for whom. */

/** Why bookings wait for a CRM: it does not answer, or a person has to connect it again, grant it a right, or reactivate it. */
export type ParkReason = 'unavailable' | 'reauth_required' | 'scope_missing' | 'account_inactive';
