/**
 * readCrm: what a person changed in a CRM's records of one booking becomes facts or questions of the booking.
 * Invariant: under the same lease as `syncCrm`, so that an echo waits until the ledger knows the write; an echo costs one read and changes nothing.
 */
import { readBooking, type BookingRow } from '../db/bookings';
import { readHealth } from '../db/connection-health';
import { readBookingLinks } from '../db/crm-ledger';
import { together } from '../db/pool';
import type { Picture } from '../domain/booking';
import { reasonBehind } from '../domain/connections';
import { syncContext } from './crm-context';
import { readBackStep } from './crm-read-back';
import { crmsOf, type ActivityDeps } from './deps';
import { withPersonLease } from './person-lease';
import { readBackStage } from './crm-opportunity';
import { afterFailure, parkBehind, type SyncCrmInput, type SyncCrmResult } from './sync-outcome';

export type ReadCrmResult =
  /** Nothing that a person changed: what is there was written by us, or the booking has nothing there. */
  | { readonly kind: 'own_write' }
  /** Facts or tasks were stored: the booking has to be recorded. */
  | { readonly kind: 'changed' }
  | Extract<SyncCrmResult, { kind: 'parked' | 'refused' }>;

export function createReadCrm(deps: ActivityDeps) {
  return async function readCrm(input: SyncCrmInput): Promise<ReadCrmResult> {
    const { bookingId, connection } = input;
    const [health, booking] = await together(deps.pool, (db) =>
      Promise.all([readHealth(db, connection), readBooking(db, bookingId)]),
    );
    if (health.state === 'down') return asRead(await parkBehind(deps, input, reasonBehind(health.reason)));
    const isFed =
      booking !== null && crmsOf(deps.settings, booking.connection).some((crm) => crm.connection === connection);
    if (!booking?.picture || booking.mergedInto !== null || !isFed) return { kind: 'own_write' };
    const { personId } = booking.picture;
    const alongside = (): Promise<null> => Promise.resolve(null);
    return withPersonLease(deps, { connection, bookingId, personId, alongside }, async () => {
      try {
        return await readLocked(deps, input);
      } catch (error) {
        return asRead(await afterFailure(deps, { input, booking, error }));
      }
    });
  };
}

/** What the lease was waited for may have changed the booking. */
async function readLocked(deps: ActivityDeps, { bookingId, connection }: SyncCrmInput): Promise<ReadCrmResult> {
  const [booking, links] = await together(deps.pool, (db) =>
    Promise.all([readBooking(db, bookingId), readBookingLinks(db, connection, bookingId)]),
  );
  const mapping = deps.settings.mapping[connection];
  if (!booking?.picture || booking.mergedInto !== null || !mapping) return { kind: 'own_write' };
  const read = booking as BookingRow & { readonly picture: Picture };
  const ctx = syncContext(deps, { connection, bookingId, version: booking.version });
  const { end: appointment } = await readBackStep(ctx, { booking: read, mapping, link: links.appointment });
  const stage = await readBackStage(ctx, { booking: read, mapping, link: links.opportunity });
  return { kind: appointment === 'changed' || stage === 'changed' ? 'changed' : 'own_write' };
}

function asRead(result: SyncCrmResult): ReadCrmResult {
  return result.kind === 'parked' || result.kind === 'refused' ? result : { kind: 'own_write' };
}
