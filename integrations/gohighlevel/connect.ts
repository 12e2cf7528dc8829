/**
 * Connecting a HighLevel location: the page where it is chosen, and the exchange of its code.
 * Invariant: the contract of HighLevel's token endpoint has no PKCE, so the single-use state and the client's secret protect the code.
 */
import { withQuery, type ConnectSettings, type Connector } from '../connector';
import { grantOf, type OAuthClient } from '../oauth-tokens';
import { exchangeCode, type Endpoint } from './tokens';

const AUTHORIZE_URL = 'https://marketplace.gohighlevel.com/oauth/chooselocation';
/** What the adapter reads and writes. */
const SCOPES = [
  ...['contacts.readonly', 'contacts.write', 'opportunities.readonly', 'opportunities.write', 'calendars.readonly'],
  ...['calendars/events.readonly', 'calendars/events.write', 'users.readonly', 'locations.readonly'],
  'locations/customFields.readonly',
];

export function gohighlevelConnector(settings: {
  readonly locationId: string;
  readonly oauth: OAuthClient & ConnectSettings;
  readonly endpoint: Endpoint;
}): Connector {
  const { oauth, endpoint } = settings;
  return {
    expectedAccount: settings.locationId,
    grant: grantOf(oauth.refreshToken),
    authorizeUrl: ({ redirectUri, state }) =>
      withQuery(oauth.authorizeUrl ?? AUTHORIZE_URL, {
        response_type: 'code',
        client_id: oauth.clientId,
        redirect_uri: redirectUri,
        state,
        scope: (oauth.scopes ?? SCOPES).join(' '),
      }),
    exchange: (given) => exchangeCode(endpoint, oauth, given),
  };
}
