/**
 * The settings of a simulated account, which its admin path changes while it runs.
 * Invariant: they are not saved; a reset and a restart begin with the defaults, and with the chances of their seed.
 */
import type { z } from 'zod';

export interface Settings<S> {
  current(): S;
  /** Changes what the patch gives. Throws a ZodError that lists every problem. */
  change(patch: unknown): S;
  reset(): void;
}

export function createSettings<Schema extends z.ZodObject>(of: {
  readonly schema: Schema;
  readonly defaults: z.output<Schema>;
  readonly seedOf: (settings: z.output<Schema>) => number;
  readonly reseed: (seed: number) => void;
}): Settings<z.output<Schema>> {
  const { schema, defaults, seedOf, reseed } = of;
  let current = defaults;
  return {
    current: () => current,
    change(patch) {
      const before = seedOf(current);
      current = schema.parse({ ...current, ...schema.partial().parse(patch) });
      const seed = seedOf(current);
      if (seed !== before) reseed(seed);
      return current;
    },
    reset() {
      current = defaults;
      reseed(seedOf(current));
    },
  };
}
