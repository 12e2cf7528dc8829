/**
 * Notes about bookings in the ledger: which ones a CRM holds, or may hold.
 * Invariant: every note is a link of its own; a correction is another note and leaves the one before it as it is.
 */
import { linkFromRaw, LINK_COLUMNS, type CrmLink, type RawLink } from './crm-ledger';
import type { Db } from './pool';

/** The n-th note about a booking; `says` is equal for notes that say the same. */
export const noteKey = (bookingId: string, n: number, says: string): string => `n:${bookingId}:${n}:${says}`;

/** A booking's notes in one CRM, the oldest first; also those whose create may or may not have been applied. */
export async function listNotes(db: Db, connection: string, bookingId: string): Promise<CrmLink[]> {
  const { rows } = await db.query<RawLink>(
    `SELECT ${LINK_COLUMNS} FROM crm_link WHERE connection = $1 AND booking_id = $2 AND type = 'note'
     ORDER BY last_version, external_key`,
    [connection, bookingId],
  );
  return rows.map(linkFromRaw);
}
