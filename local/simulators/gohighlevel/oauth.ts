/**
 * `/oauth`: tokens for codes and refresh tokens, a location's token for an agency, where the app is installed.
 * Invariant: the newest version writes camelCase, everything else snake_case; refusals of a grant have the shape of RFC 6749.
 * PKCE (RFC 7636) is optional: it counts when the authorization asked for it.
 */
import { z } from 'zod';
import type { SimAnswer, SimRequest } from '../exchange';
import { checkLocation, operation, queryText } from './account';
import { set } from './values';
import type { Account, Call, Operation, Wire } from './account';
import { formOf, parseBody } from './bodies';
import { badRequest, malformed } from './errors';
import { SEEDED_AT, location, oauthClient, users } from './seed';
import type { TokenPair } from './tokens';

const text = z.string().min(1);
const grantTypes = z.enum(['authorization_code', 'refresh_token']);
const userType = z.enum(['Company', 'Location']).optional();

interface TokenBody {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly grantType: z.output<typeof grantTypes>;
  readonly code?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly userType?: 'Company' | 'Location' | undefined;
  readonly redirectUri?: string | undefined;
  readonly codeVerifier?: string | undefined;
}

const tokenBody = {
  v3: z
    .strictObject({
      clientId: text,
      clientSecret: text,
      grantType: grantTypes,
      code: text.optional(),
      refreshToken: text.optional(),
      userType,
      redirectUri: text.optional(),
      codeVerifier: text.optional(),
    })
    .transform((body): TokenBody => body),
  dated: z
    .strictObject({
      client_id: text,
      client_secret: text,
      grant_type: grantTypes,
      code: text.optional(),
      refresh_token: text.optional(),
      user_type: userType,
      redirect_uri: text.optional(),
      code_verifier: text.optional(),
    })
    .transform((body): TokenBody => ({
      clientId: body.client_id,
      clientSecret: body.client_secret,
      grantType: body.grant_type,
      code: body.code,
      refreshToken: body.refresh_token,
      userType: body.user_type,
      redirectUri: body.redirect_uri,
      codeVerifier: body.code_verifier,
    })),
};
const locationTokenBody = z.strictObject({ companyId: text, locationId: text });
const AGENCY = { scope: 'oauth.write', access: 'agency' } as const;
const INSTALLED = { method: 'GET', scope: 'oauth.readonly', access: 'agency', run: installedLocations } as const;
const installedQuery = { required: ['companyId', 'appId'] };

export const oauthOperations: readonly Operation[] = [
  operation({ method: 'POST', template: '/oauth/location-token', versions: ['v3'], ...AGENCY, run: locationToken }),
  operation({
    method: 'POST',
    template: '/oauth/locationToken',
    versions: ['2021-07-28'],
    ...AGENCY,
    run: locationToken,
  }),
  operation({
    ...INSTALLED,
    template: '/oauth/installed-locations',
    versions: ['v3'],
    query: { ...installedQuery, optional: ['pageSize', 'pageToken', 'query', 'isInstalled', 'locationId'] },
  }),
  operation({
    ...INSTALLED,
    template: '/oauth/installedLocations',
    versions: ['2021-07-28'],
    query: { ...installedQuery, optional: ['skip', 'limit', 'query', 'isInstalled', 'locationId'] },
  }),
];

/** `POST /oauth/token`: no bearer token, and no `Version` header except where the newest wire is wanted. */
export function answerToken(account: Account, request: SimRequest): SimAnswer {
  const wire: Wire = request.headers['version'] === 'v3' ? 'v3' : 'dated';
  const body = parseBody(tokenBody[wire], formOf(request, wire === 'v3'), 422);
  if (body.clientId !== oauthClient.id || body.clientSecret !== oauthClient.secret) {
    return grantRefusal(401, 'invalid_client', 'Client credentials are invalid');
  }
  if (account.settings().location === 'inactive') throw badRequest('Location is not active');
  const pair = body.grantType === 'refresh_token' ? renewed(account, body) : exchanged(account, body);
  if (pair !== null) return { status: 200, body: tokenRow(pair, wire) };
  const what = body.grantType === 'refresh_token' ? 'This refresh token is invalid' : 'This code is invalid';
  return grantRefusal(400, 'invalid_grant', what);
}

function renewed(account: Account, { refreshToken }: TokenBody): TokenPair | null {
  if (refreshToken === undefined) throw malformed(['a refresh token should not be empty']);
  return account.tokens.renew(refreshToken);
}

function exchanged(account: Account, body: TokenBody): TokenPair | null {
  if (body.code === undefined) throw malformed(['code should not be empty']);
  return account.tokens.exchange(body.code, {
    redirectUri: body.redirectUri ?? null,
    verifier: body.codeVerifier ?? null,
  });
}

function grantRefusal(status: 400 | 401, error: string, description: string): SimAnswer {
  return { status, body: { error, error_description: description } };
}

const SCOPES = [
  ...['contacts.readonly', 'contacts.write', 'opportunities.readonly', 'opportunities.write', 'calendars.readonly'],
  ...['calendars/events.readonly', 'calendars/events.write', 'users.readonly', 'locations.readonly'],
  ...['locations/customFields.readonly', 'locations/customFields.write', 'locations/tags.readonly'],
  ...['locations/tags.write', 'oauth.readonly', 'oauth.write'],
].join(' ');

function tokenRow(pair: TokenPair, wire: Wire): object {
  const isLocation = pair.userType === 'Location';
  const common = set({
    scope: SCOPES,
    companyId: location.companyId,
    locationId: isLocation ? location.id : null,
    userId: users[0]?.id,
    approvedLocations: isLocation ? null : [location.id],
    userType: pair.userType,
  });
  const { accessToken, refreshToken, expiresInSeconds } = pair;
  if (wire === 'v3') {
    return { accessToken, tokenType: 'Bearer', expiresIn: expiresInSeconds, refreshToken, ...common };
  }
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
    ...common,
  };
}

function locationToken(call: Call): SimAnswer {
  const { companyId, locationId } = parseBody(locationTokenBody, formOf(call.request, false), 422);
  if (companyId !== location.companyId) throw badRequest('The company does not exist.');
  checkLocation(locationId);
  if (call.account.settings().location === 'inactive') throw badRequest('Location is not active');
  const { accessToken, expiresInSeconds, refreshToken } = call.account.tokens.issue('Location');
  const common = { scope: SCOPES, locationId, userId: users[0]?.id };
  if (call.wire === 'v3') {
    const body = { accessToken, tokenType: 'Bearer', expiresIn: expiresInSeconds, refreshToken, ...common };
    return { status: 200, body };
  }
  return {
    status: 200,
    body: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInSeconds, ...common },
  };
}

function installedLocations(call: Call): SimAnswer {
  if (queryText(call, 'companyId') !== location.companyId) throw badRequest('The company does not exist.');
  const item = { _id: location.id, name: location.name, address: '', isInstalled: true, installedAt: SEEDED_AT };
  if (call.wire === 'dated')
    return { status: 200, body: { locations: [item], count: 1, installToFutureLocations: false } };
  const pagination = { totalRecords: 1, hasNextPage: false, hasPrevPage: false, currentPageSize: 1 };
  return {
    status: 200,
    body: {
      items: [item],
      pagination,
      metadata: { filterApplied: {}, sortApplied: {} },
      installToFutureLocations: false,
    },
  };
}
