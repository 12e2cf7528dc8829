/**
 * parkBooking: when syncCrm itself could not end (its worker was killed on the last attempt), the booking waits for its connection like any other.
 */
import { saveSync } from '../db/crm-ledger';
import type { ActivityDeps } from './deps';

export function createParkBooking(deps: ActivityDeps) {
  return async function parkBooking(input: { bookingId: string; connection: string }): Promise<void> {
    await saveSync(deps.pool, { ...input, state: 'parked', reason: 'unavailable' });
    await deps.signals.parked({ connection: input.connection, reason: 'unavailable' });
  };
}
