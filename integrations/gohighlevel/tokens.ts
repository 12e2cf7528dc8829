/**
 * HighLevel's token endpoint: a refresh token, or the code of a location that was just connected, for a pair. A refresh token serves once.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
import type { ConnectedAccount } from '../connector';
import { jsonOf } from '../json-of';
import {
  keyTokens,
  renewingTokens,
  type OAuthClient,
  type RenewedTokens,
  type TokenSource,
  type TokenStore,
} from '../oauth-tokens';
import { CrmError } from '../ports';
import { requestTokens } from '../token-request';
import type { HttpAnswer, Transport } from '../transport';
import { tokenAnswer } from './answers';
import { readErrorBody, wordsOf } from './error-body';
import { errorFromAnswer } from './errors';
import { NAMES_OF, VERSION_OF, type ApiVersion } from './wire';

export type GohighlevelCredentials = { readonly token: string } | { readonly oauth: OAuthClient };

export interface Endpoint {
  readonly baseUrl: string;
  readonly apiVersion: ApiVersion;
  readonly transport: Transport;
  /** Epoch ms. */
  readonly now: () => number;
  readonly requestTimeoutMs: number;
}

const OPERATION = 'refresh token';

/**
 * A Private Integration Token as it is, or OAuth tokens of a location that renew themselves.
 * Throws where these have no store: a renewed token that is not kept would cost the connection.
 */
export function gohighlevelTokens(
  credentials: GohighlevelCredentials,
  store: TokenStore | null,
  endpoint: Endpoint,
): TokenSource {
  if ('token' in credentials) return keyTokens(credentials.token);
  const { oauth } = credentials;
  if (store === null) throw new Error('HighLevel with OAuth needs a store for its tokens. Expected one, found null.');
  return renewingTokens({
    firstRefreshToken: oauth.refreshToken,
    store,
    now: endpoint.now,
    notConnected: () => new CrmError('reauth_required', 'HighLevel: the location is not connected yet; connect it'),
    refresh: (refreshToken) => refreshTokens(endpoint, oauth, refreshToken),
  });
}

async function refreshTokens(endpoint: Endpoint, client: OAuthClient, refreshToken: string): Promise<RenewedTokens> {
  const names = NAMES_OF[endpoint.apiVersion].token;
  const grant = { [names.grantType]: 'refresh_token', [names.refreshToken]: refreshToken };
  return (await ask(endpoint, client, grant)).tokens;
}

/** The first tokens of a location, for the code that its page gave. Throws one `CrmError`. */
export function exchangeCode(
  endpoint: Endpoint,
  client: OAuthClient,
  { code, redirectUri }: { readonly code: string; readonly redirectUri: string },
): Promise<ConnectedAccount> {
  const names = NAMES_OF[endpoint.apiVersion].token;
  return ask(endpoint, client, {
    [names.grantType]: 'authorization_code',
    code,
    [names.redirectUri]: redirectUri,
  });
}

async function ask(
  endpoint: Endpoint,
  client: OAuthClient,
  grant: Readonly<Record<string, string>>,
): Promise<ConnectedAccount> {
  const { baseUrl, apiVersion, transport, requestTimeoutMs } = endpoint;
  const names = NAMES_OF[apiVersion].token;
  const version = VERSION_OF[apiVersion].oauth;
  const askedAtMs = endpoint.now();
  const answer = await requestTokens({
    vendor: 'HighLevel',
    operation: OPERATION,
    baseUrl,
    path: 'oauth/token',
    transport,
    timeoutMs: requestTimeoutMs,
    headers: version === null ? {} : { version },
    form: {
      [names.clientId]: client.clientId,
      [names.clientSecret]: client.clientSecret,
      ...grant,
      [names.userType]: 'Location',
    },
  });
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, endpoint.now());
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  if (!parsed.success) {
    // The vendor's text would be a token.
    const message = `HighLevel ${OPERATION} (HTTP ${answer.status}): the answer holds no tokens; repeat later`;
    throw new CrmError('unavailable', message, { httpStatus: answer.status });
  }
  const { accessToken, refreshToken, expiresIn, locationId } = parsed.data;
  const tokens = { accessToken, refreshToken, expiresAtMs: askedAtMs + expiresIn * 1_000 };
  return { tokens, account: locationId ?? null };
}

/** A dead refresh token and a wrong client need a person; everything else is as elsewhere. The vendor's text may quote a token. */
function refusalOf(answer: HttpAnswer, nowMs: number): CrmError {
  const general = errorFromAnswer({ ...answer, operation: OPERATION, effect: 'safe' }, nowMs);
  const { errorClass, retryAfterMs, correlationId } = general;
  const extra = {
    httpStatus: answer.status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(correlationId === null ? {} : { correlationId }),
  };
  const body = readErrorBody(answer.text);
  const isGrant = /^invalid_(?:grant|client)$/.test(body.error) || /refresh token|client/i.test(wordsOf(body));
  const isRefusal = answer.status === 400 || answer.status === 401;
  if (isRefusal && isGrant && errorClass !== 'account_inactive') {
    const at = `HighLevel ${OPERATION} (HTTP ${answer.status})`;
    const message = `${at}: the refresh token or the client is not accepted; connect the account again`;
    return new CrmError('reauth_required', message, extra);
  }
  return new CrmError(errorClass, general.message, extra);
}
