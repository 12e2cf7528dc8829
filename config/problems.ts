/**
 * How configuration errors are told: all of them at once, each with its place.
 * Invariant: a problem names places and expectations, never a value that may be a secret.
 */

export interface Problem {
  /** 1-based line of the file; null for problems of the environment. */
  readonly line: number | null;
  /** Such as `connections.hubspot-main.token`, or the name of an environment variable. */
  readonly place: string;
  /** What was found and what was expected. */
  readonly text: string;
}

/** The configuration can't be used; `problems` and the message list everything that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    const count = sorted.length === 1 ? 'one problem' : `${sorted.length} problems`;
    super(`${subject} has ${count}:\n${sorted.map(lineOf).join('\n')}`);
    this.problems = sorted;
  }
}

function lineOf(problem: Problem): string {
  const line = problem.line === null ? '' : `line ${problem.line}: `;
  return `  ${line}${problem.place === '' ? '' : `${problem.place}: `}${problem.text}`;
}
