/** Finds a record as callers name it: by id, or by a unique property. Invariant: strong, and only ever one record. */
import { malformed, notFound } from './errors';
import type { Portal } from './portal';
import type { HubspotRecord } from './record';
import type { ObjectType } from './schema';
import { checkPropertyNames } from './values';

export interface RecordKey {
  readonly type: ObjectType;
  readonly key: string;
  /** null, `hs_object_id`, or a unique property. */
  readonly idProperty: string | null;
  readonly archived: boolean;
}

/** Null when there is no such record. Throws a 400 for a property that is not unique. */
export function findRecord(portal: Portal, { type, key, idProperty, archived }: RecordKey): HubspotRecord | null {
  if (idProperty === null || idProperty === 'hs_object_id') return portal.objects.look(type, key, archived);
  checkUnique(portal, type, idProperty);
  return archived ? null : portal.objects.findByKey(type, idProperty, key);
}

/** Throws 404 when there is no such record, 400 for a property that is not unique. */
export function locate(portal: Portal, key: RecordKey): HubspotRecord {
  const record = findRecord(portal, key);
  if (record === null) throw notFound();
  return record;
}

/** Throws a 400 that counts as a violation. */
export function checkUnique(portal: Portal, type: ObjectType, idProperty: string): void {
  checkPropertyNames(portal, type, [idProperty]);
  if (portal.properties.find(type, idProperty)?.unique === true) return;
  throw malformed(`${idProperty} is not a unique property and can't be an idProperty`);
}
