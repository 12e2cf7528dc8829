/**
 * Cal.com's token endpoint: a refresh token for a new pair.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
import { z } from 'zod';
import type { HttpAnswer } from '../http-send';
import { jsonOf } from '../json-of';
import type { OAuthClient, RenewedTokens } from '../oauth-tokens';
import { SourceError } from '../ports';
import { unreadableAnswer } from './errors';

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive(),
});

const CALL = { operation: 'refresh token', effect: 'safe' } as const;

/** `post` sends the body to the token endpoint and throws `SourceError`; `now` is epoch ms. */
export async function refreshTokens(
  from: {
    readonly client: OAuthClient;
    readonly now: () => number;
    readonly post: (body: Readonly<Record<string, string>>) => Promise<HttpAnswer>;
  },
  refreshToken: string,
): Promise<RenewedTokens> {
  const { client, now, post } = from;
  const answer = await post({
    grant_type: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    refresh_token: refreshToken,
  });
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  // The vendor's text would be a token.
  if (!parsed.success) throw unreadableAnswer(CALL, { ...answer, text: '' }, 'the answer holds no tokens');
  const { access_token, refresh_token, expires_in } = parsed.data;
  return { accessToken: access_token, refreshToken: refresh_token, expiresAtMs: now() + expires_in * 1_000 };
}

/** RFC 6749 refuses a dead refresh token with 400: only a person who connects the account again can help. */
export function asReauthorization(error: SourceError): SourceError {
  if (error.httpStatus !== 400) return error;
  const at = `Cal.com ${CALL.operation} (HTTP 400)`;
  return new SourceError('reauth_required', `${at}: the refresh token is not accepted; connect the source again`, {
    httpStatus: 400,
  });
}
