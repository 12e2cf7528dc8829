/** From raw bytes to the one JSON object that a Cal.com delivery is. Invariant: never throws; reasons never quote the body. */
import { isObject, parseJsonBody } from '../json-body';

export type ParsedBody =
  | { readonly ok: true; readonly body: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** `contentType` only sharpens the reason: what counts is whether the bytes are JSON. */
export function parseBody(rawBody: Buffer, contentType: string | undefined): ParsedBody {
  const parsed = parseJsonBody(rawBody, contentType);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (isObject(value)) return { ok: true, body: value };
  return {
    ok: false,
    reason: `body: expected a JSON object, found ${Array.isArray(value) ? 'an array' : 'a bare value'}`,
  };
}
