/**
 * What the portal is made of, read only: pipelines and stages, owners, property definitions.
 * Invariant: answers come from the same seed and schema that writes are judged by.
 */
import type { SimAnswer } from '../exchange';
import { malformed, notFound } from './errors';
import { flagQuery, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import { schemas } from './schema';
import type { PropertyDefinition } from './schema';
import { SEEDED_AT, owners, pipelines } from './seed';
import type { Owner, Pipeline, Stage } from './seed';

const DATES = { createdAt: SEEDED_AT, updatedAt: SEEDED_AT, archived: false } as const;

function operation(
  template: string,
  options: { readonly query?: readonly string[]; readonly scope: (call: Call) => string },
  run: (call: Call) => SimAnswer,
): Operation {
  const { query = [], scope } = options;
  return { method: 'GET', template, query, limit: 'general', scopes: (call) => [scope(call)], run };
}

const dealScope = (): string => schemas.deals.scopes.read;
const ownerScope = (): string => 'crm.objects.owners.read';
const objectScope = (call: Call): string => schemas[objectTypeParam(call, 'objectType')].scopes.read;

function ok(body: unknown): SimAnswer {
  return { status: 200, body };
}

function wireStage(stage: Stage): object {
  const metadata = { probability: stage.probability, isClosed: String(stage.closed !== 'no') };
  return {
    id: stage.id,
    label: stage.label,
    displayOrder: stage.displayOrder,
    metadata,
    writePermissions: 'CRM_PERMISSIONS_ENFORCEMENT',
    ...DATES,
  };
}

function wirePipeline({ id, label, displayOrder, stages }: Pipeline): object {
  return { id, label, displayOrder, stages: stages.map(wireStage), ...DATES };
}

/** Only deals have pipelines here. */
function pipelinesOf(call: Call): readonly Pipeline[] {
  if (objectTypeParam(call, 'objectType') !== 'deals') throw malformed('Only deals have pipelines in this portal');
  return pipelines;
}

function onePipeline(call: Call): Pipeline {
  const pipeline = pipelinesOf(call).find(({ id }) => id === param(call, 'pipelineId'));
  if (pipeline === undefined) throw notFound();
  return pipeline;
}

function wireOwner({ id, userId, email, firstName, lastName }: Owner): object {
  return {
    id,
    userId,
    userIdIncludingInactive: userId,
    email,
    firstName,
    lastName,
    type: 'PERSON',
    teams: [],
    ...DATES,
  };
}

/** No owner of this portal is archived. */
function listOwners(call: Call): SimAnswer {
  const { query } = call.request;
  const email = query.get('email')?.toLowerCase() ?? null;
  const limit = Number(query.get('limit') ?? '100');
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw malformed('limit must be 1 to 500');
  const wanted = flagQuery(call, 'archived') ? [] : owners.filter((owner) => email === null || owner.email === email);
  const begin = Number(query.get('after') ?? '0');
  const page = wanted.slice(begin, begin + limit);
  const paging = begin + limit < wanted.length ? { paging: { next: { after: String(begin + limit) } } } : {};
  return ok({ results: page.map(wireOwner), ...paging });
}

function oneOwner(call: Call): SimAnswer {
  const idProperty = call.request.query.get('idProperty') ?? 'id';
  if (idProperty !== 'id' && idProperty !== 'userId') throw malformed('idProperty must be id or userId');
  const owner = owners.find((entry) => String(entry[idProperty]) === param(call, 'ownerId'));
  if (owner === undefined || flagQuery(call, 'archived')) throw notFound();
  return ok(wireOwner(owner));
}

const FIELD_TYPES = {
  string: 'text',
  number: 'number',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
};

function wireProperty(call: Call, definition: PropertyDefinition): object {
  const { name, label, type, readOnly, unique } = definition;
  const options = optionsOf(definition).map((option, displayOrder) => ({ ...option, displayOrder, hidden: false }));
  return {
    name,
    label,
    type,
    fieldType: FIELD_TYPES[type],
    description: '',
    groupName: `${objectTypeParam(call, 'objectType')}information`,
    options,
    hasUniqueValue: unique,
    hubspotDefined: true,
    calculated: readOnly,
    hidden: false,
    formField: !readOnly,
    displayOrder: -1,
    modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: readOnly },
    ...DATES,
  };
}

function optionsOf(definition: PropertyDefinition): readonly { readonly label: string; readonly value: string }[] {
  const named = ({ id, label }: { readonly id: string; readonly label: string }) => ({ label, value: id });
  if (definition.rule === 'pipeline') return pipelines.map(named);
  if (definition.rule === 'stage') return pipelines.flatMap(({ stages }) => stages.map(named));
  return definition.options.map((value) => ({ label: value, value }));
}

function oneProperty(call: Call): SimAnswer {
  const definition = schemas[objectTypeParam(call, 'objectType')].properties.get(param(call, 'propertyName'));
  if (definition === undefined) throw notFound();
  return ok(wireProperty(call, definition));
}

export const catalogOperations: readonly Operation[] = [
  operation('/crm/pipelines/2026-09/{objectType}', { scope: dealScope }, (call) =>
    ok({ results: pipelinesOf(call).map(wirePipeline) }),
  ),
  operation('/crm/pipelines/2026-09/{objectType}/{pipelineId}', { scope: dealScope }, (call) =>
    ok(wirePipeline(onePipeline(call))),
  ),
  operation('/crm/pipelines/2026-09/{objectType}/{pipelineId}/stages', { scope: dealScope }, (call) =>
    ok({ results: onePipeline(call).stages.map(wireStage) }),
  ),
  operation('/crm/owners/2026-09', { query: ['email', 'limit', 'after', 'archived'], scope: ownerScope }, listOwners),
  operation('/crm/owners/2026-09/{ownerId}', { query: ['idProperty', 'archived'], scope: ownerScope }, oneOwner),
  operation('/crm/properties/2026-09/{objectType}', { query: ['archived'], scope: objectScope }, (call) => {
    const { properties } = schemas[objectTypeParam(call, 'objectType')];
    const shown = flagQuery(call, 'archived') ? [] : [...properties.values()];
    return ok({ results: shown.map((definition) => wireProperty(call, definition)) });
  }),
  operation('/crm/properties/2026-09/{objectType}/{propertyName}', { scope: objectScope }, oneProperty),
];
