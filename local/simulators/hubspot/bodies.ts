/**
 * What request bodies may look like: exactly the fields of HubSpot's contract.
 * Invariant: a field that is not listed, or a property value that is no string, is refused and counted.
 */
import { z } from 'zod';
import { malformed, refusal } from './errors';
import { fieldTypes, propertyTypes } from './schema';

const id = z.strictObject({ id: z.string().regex(/^\d+$/, { error: 'must be a numeric string' }) });
const properties = z.record(z.string(), z.string());
const associationSpec = z.strictObject({
  associationCategory: z.enum(['HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED']),
  associationTypeId: z.int(),
});
/** A list of what to do or read, up to the number that HubSpot takes in one call. */
const inputs = <T extends z.ZodType>(item: T, max: number) => z.array(item).min(1).max(max);

const associations = z.array(z.strictObject({ to: id, types: z.array(associationSpec).min(1) }));
export type CreateAssociations = z.output<typeof associations>;

export const createBody = z.strictObject({ properties, associations: associations.optional() });

export const updateBody = z.strictObject({ properties });

const MAX_ROWS = 100;
/** Names the row in what comes back; without it on every row, one bad row refuses them all. */
const trace = { objectWriteTraceId: z.string().min(1).optional() };
const keyed = z.strictObject({ id: z.string().min(1), idProperty: z.string().optional(), properties, ...trace });

export const batchCreateBody = z.strictObject({
  inputs: inputs(z.strictObject({ properties, associations: associations.optional(), ...trace }), MAX_ROWS),
});
/** For updates and upserts. */
export const batchKeyedBody = z.strictObject({ inputs: inputs(keyed, MAX_ROWS) });

export const mergeBody = z.strictObject({ primaryObjectId: id.shape.id, objectIdToMerge: id.shape.id });

export const batchReadBody = z.strictObject({
  inputs: inputs(z.strictObject({ id: z.string() }), MAX_ROWS),
  properties: z.array(z.string()),
  propertiesWithHistory: z.array(z.string()).max(0, { error: 'histories are not simulated, send []' }),
  idProperty: z.string().optional(),
});

export const associationReadBody = z.strictObject({
  inputs: inputs(z.strictObject({ id: z.string(), after: z.string().optional() }), 1_000),
});

export const associationSpecsBody = z.array(associationSpec).min(1);

const filter = z
  .strictObject({
    propertyName: z.string(),
    operator: z.enum([
      ...(['EQ', 'NEQ', 'LT', 'LTE', 'GT', 'GTE', 'BETWEEN', 'IN', 'NOT_IN'] as const),
      ...(['HAS_PROPERTY', 'NOT_HAS_PROPERTY', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN'] as const),
    ]),
    value: z.string().optional(),
    highValue: z.string().optional(),
    values: z.array(z.string()).optional(),
  })
  .check(({ value: given, issues }) => {
    const needed = operands(given.operator);
    const sent = (['value', 'highValue', 'values'] as const).filter((key) => given[key] !== undefined);
    if (sent.length === needed.length && needed.every((key) => sent.includes(key))) return;
    const message = `${given.operator} takes ${needed.length === 0 ? 'no value' : `exactly ${needed.join(' and ')}`}`;
    issues.push({ code: 'custom', message, path: ['operator'], input: given.operator });
  });

function operands(operator: string): readonly ('value' | 'highValue' | 'values')[] {
  if (operator === 'IN' || operator === 'NOT_IN') return ['values'];
  if (operator === 'BETWEEN') return ['value', 'highValue'];
  return operator.endsWith('HAS_PROPERTY') ? [] : ['value'];
}

const option = z.strictObject({
  value: z.string().min(1),
  label: z.string().min(1),
  hidden: z.boolean(),
  displayOrder: z.int().optional(),
  description: z.string().optional(),
});
const propertyFields = {
  label: z.string().min(1),
  groupName: z.string(),
  type: z.enum(propertyTypes),
  fieldType: z.enum(fieldTypes),
};
const looks = {
  description: z.string().optional(),
  hidden: z.boolean().optional(),
  options: z.array(option).optional(),
  displayOrder: z.int().optional(),
  formField: z.boolean().optional(),
};

export const propertyCreateBody = z.strictObject({
  /** HubSpot's rule for names; `hs_` is for its own. */
  name: z
    .string()
    .regex(/^(?!hs_)[a-z][a-z0-9_]{0,99}$/, { error: 'lower case, digits and _, not beginning with hs_' }),
  hasUniqueValue: z.boolean().optional(),
  ...propertyFields,
  ...looks,
});
export type PropertyCreateBody = z.output<typeof propertyCreateBody>;
export const propertyUpdateBody = z.strictObject({ ...z.object(propertyFields).partial().shape, ...looks });
export const batchPropertyCreateBody = z.strictObject({ inputs: inputs(propertyCreateBody, MAX_ROWS) });
export const batchPropertyReadBody = z.strictObject({
  archived: z.boolean(),
  inputs: inputs(z.strictObject({ name: z.string() }), MAX_ROWS),
});
export const propertyGroupBody = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,99}$/),
  label: z.string().min(1),
  displayOrder: z.int().optional(),
});

const MAX_FILTERS = 18;

export const searchBody = z.strictObject({
  query: z.string().optional(),
  limit: z.int().min(1).max(200).optional(),
  after: z.string().regex(/^\d+$/).optional(),
  sorts: z.array(z.string()).max(1).optional(),
  properties: z.array(z.string()).optional(),
  filterGroups: z
    .array(z.strictObject({ filters: z.array(filter).min(1).max(6) }))
    .max(5)
    .refine((groups) => groups.reduce((sum, { filters }) => sum + filters.length, 0) <= MAX_FILTERS, {
      error: `at most ${MAX_FILTERS} filters in all groups`,
    })
    .optional(),
});

export type SearchBody = z.output<typeof searchBody>;
export type SearchFilter = z.output<typeof filter>;

/** Reads a JSON body; throws HubSpot's 400 or 415, counted as a violation that names fields only. */
export function readBody<T extends z.ZodType>(
  schema: T,
  request: { readonly body: Buffer; readonly headers: { readonly 'content-type'?: string | undefined } },
): z.output<T> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    const violation = 'content type is not application/json';
    const message = 'Content-Type must be application/json';
    throw refusal({ status: 415, category: 'VALIDATION_ERROR', message, violation });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw malformed('Invalid input JSON: the body could not be parsed');
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw malformed(`Invalid input JSON: ${problems.join('; ')}`);
}
