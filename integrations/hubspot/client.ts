/**
 * HubSpot's API for one account: versions, limits, tokens.
 * Invariant: version strings live here alone, but for that of the token endpoint.
 */
import { createCrmClient, type ClientOptions, type CrmClient } from '../crm-client';
import { keyTokens, renewingTokens, type OAuthClient, type TokenSource, type TokenStore } from '../oauth-tokens';
import { CrmError } from '../ports';
import { createTransport, type HttpAnswer, type Transport } from '../transport';
import { readErrorBody } from './error-body';
import { errorFromAnswer, isDayUsedUp } from './errors';
import { refreshTokens } from './tokens';

/** Versions of HubSpot's dated paths. Each lives 18 months: 2026-09 ends in March 2028. */
export const HUBSPOT_VERSIONS = {
  objects: '2026-09',
  associations: '2026-09',
  owners: '2026-09',
  pipelines: '2026-09',
  properties: '2026-09',
} as const;

export type HubspotSettings = {
  /** `https://api.hubapi.com`, or a simulator's address. */
  readonly baseUrl: string;
  /** Our share of the account's limit (HubSpot: 100 to 250 per ten seconds and app). */
  readonly requestsPerSecond?: number;
} & (
  | {
      /** A service key, or the token of a private app. */
      readonly token: string;
    }
  | { readonly oauth: OAuthClient }
);

export type HubspotClient = CrmClient;

/** Five searches a second for the whole account, whatever app asks (HubSpot's search guide). */
const SEARCHES_PER_WINDOW = 5;
/** Longer than the second: what leaves here a second apart may arrive a little closer together. */
const SEARCH_WINDOW_MS = 1_100;
const DEFAULT_REQUESTS_PER_SECOND = 9;

/** `tokens` is needed for `oauth` only. Throws when it is missing there. */
export function createHubspotClient(
  settings: HubspotSettings & ClientOptions,
  tokens: TokenStore | null = null,
): HubspotClient {
  const transport = settings.transport ?? createTransport();
  return createCrmClient(
    {
      name: 'HubSpot',
      baseUrl: settings.baseUrl,
      tokens: tokenSource(settings, transport, tokens),
      requestsPerSecond: settings.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
      searches: { limit: SEARCHES_PER_WINDOW, windowMs: SEARCH_WINDOW_MS },
      errorFromAnswer,
      pauseOf,
      isTokenExpired,
      dayOf: (answer) => (isDayUsedUp(answer) ? { resetInMs: null } : null),
    },
    { ...settings, transport },
  );
}

function tokenSource(
  settings: HubspotSettings & ClientOptions,
  transport: Transport,
  store: TokenStore | null,
): TokenSource {
  if (!('oauth' in settings)) return keyTokens(settings.token);
  if (store === null) {
    throw new Error('HubSpot with oauth renews its tokens and needs a store to keep them in; give it one, or a token');
  }
  const { baseUrl, oauth: client, now = Date.now } = settings;
  const refresh = (refreshToken: string) => refreshTokens({ baseUrl, client, transport, now }, refreshToken);
  const notConnected = () => new CrmError('reauth_required', 'HubSpot: the account is not connected yet; connect it');
  return renewingTokens({ firstRefreshToken: client.refreshToken, notConnected, store, now, refresh });
}

/** HubSpot tells what is left of the ten seconds; at zero the next call would be a 429, and those count against us. */
function pauseOf(answer: HttpAnswer): number | null {
  if (answer.header('x-hubspot-ratelimit-remaining') !== '0') return null;
  const intervalMs = Number(answer.header('x-hubspot-ratelimit-interval-milliseconds') ?? '');
  return Number.isFinite(intervalMs) && intervalMs > 0 ? intervalMs : null;
}

/** Any other 401 means a token that is wrong or was revoked, and asking for another one would only hide that. */
function isTokenExpired({ status, text }: HttpAnswer): boolean {
  return status === 401 && readErrorBody(text).category === 'EXPIRED_AUTHENTICATION';
}
