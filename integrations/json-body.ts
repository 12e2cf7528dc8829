/**
 * From raw bytes to a JSON value, before anybody asks what it means.
 * Invariant: never throws, whatever the bytes; reasons never quote the body.
 */
import { jsonOf } from './json-of';

/** Vendors' deepest bodies nest about eight levels; far beyond it, recursion of a parser or of a later reader is at risk. */
const MAX_DEPTH = 64;

export type ParsedJson =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

/** `contentType` only sharpens the reason: what counts is whether the bytes are JSON. */
export function parseJsonBody(rawBody: Buffer, contentType?: string): ParsedJson {
  const text = decodeUtf8(rawBody);
  if (text === null) return unreadable('body: expected UTF-8 text, found other bytes');
  if (isNestedDeeperThan(MAX_DEPTH, text)) return unreadable(`body: expected at most ${MAX_DEPTH} levels of nesting`);
  const value = jsonOf(text);
  if (value === undefined)
    return unreadable(`body: expected JSON, found ${isForm(contentType) ? 'a form' : 'something else'}`);
  return { ok: true, value };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeUtf8(rawBody: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(rawBody);
  } catch {
    return null;
  }
}

/** Counts brackets outside strings, in one pass; right for valid JSON, and for anything else it does not matter. */
function isNestedDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString && char === '\\') at += 1;
    else if (char === '"') inString = !inString;
    else if (inString) continue;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

function isForm(contentType: string | undefined): boolean {
  return /^\s*(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(contentType ?? '');
}

function unreadable(reason: string): ParsedJson {
  return { ok: false, reason };
}
