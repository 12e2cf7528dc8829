/**
 * `/oauth/2026-03/token`, `introspect` and `revoke`: form bodies only, answered without a bearer token.
 * Invariant: a refusal has both forms, that of RFC 6749 and HubSpot's older `status` and `message`.
 */
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import type { Portal } from './portal';
import { APP_ID, PORTAL_ID, REP_USER_ID } from './seed';
import type { TokenPair } from './tokens';

const BASE = '/oauth/2026-03/token';

const client = { client_id: z.string(), client_secret: z.string() };
const tokenForm = z.discriminatedUnion('grant_type', [
  z.strictObject({
    grant_type: z.literal('authorization_code'),
    ...client,
    code: z.string(),
    redirect_uri: z.string(),
    code_verifier: z.string().optional(),
  }),
  z.strictObject({
    grant_type: z.literal('refresh_token'),
    ...client,
    refresh_token: z.string(),
    redirect_uri: z.string().optional(),
    scope: z.string().optional(),
  }),
]);
const aboutToken = z.strictObject({ ...client, token: z.string(), token_type_hint: z.string().optional() });

class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';

  constructor(readonly answer: SimAnswer) {
    super(`refused with ${answer.status}`);
  }
}

/** `violation`: how the app broke the contract, if it did. */
function refused(error: string, status: string, message: string, violation: string | null): OAuthRefusal {
  const body = { error, error_description: message, status, message };
  return new OAuthRefusal({ status: error === 'invalid_client' ? 401 : 400, body, violation });
}

interface OAuthOperation {
  readonly method: 'POST';
  /** As in HubSpot's contract. */
  readonly template: string;
  run(portal: Portal, request: SimRequest): SimAnswer;
}

export const oauthOperations: readonly OAuthOperation[] = [
  { method: 'POST', template: BASE, run: giveTokens },
  { method: 'POST', template: `${BASE}/introspect`, run: introspect },
  { method: 'POST', template: `${BASE}/revoke`, run: revoke },
];

/** Null for a request that is none of OAuth's. */
export function answerOAuth(portal: Portal, request: SimRequest): SimAnswer | null {
  const found = oauthOperations.find(({ method, template }) => {
    return method === request.method && template === request.pathname;
  });
  if (found === undefined) return null;
  try {
    return found.run(portal, request);
  } catch (error) {
    if (error instanceof OAuthRefusal) return error.answer;
    throw error;
  }
}

/** The form's fields, once the app has shown who it is. */
function readForm<T extends z.ZodType<{ client_id: string; client_secret: string }>>(
  schema: T,
  portal: Portal,
  request: SimRequest,
): z.output<T> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type) || request.query.size > 0) {
    const message = 'Send everything in a form body: no JSON, no query parameters';
    throw refused('invalid_request', 'BAD_REQUEST', message, message);
  }
  const result = schema.safeParse(Object.fromEntries(new URLSearchParams(request.body.toString('utf8'))));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'form'}: ${issue.message}`);
    const isGrantType = result.error.issues.some(({ path }) => path[0] === 'grant_type');
    const error = isGrantType ? 'unsupported_grant_type' : 'invalid_request';
    throw refused(error, isGrantType ? 'BAD_GRANT_TYPE' : 'BAD_REQUEST', problems.join('; '), problems.join('; '));
  }
  const { clientId, clientSecret } = portal.settings();
  if (result.data.client_id !== clientId) {
    throw refused('invalid_client', 'BAD_CLIENT_ID', 'missing or unknown client id', 'unknown client id');
  }
  if (result.data.client_secret !== clientSecret) {
    throw refused('invalid_client', 'BAD_CLIENT_SECRET', 'missing or invalid client secret', 'wrong client secret');
  }
  return result.data;
}

function giveTokens(portal: Portal, request: SimRequest): SimAnswer {
  const form = readForm(tokenForm, portal, request);
  if (form.grant_type === 'refresh_token') {
    const renewed = portal.tokens.renew(form.refresh_token);
    if (renewed !== null) return tokenAnswer(renewed);
    throw refused('invalid_grant', 'BAD_REFRESH_TOKEN', 'refresh token is invalid, expired or revoked', null);
  }
  const verifier = form.code_verifier ?? null;
  const first = portal.tokens.redeem(form.code, { redirectUri: form.redirect_uri, verifier });
  if (first !== null) return tokenAnswer(first);
  const message = 'auth code is invalid, expired, used, or was given to another redirect_uri or code_verifier';
  throw refused('invalid_grant', 'BAD_AUTH_CODE', message, null);
}

function tokenAnswer({ accessToken, refreshToken, expiresInSeconds, scopes }: TokenPair): SimAnswer {
  const body = {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresInSeconds,
    token_type: 'bearer',
    token_use: 'access_token',
    hub_id: PORTAL_ID,
    user_id: REP_USER_ID,
    scopes,
  };
  return { status: 200, body };
}

function introspect(portal: Portal, request: SimRequest): SimAnswer {
  const { token } = readForm(aboutToken, portal, request);
  const { tokens, settings } = portal;
  const access = tokens.access(token);
  const grant = tokens.refreshGrant(token);
  if (access.kind !== 'live' && grant === null) return { status: 200, body: { active: false } };
  const ends = access.kind === 'live' ? { expires_in: Math.floor((access.endsAtMs - portal.clock()) / 1_000) } : {};
  const body = {
    active: true,
    token,
    token_type: 'bearer',
    client_id: settings().clientId,
    ...ends,
    token_use: access.kind === 'live' ? 'access_token' : 'refresh_token',
    app_id: APP_ID,
    hub_id: PORTAL_ID,
    user_id: REP_USER_ID,
    scopes: access.kind === 'live' ? access.scopes : grant?.scopes,
  };
  return { status: 200, body };
}

function revoke(portal: Portal, request: SimRequest): SimAnswer {
  const { token } = readForm(aboutToken, portal, request);
  // RFC 7009: a token that is unknown is as good as revoked.
  portal.tokens.revoke(token);
  return { status: 200, body: undefined };
}
