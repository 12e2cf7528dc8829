/**
 * Who we are at a vendor: a key that stays, or OAuth2 tokens that renew themselves.
 * Invariant: a renewed token is stored before it is used, and of all processes that need one at once, one asks for it.
 */
import { createHash } from 'node:crypto';

export interface StoredTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends, epoch ms. */
  readonly expiresAtMs: number;
  /** Names the configured token that the chain of renewals began with: another one means that the account was connected anew. */
  readonly grant: string;
}

/** Where tokens that renew themselves are kept, for one connection. `db/credentials.ts` has it. */
export interface TokenStore {
  read(): Promise<StoredTokens | null>;
  /**
   * Runs `obtain` with what is stored while no other process does, stores its result, and resolves with it. What `obtain`
   * throws is passed on, and nothing is stored.
   */
  exchange(obtain: (stored: StoredTokens | null) => Promise<StoredTokens>): Promise<StoredTokens>;
}

/** An OAuth2 client and the refresh token from when the account was connected; later ones are in the store. Null: it is connected from here. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string | null;
}

/** Names the configured refresh token, so that another one, or none, begins a chain of renewals of its own. */
export const grantOf = (refreshToken: string | null): string =>
  createHash('sha256')
    .update(refreshToken ?? '')
    .digest('hex')
    .slice(0, 16);

export type RenewedTokens = Omit<StoredTokens, 'grant'>;

/** Gives the token for the next request. */
export interface TokenSource {
  token(): Promise<string>;
  /** A token other than the one that was refused; null when there can be none. */
  renew(refused: string): Promise<string | null>;
  /** The token is refused for good: what is stored is read again, because another process may have connected the account anew. */
  forget(): void;
}

export const keyTokens = (apiKey: string): TokenSource => ({
  token: () => Promise.resolve(apiKey),
  renew: () => Promise.resolve(null),
  forget: () => undefined,
});

/** Ends this long before the vendor's clock says so: a request must not outlive its token on the way. */
const EXPIRY_MARGIN_MS = 60_000;

export interface RenewingSettings {
  /** The refresh token from when the account was connected; null: only the store knows one. */
  readonly firstRefreshToken: string | null;
  /** What is thrown while there is none at all. */
  readonly notConnected: () => Error;
  readonly store: TokenStore;
  readonly now: () => number;
  /** Asks the vendor for new tokens, once; what it throws is passed on and leaves the store as it was. */
  readonly refresh: (refreshToken: string) => Promise<RenewedTokens>;
}

export function renewingTokens(settings: RenewingSettings): TokenSource {
  const { firstRefreshToken, store, now } = settings;
  const grant = grantOf(firstRefreshToken);
  let held: StoredTokens | null = null;
  let underWay: Promise<StoredTokens> | null = null;

  const isUsable = (tokens: StoredTokens, refused: string | null): boolean =>
    tokens.grant === grant && tokens.accessToken !== refused && tokens.expiresAtMs - EXPIRY_MARGIN_MS > now();

  const renewed = (refused: string | null): Promise<StoredTokens> => {
    underWay ??= store
      .exchange(async (stored) => {
        // Another process may have been first.
        if (stored !== null && isUsable(stored, refused)) return stored;
        const refreshToken = stored?.grant === grant ? stored.refreshToken : firstRefreshToken;
        if (refreshToken === null) throw settings.notConnected();
        return { ...(await settings.refresh(refreshToken)), grant };
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  };

  const current = async (refused: string | null): Promise<string> => {
    if (held !== null && isUsable(held, refused)) return held.accessToken;
    const stored = await store.read();
    held = stored !== null && isUsable(stored, refused) ? stored : await renewed(refused);
    return held.accessToken;
  };

  return { token: () => current(null), renew: (refused) => current(refused), forget: () => void (held = null) };
}
