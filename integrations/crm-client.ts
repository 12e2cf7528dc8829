/**
 * A thin client for one account of a CRM: paths, tokens, deadline, limits, and answers checked against a schema.
 * Invariant: it returns a checked answer or throws one `CrmError`. It repeats a request only when its token had run out, and once when
 * it was `safe` and failed fast while the CRM was answering otherwise.
 */
import type { z } from 'zod';
import { errorFromNetwork, uncertain, type Effect, type FailedAnswer } from './crm-errors';
import type { TokenSource } from './oauth-tokens';
import { CrmError, type CrmCall } from './ports';
import { createGate, sleepUnlessAborted, type Gate } from './request-gate';
import { createTransport, type HttpAnswer, type HttpQuestion, type Transport } from './transport';

/** What a test may replace. */
export interface ClientOptions {
  readonly transport?: Transport;
  /** Epoch ms; for limits and tokens only. */
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly requestTimeoutMs?: number;
}

/** What a vendor's folder knows about its own API. */
export interface Vendor {
  /** As messages name it. */
  readonly name: string;
  /** The CRM's address, with or without a trailing slash. */
  readonly baseUrl: string;
  readonly tokens: TokenSource;
  /** Our share of the account's limit. */
  readonly requestsPerSecond: number;
  /** A limit of its own for searches; absent: they count like the others. */
  readonly searches?: { readonly limit: number; readonly windowMs: number };
  /** Turns an answer that is not 2xx into the error that it means. */
  readonly errorFromAnswer: (answer: FailedAnswer, nowMs: number) => CrmError;
  /** How long the headers of an answer ask us to send nothing, ms; null: they don't. */
  readonly pauseOf: (answer: HttpAnswer) => number | null;
  /** An answer says that the account's quota of the day is used up; null: something is left, or it does not say. */
  readonly dayOf: (answer: HttpAnswer) => { readonly resetInMs: number | null } | null;
  /** The token has run out, and another one may serve: not where a right is missing or the account is gone. */
  readonly isTokenExpired: (answer: HttpAnswer) => boolean;
}

export interface CrmRequest<T> {
  /** Our method's name: it is all that error messages say about the request. */
  readonly operation: string;
  readonly method: HttpQuestion['method'];
  /** Segments after the base URL; they are escaped here. */
  readonly path: readonly string[];
  /** Where the vendor's contract ends the path in a slash. */
  readonly trailingSlash?: boolean;
  /** A list becomes one parameter per value. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly effect: Effect;
  /** The one call that finds out whether a limit is over: it is sent although this client holds back. */
  readonly probe?: boolean;
  /** Counted with the searches, where the vendor counts these apart. */
  readonly search?: boolean;
  readonly schema: z.ZodType<T>;
}

export interface CrmClient {
  /** Waits for its turn (at most `MAX_WAIT_MS`), sends, checks the answer. Throws one `CrmError`. */
  request<T>(request: CrmRequest<T>, call: CrmCall): Promise<T>;
}

/** Longer waits are handed back as `rate_limited`: they would outlive the caller's deadline and lease. */
export const MAX_WAIT_MS = 4_000;
/** After a 429 this client holds back by itself for at most so long; the caller pauses for the time in the error. */
const MAX_OWN_PAUSE_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** A hiccup costs this pause instead of the caller's whole attempt. */
const REPEAT_PAUSE_MS = 200;
/** With the wait for its turn, what took longer was more than a hiccup. */
const FAST_MS = MAX_WAIT_MS + 1_000;

interface Wiring {
  readonly vendor: Vendor;
  readonly transport: Transport;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly requestTimeoutMs: number;
}

