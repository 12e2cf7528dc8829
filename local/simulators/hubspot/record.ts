/** One record of the portal, and what a write made of it. Invariant: records are never changed in place. */
import type { ObjectType } from './schema';
import type { StoredProperties } from './values';

export interface HubspotRecord {
  readonly id: string;
  readonly type: ObjectType;
  readonly properties: StoredProperties;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly archived: boolean;
}

export interface RecordChange {
  /** null: the record is new. */
  readonly before: HubspotRecord | null;
  readonly after: HubspotRecord;
}
