/**
 * How the simulated portal behaves, changeable while it runs through `POST /hubspot/_admin/settings`.
 * Invariant: the defaults are a healthy Professional portal; settings are not saved, a restart is healthy again.
 */
import { z } from 'zod';
import { objectTypes } from './schema';

const rateLimits = z.strictObject({ tenSecondly: z.int().positive(), searchPerSecond: z.int().positive() });

const settingsSchema = z.strictObject({
  /** How long a write stays invisible to search. */
  searchLagMs: z.int().min(0),
  /** null: no limits. */
  rateLimits: rateLimits.nullable(),
  /** `true` or `unavailable`: every call gets 503; `reset`: every connection is cut. Nothing is applied. */
  down: z.union([z.boolean(), z.enum(['unavailable', 'reset'])]),
  /** What becomes of bearer tokens. */
  token: z.enum(['accepted', 'expired', 'revoked']),
  /** Scopes that the app was not granted, such as `crm.objects.deals.write`. */
  missingScopes: z.array(z.string().min(1)),
  /** Rules that an admin of the portal made: with `property` = `value`, `requires` must be filled. */
  conditionalRules: z.array(
    z.strictObject({ objectType: z.enum(objectTypes), property: z.string(), value: z.string(), requires: z.string() }),
  ),
});

export type HubspotSettings = z.output<typeof settingsSchema>;
export type HubspotSettingsPatch = { readonly [K in keyof HubspotSettings]?: HubspotSettings[K] | undefined };

export const defaultSettings: HubspotSettings = {
  searchLagMs: 10_000,
  rateLimits: { tenSecondly: 190, searchPerSecond: 5 },
  down: false,
  token: 'accepted',
  missingScopes: [],
  conditionalRules: [],
};

/** The settings with a patch applied. Throws a ZodError that lists every problem. */
export function patchSettings(current: HubspotSettings, patch: unknown): HubspotSettings {
  const given = settingsSchema.partial().parse(patch);
  return settingsSchema.parse({ ...current, ...given });
}
