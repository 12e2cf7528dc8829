/**
 * Who calls: tokens of OAuth2, and the credentials' user.
 * Invariant: refusals of the token endpoint have the shape of RFC 6749, not Cal.com's own.
 */
import type { SimAnswer } from '../exchange';
import { success } from './account';
import type { Call, Operation } from './account';
import { readTokenBody } from './api-bodies';
import { oauthClient, owner } from './seed';

export const accessOperations: readonly Operation[] = [
  { method: 'POST', template: '/v2/auth/oauth2/token', version: null, scope: null, query: [], run: token },
  { method: 'GET', template: '/v2/me', version: null, scope: 'PROFILE_READ', query: [], run: me },
];

function token({ account, request }: Call): SimAnswer {
  const body = readTokenBody(request);
  if (body.client_id !== oauthClient.id || body.client_secret !== oauthClient.secret) return refusal('invalid_client');
  if (account.settings().oauth === 'revoked') return refusal('invalid_grant');
  const isGranted =
    body.grant_type === 'refresh_token'
      ? account.tokens.isRefresh(body.refresh_token)
      : account.tokens.useCode(body.code, body.redirect_uri);
  if (!isGranted) return refusal('invalid_grant');
  const { accessToken, refreshToken, expiresInSeconds } = account.tokens.issue();
  return {
    status: 200,
    body: {
      access_token: accessToken,
      token_type: 'bearer',
      refresh_token: refreshToken,
      expires_in: expiresInSeconds,
    },
  };
}

function refusal(error: 'invalid_client' | 'invalid_grant'): SimAnswer {
  const description = { invalid_client: 'The client is not known.', invalid_grant: 'The grant is not valid.' }[error];
  return { status: error === 'invalid_client' ? 401 : 400, body: { error, error_description: description } };
}

function me(): SimAnswer {
  const { id, username, email, name, zone } = owner;
  return success({
    id,
    username,
    email,
    name,
    avatarUrl: null,
    bio: null,
    timeFormat: 12,
    defaultScheduleId: null,
    weekStart: 'Sunday',
    timeZone: zone,
    organizationId: null,
  });
}
