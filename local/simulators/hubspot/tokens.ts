/**
 * OAuth: codes, access tokens that end, refresh tokens that do not, and the admin who disconnects the app.
 * Invariant: a code works once; nothing of a grant works after it was revoked.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { HubspotSettings } from './settings';

export interface Grant {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly isLive: boolean;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly scopes: readonly string[];
}

export interface AskedGrant {
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** PKCE; null when the app uses none. */
  readonly challenge: { readonly text: string; readonly method: 'S256' | 'plain' } | null;
}

export type AccessState =
  | { readonly kind: 'live'; readonly scopes: readonly string[]; readonly endsAtMs: number }
  | { readonly kind: 'expired'; readonly endedAtMs: number }
  | { readonly kind: 'revoked' }
  /** Not a token of OAuth: a service key. */
  | { readonly kind: 'other' };

export interface SavedTokens {
  readonly grants: readonly Grant[];
  /** Access token, grant, epoch ms of its end. */
  readonly access: readonly (readonly [string, string, number])[];
  /** Refresh token, grant. */
  readonly refresh: readonly (readonly [string, string])[];
}

export interface TokenStore {
  /** A code for one exchange within ten minutes. */
  issueCode(asked: AskedGrant): string;
  /** Null for a code, address or verifier that is not right; the code is used up all the same. */
  redeem(code: string, given: { readonly redirectUri: string; readonly verifier: string | null }): TokenPair | null;
  /** Null for a refresh token that does not work (any more). */
  renew(refreshToken: string): TokenPair | null;
  access(token: string): AccessState;
  /** The grant of a refresh token that works. */
  refreshGrant(token: string): Grant | null;
  /** Ends the grant that a token belongs to; false when there is none. */
  revoke(token: string): boolean;
  /** Ends everything: the app was disconnected. */
  revokeAll(): void;
  saved(): SavedTokens;
  restore(saved: SavedTokens): void;
  clear(): void;
}

const CODE_MS = 600_000;
/** So that a token of an emptied portal is still known as none of a service key. */
const ACCESS_PREFIX = 'hubspot-access-';

export function createTokenStore(clock: () => number, settings: () => HubspotSettings): TokenStore {
  const grants = new Map<string, Grant>();
  const codes = new Map<string, AskedGrant & { readonly endsAtMs: number }>();
  const access = new Map<string, { readonly grantId: string; readonly endsAtMs: number }>();
  const refresh = new Map<string, string>();

  const grantOf = (id: string | undefined): Grant | null => {
    const grant = grants.get(id ?? '');
    return grant?.isLive === true ? grant : null;
  };
  const pair = (grant: Grant, refreshToken: string): TokenPair => {
    const { accessTokenMs } = settings();
    const accessToken = `${ACCESS_PREFIX}${randomUUID()}`;
    access.set(accessToken, { grantId: grant.id, endsAtMs: clock() + accessTokenMs });
    refresh.set(refreshToken, grant.id);
    const expiresInSeconds = Math.floor(accessTokenMs / 1_000);
    return { accessToken, refreshToken, expiresInSeconds, scopes: grant.scopes };
  };
  const newRefreshToken = (): string => `hubspot-refresh-${randomUUID()}`;
  const end = (grant: Grant): void => void grants.set(grant.id, { ...grant, isLive: false });

  return {
    issueCode(asked) {
      const code = randomUUID();
      codes.set(code, { ...asked, endsAtMs: clock() + CODE_MS });
      return code;
    },
    redeem(code, { redirectUri, verifier }) {
      const asked = codes.get(code);
      codes.delete(code);
      if (asked === undefined || asked.endsAtMs <= clock() || asked.redirectUri !== redirectUri) return null;
      if (!provesChallenge(asked.challenge, verifier)) return null;
      const grant: Grant = { id: randomUUID(), scopes: asked.scopes, isLive: true };
      grants.set(grant.id, grant);
      return pair(grant, newRefreshToken());
    },
    renew(refreshToken) {
      const grant = grantOf(refresh.get(refreshToken));
      if (grant === null) return null;
      if (settings().refreshTokens === 'kept') return pair(grant, refreshToken);
      refresh.delete(refreshToken);
      return pair(grant, newRefreshToken());
    },
    access(token) {
      const known = access.get(token);
      if (known === undefined) return { kind: token.startsWith(ACCESS_PREFIX) ? 'revoked' : 'other' };
      const grant = grantOf(known.grantId);
      if (grant === null) return { kind: 'revoked' };
      if (known.endsAtMs <= clock()) return { kind: 'expired', endedAtMs: known.endsAtMs };
      return { kind: 'live', scopes: grant.scopes, endsAtMs: known.endsAtMs };
    },
    refreshGrant: (token) => grantOf(refresh.get(token)),
    revoke(token) {
      const grant = grantOf(refresh.get(token) ?? access.get(token)?.grantId);
      if (grant !== null) end(grant);
      return grant !== null;
    },
    revokeAll: () => [...grants.values()].forEach(end),
    saved: () => ({
      grants: [...grants.values()],
      access: [...access].map(([token, { grantId, endsAtMs }]) => [token, grantId, endsAtMs] as const),
      refresh: [...refresh],
    }),
    restore(saved) {
      for (const grant of saved.grants) grants.set(grant.id, grant);
      for (const [token, grantId, endsAtMs] of saved.access) access.set(token, { grantId, endsAtMs });
      for (const [token, grantId] of saved.refresh) refresh.set(token, grantId);
    },
    clear() {
      for (const part of [grants, codes, access, refresh]) part.clear();
    },
  };
}

function provesChallenge(challenge: AskedGrant['challenge'], verifier: string | null): boolean {
  if (challenge === null) return true;
  if (verifier === null) return false;
  const { text, method } = challenge;
  return text === (method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url'));
}