/** Makes a client for one account. It keeps the account's limits, so there must be one per process and account. */
export function createCrmClient(vendor: Vendor, options: ClientOptions = {}): CrmClient {
  const now = options.now ?? Date.now;
  const wiring: Wiring = {
    vendor,
    now,
    transport: options.transport ?? createTransport(),
    sleep: options.sleep ?? sleepUnlessAborted,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const requests = createGate({ limit: vendor.requestsPerSecond, windowMs: 1_000, now });
  const searches = vendor.searches === undefined ? requests : createGate({ ...vendor.searches, now });

  let dayOver: { readonly resetInMs: number | null; readonly untilMs: number } | null = null;
  const refuseWhileDayIsOver = <T>({ operation }: CrmRequest<T>): void => {
    if (dayOver === null || dayOver.untilMs <= now()) return;
    const message = `${vendor.name} ${operation}: the quota of the day is used up, nothing was sent; repeat when it begins anew`;
    throw new CrmError('rate_limited', message, {
      retryAfterMs: dayOver.untilMs - now(),
      daily: { resetInMs: dayOver.resetInMs },
    });
  };

  const sendWith = async <T>(request: CrmRequest<T>, call: CrmCall, token: string): Promise<HttpAnswer> => {
    const gate = request.search ? searches : requests;
    if (!request.probe) {
      refuseWhileDayIsOver(request);
      await passGate(wiring, gate, { request, signal: call.signal });
    }
    const answer = await send(wiring, { request, token, outer: call.signal });
    const day = vendor.dayOf(answer);
    if (day !== null)
      dayOver = { ...day, untilMs: now() + Math.min(day.resetInMs ?? MAX_OWN_PAUSE_MS, MAX_OWN_PAUSE_MS) };
    else if (request.probe) dayOver = null;
    const pauseMs = vendor.pauseOf(answer);
    if (pauseMs !== null) requests.pauseUntil(now() + Math.min(pauseMs, MAX_OWN_PAUSE_MS));
    return answer;
  };

  const requestOnce = async <T>(request: CrmRequest<T>, call: CrmCall): Promise<T> => {
    const token = await vendor.tokens.token();
    let answer = await sendWith(request, call, token);
    if (vendor.isTokenExpired(answer)) {
      const other = await vendor.tokens.renew(token);
      if (other !== null) answer = await sendWith(request, call, other);
    }
    if (answer.status >= 200 && answer.status <= 299) return readAnswer(vendor, request, answer);
    const { operation, effect } = request;
    if (answer.status === 401) vendor.tokens.forget();
    const error = vendor.errorFromAnswer({ ...answer, operation, effect }, now());
    if (error.errorClass === 'rate_limited' && answer.status === 429) {
      const gate = request.search ? searches : requests;
      gate.pauseUntil(now() + Math.min(error.retryAfterMs ?? 0, MAX_OWN_PAUSE_MS));
    }
    throw error;
  };

  /** A repeat failed too and nothing was answered since: in an outage an attempt is one request. */
  let isDown = false;
  const requestOrNote = async <T>(request: CrmRequest<T>, call: CrmCall, isRepeat: boolean): Promise<T> => {
    try {
      const answer = await requestOnce(request, call);
      isDown = false;
      return answer;
    } catch (error) {
      if (isRepeat && isUnavailable(error)) isDown = true;
      throw error;
    }
  };

  return {
    async request<T>(request: CrmRequest<T>, call: CrmCall): Promise<T> {
      assertUsablePath(vendor, request);
      const startMs = now();
      try {
        return await requestOrNote(request, call, false);
      } catch (error) {
        const isRepeatable = request.effect === 'safe' && !request.probe && !isDown && !call.signal.aborted;
        if (!isRepeatable || !isUnavailable(error) || now() - startMs > FAST_MS) throw error;
      }
      await wiring.sleep(REPEAT_PAUSE_MS, call.signal);
      return await requestOrNote(request, call, true);
    },
  };
}

/** It may be repeated at once: the CRM did not ask for a pause. */
function isUnavailable(error: unknown): boolean {
  return error instanceof CrmError && error.errorClass === 'unavailable' && error.retryAfterMs === null;
}

/** An empty or dotted segment would address another resource, such as the whole collection. */
function assertUsablePath<T>({ name }: Vendor, { operation, path }: CrmRequest<T>): void {
  if (path.every((segment) => segment.trim() !== '' && !/^\.{1,2}$/.test(segment))) return;
  throw new CrmError('target_gone', `${name} ${operation}: an id is empty or made of dots, expected one of ${name}'s`);
}

async function passGate<T>(
  { vendor, sleep }: Wiring,
  gate: Gate,
  { request, signal }: { request: CrmRequest<T>; signal: AbortSignal },
): Promise<void> {
  const at = `${vendor.name} ${request.operation}`;
  const { reserved, waitMs } = gate.reserve(MAX_WAIT_MS);
  if (!reserved) {
    throw new CrmError('rate_limited', `${at}: the limit is used up, nothing was sent; repeat after ${waitMs} ms`, {
      retryAfterMs: waitMs,
    });
  }
  if (waitMs > 0) await sleep(waitMs, signal);
  if (signal.aborted) throw new CrmError('unavailable', `${at}: canceled before anything was sent; repeat later`);
}

async function send<T>(
  { vendor, transport, requestTimeoutMs }: Wiring,
  from: { request: CrmRequest<T>; token: string; outer: AbortSignal },
): Promise<HttpAnswer> {
  const { request, token, outer } = from;
  let stopped: 'timeout' | 'aborted' | null = null;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  try {
    const exchange = transport(questionOf(vendor, request, token));
    const end = (why: 'timeout' | 'aborted') => (): void => {
      stopped ??= why;
      exchange.stop();
    };
    timer = setTimeout(end('timeout'), requestTimeoutMs);
    onAbort = end('aborted');
    outer.addEventListener('abort', onAbort, { once: true });
    return await exchange.answer;
  } catch (thrown) {
    const { operation, effect } = request;
    throw errorFromNetwork(thrown, { vendor: vendor.name, operation, effect, stopped });
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}

function questionOf<T>(vendor: Vendor, request: CrmRequest<T>, token: string): HttpQuestion {
  const { method, body } = request;
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    'user-agent': 'booking-status-sync',
    ...request.headers,
  };
  const url = urlOf(vendor.baseUrl, request);
  if (body === undefined) return { url, method, headers };
  return { url, method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function urlOf<T>(baseUrl: string, request: CrmRequest<T>): string {
  const path = request.path.map(encodeURIComponent).join('/');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const one of [value].flat()) query.append(name, one);
  const suffix = query.size === 0 ? '' : `?${query.toString()}`;
  return `${baseUrl.replace(/\/+$/, '')}/${path}${request.trailingSlash ? '/' : ''}${suffix}`;
}

function readAnswer<T>(vendor: Vendor, request: CrmRequest<T>, answer: HttpAnswer): T {
  const what = `${vendor.name} ${request.operation} (HTTP ${answer.status})`;
  const extra = { httpStatus: answer.status, vendorText: answer.text.slice(0, 2_000) };
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    throw uncertain(request.effect, `${what}: the answer is not readable JSON`, extra);
  }
  const parsed = request.schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const paths = [...new Set(parsed.error.issues.map((issue) => issue.path.map(String).join('.') || '(root)'))].slice(
    0,
    10,
  );
  if (request.effect === 'create') {
    throw uncertain('create', `${what}: the answer lacks or misspells parts`, { ...extra, fields: schemaPaths(paths) });
  }
  throw new CrmError('contract_violation', `${what}: the answer differs from ${vendor.name}'s contract; see fields`, {
    ...extra,
    fields: schemaPaths(paths),
  });
}

/** A path may contain keys that the vendor chose (property names), so only harmless ones are shown. */
function schemaPaths(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => /^[\w.()-]{1,100}$/.test(path));
}
