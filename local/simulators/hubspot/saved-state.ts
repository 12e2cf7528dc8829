/**
 * The HubSpot simulator's state file: version 1. Settings, limits, and events that were on their way, are not in it.
 * Invariant: a file of another shape is refused with what to do about it, never half loaded.
 */
import { z } from 'zod';
import type { JournalCounters } from '../journal';
import type { Association } from './association-store';
import type { Automations } from './changes';
import type { SavedObjects } from './objects';
import type { SavedProperties } from './properties';
import { fieldTypes, objectTypes, propertyTypes } from './schema';
import type { SavedTokens } from './tokens';

export interface SavedState extends SavedObjects {
  readonly version: 1;
  readonly associations: readonly Association[];
  readonly properties: SavedProperties;
  readonly tokens: SavedTokens;
  readonly automations: Readonly<Record<string, Automations>>;
  readonly journal: JournalCounters;
}

const type = z.enum(objectTypes);
const ref = z.object({ type, id: z.string() });

const definition = z.object({
  name: z.string(),
  label: z.string(),
  description: z.string(),
  groupName: z.string(),
  type: z.enum(propertyTypes),
  fieldType: z.enum(fieldTypes),
  rule: z.enum(['email', 'owner', 'pipeline', 'stage']).nullable(),
  readOnly: z.boolean(),
  unique: z.boolean(),
  hidden: z.boolean(),
  custom: z.boolean(),
  options: z.array(z.object({ value: z.string(), label: z.string(), hidden: z.boolean() })),
});
const properties = z.object({
  own: z.array(z.object({ type, definition })),
  groups: z.array(z.object({ type, name: z.string(), label: z.string(), displayOrder: z.int() })),
});
const tokens = z.object({
  grants: z.array(z.object({ id: z.string(), scopes: z.array(z.string()), isLive: z.boolean() })),
  access: z.array(z.tuple([z.string(), z.string(), z.number()])),
  refresh: z.array(z.tuple([z.string(), z.string()])),
});

/** Files from before there were merges, properties, tokens and counts have none. */
export const savedState: z.ZodType<SavedState> = z.object({
  version: z.literal(1),
  lastId: z.int(),
  records: z.array(
    z.object({
      id: z.string(),
      type,
      properties: z.record(z.string(), z.string().nullable()),
      createdAtMs: z.number(),
      updatedAtMs: z.number(),
      archived: z.boolean(),
    }),
  ),
  merged: z.array(z.tuple([z.string(), z.string()])).default([]),
  associations: z.array(z.object({ from: ref, to: ref, typeId: z.int() })),
  properties: properties.default({ own: [], groups: [] }),
  tokens: tokens.default({ grants: [], access: [], refresh: [] }),
  automations: z.record(z.string(), z.object({ stageMoves: z.int(), lifecycleChanges: z.int() })).default({}),
  journal: z.object({ requests: z.int(), violations: z.int() }),
});
