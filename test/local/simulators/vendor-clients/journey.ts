/**
 * What both vendors' clients are driven by: rows of "wrote here, read there", and what the simulator's journal says of them afterwards.
 * Invariant: a row reads by another operation than the one that wrote.
 */
import type { JournalEntry } from '../../../../local/simulators/journal';

/** The title of its test: the client `wrote` and reads that back by `read`. */
export interface Row<World> {
  readonly wrote: string;
  readonly read: string;
  run(world: World): Promise<void>;
}

interface Operation {
  readonly method: string;
  readonly template: string;
}

/** The operations that succeeded: `GET /contacts/{contactId}`. A fixed word in a path goes before a parameter. */
export function reachedIn(requests: readonly JournalEntry[], operations: readonly Operation[]): readonly string[] {
  const fixedFirst = [...operations].sort((a, b) => a.template.split('{').length - b.template.split('{').length);
  return requests.flatMap(({ method, path, status }) => {
    if (status === null || status >= 300) return [];
    const pathname = path.replace(/\?.*$/, '').replace(/\/$/, '');
    const found = fixedFirst.find((one) => one.method === method && patternOf(one.template).test(pathname));
    return found === undefined ? [] : [nameOf(found)];
  });
}

export const nameOf = ({ method, template }: Operation): string => `${method} ${template}`;

const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);

/** How the client broke the vendor's contract, by the simulator's count. */
export function violationsIn(requests: readonly JournalEntry[]): readonly string[] {
  return requests.flatMap(({ method, path, violation }) =>
    violation === null ? [] : [`${method} ${path}: ${violation}`],
  );
}
