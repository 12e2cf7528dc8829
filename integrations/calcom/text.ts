/**
 * Text as a sender may spell it, made safe to store, to index and to print.
 * Invariant: what leaves here is well-formed Unicode without NUL; "nothing" is always null, never an empty string.
 */

/** Anything but a string with visible content is null. NUL is removed (PostgreSQL refuses it), a lone surrogate becomes U+FFFD. */
export function cleanText(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value
    .replaceAll('\0', '')
    .replace(/\p{Cs}/gu, '\uFFFD')
    .trim();
  return text === '' ? null : text;
}

/** Like `cleanText`, for what must stay on one line (names and titles end up in mail headers): control characters become spaces. */
export function cleanLine(value: unknown): string | null {
  return cleanText(cleanText(value)?.replace(/[\s\p{Cc}]+/gu, ' '));
}

/** A property of a value of unknown shape, own properties only (so `__proto__` and friends are just absent); undefined when there is none. */
export function dig(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return current;
}

/** The text as an absolute http(s) address, or null. Other schemes never become a link. */
export function httpUrl(text: string | null): string | null {
  if (text === null || !/^https?:\/\//i.test(text)) return null;
  return URL.canParse(text) ? text : null;
}
