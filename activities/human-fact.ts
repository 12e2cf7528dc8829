/**
 * A fact that a person made, here or in a CRM: about the booking as it stands, under its newest uid.
 * Invariant: it carries a decision and nothing that only a source can know.
 */
import type { BookingRow } from '../db/bookings';
import { insertFact } from '../db/facts';
import type { Db } from '../db/pool';
import type { Fact } from '../domain/facts';

/** The caller holds the booking's row. `isNew: false`: it was there under this id. */
export async function addHumanFact(
  tx: Db,
  booking: Pick<BookingRow, 'id' | 'connection' | 'rootUid' | 'picture'>,
  said: Pick<Fact, 'id' | 'type' | 'decision' | 'receivedAtMs'> & { readonly by: 'operator' | 'crm' },
): Promise<{ readonly isNew: boolean }> {
  const fact: Fact = {
    ...said,
    uid: booking.picture?.chain.at(-1) ?? booking.rootUid,
    predecessorUid: null,
    ancestry: [],
    slot: null,
    sequence: null,
    eventType: null,
    personId: null,
    hostId: null,
    aboutPersonId: null,
    readAtMs: null,
  };
  const { id: bookingId, connection } = booking;
  return insertFact(tx, { fact, bookingId, connection, sealed: null, meaning: null, deliveryId: null, ordinal: 0 });
}
