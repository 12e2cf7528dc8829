/**
 * Reads request bodies: JSON, or a form where the contract has one, against a schema of our own.
 * Invariant: a field that is not listed is refused and counted; the reason names fields, never values.
 */
import { z } from 'zod';
import type { SimRequest } from '../exchange';
import type { Call } from './account';
import { malformed } from './errors';

/** Reads a JSON body. Throws 422, or `status`, with one sentence for each problem, as the vendor's validation does. */
export function readJsonBody<T extends z.ZodType>(call: Call, schema: T, status: 400 | 422 = 422): z.output<T> {
  return parseBody(schema, jsonOf(call.request, status), status);
}

/** A body of the fields of the call's wire. */
export function readWireBody<A extends z.ZodType, B extends z.ZodType>(
  call: Call,
  schemas: { readonly v3: A; readonly dated: B },
  status: 400 | 422 = 422,
): z.output<A> | z.output<B> {
  return call.wire === 'v3' ? readJsonBody(call, schemas.v3, status) : readJsonBody(call, schemas.dated, status);
}

export function parseBody<T extends z.ZodType>(schema: T, value: unknown, status: 400 | 422): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw malformed(result.error.issues.flatMap(problemsOf), status);
}

function problemsOf(issue: z.core.$ZodIssue): readonly string[] {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `property ${[...issue.path, key].join('.')} should not exist`);
  }
  return [`${where === '' ? 'body' : where}: ${issue.message}`];
}

/** The parsed JSON; an absent body is `{}`. */
function jsonOf(request: SimRequest, status: 400 | 422): unknown {
  if (request.body.length === 0) return {};
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw malformed(['content type is not application/json'], status);
  }
  try {
    return JSON.parse(request.body.toString('utf8')) as unknown;
  } catch {
    throw malformed(['the body is not JSON'], 400);
  }
}

/** A form, or JSON where that is allowed. Throws 422 for another content type and for a field that comes twice. */
export function formOf(request: SimRequest, mayBeJson: boolean): unknown {
  const type = request.headers['content-type'] ?? '';
  if (mayBeJson && /^application\/json\b/i.test(type)) return jsonOf(request, 422);
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw malformed(['content type is not application/x-www-form-urlencoded']);
  }
  const fields = new URLSearchParams(request.body.toString('utf8'));
  const names = [...fields.keys()];
  if (new Set(names).size !== names.length) throw malformed(['a field of the form comes twice']);
  return Object.fromEntries(fields);
}

/** A list's numbers in the query, such as `limit`. Throws when it is no whole number in the range. */
export function queryNumber(
  call: Call,
  name: string,
  range: { readonly fallback: number; readonly min: number; readonly max: number },
  status: 400 | 422 = 422,
): number {
  const text = call.request.query.get(name);
  if (text === null || text === '') return range.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw malformed([`${name} must be a whole number from ${range.min} to ${range.max}`], status);
}

const fieldId = { id: z.string().min(1).optional(), key: z.string().min(1).optional() };
const customValue = z.union([z.string(), z.number(), z.array(z.string()), z.record(z.string(), z.unknown())]);
const named = <T extends z.ZodType<{ id?: string | undefined; key?: string | undefined }>>(schema: T) =>
  schema.refine(({ id, key }) => id !== undefined || key !== undefined, { error: 'needs an id or a key' });

/**
 * `customFields` of contacts and opportunities. The newest version writes `fieldValue`, the dated ones `field_value`;
 * the contract's "id is required" is wrong, an id or a key does.
 */
export const customFieldsBody = {
  v3: z
    .array(named(z.strictObject({ ...fieldId, fieldValue: customValue })))
    .transform((list) => list.map(({ id, key, fieldValue }) => ({ id, key, value: fieldValue as unknown }))),
  dated: z
    .array(named(z.strictObject({ ...fieldId, field_value: customValue })))
    .transform((list) => list.map(({ id, key, field_value }) => ({ id, key, value: field_value as unknown }))),
};
