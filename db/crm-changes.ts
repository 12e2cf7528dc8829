/**
 * Whom a change of a CRM's record concerns: from the CRM's id through the ledger to bookings.
 * Invariant: reads only; a record that no booking has is absent, and so is a person without an open booking among `bookingIds`.
 */
import type { Db } from './pool';

export interface CrmRecord {
  readonly type: 'appointment' | 'person' | 'opportunity';
  readonly crmId: string;
}

/** Key of a record within its connection. */
export const recordKey = ({ type, crmId }: CrmRecord): string => `${type}/${crmId}`;

/**
 * The records that the ledger knows → their bookings. Of a person the open ones: a settled booking does not change with its
 * guest. Of an appointment or opportunity also closed ones: what was marked may be marked otherwise.
 */
export async function bookingsOfRecords(
  db: Db,
  connection: string,
  records: readonly CrmRecord[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await db.query<{ type: CrmRecord['type']; crm_id: string; booking_id: string | null }>(
    `WITH asked AS (SELECT DISTINCT * FROM UNNEST($2::text[], $3::text[]) AS t (type, crm_id)),
     links AS (SELECT l.type, l.crm_id, l.booking_id, l.external_key FROM asked
               JOIN crm_link l ON l.connection = $1 AND l.type = asked.type AND l.crm_id = asked.crm_id)
     SELECT type, crm_id, booking_id FROM links WHERE type <> 'person'
     UNION
     SELECT links.type, links.crm_id, booking.id FROM links
       LEFT JOIN booking ON booking.picture->>'personId' = substr(links.external_key, 3)
         AND booking.merged_into IS NULL AND booking.closed_at IS NULL
     WHERE links.type = 'person'`,
    [connection, records.map(({ type }) => type), records.map(({ crmId }) => crmId)],
  );
  const found = new Map<string, string[]>();
  for (const { type, crm_id: crmId, booking_id: bookingId } of rows) {
    const key = recordKey({ type, crmId });
    found.set(key, [...(found.get(key) ?? []), ...(bookingId === null ? [] : [bookingId])]);
  }
  return found;
}

/** Whether a create of one of these types has begun since `sinceMs` (epoch ms) of which the ledger has no id yet. */
export async function hasUnsettledCreate(
  db: Db,
  connection: string,
  of: { readonly types: readonly CrmRecord['type'][]; readonly sinceMs: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM crm_link WHERE connection = $1 AND type = ANY($2) AND state IN ('intent', 'unknown') AND intent_at > $3
     LIMIT 1`,
    [connection, of.types, new Date(of.sinceMs)],
  );
  return rows.length > 0;
}
