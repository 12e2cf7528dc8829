/**
 * Association operations of `2026-09`: link with the default type or a named one, unlink, and read many at once.
 * Invariant: linking again is harmless; both records must be live; reads are strong.
 */
import { associationReadBody, associationSpecsBody, readBody } from './bodies';
import { malformed } from './errors';
import type { RecordRef } from './association-store';
import { batchAnswer, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import { associationType, objectTypeIds, schemas } from './schema';
import type { AssociationType, ObjectType } from './schema';

const READ_PAGE = 500;

/** The default type of the pair; a pair without one is a violation. */
function typeBetween(from: ObjectType, to: ObjectType): AssociationType {
  const type = associationType(from, to);
  if (type === null) throw malformed(`No association type exists between ${from} and ${to}`);
  return type;
}

interface Pair {
  readonly from: RecordRef;
  readonly to: RecordRef;
}

/** The two records that a path names. Throws 404 when either is not live. */
function pairOf(call: Call, names: { from: string; fromId: string; to: string; toId: string }): Pair {
  const from = { type: objectTypeParam(call, names.from), id: param(call, names.fromId) };
  const to = { type: objectTypeParam(call, names.to), id: param(call, names.toId) };
  typeBetween(from.type, to.type);
  // The id of a merged record may lead to its survivor.
  const live = ({ type, id }: RecordRef): RecordRef => ({ type, id: call.portal.objects.get(type, id).id });
  return { from: live(from), to: live(to) };
}

const scopesOf =
  (access: 'read' | 'write', ...names: readonly string[]) =>
  (call: Call): readonly string[] => [
    ...new Set(names.map((name) => schemas[objectTypeParam(call, name)].scopes[access])),
  ];

const linkDefault: Operation = {
  method: 'PUT',
  template: '/crm/objects/2026-09/{fromObjectType}/{fromObjectId}/associations/default/{toObjectType}/{toObjectId}',
  query: [],
  limit: 'general',
  scopes: scopesOf('write', 'fromObjectType', 'toObjectType'),
  run(call) {
    const names = { from: 'fromObjectType', fromId: 'fromObjectId', to: 'toObjectType', toId: 'toObjectId' };
    const { from, to } = pairOf(call, names);
    call.portal.associations.link(from, to);
    const row = (a: RecordRef, b: RecordRef): object => ({
      from: { id: a.id },
      to: { id: b.id },
      associationSpec: {
        associationCategory: 'HUBSPOT_DEFINED',
        associationTypeId: typeBetween(a.type, b.type).typeId,
      },
    });
    return batchAnswer(call, [row(from, to), row(to, from)]);
  },
};

const PAIR_TEMPLATE = '/crm/objects/2026-09/{objectType}/{objectId}/associations/{toObjectType}/{toObjectId}';
const PAIR_NAMES = { from: 'objectType', fromId: 'objectId', to: 'toObjectType', toId: 'toObjectId' };

const linkNamed: Operation = {
  method: 'PUT',
  template: PAIR_TEMPLATE,
  query: [],
  limit: 'general',
  scopes: scopesOf('write', 'objectType', 'toObjectType'),
  run(call) {
    const specs = readBody(associationSpecsBody, call.request);
    const { from, to } = pairOf(call, PAIR_NAMES);
    const { typeId } = typeBetween(from.type, to.type);
    const wrong = specs.find(
      (spec) => spec.associationTypeId !== typeId || spec.associationCategory !== 'HUBSPOT_DEFINED',
    );
    if (wrong !== undefined) {
      throw malformed(`${wrong.associationTypeId} is no association type from ${from.type} to ${to.type}`);
    }
    call.portal.associations.link(from, to);
    const body = {
      fromObjectId: from.id,
      fromObjectTypeId: objectTypeIds[from.type],
      toObjectId: to.id,
      toObjectTypeId: objectTypeIds[to.type],
      labels: [],
    };
    return { status: 201, body };
  },
};

const unlink: Operation = {
  method: 'DELETE',
  template: PAIR_TEMPLATE,
  query: [],
  limit: 'general',
  scopes: scopesOf('write', 'objectType', 'toObjectType'),
  run(call) {
    const { from, to } = pairOf(call, PAIR_NAMES);
    call.portal.associations.unlink(from, to);
    return { status: 204, body: undefined };
  },
};

const batchRead: Operation = {
  method: 'POST',
  template: '/crm/associations/2026-09/{fromObjectType}/{toObjectType}/batch/read',
  query: [],
  limit: 'general',
  scopes: scopesOf('read', 'fromObjectType', 'toObjectType'),
  run(call) {
    const from = objectTypeParam(call, 'fromObjectType');
    const to = objectTypeParam(call, 'toObjectType');
    const { typeId } = typeBetween(from, to);
    const { inputs } = readBody(associationReadBody, call.request);
    const results: object[] = [];
    const errors: object[] = [];
    for (const { id, after } of inputs) {
      const liveId = call.portal.objects.look(from, id)?.id ?? id;
      const all = call.portal.associations.of({ type: from, id: liveId }, to);
      if (all.length === 0) {
        errors.push(noAssociations(id, from, to));
        continue;
      }
      const begin = after === undefined ? 0 : all.indexOf(after) + 1;
      const page = all.slice(begin, begin + READ_PAGE);
      const last = page.at(-1);
      const more = begin + READ_PAGE < all.length && last !== undefined;
      results.push({
        from: { id },
        to: page.map((toObjectId) => ({ toObjectId, associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId }] })),
        ...(more ? { paging: { next: { after: last } } } : {}),
      });
    }
    return batchAnswer(call, results, errors);
  },
};

/** HubSpot reports a record without any association as an error row of a 207, not as an empty list. */
function noAssociations(id: string, from: ObjectType, to: ObjectType): object {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${to} are associated with this one of ${from}.`,
    context: { fromObjectId: [id], fromObjectType: [from], toObjectType: [to] },
    errors: [],
    links: {},
  };
}

export const associationOperations: readonly Operation[] = [linkDefault, linkNamed, unlink, batchRead];
