/**
 * Who may call: Private Integration Tokens, and OAuth tokens with refresh tokens that can be used once.
 * Invariant: a renewal gives a new refresh token and kills the used one, at once unless the settings give it grace.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { unauthorized } from './errors';
import { location, oauthClient, privateTokens } from './seed';
import type { GohighlevelSettings } from './settings';

const REFRESH_MS = 365 * 86_400_000;
const CODE_MS = 10 * 60_000;

const userType = z.enum(['Location', 'Company']);
export type UserType = z.output<typeof userType>;

/** What a token allows. */
export interface Grant {
  readonly userType: UserType;
  /** Limits are counted per app: the token itself for a private integration. */
  readonly app: string;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly userType: UserType;
}

const endsAt = z.object({ userType, endsAtMs: z.number() });
const code = z.object({
  ...endsAt.shape,
  redirectUri: z.string(),
  challenge: z.string().nullable(),
  method: z.enum(['plain', 'S256']),
});
export const savedTokens = z.object({
  count: z.int(),
  access: z.array(z.tuple([z.string(), endsAt])),
  refresh: z.array(z.tuple([z.string(), endsAt])),
  codes: z.array(z.tuple([z.string(), code])),
});
export type SavedTokens = z.output<typeof savedTokens>;
type Ending = z.output<typeof endsAt>;
type Code = z.output<typeof code>;

export interface TokenStore {
  /** Throws a 401 that says which kind of token it is not. */
  grantOf(token: string): Grant;
  issueCode(code: Omit<Code, 'endsAtMs'>): string;
  /** The pair for a code, once; null when the code, its redirect URI or its verifier does not fit. */
  exchange(code: string, given: { redirectUri: string | null; verifier: string | null }): TokenPair | null;
  /** A new pair; null for a refresh token that is unknown, used or over. */
  renew(refreshToken: string): TokenPair | null;
  issue(userType: UserType): TokenPair;
  /** Access tokens end now; refresh tokens stay. */
  expire(): void;
  /** Everything that OAuth gave out is void. */
  revoke(): void;
  saved(): SavedTokens;
  restore(saved: SavedTokens): void;
  clear(): void;
}

export function createTokenStore(clock: () => number, settings: () => GohighlevelSettings): TokenStore {
  let access = new Map<string, Ending>();
  let refresh = new Map<string, Ending>();
  let codes = new Map<string, Code>();
  let count = 0;

  const name = (kind: string): string => {
    count += 1;
    return `${kind}-${createHash('sha256').update(`${kind} ${count}`).digest('hex').slice(0, 40)}`;
  };
  const isLive = (entry: Ending | undefined): entry is Ending => entry !== undefined && entry.endsAtMs > clock();
  const issue = (type: UserType): TokenPair => {
    const seconds = settings().accessTokenSeconds;
    const accessToken = name('access');
    const refreshToken = name('refresh');
    access.set(accessToken, { userType: type, endsAtMs: clock() + seconds * 1_000 });
    refresh.set(refreshToken, { userType: type, endsAtMs: clock() + REFRESH_MS });
    return { accessToken, refreshToken, expiresInSeconds: seconds, userType: type };
  };

  return {
    issue,
    grantOf(token) {
      if (token.startsWith('pit-')) return privateGrant(token, settings());
      const entry = access.get(token);
      if (settings().oauth === 'revoked' || !isLive(entry)) throw unauthorized('invalid_token');
      return { userType: entry.userType, app: `${oauthClient.appId} ${location.id}` };
    },
    issueCode(fields) {
      const issued = name('code');
      codes.set(issued, { ...fields, endsAtMs: clock() + CODE_MS });
      return issued;
    },
    exchange(given, { redirectUri, verifier }) {
      const entry = codes.get(given);
      if (!isLive(entry)) return null;
      if (redirectUri !== null && redirectUri !== entry.redirectUri) return null;
      if (entry.challenge !== null && challengeOf(verifier ?? '', entry.method) !== entry.challenge) return null;
      codes.delete(given);
      return issue(entry.userType);
    },
    renew(token) {
      const entry = refresh.get(token);
      if (settings().oauth === 'revoked' || !isLive(entry)) return null;
      const graceEndsAtMs = clock() + settings().refreshGraceMs;
      refresh.set(token, { ...entry, endsAtMs: Math.min(entry.endsAtMs, graceEndsAtMs) });
      return issue(entry.userType);
    },
    expire() {
      access = new Map();
    },
    revoke() {
      access = new Map();
      refresh = new Map();
      codes = new Map();
    },
    saved: () => ({ count, access: [...access], refresh: [...refresh], codes: [...codes] }),
    restore(saved) {
      access = new Map(saved.access);
      refresh = new Map(saved.refresh);
      codes = new Map(saved.codes);
      ({ count } = saved);
    },
    clear() {
      access = new Map();
      refresh = new Map();
      codes = new Map();
    },
  };
}

function privateGrant(token: string, settings: GohighlevelSettings): Grant {
  if (!settings.privateTokens.some((valid) => valid === token)) throw unauthorized('invalid_private_token');
  return { userType: token === privateTokens.agency ? 'Company' : 'Location', app: token };
}

/** RFC 7636. */
function challengeOf(verifier: string, method: 'plain' | 'S256'): string {
  return method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
}
