/**
 * Bookings that were synced under an older mapping: what the one in force would change of them, and having them written again.
 * Invariant: a mapping alone touches no booking; only `applyMapping` does, and only those that it would change.
 */
import type { BookingStatus, Picture } from '../domain/booking';
import { mappingChangeOf, type DealInQuestion, type MappingChange } from '../domain/mapping-preview';
import type { CrmMapping } from '../domain/settings';
import { listLeadBookings } from './bookings';
import { leadKey, opportunityKey, readLink, type CrmLink } from './crm-ledger';
import { mappingVersionOf } from './mapping-versions';
import type { Db } from './pool';

export interface ChangedBooking {
  readonly bookingId: string;
  /** When it was recorded last. */
  readonly status: BookingStatus;
  readonly change: MappingChange;
  readonly picture: Picture;
  /** Null: it has none that the ledger knows. */
  readonly deal: DealInQuestion | null;
}

export interface MappingPreview {
  readonly version: string;
  /** Open bookings that were synced under another mapping, or under none that is known. */
  readonly older: number;
  readonly changed: readonly ChangedBooking[];
}

interface OlderBooking {
  readonly id: string;
  readonly connection: string;
  readonly picture: Picture;
}

/** By ledger and picture alone; the CRM is not asked. `sourcesOf`: the sources that feed this CRM. */
export async function previewMapping(
  db: Db,
  of: { readonly connection: string; readonly mapping: CrmMapping; readonly sources: readonly string[] },
): Promise<MappingPreview> {
  const { connection, mapping, sources } = of;
  const version = mappingVersionOf(mapping);
  const { rows } = await db.query<OlderBooking>(
    `SELECT b.id, b.connection, b.picture FROM crm_sync s JOIN booking b ON b.id = s.booking_id
     WHERE s.connection = $1 AND s.state = 'synced' AND s.mapping_version IS DISTINCT FROM $2
       AND b.closed_at IS NULL AND b.merged_into IS NULL AND b.picture IS NOT NULL ORDER BY b.id`,
    [connection, version],
  );
  const changed: ChangedBooking[] = [];
  for (const { id, picture } of rows) {
    const { personId } = picture;
    const link = (type: 'opportunity' | 'lead', externalKey: string) => readLink(db, { connection, type, externalKey });
    const [deal, lead, bookings] = await Promise.all([
      link('opportunity', opportunityKey(id)),
      personId ? link('lead', leadKey(personId)) : null,
      personId ? listLeadBookings(db, personId, sources) : [],
    ]);
    const written = { stageId: textIn(deal, 'stageId'), lead: leadIn(lead) };
    const change = mappingChangeOf({ picture, bookings, mapping, written });
    const known =
      deal?.state === 'done' && deal.crmId !== null ? { crmId: deal.crmId, stageId: written.stageId } : null;
    if (change) changed.push({ bookingId: id, status: picture.status, change, picture, deal: known });
  }
  return { version, older: rows.length, changed };
}

function textIn(link: CrmLink | null, key: string): string | null {
  const value = link?.lastWritten?.[key];
  return typeof value === 'string' ? value : null;
}

function leadIn(link: CrmLink | null): { values: Record<string, string>; tags: string[] } | null {
  if (!link?.lastWritten) return null;
  const { values, tags } = link.lastWritten as { values?: Record<string, string>; tags?: string[] };
  return { values: values ?? {}, tags: tags ?? [] };
}

/**
 * The bookings that the mapping would change get a version of their own, which their lanes write when they are woken; the others
 * count as synced under it. Returns whom to wake.
 */
export async function applyMapping(tx: Db, connection: string, preview: MappingPreview): Promise<string[]> {
  const changed = preview.changed.map(({ bookingId }) => bookingId);
  await tx.query(
    `UPDATE crm_sync SET mapping_version = $2 FROM booking b WHERE b.id = booking_id AND crm_sync.connection = $1
       AND crm_sync.state = 'synced' AND mapping_version IS DISTINCT FROM $2 AND booking_id <> ALL ($3)
       AND b.closed_at IS NULL AND b.merged_into IS NULL`,
    [connection, preview.version, changed],
  );
  const { rows } = await tx.query<{ id: string }>(
    'UPDATE booking SET version = version + 1 WHERE id = ANY ($1) AND closed_at IS NULL AND merged_into IS NULL RETURNING id',
    [changed],
  );
  return rows.map(({ id }) => id);
}
