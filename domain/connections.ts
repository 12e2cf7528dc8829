/** What can be wrong with a connection to another system, as far as it decides what waits for whom. */

/** Why bookings wait for a CRM: it does not answer, or a person has to connect it again, grant it a right, or reactivate it. */
export type ParkReason = 'unavailable' | 'reauth_required' | 'scope_missing' | 'account_inactive';

/** Why a booking looks again: found without a running workflow, merged, a CRM answers again, or its record there changed. The last two name the CRM. */
export type WakeReason = 'sweep' | 'merged' | 'crm_back' | 'crm_changed';
