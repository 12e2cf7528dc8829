/**
 * HubSpot's token endpoint: a refresh token, or the code of an account that was just connected, for an access token.
 * Invariant: nothing of an answer that holds tokens reaches an error.
 */
import { z } from 'zod';
import type { ConnectedAccount } from '../connector';
import { jsonOf } from '../json-of';
import type { OAuthClient, RenewedTokens } from '../oauth-tokens';
import { CrmError } from '../ports';
import { requestTokens } from '../token-request';
import type { HttpAnswer, Transport } from '../transport';
import { errorFromAnswer } from './errors';

/** OAuth v1 ends on 2027-02-16. */
const TOKEN_PATH = 'oauth/2026-03/token';
const OPERATION = 'refreshToken';
/** Well below the time after which the store's transaction is given up. */
const TIMEOUT_MS = 10_000;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  // HubSpot sends the same one again; its contract promises none.
  refresh_token: z.string().min(1).nullish(),
  /** Seconds. */
  expires_in: z.number().nonnegative(),
  /** The account. */
  hub_id: z.union([z.number(), z.string()]).nullish(),
});
/** RFC 6749's field, and HubSpot's older one beside it. */
const refusal = z
  .object({ error: z.string().catch(''), status: z.string().catch('') })
  .catch({ error: '', status: '' });

const DEAD_GRANT: ReadonlySet<string> = new Set(['invalid_grant', 'BAD_REFRESH_TOKEN']);
const BAD_CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'BAD_CLIENT_ID', 'BAD_CLIENT_SECRET']);

export interface TokenEndpoint {
  readonly baseUrl: string;
  readonly client: OAuthClient;
  readonly transport: Transport;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Asks once. Throws one `CrmError`; `reauth_required` where only a person who connects the account again can help. */
export async function refreshTokens(endpoint: TokenEndpoint, refreshToken: string): Promise<RenewedTokens> {
  const { access, refresh, endsAtMs } = await ask(endpoint, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
  return { accessToken: access, refreshToken: refresh ?? refreshToken, expiresAtMs: endsAtMs };
}

/** The first tokens of an account, for the code that its authorize page gave. Throws one `CrmError`. */
export async function exchangeCode(
  endpoint: TokenEndpoint,
  given: { readonly code: string; readonly redirectUri: string; readonly codeVerifier: string },
): Promise<ConnectedAccount> {
  const { access, refresh, endsAtMs, hubId } = await ask(endpoint, {
    grant_type: 'authorization_code',
    code: given.code,
    redirect_uri: given.redirectUri,
    code_verifier: given.codeVerifier,
  });
  if (refresh === null) throw new CrmError('contract_violation', `HubSpot ${OPERATION}: there is no refresh token`);
  return { tokens: { accessToken: access, refreshToken: refresh, expiresAtMs: endsAtMs }, account: hubId };
}

/** Everything in a form body: HubSpot takes neither JSON nor query parameters here. Its refresh tokens may be used more than once. */
async function ask({ baseUrl, client, transport, now }: TokenEndpoint, grant: Readonly<Record<string, string>>) {
  const answer = await requestTokens({
    vendor: 'HubSpot',
    operation: OPERATION,
    baseUrl,
    path: TOKEN_PATH,
    transport,
    timeoutMs: TIMEOUT_MS,
    form: { ...grant, client_id: client.clientId, client_secret: client.clientSecret },
  });
  if (answer.status < 200 || answer.status > 299) throw refused(answer, now());
  const parsed = tokenAnswer.safeParse(jsonOf(answer.text));
  if (!parsed.success) {
    const what = `HubSpot ${OPERATION} (HTTP ${answer.status}): the answer holds no tokens`;
    throw new CrmError('contract_violation', `${what}; expected access_token and expires_in`, {
      httpStatus: answer.status,
    });
  }
  const { access_token, refresh_token, expires_in, hub_id } = parsed.data;
  const hubId = hub_id === undefined || hub_id === null ? null : String(hub_id);
  return { access: access_token, refresh: refresh_token ?? null, endsAtMs: now() + expires_in * 1_000, hubId };
}

function refused(answer: HttpAnswer, nowMs: number): CrmError {
  const { error, status } = refusal.parse(jsonOf(answer.text));
  const at = `HubSpot ${OPERATION} (HTTP ${answer.status})`;
  const extra = { httpStatus: answer.status };
  if (DEAD_GRANT.has(error) || DEAD_GRANT.has(status)) {
    return new CrmError(
      'reauth_required',
      `${at}: the refresh token is not accepted; connect the account again`,
      extra,
    );
  }
  if (BAD_CLIENT.has(error) || BAD_CLIENT.has(status)) {
    const what = 'client id or secret is not accepted; correct them and connect the account again';
    return new CrmError('reauth_required', `${at}: the ${what}`, extra);
  }
  return errorFromAnswer({ ...answer, operation: OPERATION, effect: 'safe' }, nowMs);
}
