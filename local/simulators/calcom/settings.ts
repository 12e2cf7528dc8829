/**
 * How the simulated Cal.com behaves, changeable while it runs through `POST /calcom/_admin/settings`.
 * Invariant: the defaults are a healthy account whose every webhook arrives at once; settings are not saved.
 */
import { z } from 'zod';

const share = z.number().min(0).max(1);
const rateLimits = z.strictObject({
  apiKeyPerMinute: z.int().positive(),
  tokenPerMinute: z.int().positive(),
  /** How long a caller is refused who asked too often. */
  blockMs: z.int().min(0),
});

export const settingsSchema = z.strictObject({
  /** What is lost, doubled and held back is drawn from it: equal seeds and equal actions give equal fates. Setting it begins anew. */
  seed: z.int(),
  /** Share of webhooks that are never sent. */
  loss: share,
  /** Share of webhooks that are sent twice, byte for byte. */
  duplicate: share,
  /** Share of webhooks that are held back until one to three later ones are out, or for half a minute. */
  reorder: share,
  /** How long every webhook is under way. */
  delayMs: z.int().min(0),
  /** `legacy`: one attempt, `createdAt` per subscriber. `queue`: three attempts, one `createdAt`; 410 ends the subscription. */
  delivery: z.enum(['legacy', 'queue']),
  /** `older` names the predecessor in the request of a reschedule that needs confirmation; head counts are leaner. */
  generation: z.enum(['older', 'newer']),
  /** Where MEETING_STARTED and MEETING_ENDED have the booking's row: beside `triggerEvent`, or under `payload`. */
  meetings: z.enum(['flat', 'wrapped']),
  /** False: as in old builds, a cancellation does not say that the guest is asked for a new time. */
  namesRescheduleRequest: z.boolean(),
  /** What becomes of the calendar's id at a reschedule: kept, replaced by the calendar's own, or no calendar answered. */
  calendar: z.enum(['kept', 'replaced', 'absent']),
  /** For so long after a cancellation the API goes on showing what was before. */
  lieAfterCancelMs: z.int().min(0),
  /** Whether a video call's head count also marks those who were missing as absent, as the API shows them. */
  headCountMarks: z.boolean(),
  /** null: no limits. */
  rateLimits: rateLimits.nullable(),
  /** `unavailable`: every call gets 503; `reset`: every connection is cut. Nothing is applied, webhooks go on. */
  down: z.union([z.boolean(), z.enum(['unavailable', 'reset'])]),
  /** Keys that are valid. */
  apiKeys: z.array(z.string().startsWith('cal_')),
  /** `revoked`: access and refresh tokens of OAuth2 are refused. */
  oauth: z.enum(['accepted', 'revoked']),
  /** Scopes that OAuth2 tokens were not granted, such as `WEBHOOK_READ`. */
  missingScopes: z.array(z.enum(['BOOKING_READ', 'BOOKING_WRITE', 'WEBHOOK_READ', 'WEBHOOK_WRITE', 'PROFILE_READ'])),
});

export type CalcomSettings = z.output<typeof settingsSchema>;
export type CalcomSettingsPatch = { readonly [K in keyof CalcomSettings]?: CalcomSettings[K] | undefined };
export type Scope = CalcomSettings['missingScopes'][number];

export const defaultSettings: CalcomSettings = {
  seed: 1,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  delayMs: 0,
  delivery: 'legacy',
  generation: 'newer',
  meetings: 'flat',
  namesRescheduleRequest: true,
  calendar: 'kept',
  lieAfterCancelMs: 0,
  headCountMarks: true,
  rateLimits: { apiKeyPerMinute: 120, tokenPerMinute: 500, blockMs: 60_000 },
  down: false,
  apiKeys: ['cal_demo'],
  oauth: 'accepted',
  missingScopes: [],
};
