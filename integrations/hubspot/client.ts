/**
 * A thin HubSpot client: paths, token, deadline, limits, and answers checked against a schema.
 * Invariant: one call sends at most one request; it returns a checked answer or throws one `CrmError`, and never repeats anything.
 */
import type { z } from 'zod';
import { CrmError, type CrmCall } from '../ports';
import { errorFromAnswer, errorFromNetwork, uncertain, type Effect } from './errors';
import { createGate, sleepUnlessAborted, type Gate } from './limits';
import { createTransport, type HttpAnswer, type HttpQuestion, type Transport } from './transport';

/** Versions of HubSpot's dated paths. Each lives 18 months: 2026-09 ends in March 2028. */
export const HUBSPOT_VERSIONS = {
  objects: '2026-09',
  associations: '2026-09',
  owners: '2026-09',
  pipelines: '2026-09',
} as const;

export interface HubspotClientSettings {
  /** `https://api.hubapi.com`, or a simulator's address; without a trailing slash or with one. */
  readonly baseUrl: string;
  /** Access token of a service key, private app or OAuth app. */
  readonly token: string;
  readonly transport?: Transport;
  /** Epoch ms; for the limits only. */
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly requestTimeoutMs?: number;
  /** Our share of the account's limit (HubSpot: 100 to 250 per ten seconds and app). */
  readonly requestsPerSecond?: number;
}

export interface HubspotRequest<T> {
  /** Our method's name: it is all that error messages say about the request. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Segments after the base URL; they are escaped here. */
  readonly path: readonly string[];
  /** A list becomes one parameter per value, as HubSpot's contract has it. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly effect: Effect;
  /** Search has a limit of its own and is not counted in the other. */
  readonly search?: boolean;
  readonly schema: z.ZodType<T>;
}

export interface HubspotClient {
  /** Waits for its turn (at most two seconds), sends once, checks the answer. Throws one `CrmError`. */
  request<T>(request: HubspotRequest<T>, call: CrmCall): Promise<T>;
}

/** Five searches a second for the whole account, whatever app asks (HubSpot's search guide). */
const SEARCHES_PER_WINDOW = 5;
/** Longer than the second: what leaves here a second apart may arrive a little closer together. */
const SEARCH_WINDOW_MS = 1_100;
/** Longer waits are handed back as `rate_limited`: they would outlive the caller's deadline and lease. */
const MAX_WAIT_MS = 2_000;
/** After a 429 this client holds back by itself for at most so long; the caller pauses for the time in the error. */
const MAX_OWN_PAUSE_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_REQUESTS_PER_SECOND = 9;

/** Makes a client for one account. It keeps the account's limits, so there must be one per process and account. */
export function createHubspotClient(settings: HubspotClientSettings): HubspotClient {
  const now = settings.now ?? Date.now;
  const sleep = settings.sleep ?? sleepUnlessAborted;
  const requests = createGate({
    limit: settings.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
    windowMs: 1_000,
    now,
  });
  const searches = createGate({ limit: SEARCHES_PER_WINDOW, windowMs: SEARCH_WINDOW_MS, now });
  const transport = settings.transport ?? createTransport();

  return {
    async request<T>(request: HubspotRequest<T>, call: CrmCall): Promise<T> {
      assertUsablePath(request);
      const gate = request.search ? searches : requests;
      await passGate(gate, { operation: request.operation, sleep, signal: call.signal });
      const answer = await send({ settings, transport, request, outer: call.signal });
      heedHeaders(requests, answer, now());
      if (answer.status < 200 || answer.status > 299) {
        const error = errorFromAnswer({ ...answer, operation: request.operation, effect: request.effect });
        if (error.errorClass === 'rate_limited' && answer.status === 429) {
          gate.pauseUntil(now() + Math.min(error.retryAfterMs ?? 0, MAX_OWN_PAUSE_MS));
        }
        throw error;
      }
      return readAnswer(request, answer);
    },
  };
}

