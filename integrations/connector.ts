/**
 * Connecting an account with OAuth 2: where its owner lets us in, and what the code that comes back is worth.
 * Invariant: a code is exchanged once, and nothing of it or of the tokens reaches an error.
 */
import type { RenewedTokens } from './oauth-tokens';

export interface AuthorizationAsked {
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE (RFC 7636), method S256; unused where the vendor's contract has none. */
  readonly codeChallenge: string;
}

export interface ConnectedAccount {
  readonly tokens: RenewedTokens;
  /** The vendor's id of the account that was chosen; null: it did not say. */
  readonly account: string | null;
}

export interface Connector {
  /** The account that the settings name; null: any. */
  readonly expectedAccount: string | null;
  /** Absent: a CRM. */
  readonly role?: 'source';
  /** Names the chain of renewals that the tokens begin; see `StoredTokens`. */
  readonly grant: string;
  authorizeUrl(asked: AuthorizationAsked): string;
  /** Asks once. Throws one `CrmError`, or of a source one `SourceError`. */
  exchange(given: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier: string;
  }): Promise<ConnectedAccount>;
}

/** `scopes`: what is asked for; `authorizeUrl`: the vendor's page, which is on another host than its API. Null: the usual ones. */
export interface ConnectSettings {
  readonly scopes: readonly string[] | null;
  readonly authorizeUrl: string | null;
}

/** A page's address with parameters; what it had before stays. */
export function withQuery(page: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(page);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
