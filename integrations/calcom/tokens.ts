/**
 * Who we are at Cal.com: an API key that stays, or OAuth2 tokens that renew themselves.
 * Invariant: a renewed token is stored before it is used, and of all processes that need one at once, one asks for it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SourceError } from '../ports';
import type { HttpAnswer } from '../http-send';
import { unreadableAnswer } from './errors';

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

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** From when the account was connected; later ones are in the store. */
  readonly refreshToken: string;
}

/** Gives the token for the next request. */
export interface TokenSource {
  token(): Promise<string>;
  /** A token other than the one that was refused; null when there can be none. */
  renew(refused: string): Promise<string | null>;
}

export const keyTokens = (apiKey: string): TokenSource => ({
  token: () => Promise.resolve(apiKey),
  renew: () => Promise.resolve(null),
});

/** Ends this long before the vendor's clock says so: a request must not outlive its token on the way. */
const EXPIRY_MARGIN_MS = 60_000;

export interface RenewingSettings {
  readonly client: OAuthClient;
  readonly store: TokenStore;
  readonly now: () => number;
  /** Sends the body to the token endpoint; throws `SourceError`. */
  readonly post: (body: Readonly<Record<string, string>>) => Promise<HttpAnswer>;
}

export function renewingTokens(settings: RenewingSettings): TokenSource {
  const { client, store, now } = settings;
  const grant = createHash('sha256').update(client.refreshToken).digest('hex').slice(0, 16);
  let held: StoredTokens | null = null;
  let underWay: Promise<StoredTokens> | null = null;

  const isUsable = (tokens: StoredTokens, refused: string | null): boolean =>
    tokens.grant === grant && tokens.accessToken !== refused && tokens.expiresAtMs - EXPIRY_MARGIN_MS > now();

  const renewed = (refused: string | null): Promise<StoredTokens> => {
    underWay ??= store
      .exchange(async (stored) => {
        // Another process may have been first.
        if (stored !== null && isUsable(stored, refused)) return stored;
        const refreshToken = stored?.grant === grant ? stored.refreshToken : client.refreshToken;
        return { ...(await refresh(settings, refreshToken)), grant };
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

  return { token: () => current(null), renew: (refused) => current(refused) };
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive(),
});

const CALL = { operation: 'refresh token', effect: 'safe' } as const;

async function refresh(settings: RenewingSettings, refreshToken: string): Promise<Omit<StoredTokens, 'grant'>> {
  const { client, now, post } = settings;
  const answer = await post({
    grant_type: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    refresh_token: refreshToken,
  });
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  // The vendor's text would be a token.
  if (!parsed.success) throw unreadableAnswer(CALL, { ...answer, text: '' }, 'the answer holds no tokens');
  const { access_token, refresh_token, expires_in } = parsed.data;
  return { accessToken: access_token, refreshToken: refresh_token, expiresAtMs: now() + expires_in * 1_000 };
}

/** RFC 6749 refuses a dead refresh token with 400: only a person who connects the account again can help. */
export function asReauthorization(error: SourceError): SourceError {
  if (error.httpStatus !== 400) return error;
  const at = `Cal.com ${CALL.operation} (HTTP 400)`;
  return new SourceError('reauth_required', `${at}: the refresh token is not accepted; connect the source again`, {
    httpStatus: 400,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
