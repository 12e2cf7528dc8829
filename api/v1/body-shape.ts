/**
 * What a stored body looks like without what it says: keys stay, values become the names of their types.
 * Invariant: no value of the body is in the result, and hostile bodies (deep, wide, `__proto__`) cost a bounded amount.
 */

export type BodyShape =
  | { readonly kind: 'json'; readonly bytes: number; readonly shape: unknown }
  /** A form, text, or JSON that is broken. */
  | { readonly kind: 'unreadable'; readonly bytes: number }
  /** Purged, or its person was erased. */
  | { readonly kind: 'gone' };

const MAX_DEPTH = 12;
const MAX_KEYS = 100;
const MAX_ITEMS = 5;
/** Keys are names that programs chose. One that does not look like it may be data (an address, a sentence). */
const PLAIN_KEY = /^[A-Za-z_$][\w$.:-]{0,79}$/;

export function bodyShapeOf(body: Buffer | null): BodyShape {
  if (body === null) return { kind: 'gone' };
  try {
    return { kind: 'json', bytes: body.length, shape: shapeOf(JSON.parse(body.toString('utf8')), 0) };
  } catch {
    return { kind: 'unreadable', bytes: body.length };
  }
}

function shapeOf(value: unknown, depth: number): unknown {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return depth >= MAX_DEPTH ? 'array' : shapeOfArray(value, depth);
  return depth >= MAX_DEPTH ? 'object' : shapeOfObject(value, depth);
}

function shapeOfArray(items: readonly unknown[], depth: number): unknown[] {
  const shapes = items.slice(0, MAX_ITEMS).map((item) => shapeOf(item, depth + 1));
  return items.length > MAX_ITEMS ? [...shapes, `and ${items.length - MAX_ITEMS} more`] : shapes;
}

function shapeOfObject(object: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(object);
  const shown = entries
    .slice(0, MAX_KEYS)
    .map(
      ([key, value], index) => [PLAIN_KEY.test(key) ? key : `(key ${index + 1})`, shapeOf(value, depth + 1)] as const,
    );
  // `fromEntries` defines properties, so a key named `__proto__` is only a key.
  const shape: Record<string, unknown> = Object.fromEntries(shown);
  if (entries.length > MAX_KEYS) shape['(more keys)'] = entries.length - MAX_KEYS;
  return shape;
}
