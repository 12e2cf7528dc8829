/**
 * Connecting a HubSpot account: the authorize page, and the exchange of its code at the 2026-03 token endpoint.
 * Invariant: PKCE is always asked for; the endpoint's contract knows `code_verifier`.
 */
import { withQuery, type ConnectSettings, type Connector } from '../connector';
import { grantOf } from '../oauth-tokens';
import type { Transport } from '../transport';
import { exchangeCode, type TokenEndpoint } from './tokens';

const AUTHORIZE_URL = 'https://app.hubspot.com/oauth/authorize';
/** What the adapter reads and writes; meetings and notes go with the contacts' scopes. */
const SCOPES = [
  'oauth',
  ...['contacts', 'deals'].flatMap((type) => [`crm.objects.${type}.read`, `crm.objects.${type}.write`]),
  ...['crm.objects.owners.read', 'crm.schemas.contacts.read', 'crm.schemas.deals.read'],
];

export function hubspotConnector(settings: {
  readonly baseUrl: string;
  readonly oauth: TokenEndpoint['client'] & ConnectSettings;
  /** The account's id (portal or hub id); null: any. */
  readonly portalId: string | null;
  readonly transport: Transport;
  readonly now: () => number;
}): Connector {
  const { baseUrl, oauth, transport, now } = settings;
  return {
    expectedAccount: settings.portalId,
    grant: grantOf(oauth.refreshToken),
    authorizeUrl: ({ redirectUri, state, codeChallenge }) =>
      withQuery(oauth.authorizeUrl ?? AUTHORIZE_URL, {
        client_id: oauth.clientId,
        redirect_uri: redirectUri,
        state,
        scope: (oauth.scopes ?? SCOPES).join(' '),
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      }),
    exchange: (given) => exchangeCode({ baseUrl, client: oauth, transport, now }, given),
  };
}
