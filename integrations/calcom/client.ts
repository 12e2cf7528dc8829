/**
 * A thin client of Cal.com's API v2: paths, versions, tokens, limits, and answers checked against a schema.
 * Invariant: it returns a checked answer or throws one `SourceError`; it repeats a request only when its token was refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { NetworkFailure, sendOnce, type HttpAnswer, type HttpCall } from '../http-send';
import { keyTokens, renewingTokens, type OAuthClient, type TokenSource, type TokenStore } from '../oauth-tokens';
import { SourceError } from '../ports';
import { errorFromAnswer, errorFromNetwork, unreadableAnswer, type CallName } from './errors';
import { createPause, type Pause } from './limits';
import { refreshTokens, tokenPost } from './tokens';

/** Cal.com versions its API by area and header; without the right one a booking looks otherwise, or is not found. */
const VERSIONS = { bookings: '2024-08-13', slots: '2024-09-04', webhooks: null } as const;

export type CalcomApiSettings = { readonly baseUrl: string } & (
  { readonly apiKey: string } | { readonly oauth: OAuthClient }
);

export interface CalcomClientSettings {
  readonly api: CalcomApiSettings;
  /** Needed with `oauth`. */
  readonly tokens: TokenStore | null;
  readonly fetch?: typeof fetch;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly requestTimeoutMs?: number;
  /** Longest wait for a limit, in ms; a longer one is handed back as `rate_limited`. */
  readonly maxWaitMs?: number;
}

export interface CalcomRequest<T> extends CallName {
  readonly area: keyof typeof VERSIONS;
  readonly method: HttpCall['method'];
  /** Segments after `/v2`; they are escaped here. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the answer's `data` and what stands beside it. */
  readonly schema: z.ZodType<T>;
}

export interface CalcomClient {
  request<T>(request: CalcomRequest<T>): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_MAX_WAIT_MS = 5_000;

/** Makes a client for one account. It keeps the account's limits, so there should be one per process and account. */
export function createCalcomClient(settings: CalcomClientSettings): CalcomClient {
  const now = settings.now ?? Date.now;
  const pause = createPause();
  const tokens = tokensOf(settings, now);

  const sendWith = async (request: CalcomRequest<unknown>, token: string): Promise<HttpAnswer> => {
    await pass(pause, request, { now, maxWaitMs: settings.maxWaitMs ?? DEFAULT_MAX_WAIT_MS });
    const answer = await send(settings, request, {
      url: urlOf(settings.api.baseUrl, request),
      headers: headersOf(request, token),
    });
    pause.heed(answer, now());
    return answer;
  };

  return {
    async request<T>(request: CalcomRequest<T>): Promise<T> {
      assertUsablePath(request);
      const token = await tokens.token();
      let answer = await sendWith(request, token);
      if (answer.status === 401) {
        // A refused token means that nothing was applied, so even a write may be sent again.
        const other = await tokens.renew(token);
        if (other !== null) answer = await sendWith(request, other);
      }
      if (answer.status === 401) tokens.forget();
      if (answer.status < 200 || answer.status > 299) throw errorFromAnswer(request, answer, now());
      return readAnswer(request, answer);
    },
  };
}

function tokensOf(settings: CalcomClientSettings, now: () => number): TokenSource {
  const { api, tokens } = settings;
  if ('apiKey' in api) return keyTokens(api.apiKey);
  if (tokens === null) throw new Error('Cal.com with OAuth needs a store for its tokens. Expected one, found null.');
  const post = tokenPost({ ...settings, baseUrl: api.baseUrl, now });
  return renewingTokens({
    firstRefreshToken: api.oauth.refreshToken,
    store: tokens,
    now,
    notConnected: () =>
      new SourceError('reauth_required', 'Cal.com: the account is not connected; connect it with booksync connect'),
    refresh: (refreshToken) => refreshTokens({ client: api.oauth, now, post }, refreshToken),
  });
}

async function pass(
  pause: Pause,
  { operation }: CallName,
  clock: { now: () => number; maxWaitMs: number },
): Promise<void> {
  const waitMs = pause.waitMs(clock.now());
  if (waitMs === 0) return;
  if (waitMs > clock.maxWaitMs) {
    throw new SourceError(
      'rate_limited',
      `Cal.com ${operation}: the limit is used up, nothing was sent; repeat after ${waitMs} ms`,
      { retryAfterMs: waitMs },
    );
  }
  await sleep(waitMs);
}

/** An empty or dotted segment would address another resource, such as the whole collection. */
function assertUsablePath({ operation, path }: CalcomRequest<unknown>): void {
  if (path.every((segment) => segment.trim() !== '' && !/^\.{1,2}$/.test(segment))) return;
  throw new SourceError('refused', `Cal.com ${operation}: an id is empty or made of dots; expected the source's uid`);
}

async function send(
  settings: CalcomClientSettings,
  request: CallName & { readonly method: HttpCall['method']; readonly body?: unknown },
  to: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
): Promise<HttpAnswer> {
  try {
    return await sendOnce({
      ...to,
      method: request.method,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      timeoutMs: settings.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(settings.fetch === undefined ? {} : { fetch: settings.fetch }),
    });
  } catch (thrown) {
    if (thrown instanceof NetworkFailure) throw errorFromNetwork(request, thrown);
    throw thrown;
  }
}

function headersOf({ area, body }: CalcomRequest<unknown>, token: string): Readonly<Record<string, string>> {
  const version = VERSIONS[area];
  return {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(version === null ? {} : { 'cal-api-version': version }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

function urlOf(baseUrl: string, { path, query }: CalcomRequest<unknown>): string {
  const parameters = new URLSearchParams(query).toString();
  const suffix = parameters === '' ? '' : `?${parameters}`;
  return `${trimmed(baseUrl)}/v2/${path.map(encodeURIComponent).join('/')}${suffix}`;
}

function trimmed(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '');
}

function readAnswer<T>(request: CalcomRequest<T>, answer: HttpAnswer): T {
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    throw unreadableAnswer(request, answer, 'the answer is not readable JSON');
  }
  const wrapped = envelope.safeParse(json);
  if (!wrapped.success) throw mismatch(request, answer, wrapped.error);
  const parsed = request.schema.safeParse(json);
  if (!parsed.success) throw mismatch(request, answer, parsed.error);
  return parsed.data;
}

function mismatch(call: CallName, answer: HttpAnswer, error: z.ZodError): SourceError {
  return unreadableAnswer(call, answer, `the answer differs from Cal.com's contract at ${placesOf(error)}`);
}

const envelope = z.looseObject({ status: z.literal('success') });

/** Where the schema was not met, at most five places. A path may hold a key that the vendor chose, so only harmless ones are shown. */
function placesOf(error: z.ZodError): string {
  const paths = error.issues.map((issue) => issue.path.map(String).join('.') || '(root)');
  const shown = [...new Set(paths)].filter((path) => /^[\w.()-]{1,100}$/.test(path)).slice(0, 5);
  return shown.length === 0 ? 'a place that is not shown' : shown.join(', ');
}
