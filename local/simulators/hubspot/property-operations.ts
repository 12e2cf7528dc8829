/**
 * `/crm/properties/2026-09/{objectType}…`: what an object type has, and properties and groups that apps add.
 * Invariant: uniqueness is decided at creation, and only for text; HubSpot's own properties change their options at most.
 */
import type { SimAnswer } from '../exchange';
import {
  batchPropertyCreateBody,
  batchPropertyReadBody,
  propertyCreateBody,
  propertyGroupBody,
  propertyUpdateBody,
  readBody,
} from './bodies';
import type { PropertyCreateBody } from './bodies';
import { HubspotRefusal, malformed, notFound, rowError } from './errors';
import { batchAnswer, flagQuery, objectTypeParam, param } from './portal';
import type { Call, Operation } from './portal';
import type { PropertyGroup } from './properties';
import { schemas } from './schema';
import type { FieldType, ObjectType, PropertyDefinition, PropertyType } from './schema';
import { SEEDED_AT, pipelines } from './seed';

const BASE = '/crm/properties/2026-09/{objectType}';
const DATES = { createdAt: SEEDED_AT, updatedAt: SEEDED_AT } as const;

/** Which fields edit which type (HubSpot's properties guide); calculated ones are not simulated. */
const FIELDS_OF: Readonly<Record<PropertyType, readonly FieldType[]>> = {
  string: ['text', 'textarea', 'file'],
  number: ['number'],
  date: ['date'],
  datetime: ['date'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox'],
  bool: ['booleancheckbox'],
};

interface Parts {
  readonly method: Operation['method'];
  readonly path?: string;
  readonly query?: readonly string[];
}

function operation(
  { method, path = '', query = [] }: Parts,
  access: 'read' | 'write',
  run: (call: Call, type: ObjectType) => SimAnswer,
): Operation {
  return {
    method,
    template: `${BASE}${path}`,
    query,
    limit: 'general',
    scopes(call) {
      const type = objectTypeParam(call, 'objectType');
      return [access === 'read' ? schemas[type].scopes.read : `crm.schemas.${type}.write`];
    },
    run: (call) => run(call, objectTypeParam(call, 'objectType')),
  };
}

function wireProperty(definition: PropertyDefinition): object {
  const { name, label, description, groupName, type, fieldType, readOnly, unique, hidden, custom } = definition;
  return {
    name,
    label,
    description,
    groupName,
    type,
    fieldType,
    hidden,
    options: optionsOf(definition).map((option, displayOrder) => ({ ...option, displayOrder })),
    hasUniqueValue: unique,
    hubspotDefined: !custom,
    calculated: readOnly,
    formField: !readOnly,
    displayOrder: -1,
    modificationMetadata: { archivable: custom, readOnlyDefinition: !custom, readOnlyValue: readOnly },
    archived: false,
    ...(custom ? {} : DATES),
  };
}

function optionsOf({ rule, options }: PropertyDefinition): PropertyDefinition['options'] {
  const named = ({ id, label }: { readonly id: string; readonly label: string }) => ({
    label,
    value: id,
    hidden: false,
  });
  if (rule === 'pipeline') return pipelines.map(named);
  if (rule === 'stage') return pipelines.flatMap(({ stages }) => stages.map(named));
  return options;
}

function get(call: Call, type: ObjectType, name: string): PropertyDefinition {
  const definition = call.portal.properties.find(type, name);
  if (definition === null) throw notFound();
  return definition;
}

/** Throws a 400 for parts that do not go together. */
function checkDefinition(call: Call, type: ObjectType, definition: PropertyDefinition): void {
  const { groupName, fieldType, options, unique } = definition;
  const groups = call.portal.properties.groups(type);
  if (!groups.some(({ name }) => name === groupName)) throw malformed(`Property group ${groupName} does not exist`);
  if (!FIELDS_OF[definition.type].includes(fieldType)) {
    throw malformed(`A property of type ${definition.type} has no fieldType ${fieldType}`);
  }
  if (definition.type === 'enumeration' && options.length === 0) throw malformed('An enumeration needs options');
  if (new Set(options.map(({ value }) => value)).size < options.length) throw malformed('Two options have one value');
  if (unique && definition.type !== 'string') throw malformed('Only properties of type string can have unique values');
}

function create(call: Call, type: ObjectType, body: PropertyCreateBody): PropertyDefinition {
  const { name, label, groupName, fieldType, hasUniqueValue, description = '', hidden = false } = body;
  const definition: PropertyDefinition = {
    name,
    label,
    groupName,
    fieldType,
    description,
    hidden,
    type: body.type,
    unique: hasUniqueValue === true,
    rule: null,
    readOnly: false,
    custom: true,
    options: (body.options ?? []).map((option) => ({
      value: option.value,
      label: option.label,
      hidden: option.hidden,
    })),
  };
  checkDefinition(call, type, definition);
  return call.portal.properties.create(type, definition);
}

function batchCreate(call: Call, type: ObjectType): SimAnswer {
  const { inputs } = readBody(batchPropertyCreateBody, call.request);
  const results: object[] = [];
  const errors: object[] = [];
  let violation: string | null = null;
  for (const input of inputs) {
    try {
      results.push(wireProperty(create(call, type, input)));
    } catch (error) {
      if (!(error instanceof HubspotRefusal)) throw error;
      violation ??= error.answer.violation ?? null;
      errors.push(rowError(error, { name: [input.name] }));
    }
  }
  const answer = batchAnswer(call, results, errors);
  return { ...answer, status: errors.length === 0 ? 201 : 207, violation };
}

function batchRead(call: Call, type: ObjectType): SimAnswer {
  const { inputs, archived } = readBody(batchPropertyReadBody, call.request);
  const found = inputs.map(({ name }) => ({ name, definition: call.portal.properties.find(type, name) }));
  const missing = found.filter(({ definition }) => definition === null || archived);
  const results = archived ? [] : found.flatMap(({ definition }) => definition ?? []);
  const errors = missing.map(({ name }) => rowError(notFound(), { name: [name] }));
  return batchAnswer(call, results.map(wireProperty), errors);
}

function update(call: Call, type: ObjectType): SimAnswer {
  const before = get(call, type, param(call, 'propertyName'));
  const { displayOrder: _order, formField: _form, options, ...rest } = readBody(propertyUpdateBody, call.request);
  const isOptionsOnly = Object.keys(rest).length === 0 && before.options.length > 0;
  if (!before.custom && !isOptionsOnly) throw malformed("Of HubSpot's own properties only the options can be changed");
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const after: PropertyDefinition = {
    ...before,
    ...given,
    options: options?.map(({ value, label, hidden }) => ({ value, label, hidden })) ?? before.options,
  };
  if (after.type !== before.type && before.unique) throw malformed('A unique property keeps its type');
  checkDefinition(call, type, after);
  return { status: 200, body: wireProperty(call.portal.properties.change(type, after)) };
}

function wireGroup({ name, label, displayOrder }: PropertyGroup): object {
  return { name, label, displayOrder, archived: false };
}

function createGroup(call: Call, type: ObjectType): SimAnswer {
  const { name, label, displayOrder = -1 } = readBody(propertyGroupBody, call.request);
  const group = { type, name, label, displayOrder };
  call.portal.properties.addGroup(group);
  return { status: 201, body: wireGroup(group) };
}

function oneGroup(call: Call, type: ObjectType): SimAnswer {
  const group = call.portal.properties.groups(type).find(({ name }) => name === param(call, 'groupName'));
  if (group === undefined) throw notFound();
  return { status: 200, body: wireGroup(group) };
}

/** No property of this portal is archived. */
function list(call: Call, type: ObjectType): SimAnswer {
  const shown = flagQuery(call, 'archived') ? [] : call.portal.properties.list(type);
  return { status: 200, body: { results: shown.map(wireProperty) } };
}

function one(call: Call, type: ObjectType): SimAnswer {
  const definition = get(call, type, param(call, 'propertyName'));
  if (flagQuery(call, 'archived')) throw notFound();
  return { status: 200, body: wireProperty(definition) };
}

/** `groups` stands before `{propertyName}`: the first path that fits counts. */
export const propertyOperations: readonly Operation[] = [
  operation({ method: 'GET', query: ['archived'] }, 'read', list),
  operation({ method: 'POST' }, 'write', (call, type) => ({
    status: 201,
    body: wireProperty(create(call, type, readBody(propertyCreateBody, call.request))),
  })),
  operation({ method: 'POST', path: '/batch/create' }, 'write', batchCreate),
  operation({ method: 'POST', path: '/batch/read' }, 'read', batchRead),
  operation({ method: 'GET', path: '/groups' }, 'read', (call, type) => ({
    status: 200,
    body: { results: call.portal.properties.groups(type).map(wireGroup) },
  })),
  operation({ method: 'POST', path: '/groups' }, 'write', createGroup),
  operation({ method: 'GET', path: '/groups/{groupName}' }, 'read', oneGroup),
  operation({ method: 'GET', path: '/{propertyName}', query: ['archived'] }, 'read', one),
  operation({ method: 'PATCH', path: '/{propertyName}' }, 'write', update),
];
