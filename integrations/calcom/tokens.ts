/**
 * Cal.com's token endpoint: a refresh token, or the code of an account that was just connected, for a new pair.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
import { z } from 'zod';
import { NetworkFailure, sendOnce, type HttpAnswer } from '../http-send';
import { jsonOf } from '../json-of';
import type { OAuthClient, RenewedTokens } from '../oauth-tokens';
import { SourceError } from '../ports';
import { errorFromAnswer, errorFromNetwork, unreadableAnswer, type CallName } from './errors';

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive(),
});

const REFRESH: CallName = { operation: 'refresh token', effect: 'safe' };
const EXCHANGE: CallName = { operation: 'exchange code', effect: 'safe' };
const TIMEOUT_MS = 15_000;

/** Sends a body to the token endpoint once. Throws `SourceError` where it is refused or not answered. */
export type TokenPost = (call: CallName, body: Readonly<Record<string, string>>) => Promise<HttpAnswer>;

export function tokenPost(settings: {
  readonly baseUrl: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
  readonly requestTimeoutMs?: number;
}): TokenPost {
  const url = `${settings.baseUrl.replace(/\/+$/, '')}/v2/auth/oauth2/token`;
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  return async (call, body) => {
    let answer: HttpAnswer;
    try {
      answer = await sendOnce({
        url,
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        timeoutMs: settings.requestTimeoutMs ?? TIMEOUT_MS,
        ...(settings.fetch === undefined ? {} : { fetch: settings.fetch }),
      });
    } catch (thrown) {
      if (thrown instanceof NetworkFailure) throw errorFromNetwork(call, thrown);
      throw thrown;
    }
    if (answer.status >= 200 && answer.status <= 299) return answer;
    throw asReauthorization(call, errorFromAnswer(call, answer, settings.now()));
  };
}

export interface TokenEndpoint {
  readonly client: OAuthClient;
  /** Epoch ms. */
  readonly now: () => number;
  readonly post: TokenPost;
}

export function refreshTokens(endpoint: TokenEndpoint, refreshToken: string): Promise<RenewedTokens> {
  return ask(endpoint, REFRESH, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

/** The first tokens of an account, for the code that its authorize page gave. Throws `SourceError`. */
export function exchangeCode(
  endpoint: TokenEndpoint,
  given: { readonly code: string; readonly redirectUri: string },
): Promise<RenewedTokens> {
  const { code, redirectUri } = given;
  return ask(endpoint, EXCHANGE, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
}

async function ask(
  { client, now, post }: TokenEndpoint,
  call: CallName,
  grant: Readonly<Record<string, string>>,
): Promise<RenewedTokens> {
  const answer = await post(call, { ...grant, client_id: client.clientId, client_secret: client.clientSecret });
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  // The vendor's text would be a token.
  if (!parsed.success) throw unreadableAnswer(call, { ...answer, text: '' }, 'the answer holds no tokens');
  const { access_token, refresh_token, expires_in } = parsed.data;
  return { accessToken: access_token, refreshToken: refresh_token, expiresAtMs: now() + expires_in * 1_000 };
}

/** RFC 6749 refuses a dead grant with 400: only a person who connects the account again can help. */
function asReauthorization({ operation }: CallName, error: SourceError): SourceError {
  if (error.httpStatus !== 400) return error;
  const what = operation === REFRESH.operation ? 'the refresh token' : 'the code';
  return new SourceError(
    'reauth_required',
    `Cal.com ${operation} (HTTP 400): ${what} is not accepted; connect the source again`,
    { httpStatus: 400 },
  );
}
