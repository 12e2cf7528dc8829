/**
 * HighLevel's API for one location: version headers, limits, tokens.
 * Invariant: every request carries the `Version` of its area.
 */
import { createCrmClient, type ClientOptions, type CrmRequest } from '../crm-client';
import type { TokenStore } from '../oauth-tokens';
import type { CrmCall } from '../ports';
import { createTransport } from '../transport';
import { dayOf, errorFromAnswer, isTokenExpired, pauseOf } from './errors';
import { gohighlevelTokens, type GohighlevelCredentials } from './tokens';
import { VERSION_OF, type ApiVersion, type Area } from './wire';

export type GohighlevelSettings = {
  /** `https://services.leadconnectorhq.com`, or a simulator's address. */
  readonly baseUrl: string;
  readonly locationId: string;
  /** The calendar of the location that shows bookings made elsewhere. */
  readonly calendarId: string;
  /** Our share of the limit (HighLevel: 100 per ten seconds, per app and location). */
  readonly requestsPerSecond?: number;
  /** Default: v3. */
  readonly apiVersion?: ApiVersion;
} & GohighlevelCredentials;

export interface GohighlevelRequest<T> extends CrmRequest<T> {
  readonly path: readonly [Area, ...string[]];
}

export interface GohighlevelClient {
  readonly locationId: string;
  readonly calendarId: string;
  readonly apiVersion: ApiVersion;
  /** Epoch ms. */
  readonly now: () => number;
  /** Throws one `CrmError`; see `CrmClient`. */
  request<T>(request: GohighlevelRequest<T>, call: CrmCall): Promise<T>;
}

const DEFAULT_REQUESTS_PER_SECOND = 9;
const TOKEN_TIMEOUT_MS = 10_000;

/** Throws when the settings have an OAuth client and there is no store for its tokens. */
export function createGohighlevelClient(
  settings: GohighlevelSettings & ClientOptions,
  store: TokenStore | null,
): GohighlevelClient {
  const { baseUrl, locationId, calendarId, apiVersion = 'v3', now = Date.now } = settings;
  const transport = settings.transport ?? createTransport();
  const requestTimeoutMs = settings.requestTimeoutMs ?? TOKEN_TIMEOUT_MS;
  const client = createCrmClient(
    {
      name: 'HighLevel',
      baseUrl,
      tokens: gohighlevelTokens(settings, store, { baseUrl, apiVersion, transport, now, requestTimeoutMs }),
      requestsPerSecond: settings.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
      errorFromAnswer,
      pauseOf,
      dayOf,
      isTokenExpired,
    },
    { ...settings, transport },
  );
  return {
    locationId,
    calendarId,
    apiVersion,
    now,
    request(request, call) {
      const version = VERSION_OF[apiVersion][request.path[0]];
      return client.request({ ...request, headers: { ...request.headers, version } }, call);
    },
  };
}