/** An empty or dotted segment would address another resource, such as the whole collection. */
function assertUsablePath<T>({ operation, path }: HubspotRequest<T>): void {
  if (path.every((segment) => segment.trim() !== '' && !/^\.{1,2}$/.test(segment))) return;
  throw new CrmError('target_gone', `HubSpot ${operation}: an id is empty or made of dots, expected HubSpot's digits`);
}

async function passGate(
  gate: Gate,
  {
    operation,
    sleep,
    signal,
  }: { operation: string; sleep: (ms: number, signal: AbortSignal) => Promise<void>; signal: AbortSignal },
): Promise<void> {
  const { reserved, waitMs } = gate.reserve(MAX_WAIT_MS);
  if (!reserved) {
    throw new CrmError(
      'rate_limited',
      `HubSpot ${operation}: the limit is used up, nothing was sent; repeat after ${waitMs} ms`,
      { retryAfterMs: waitMs },
    );
  }
  if (waitMs > 0) await sleep(waitMs, signal);
  if (signal.aborted)
    throw new CrmError('unavailable', `HubSpot ${operation}: canceled before anything was sent; repeat later`);
}

async function send<T>(from: {
  settings: HubspotClientSettings;
  transport: Transport;
  request: HubspotRequest<T>;
  outer: AbortSignal;
}): Promise<HttpAnswer> {
  const { settings, transport, request, outer } = from;
  let stopped: 'timeout' | 'aborted' | null = null;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  try {
    const exchange = transport(questionOf(settings, request));
    const end = (why: 'timeout' | 'aborted') => (): void => {
      stopped ??= why;
      exchange.stop();
    };
    timer = setTimeout(end('timeout'), settings.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS);
    onAbort = end('aborted');
    outer.addEventListener('abort', onAbort, { once: true });
    return await exchange.answer;
  } catch (thrown) {
    throw errorFromNetwork(thrown, { operation: request.operation, effect: request.effect, stopped });
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}

function questionOf<T>(settings: HubspotClientSettings, request: HubspotRequest<T>): HttpQuestion {
  const { method, body } = request;
  const headers = {
    authorization: `Bearer ${settings.token}`,
    accept: 'application/json',
    'user-agent': 'booking-status-sync',
  };
  const url = urlOf(settings.baseUrl, request);
  if (body === undefined) return { url, method, headers };
  return { url, method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function urlOf<T>(baseUrl: string, request: HubspotRequest<T>): string {
  const path = request.path.map(encodeURIComponent).join('/');
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const one of [value].flat()) query.append(name, one);
  const suffix = query.size === 0 ? '' : `?${query.toString()}`;
  return `${baseUrl.replace(/\/+$/, '')}/${path}${suffix}`;
}

/** HubSpot tells what is left of the ten seconds; at zero the next call would be a 429, and those count against us. */
function heedHeaders(gate: Gate, answer: HttpAnswer, nowMs: number): void {
  if (answer.header('x-hubspot-ratelimit-remaining') !== '0') return;
  const intervalMs = Number(answer.header('x-hubspot-ratelimit-interval-milliseconds') ?? '');
  if (Number.isFinite(intervalMs) && intervalMs > 0) gate.pauseUntil(nowMs + Math.min(intervalMs, MAX_OWN_PAUSE_MS));
}

function readAnswer<T>(request: HubspotRequest<T>, answer: HttpAnswer): T {
  const what = `HubSpot ${request.operation} (HTTP ${answer.status})`;
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
  throw new CrmError('contract_violation', `${what}: the answer differs from HubSpot's contract; see fields`, {
    ...extra,
    fields: schemaPaths(paths),
  });
}

/** A path may contain keys that the vendor chose (property names), so only harmless ones are shown. */
function schemaPaths(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => /^[\w.()-]{1,100}$/.test(path));
}
