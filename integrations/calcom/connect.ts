/**
 * Connecting a Cal.com account: the authorize page, and the exchange of its code at the API's token endpoint.
 * Invariant: a confidential client proves itself by its secret; the endpoint's contract gives it no `code_verifier`, so there is no PKCE.
 */
import { withQuery, type ConnectSettings, type Connector } from '../connector';
import { grantOf, type OAuthClient } from '../oauth-tokens';
import { exchangeCode, tokenPost } from './tokens';

const AUTHORIZE_URL = 'https://app.cal.com/auth/oauth2/authorize';
/** What the source reads and writes: bookings, its own webhooks, and who it is. */
const SCOPES = ['BOOKING_READ', 'BOOKING_WRITE', 'WEBHOOK_READ', 'WEBHOOK_WRITE', 'PROFILE_READ'];

export function calcomConnector(settings: {
  readonly baseUrl: string;
  readonly oauth: OAuthClient & ConnectSettings;
  readonly now: () => number;
}): Connector {
  const { baseUrl, oauth, now } = settings;
  return {
    // Its answer names no account.
    expectedAccount: null,
    grant: grantOf(oauth.refreshToken),
    role: 'source',
    authorizeUrl: ({ redirectUri, state }) =>
      withQuery(oauth.authorizeUrl ?? AUTHORIZE_URL, {
        client_id: oauth.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        state,
        scope: (oauth.scopes ?? SCOPES).join(' '),
      }),
    exchange: async ({ code, redirectUri }) => ({
      tokens: await exchangeCode({ client: oauth, now, post: tokenPost({ baseUrl, now }) }, { code, redirectUri }),
      account: null,
    }),
  };
}
