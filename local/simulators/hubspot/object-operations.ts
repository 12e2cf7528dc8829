/**
 * `/crm/objects/2026-09/{objectType}…`: create, read, list, update, archive, search, batch read, merge.
 * Invariant: reads by id or unique key are strong; only search lags.
 */
import { batchReadBody, createBody, mergeBody, readBody, searchBody, updateBody } from './bodies';
import { malformed } from './errors';
import { findRecord, locate } from './locate';
import { mergeContacts } from './merge';
import { batchAnswer, flagQuery, listQuery, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import type { HubspotRecord } from './record';
import { filled, namesOrDefault, wire } from './record-shape';
import { associationType, isObjectType, schemas } from './schema';
import type { ObjectType } from './schema';
import { search } from './search';
import { archiveRecord, createRecord, updateRecord } from './writes';

const BASE = '/crm/objects/2026-09/{objectType}';
const INLINE_ASSOCIATIONS = 500;
const MAX_PAGE = 100;

const readScopes = (call: Call): readonly string[] => [schemas[objectTypeParam(call, 'objectType')].scopes.read];
const writeScopes = (call: Call): readonly string[] => [schemas[objectTypeParam(call, 'objectType')].scopes.write];

const create: Operation = {
  method: 'POST',
  template: BASE,
  query: [],
  limit: 'general',
  scopes: writeScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const record = createRecord(call.portal, { type, ...readBody(createBody, call.request) });
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
    const names = namesOrDefault(call.portal, type, listQuery(call, 'properties'));
    const linked = listQuery(call, 'associations').map((name) => linkedTypeNamed(type, name));
    const record = locate(call.portal, {
      type,
      key: param(call, 'objectId'),
      idProperty: call.request.query.get('idProperty'),
      archived: flagQuery(call, 'archived'),
    });
    return { status: 200, body: withLinks(call, record, { names, linked }) };
  },
};

const list: Operation = {
  method: 'GET',
  template: BASE,
  query: ['limit', 'after', 'archived', 'properties', 'associations'],
  limit: 'general',
  scopes: readScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const { query } = call.request;
    const names = namesOrDefault(call.portal, type, listQuery(call, 'properties'));
    const linked = listQuery(call, 'associations').map((name) => linkedTypeNamed(type, name));
    const limit = Number(query.get('limit') ?? '10');
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) throw malformed(`limit must be 1 to ${MAX_PAGE}`);
    const archived = flagQuery(call, 'archived');
    const after = Number(query.get('after') ?? '0');
    const rest = call.portal.objects
      .ofType(type)
      .filter((record) => record.archived === archived && Number(record.id) >= after);
    const next = rest[limit];
    const paging = next === undefined ? {} : { paging: { next: { after: next.id } } };
    const results = rest.slice(0, limit).map((record) => withLinks(call, record, { names, linked }));
    return { status: 200, body: { results, ...paging } };
  },
};

function withLinks(
  call: Call,
  record: HubspotRecord,
  shown: { readonly names: readonly string[]; readonly linked: readonly ObjectType[] },
): object {
  const groups = shown.linked.flatMap((to) => inlineAssociations(call, record, to));
  const associations = groups.length === 0 ? {} : { associations: Object.fromEntries(groups) };
  return { ...wire(record, shown.names), ...associations };
}

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
    const before = locate(call.portal, { type, key: param(call, 'objectId'), idProperty, archived: false });
    const { record, changes } = updateRecord(call.portal, before, body.properties);
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
    archiveRecord(call.portal, objectTypeParam(call, 'objectType'), param(call, 'objectId'));
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
      rules: call.portal,
      type,
      body,
      bodyLength: call.request.body.toString('utf8').length,
      records: objects.searchable(type, settings().searchLagMs),
    });
    const names = namesOrDefault(call.portal, type, body.properties ?? []);
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
    const names = namesOrDefault(call.portal, type, body.properties);
    const archived = flagQuery(call, 'archived');
    const found = new Map<string, HubspotRecord>();
    const missing: string[] = [];
    for (const { id } of body.inputs) {
      const record = findRecord(call.portal, { type, key: id, idProperty: body.idProperty ?? null, archived });
      if (record === null) missing.push(id);
      else found.set(record.id, record);
    }
    const results = [...found.values()].map((record) => wire(record, names));
    return batchAnswer(call, results, missing.length === 0 ? [] : [missingError(missing)]);
  },
};

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

const merge: Operation = {
  method: 'POST',
  template: `${BASE}/merge`,
  query: [],
  limit: 'general',
  scopes: writeScopes,
  run(call) {
    const type = objectTypeParam(call, 'objectType');
    const { primaryObjectId, objectIdToMerge } = readBody(mergeBody, call.request);
    if (type !== 'contacts') throw malformed('Only contacts can be merged in this portal');
    const record = mergeContacts(call.portal, { primaryId: primaryObjectId, otherId: objectIdToMerge });
    return { status: 200, body: wire(record, filled(record.properties)) };
  },
};

export const objectOperations: readonly Operation[] = [
  ...[create, list, searchOperation, batchRead, merge],
  ...[read, update, archive],
];
