/**
 * `/crm/objects/2026-09/{objectType}…`: create, read, update, archive, search, batch read.
 * Invariant: reads by id or e-mail are strong; only search lags.
 */
import { batchReadBody, createBody, readBody, searchBody, updateBody } from './bodies';
import { invalidProperties, malformed, notFound, propertyError } from './errors';
import type { HubspotRecord } from './objects';
import { batchAnswer, flagQuery, listQuery, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import type { RecordRef } from './association-store';
import { associationType, associationTypes, isObjectType, schemas } from './schema';
import type { ObjectType } from './schema';
import { search } from './search';
import { checkPropertyNames, checkRequired, readProperties } from './values';
import type { StoredProperties } from './values';

const BASE = '/crm/objects/2026-09/{objectType}';
const INLINE_ASSOCIATIONS = 500;

const readScopes = (call: Call): readonly string[] => [schemas[objectTypeParam(call, 'objectType')].scopes.read];
const writeScopes = (call: Call): readonly string[] => [schemas[objectTypeParam(call, 'objectType')].scopes.write];

/** A record as answers show it. `names`: which properties; what HubSpot always sends comes along. */
function wire(record: HubspotRecord, names: readonly string[]): object {
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

/** Names of the properties that have a value: what a create or an update answers with. */
function filled(properties: StoredProperties): readonly string[] {
  return Object.keys(properties).filter((name) => properties[name] !== null);
}

function namesOrDefault(type: ObjectType, names: readonly string[]): readonly string[] {
  checkPropertyNames(type, names);
  return names.length === 0 ? schemas[type].defaultProperties : names;
}

/** Finds by id, or by the unique property that the caller names. Throws 404, and 400 for a property that is not unique. */
function locate(options: {
  readonly call: Call;
  readonly type: ObjectType;
  readonly key: string;
  readonly idProperty: string | null;
  readonly archived: boolean;
}): HubspotRecord {
  const { call, type, key, idProperty, archived } = options;
  const { objects } = call.portal;
  if (idProperty === null || idProperty === 'hs_object_id') return objects.get(type, key, archived);
  checkPropertyNames(type, [idProperty]);
  if (schemas[type].properties.get(idProperty)?.unique !== true) {
    throw malformed(`${idProperty} is not a unique property and can't be an idProperty`);
  }
  const record = archived ? null : objects.findContactByEmail(key);
  if (record === null) throw notFound();
  return record;
}

/** The portal's own rules (2026-09 paths enforce them): with this value, that property must be filled. */
function checkConditionalRules(call: Call, type: ObjectType, next: StoredProperties): void {
  for (const rule of call.portal.settings().conditionalRules) {
    const applies = rule.objectType === type && next[rule.property] === rule.value;
    if (!applies || (next[rule.requires] ?? null) !== null) continue;
    const message = `${rule.requires} is required because of a conditional property rule based on [${rule.property}]`;
    throw invalidProperties([propertyError(rule.requires, 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', message)], null);
  }
}

/** The records that a create names as belonging to it. Throws 400 for a type id that does not start here, 404 for a gone one. */
function linkTargets(call: Call, type: ObjectType, associations: CreateAssociations): readonly RecordRef[] {
  return associations.flatMap(({ to, types }) =>
    types.map(({ associationCategory, associationTypeId }) => {
      const known = associationTypes.find((entry) => entry.typeId === associationTypeId && entry.from === type);
      if (known === undefined || associationCategory !== 'HUBSPOT_DEFINED') {
        throw malformed(`${associationTypeId} (${associationCategory}) is no association type from ${type}`);
      }
      call.portal.objects.get(known.to, to.id);
      return { type: known.to, id: to.id };
    }),
  );
}

type CreateAssociations = NonNullable<ReturnType<typeof createBody.parse>['associations']>;

const create: Operation = {
  method: 'POST',
  template: BASE,
  query: [],
  limit: 'general',
  scopes: writeScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const body = readBody(createBody, call.request);
    const properties = readProperties(type, body.properties, {});
    checkRequired(type, properties);
    checkConditionalRules(call, type, properties);
    const targets = linkTargets(call, type, body.associations ?? []);
    const record = call.portal.objects.create(type, properties);
    for (const target of targets) call.portal.associations.link({ type, id: record.id }, target);
    return { status: 201, body: wire(record, filled(record.properties)) };
  },
};

const read: Operation = {
  method: 'GET',
  template: `${BASE}/{objectId}`,
  query: ['idProperty', 'properties', 'associations', 'archived'],
  limit: 'general',
  scopes: readScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const names = namesOrDefault(type, listQuery(call, 'properties'));
    const linked = listQuery(call, 'associations').map((name) => linkedTypeNamed(type, name));
    const record = locate({
      call,
      type,
      key: param(call, 'objectId'),
      idProperty: call.request.query.get('idProperty'),
      archived: flagQuery(call, 'archived'),
    });
    const groups = linked.flatMap((to) => inlineAssociations(call, record, to));
    const associations = groups.length === 0 ? {} : { associations: Object.fromEntries(groups) };
    return { status: 200, body: { ...wire(record, names), ...associations } };
  },
};

function linkedTypeNamed(from: ObjectType, name: string): ObjectType {
  if (isObjectType(name) && associationType(from, name) !== null) return name;
  throw malformed(`${from} have no associations to ${name}`, `no association type from ${from} to what was asked for`);
}

/** One group of `associations` in a read; none when nothing is linked, as HubSpot does. */
function inlineAssociations(call: Call, record: HubspotRecord, to: ObjectType): [string, object][] {
  const ids = call.portal.associations.of(record, to);
  if (ids.length === 0) return [];
  const type = associationType(record.type, to)?.name ?? '';
  const results = ids.slice(0, INLINE_ASSOCIATIONS).map((id) => ({ id, type }));
  const last = results.at(-1);
  const more = ids.length > INLINE_ASSOCIATIONS && last !== undefined ? { paging: { next: { after: last.id } } } : {};
  return [[to, { results, ...more }]];
}

const update: Operation = {
  method: 'PATCH',
  template: `${BASE}/{objectId}`,
  query: ['idProperty'],
  limit: 'general',
  scopes: writeScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const body = readBody(updateBody, call.request);
    const idProperty = call.request.query.get('idProperty');
    const before = locate({ call, type, key: param(call, 'objectId'), idProperty, archived: false });
    const changes = readProperties(type, body.properties, before.properties);
    const next = { ...before.properties, ...changes };
    checkRequired(type, next);
    checkConditionalRules(call, type, next);
    const record = call.portal.objects.update(type, before.id, changes);
    return { status: 200, body: wire(record, Object.keys(changes)) };
  },
};

const archive: Operation = {
  method: 'DELETE',
  template: `${BASE}/{objectId}`,
  query: [],
  limit: 'general',
  scopes: writeScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const id = param(call, 'objectId');
    // Archiving what is gone is a 204 too.
    if (call.portal.objects.find(type, id)?.archived === false) {
      call.portal.objects.archive(type, id);
      call.portal.associations.drop({ type, id });
    }
    return { status: 204, body: undefined };
  },
};

const searchOperation: Operation = {
  method: 'POST',
  template: `${BASE}/search`,
  query: [],
  limit: 'search',
  scopes: readScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const body = readBody(searchBody, call.request);
    const { objects, settings } = call.portal;
    const page = search({
      type,
      body,
      bodyLength: call.request.body.toString('utf8').length,
      records: objects.searchable(type, settings().searchLagMs),
    });
    const names = namesOrDefault(type, body.properties ?? []);
    const results = page.records.map((record) => wire(record, names));
    const paging = page.after === null ? {} : { paging: { next: { after: page.after } } };
    return { status: 200, body: { total: page.total, results, ...paging } };
  },
};

