/**
 * The HighLevel simulator's state file: version 1.
 * Invariant: a file of another shape is refused with what to do about it, never half loaded.
 */
import { z } from 'zod';
import {
  contactRecord,
  eventRecord,
  fieldRecord,
  noteRecord,
  opportunityRecord,
  tagRecord,
  taskRecord,
} from './records';
import { savedTokens } from './tokens';

export const savedState = z.object({
  version: z.literal(1),
  lastId: z.int(),
  contacts: z.array(contactRecord),
  opportunities: z.array(opportunityRecord),
  events: z.array(eventRecord),
  notes: z.array(noteRecord),
  tasks: z.array(taskRecord),
  fields: z.array(fieldRecord),
  tags: z.array(tagRecord),
  tokens: savedTokens,
  effects: z.object({
    guest_notified: z.int(),
    stage_moved: z.int(),
    opportunity_created: z.int(),
    status_changed: z.int(),
  }),
  journal: z.object({ requests: z.int(), violations: z.int() }),
});

export type SavedState = z.output<typeof savedState>;
