/**
 * How the simulated portal behaves, changeable while it runs through `POST /hubspot/_admin/settings`.
 * Invariant: the defaults are a healthy Professional portal; settings are not saved, a restart is healthy again.
 */
import { z } from 'zod';
import { objectTypes } from './schema';

const share = z.number().min(0).max(1);
const rateLimits = z.strictObject({
  tenSecondly: z.int().positive(),
  searchPerSecond: z.int().positive(),
  /** Of all apps together, until midnight in the portal's zone. null: no such limit; absent: 625,000. */
  daily: z.int().positive().nullish(),
});
const property = { objectType: z.enum(objectTypes), property: z.string() };

/** Rules of a pipeline, as its admin makes them: for reps and apps alike. */
const pipelineRule = z.strictObject({
  pipeline: z.string(),
  /** Forward by one stage at a time; a closed stage may be reached from anywhere. */
  noSkipping: z.boolean().default(false),
  noBackwards: z.boolean().default(false),
  /** Stages in which a deal may be made; null: any. */
  creationStages: z.array(z.string()).nullable().default(null),
});

export const settingsSchema = z.strictObject({
  /** How long a write stays invisible to search. */
  searchLagMs: z.int().min(0),
  /** null: no limits. */
  rateLimits: rateLimits.nullable(),
  /** `true` or `unavailable`: every call gets 503; `reset`: every connection is cut. Nothing is applied. */
  down: z.union([z.boolean(), z.enum(['unavailable', 'reset'])]),
  /** The account is being moved: every call gets 477 with these seconds in `Retry-After`. */
  migratingSeconds: z.int().positive().nullable(),
  /** For so long after a write to a record, the next write to it gets 423. HubSpot's locks last 2,000 ms. */
  lockMs: z.int().min(0),
  /** What becomes of bearer tokens. */
  token: z.enum(['accepted', 'expired', 'revoked']),
  /** How long access tokens of OAuth live. */
  accessTokenMs: z.int().positive(),
  /** Whether a renewal gives the same refresh token again, or a new one that ends the old. */
  refreshTokens: z.enum(['kept', 'rotated']),
  /** The app that OAuth and the webhooks belong to. The secret signs the webhooks. */
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  /** Scopes that the app was not granted, such as `crm.objects.deals.write`. */
  missingScopes: z.array(z.string().min(1)),
  /** Rules that an admin of the portal made: with `property` = `value`, `requires` must be filled. */
  conditionalRules: z.array(z.strictObject({ ...property, value: z.string(), requires: z.string() })),
  /** Properties that the portal's create form asks for. */
  requiredProperties: z.array(z.strictObject(property)),
  pipelineRules: z.array(pipelineRule),
  /** Ids of stages that are out of use: shown as archived, and no deal can be moved there. */
  archivedStages: z.array(z.string()),
  /** Ids of owners who left: only shown when asked for, and nothing can be given to them. */
  archivedOwners: z.array(z.string()),
  /** Whether meetings take unique properties that an app makes. Not known of real portals, hence both. */
  uniqueMeetingProperties: z.boolean(),
  /** Whether a merge makes a record with a new id, or the primary one keeps its own. */
  mergeSurvivor: z.enum(['new', 'primary']),
  /** What a read or write by the id of a merged record finds: nothing, or the survivor. */
  mergedIds: z.enum(['gone', 'redirected']),
  /** Whether `idProperty=email` also finds a contact by its additional addresses. Not known of real portals. */
  additionalEmailsAreKeys: z.boolean(),
  /** Where the app's webhooks go, as the app's configuration has it; null: it has none. */
  webhookUrl: z.url().nullable(),
  /** Share of events that are never sent, and of those that are sent twice; drawn from `webhookSeed`, which begins anew when set. */
  webhookLoss: share,
  webhookDuplicate: share,
  webhookSeed: z.int(),
  /** How long events wait; those that are due together leave in one request. */
  webhookDelayMs: z.int().min(0),
  /** When a request is repeated, once, that was not answered with 2xx. */
  webhookRetryMs: z.int().positive(),
});

export type HubspotSettings = z.output<typeof settingsSchema>;
export type HubspotSettingsPatch = {
  readonly [K in keyof z.input<typeof settingsSchema>]?: z.input<typeof settingsSchema>[K] | undefined;
};
export type PipelineRule = z.output<typeof pipelineRule>;

export const defaultSettings: HubspotSettings = {
  searchLagMs: 10_000,
  rateLimits: { tenSecondly: 190, searchPerSecond: 5 },
  down: false,
  migratingSeconds: null,
  lockMs: 0,
  token: 'accepted',
  accessTokenMs: 1_800_000,
  refreshTokens: 'kept',
  clientId: 'hubspot-demo-client',
  clientSecret: 'hubspot-demo-secret',
  missingScopes: [],
  conditionalRules: [],
  requiredProperties: [],
  pipelineRules: [],
  archivedStages: [],
  archivedOwners: [],
  uniqueMeetingProperties: true,
  mergeSurvivor: 'new',
  mergedIds: 'gone',
  additionalEmailsAreKeys: false,
  webhookUrl: null,
  webhookLoss: 0,
  webhookDuplicate: 0,
  webhookSeed: 1,
  webhookDelayMs: 0,
  webhookRetryMs: 60_000,
};
