/**
 * The Cal.com simulator's state file: version 1. Settings, and webhooks that were on their way, are not in it.
 * Invariant: a file of another shape is refused with what to do about it, never half loaded.
 */
import { z } from 'zod';
import type { JournalCounters } from '../journal';
import type { SavedBookings } from './bookings';
import { triggers } from './subscriptions';
import type { Subscription } from './subscriptions';
import type { SavedTokens } from './tokens';

export interface SavedState {
  readonly version: 1;
  readonly bookings: SavedBookings;
  readonly subscriptions: readonly Subscription[];
  readonly tokens: SavedTokens;
  readonly journal: JournalCounters;
}

const status = z.enum(['accepted', 'pending', 'cancelled', 'rejected']);
const text = z.string().nullable();
const texts = z.record(z.string(), z.string());

const attendee = z.object({
  id: z.int(),
  name: z.string(),
  email: z.string(),
  phone: text,
  zone: z.string(),
  locale: z.string(),
  absent: z.boolean(),
  seatUid: text,
  answers: texts,
});

const booking = z.object({
  id: z.int(),
  uid: z.string(),
  eventTypeId: z.int(),
  hostId: z.int(),
  startMs: z.number(),
  endMs: z.number(),
  status,
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  attendees: z.array(attendee),
  absentHost: z.boolean(),
  fromUid: text,
  rescheduled: z.boolean(),
  rescheduledBy: text,
  reschedulingReason: text,
  cancelledBy: text,
  cancellationReason: text,
  rejectionReason: text,
  iCalUid: text,
  iCalSequence: z.int(),
  recurringUid: text,
  paid: z.boolean(),
  metadata: texts,
  creationSource: z.enum(['WEBAPP', 'API_V2']),
  meeting: z
    .object({ row: z.record(z.string(), z.unknown()), isStarted: z.boolean(), isEnded: z.boolean() })
    .nullable(),
  lie: z.object({ untilMs: z.number(), status, updatedAtMs: z.number() }).nullable(),
});

const subscription = z.object({
  id: z.string(),
  userId: z.int(),
  url: z.string(),
  secret: text,
  triggers: z.array(z.enum(triggers)),
  active: z.boolean(),
  payloadTemplate: text,
  noShowAfterMinutes: z.number().nullable(),
});

const tokenEnds = z.array(z.tuple([z.string(), z.number()]));

export const savedState: z.ZodType<SavedState> = z.object({
  version: z.literal(1),
  bookings: z.object({ lastId: z.int(), rows: z.array(booking) }),
  subscriptions: z.array(subscription),
  tokens: z.object({ count: z.int(), access: tokenEnds, refresh: tokenEnds, isCodeUsed: z.boolean() }),
  journal: z.object({ requests: z.int(), violations: z.int() }),
});