const batchRead: Operation = {
  method: 'POST',
  template: `${BASE}/batch/read`,
  query: ['archived'],
  limit: 'general',
  scopes: readScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const body = readBody(batchReadBody, call.request);
    const names = namesOrDefault(type, body.properties);
    const archived = flagQuery(call, 'archived');
    const found = new Map<string, HubspotRecord>();
    const missing: string[] = [];
    for (const { id } of body.inputs) {
      const record = find(call, { type, key: id, idProperty: body.idProperty ?? null, archived });
      if (record === null) missing.push(id);
      else found.set(record.id, record);
    }
    const results = [...found.values()].map((record) => wire(record, names));
    return batchAnswer(call, results, missing.length === 0 ? [] : [missingError(missing)]);
  },
};

function find(call: Call, key: Omit<Parameters<typeof locate>[0], 'call'>): HubspotRecord | null {
  if (key.idProperty !== null) {
    const record = key.archived ? null : call.portal.objects.findContactByEmail(key.key);
    if (schemas[key.type].properties.get(key.idProperty)?.unique === true) return record;
    return locate({ call, ...key });
  }
  const record = call.portal.objects.find(key.type, key.key);
  return record !== null && record.archived === key.archived ? record : null;
}

function missingError(ids: readonly string[]): object {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: 'Some of the records could not be found. They may be archived, or the ids are not valid.',
    context: { ids },
    errors: [],
    links: {},
  };
}

export const objectOperations: readonly Operation[] = [create, searchOperation, batchRead, read, update, archive];
