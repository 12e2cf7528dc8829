/** How the API writes instants: ISO 8601 in UTC with milliseconds. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
