/**
 * Which operations of a table a path fits, with the values of its `{parameters}`.
 * Invariant: the order of the table is kept, and a template's dots and words mean themselves.
 */

/** What every vendor's table of operations has. */
interface Templated {
  /** As in the vendor's contract: `/v2/bookings/{uid}/cancel`. */
  readonly template: string;
}

export interface Fitting<Operation> {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The look-up for a table of operations, whatever their methods.
 * What it returns throws `malformed()` for a parameter that is not valid percent-encoding.
 */
export function routesOf<Operation extends Templated>(
  operations: readonly Operation[],
  malformed: () => Error,
): (pathname: string) => readonly Fitting<Operation>[] {
  const routes = operations.map((operation) => ({ operation, ...compiled(operation.template) }));
  return (pathname) =>
    routes.flatMap(({ operation, pattern, names }) => {
      const match = pattern.exec(pathname);
      if (match === null) return [];
      const values = match.slice(1).map((value) => decode(value, malformed));
      return [{ operation, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) }];
    });
}

function compiled(template: string): { readonly pattern: RegExp; readonly names: readonly string[] } {
  return {
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`),
    names: [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
  };
}

function decode(value: string, malformed: () => Error): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw malformed();
  }
}
