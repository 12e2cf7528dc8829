/** Small values of HighLevel's bodies. Invariant: what is not known is left out, never null. */

export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** Without what is null or undefined. */
export function set(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
