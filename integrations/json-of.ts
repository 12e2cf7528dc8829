/** Text of an answer as JSON; undefined where it is none (a proxy's page, an empty body): schemas refuse that like any other value. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
