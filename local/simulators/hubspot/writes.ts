/**
 * Makes and changes records, for apps and for reps alike.
 * Invariant: everything about a write is judged before any of it happens.
 */
import type { RecordRef } from './association-store';
import type { CreateAssociations } from './bodies';
import { locked, malformed } from './errors';
import type { Portal } from './portal';
import type { HubspotRecord } from './record';
import { checkAdminRules } from './rules';
import { associationTypes } from './schema';
import type { ObjectType } from './schema';
import { checkRequired, readProperties } from './values';
import type { StoredProperties } from './values';

/** Throws HubSpot's 400, 404 or 409, and then nothing was made. */
export function createRecord(
  portal: Portal,
  input: {
    readonly type: ObjectType;
    readonly properties: Readonly<Record<string, string>>;
    readonly associations?: CreateAssociations | undefined;
  },
): HubspotRecord {
  const { type } = input;
  const properties = readProperties(portal, { type, given: input.properties, current: {} });
  checkRequired(type, properties);
  checkAdminRules(portal.settings(), { type, current: null, next: properties });
  const targets = linkTargets(portal, type, input.associations ?? []);
  const record = portal.objects.create(type, properties);
  for (const target of targets) portal.associations.link({ type, id: record.id }, target);
  return record;
}

export interface UpdatedRecord {
  readonly record: HubspotRecord;
  readonly changes: StoredProperties;
}

/** `before` is the live record. Throws HubSpot's 400, 409 or 423, and then nothing changed. */
export function updateRecord(
  portal: Portal,
  before: HubspotRecord,
  given: Readonly<Record<string, string>>,
): UpdatedRecord {
  const { type } = before;
  const { lockMs } = portal.settings();
  if (lockMs > 0 && portal.clock() - before.updatedAtMs < lockMs) throw locked();
  const changes = readProperties(portal, { type, given, current: before.properties });
  const next = { ...before.properties, ...changes };
  checkRequired(type, next);
  checkAdminRules(portal.settings(), { type, current: before.properties, next });
  return { record: portal.objects.update(type, before.id, changes), changes };
}

/** Archiving what is gone is no mistake. */
export function archiveRecord(portal: Portal, type: ObjectType, id: string): void {
  const record = portal.objects.look(type, id);
  // By the id of a merged record nothing is archived, whatever that id leads to.
  if (record?.id !== id) return;
  portal.objects.archive(type, id);
  portal.associations.drop({ type, id });
}

/** The records that a create names as belonging to it. Throws 400 for a type id that does not start here, 404 for a gone one. */
function linkTargets(portal: Portal, type: ObjectType, associations: CreateAssociations): readonly RecordRef[] {
  return associations.flatMap(({ to, types }) =>
    types.map(({ associationCategory, associationTypeId }) => {
      const known = associationTypes.find((entry) => entry.typeId === associationTypeId && entry.from === type);
      if (known === undefined || associationCategory !== 'HUBSPOT_DEFINED') {
        throw malformed(`${associationTypeId} (${associationCategory}) is no association type from ${type}`);
      }
      return { type: known.to, id: portal.objects.get(known.to, to.id).id };
    }),
  );
}
