/**
 * How the simulated HighLevel behaves, changeable while it runs through `POST /gohighlevel/_admin/settings`.
 * Invariant: the defaults are a healthy location that allows no duplicates and tells nobody by webhook; settings are not saved.
 */
import { z } from 'zod';
import { pathPattern } from '../faults';
import { privateTokens } from './seed';

const share = z.number().min(0).max(1);
const rateLimits = z.strictObject({
  max: z.int().positive(),
  intervalMs: z.int().positive(),
  daily: z.int().positive(),
  /** The header with the time to the daily reset is not always sent. */
  namesDailyReset: z.boolean(),
});

export const settingsSchema = z.strictObject({
  /** How long a write stays invisible to `POST /contacts/search` and to the searches of opportunities. */
  searchLagMs: z.int().min(0),
  /** The same for `GET /contacts/search/duplicate`. Creates and upserts match at once. */
  duplicateLagMs: z.int().min(0),
  /** True: `POST /contacts/search` has no phone numbers, neither to filter by nor to read. */
  searchHidesPhones: z.boolean(),
  /** The location's "Allow Duplicate Contact". */
  allowDuplicateContact: z.boolean(),
  /** What an upsert matches by, first one first. */
  matchingOrder: z.array(z.enum(['email', 'phone'])).min(1),
  /** The location's "Allow Duplicate Opportunity". */
  allowDuplicateOpportunity: z.boolean(),
  /** Status of an upsert that created a contact. The contract has 200 only. */
  upsertCreatedStatus: z.union([z.literal(200), z.literal(201)]),
  /** Status of reads and writes of what does not exist. The contract has 400 only. */
  notFoundStatus: z.union([z.literal(400), z.literal(404)]),
  /** What `GET /calendars/events/appointments/{id}` does with a deleted one: `shown` with `deleted: true`, or `gone`. */
  deletedEvents: z.enum(['shown', 'gone']),
  /** Whether lists of appointments carry the description: as `notes` and `description`, a contact's list as `notes` only. */
  listsShowNotes: z.boolean(),
  /** Stages and calendars that somebody removed. */
  removedStages: z.array(z.string()),
  removedCalendars: z.array(z.string()),
  /** `inactive`: the sub-account is suspended, no token is renewed. */
  location: z.enum(['active', 'inactive']),
  /** Private Integration Tokens that are valid: the location's, and the agency's. */
  privateTokens: z.array(z.enum([privateTokens.location, privateTokens.agency])),
  /** `revoked`: every OAuth token is refused. */
  oauth: z.enum(['accepted', 'revoked']),
  /** Scopes that no token has, such as `opportunities.write`. */
  missingScopes: z.array(z.string().min(1)),
  /** Regular expressions; routes whose `METHOD /path` fits are refused as not supported for the token. */
  unsupportedRoutes: z.array(pathPattern),
  accessTokenSeconds: z.int().positive(),
  /** For so long a used refresh token can be used again. */
  refreshGraceMs: z.int().min(0),
  /** null: no limits. */
  rateLimits: rateLimits.nullable(),
  /** `true` or `unavailable`: every call gets 503; `reset`: every connection is cut. Nothing is applied, webhooks go on. */
  down: z.union([z.boolean(), z.enum(['unavailable', 'reset'])]),
  /** The app's webhook URL; null: nobody is told. */
  webhookUrl: z.url().nullable(),
  /** What webhooks are signed with; `N/A` is the text that the vendor sends when it can't sign. */
  signature: z.enum(['ed25519', 'N/A', 'absent']),
  /** Whether bodies carry `timestamp` and `webhookId`. */
  namesDelivery: z.boolean(),
  /** Fates of webhooks are drawn from it. Setting it begins anew. */
  seed: z.int(),
  /** Share of webhooks that are never sent, sent twice, held back until one to three later ones are out or for half a minute. */
  loss: share,
  duplicate: share,
  reorder: share,
  /** How long every webhook is under way. */
  delayMs: z.int().min(0),
});

export type GohighlevelSettings = z.output<typeof settingsSchema>;
export type GohighlevelSettingsPatch = {
  readonly [K in keyof GohighlevelSettings]?: GohighlevelSettings[K] | undefined;
};

export const defaultSettings: GohighlevelSettings = {
  searchLagMs: 10_000,
  duplicateLagMs: 0,
  searchHidesPhones: false,
  allowDuplicateContact: false,
  matchingOrder: ['email', 'phone'],
  allowDuplicateOpportunity: false,
  upsertCreatedStatus: 201,
  notFoundStatus: 400,
  deletedEvents: 'shown',
  listsShowNotes: true,
  removedStages: [],
  removedCalendars: [],
  location: 'active',
  privateTokens: [privateTokens.location, privateTokens.agency],
  oauth: 'accepted',
  missingScopes: [],
  unsupportedRoutes: [],
  accessTokenSeconds: 86_399,
  refreshGraceMs: 0,
  rateLimits: { max: 100, intervalMs: 10_000, daily: 200_000, namesDailyReset: true },
  down: false,
  webhookUrl: null,
  signature: 'ed25519',
  namesDelivery: true,
  seed: 1,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  delayMs: 0,
};
