/** Exhaustiveness: a switch over one of our own unions ends here, so that a new member does not compile until it is handled. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
