/** How answers show a record. Invariant: only what was asked for, and what HubSpot always sends. */
import type { HubspotRecord } from './record';
import { schemas } from './schema';
import type { ObjectType } from './schema';
import { checkPropertyNames } from './values';
import type { StoredProperties, ValueRules } from './values';

/** `names`: which properties; what HubSpot always sends comes along. */
export function wire(record: HubspotRecord, names: readonly string[]): object {
  const { createdProperty, modifiedProperty } = schemas[record.type];
  const shown = new Set([...names, 'hs_object_id', createdProperty, modifiedProperty]);
  return {
    id: record.id,
    properties: Object.fromEntries([...shown].map((name) => [name, record.properties[name] ?? null])),
    createdAt: new Date(record.createdAtMs).toISOString(),
    updatedAt: new Date(record.updatedAtMs).toISOString(),
    archived: record.archived,
    ...(record.archived ? { archivedAt: new Date(record.updatedAtMs).toISOString() } : {}),
  };
}

/** Names of the properties that have a value: what a create answers with. */
export function filled(properties: StoredProperties): readonly string[] {
  return Object.keys(properties).filter((name) => properties[name] !== null);
}

/** What a read shows that names these properties, or none. Throws a 400 for an unknown one. */
export function namesOrDefault(rules: ValueRules, type: ObjectType, names: readonly string[]): readonly string[] {
  checkPropertyNames(rules, type, names);
  return names.length === 0 ? schemas[type].defaultProperties : names;
}
