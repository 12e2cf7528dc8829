/**
 * HubSpot's error bodies: reading them, and picking out the names that are safe to show.
 * Invariant: every field is optional, and what leaves here for messages is a property or scope name, never a value or the vendor's text.
 */
import { z } from 'zod';
import { jsonOf } from '../json-of';
import { CrmError } from '../ports';

/** Properties that we send. A name out of a text is only believed when it is one of them: the text may quote a guest. */
const SENT_PROPERTIES =
  /^(?:email|phone|firstname|lastname|dealname|dealstage|pipeline|description|booksync_key|hubspot_owner_id|hs_timestamp|hs_note_body|hs_meeting_[a-z_]+)$/;

const contextSchema = z.record(z.string(), z.array(z.string()).catch([])).catch({});
const errorBodySchema = z.object({
  message: z.string().catch(''),
  category: z.string().catch(''),
  correlationId: z.string().catch(''),
  policyName: z.string().catch(''),
  context: contextSchema,
  errors: z
    .array(
      z
        .object({ code: z.string().catch(''), message: z.string().catch(''), context: contextSchema })
        .catch({ code: '', message: '', context: {} }),
    )
    .catch([]),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** Reads an error body; every field of it is optional, and HTML or nothing at all happens. */
export function readErrorBody(text: string): ErrorBody {
  const parsed = errorBodySchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : errorBodySchema.parse({});
}

/** Names of the properties that a refusal is about, from its contexts and from the list inside older message texts. */
export function propertyNames(body: ErrorBody): readonly string[] {
  const inText = [body.message, ...body.errors.map((error) => error.message)]
    .flatMap((text) => [...text.matchAll(/"name":\s*"(\w+)"|Property "?(\w+)"? does not exist/g)])
    .map((found) => found[1] ?? found[2] ?? '')
    .filter((name) => SENT_PROPERTIES.test(name));
  return distinctSafe([...namesIn(body, ['propertyName', 'properties']), ...inText]);
}

/** Everything that the body's contexts list under one of the keys. */
export function namesIn(body: ErrorBody, keys: readonly string[]): readonly string[] {
  const contexts = [body.context, ...body.errors.map((error) => error.context)];
  return distinctSafe(contexts.flatMap((context) => keys.flatMap((key) => context[key] ?? [])));
}

function distinctSafe(found: readonly string[]): readonly string[] {
  return [...new Set(found)].filter((name) => /^[A-Za-z0-9_.-]{1,100}$/.test(name));
}

/** Some refusals of a stage, pipeline or owner name no property: the code or the text says which it was. */
export function mappedPropertiesIn(codes: readonly string[], message: string): readonly string[] {
  const text = `${codes.join(' ')} ${message}`;
  return distinctSafe([
    ...(/pipeline/i.test(text) ? ['pipeline'] : []),
    ...(/stage/i.test(text) ? ['dealstage'] : []),
    ...(/owner/i.test(text) ? ['hubspot_owner_id'] : []),
  ]);
}

/** Another record holds a unique value: a 409, or a 400 with the code that HubSpot's users quote for properties of one's own. */
export function isConflict(error: unknown): error is CrmError {
  if (!(error instanceof CrmError)) return false;
  if (error.httpStatus === 409) return true;
  const { errors } = readErrorBody(error.vendorText ?? '');
  return error.httpStatus === 400 && errors.some(({ code }) => code === 'CONFLICTING_UNIQUE_VALUE');
}
