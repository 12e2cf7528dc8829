/**
 * The HubSpot simulator's state file: version 1.
 * Invariant: a file of another shape is refused with what to do about it, never half loaded.
 */
import { z } from 'zod';
import type { Association } from './association-store';
import type { HubspotRecord } from './objects';
import { objectTypes } from './schema';
import type { JournalCounters } from '../journal';

export interface SavedState {
  readonly version: 1;
  readonly lastId: number;
  readonly records: readonly HubspotRecord[];
  readonly associations: readonly Association[];
  readonly journal: JournalCounters;
}

const ref = z.object({ type: z.enum(objectTypes), id: z.string() });

const savedState: z.ZodType<SavedState> = z.object({
  version: z.literal(1),
  lastId: z.int(),
  records: z.array(
    z.object({
      id: z.string(),
      type: z.enum(objectTypes),
      properties: z.record(z.string(), z.string().nullable()),
      createdAtMs: z.number(),
      updatedAtMs: z.number(),
      archived: z.boolean(),
    }),
  ),
  associations: z.array(z.object({ from: ref, to: ref, typeId: z.int() })),
  journal: z.object({ requests: z.int(), violations: z.int() }),
});

/** Throws when `value`, read from `path`, is not a saved state. */
export function parseSavedState(value: unknown, path: string): SavedState {
  const result = savedState.safeParse(value);
  if (result.success) return result.data;
  const problems = z.prettifyError(result.error);
  throw new Error(`${path} is not a saved HubSpot simulator. Delete it to begin with an empty one.\n${problems}`);
}
