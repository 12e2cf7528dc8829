/**
 * Tokens of OAuth2: access tokens that end after half an hour, refresh tokens after thirty days.
 * Invariant: a renewal gives a new refresh token while the old one stays valid until it ends (as in Cal.com's code).
 */
import { uuid } from './random';
import { oauthClient } from './seed';

const ACCESS_MS = 1_800_000;
const CODE_MS = 600_000;
const REFRESH_MS = 30 * 86_400_000;

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

export interface SavedTokens {
  readonly count: number;
  /** Token → epoch ms of its end. */
  readonly access: readonly (readonly [string, number])[];
  readonly refresh: readonly (readonly [string, number])[];
  readonly isCodeUsed: boolean;
}

export interface TokenStore {
  isAccess(token: string): boolean;
  isRefresh(token: string): boolean;
  /** A code for this address, good once and for ten minutes. */
  issueCode(redirectUri: string): string;
  /** True once, for the address that it was given for. */
  useCode(code: string, redirectUri: string): boolean;
  issue(): TokenPair;
  saved(): SavedTokens;
  restore(saved: SavedTokens): void;
  clear(): void;
}

export function createTokenStore(clock: () => number): TokenStore {
  let access = new Map<string, number>();
  let refresh = new Map<string, number>();
  let count = 0;
  let isCodeUsed = false;
  const codes = new Map<string, { redirectUri: string; endsAtMs: number }>();
  const isLive = (ends: Map<string, number>, token: string): boolean => (ends.get(token) ?? 0) > clock();

  return {
    isAccess: (token) => isLive(access, token),
    isRefresh: (token) => token === oauthClient.refreshToken || isLive(refresh, token),
    issueCode(redirectUri) {
      count += 1;
      const code = uuid(`code ${count}`);
      codes.set(code, { redirectUri, endsAtMs: clock() + CODE_MS });
      return code;
    },
    useCode(code, redirectUri) {
      const given = codes.get(code);
      if (given !== undefined)
        return codes.delete(code) && given.redirectUri === redirectUri && given.endsAtMs > clock();
      if (redirectUri !== oauthClient.redirectUri) return false;
      if (isCodeUsed || code !== oauthClient.code) return false;
      isCodeUsed = true;
      return true;
    },
    issue() {
      count += 1;
      const pair = {
        accessToken: uuid(`access ${count}`),
        refreshToken: uuid(`refresh ${count}`),
        expiresInSeconds: ACCESS_MS / 1_000,
      };
      access.set(pair.accessToken, clock() + ACCESS_MS);
      refresh.set(pair.refreshToken, clock() + REFRESH_MS);
      return pair;
    },
    saved: () => ({ count, access: [...access], refresh: [...refresh], isCodeUsed }),
    restore(saved) {
      access = new Map(saved.access);
      refresh = new Map(saved.refresh);
      ({ count, isCodeUsed } = saved);
    },
    clear() {
      access = new Map();
      refresh = new Map();
      codes.clear();
      isCodeUsed = false;
    },
  };
}
