/**
 * HighLevel's token endpoint: a refresh token for a new pair. A refresh token serves once.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
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

interface Endpoint {
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
    ...{ firstRefreshToken: oauth.refreshToken, store, now: endpoint.now },
    refresh: (refreshToken) => refreshTokens(endpoint, oauth, refreshToken),
  });
}

async function refreshTokens(endpoint: Endpoint, client: OAuthClient, refreshToken: string): Promise<RenewedTokens> {
  const askedAtMs = endpoint.now();
  const answer = await post(endpoint, client, refreshToken);
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, endpoint.now());
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  if (!parsed.success) {
    // The vendor's text would be a token.
    const message = `HighLevel ${OPERATION} (HTTP ${answer.status}): the answer holds no tokens; repeat later`;
    throw new CrmError('unavailable', message, { httpStatus: answer.status });
  }
  const { accessToken, refreshToken: next, expiresIn } = parsed.data;
  return { accessToken, refreshToken: next, expiresAtMs: askedAtMs + expiresIn * 1_000 };
}

function post(endpoint: Endpoint, client: OAuthClient, refreshToken: string): Promise<HttpAnswer> {
  const { baseUrl, apiVersion, transport, requestTimeoutMs } = endpoint;
  const names = NAMES_OF[apiVersion].token;
  const version = VERSION_OF[apiVersion].oauth;
  return requestTokens({
    ...{ vendor: 'HighLevel', operation: OPERATION, baseUrl, path: 'oauth/token' },
    ...{ transport, timeoutMs: requestTimeoutMs, headers: version === null ? {} : { version } },
    form: {
      [names.clientId]: client.clientId,
      [names.clientSecret]: client.clientSecret,
      [names.grantType]: 'refresh_token',
      [names.refreshToken]: refreshToken,
      [names.userType]: 'Location',
    },
  });
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
