/**
 * HighLevel's token endpoint: a refresh token for a new pair. A refresh token serves once.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
import { errorFromNetwork } from '../crm-errors';
import {
  keyTokens,
  renewingTokens,
  type OAuthClient,
  type RenewedTokens,
  type TokenSource,
  type TokenStore,
} from '../oauth-tokens';
import { CrmError } from '../ports';
import type { HttpAnswer, HttpQuestion, Transport } from '../transport';
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
  const answer = await ask(endpoint, questionOf(endpoint, client, refreshToken));
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

function questionOf({ baseUrl, apiVersion }: Endpoint, client: OAuthClient, refreshToken: string): HttpQuestion {
  const names = NAMES_OF[apiVersion].token;
  const version = VERSION_OF[apiVersion].oauth;
  const form = new URLSearchParams({
    [names.clientId]: client.clientId,
    [names.clientSecret]: client.clientSecret,
    [names.grantType]: 'refresh_token',
    [names.refreshToken]: refreshToken,
    [names.userType]: 'Location',
  });
  return {
    url: `${baseUrl.replace(/\/+$/, '')}/oauth/token`,
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'booking-status-sync',
      ...(version === null ? {} : { version }),
    },
    body: form.toString(),
  };
}

async function ask({ transport, requestTimeoutMs }: Endpoint, question: HttpQuestion): Promise<HttpAnswer> {
  let stopped: 'timeout' | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    const exchange = transport(question);
    timer = setTimeout(() => {
      stopped = 'timeout';
      exchange.stop();
    }, requestTimeoutMs);
    return await exchange.answer;
  } catch (thrown) {
    throw errorFromNetwork(thrown, { vendor: 'HighLevel', operation: OPERATION, effect: 'safe', stopped });
  } finally {
    clearTimeout(timer);
  }
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
