/**
 * What every simulated HTTP API has in common: the journal, the fault plan, the admin paths, being down.
 * Invariant: the operation is carried out at most once, when the request has arrived, and the journal knows whether it was,
 * whatever the caller gets to hear.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { BodyTooLarge, readRequest, resetConnection, sendAnswer, simulatorError } from './exchange';
import type { SimAnswer, SimRequest } from './exchange';
import { createFaultPlan } from './faults';
import type { FaultPlan, HttpFault, HttpFaultInput } from './faults';
import type { Journal, JournalEntry } from './journal';
import { releaseAll, webhooksOf, type OutboxControls } from './outbox';

/** The vendor's own part. */
export interface ApiVendorParts {
  readonly name: string;
  readonly journal: Journal;
  /** Carries the request out and answers; synchronous, so that two requests never interleave. */
  operate(request: SimRequest): SimAnswer;
  /** What this vendor's answers look like for a status that a fault gives without a body. */
  errorBody(status: number): unknown;
  /** Is it down right now: connections are cut, or answered with 503 (also `true`)? */
  down(): boolean | 'reset' | 'unavailable';
  /** Body of `GET _admin/state`, without `violations`. */
  state(): object;
  /** Back to the seeded beginning. */
  reset(): void;
  readSettings(): object;
  /** Changes what is given; throws a ZodError that lists every problem. */
  changeSettings(patch: unknown): object;
  /** Something worth saving changed. */
  changed(): void;
  /** What it sends by itself, for those that do. */
  out?: OutboxControls<unknown, unknown>;
  /** Admin paths of this vendor alone, as `METHOD /path` → body of the 200 answer. */
  adminRoutes?(request: SimRequest): Readonly<Record<string, () => unknown>>;
  /** What people look at, past journal and faults; null for a request that is none of it. */
  page?(request: SimRequest): SimAnswer | null;
}

/** The admin paths that all have, for callers in the same process. */
export interface ApiVendor {
  handle(incoming: IncomingMessage, response: ServerResponse): Promise<void>;
  requests(): readonly JournalEntry[];
  /** Replaces the fault plan. Throws a ZodError that lists every problem. */
  setFaults(faults: readonly HttpFaultInput[]): readonly HttpFault[];
  faultsLeft(): readonly HttpFault[];
  /** State, journal, faults and settings back to the beginning; ids go on. */
  reset(): void;
  /** Sends the answers that a fault holds back right now. */
  release(): void;
  /** Ends answers that are held back. */
  close(): void;
}

export function createApiVendor(parts: ApiVendorParts): ApiVendor {
  const faults = createFaultPlan();
  const closing = new AbortController();
  let holding = new AbortController();
  const basePath = `/${parts.name}`;

  const reset = (): void => {
    parts.reset();
    parts.journal.clear();
    faults.clear();
    parts.changed();
  };

  /** Rejects when the simulator closes meanwhile. */
  async function held(ms: number): Promise<void> {
    const { signal } = holding;
    await wait(ms, undefined, { signal: AbortSignal.any([signal, closing.signal]) }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async function exchange(request: SimRequest, response: ServerResponse): Promise<void> {
    const entry = parts.journal.open(request);
    const down = parts.down();
    const fault = down === false ? takeFault(faults, basePath, request) : downFault(down);
    const real = carriesOut(fault) ? parts.operate(request) : null;
    entry.carriedOut({
      applied: real !== null && real.status < 400,
      violation: real?.violation ?? fault?.violation ?? null,
    });
    parts.changed();
    if (fault?.delayMs !== undefined) await held(fault.delayMs);
    if (fault?.connection !== undefined) {
      resetConnection(response);
      return;
    }
    const answer = fault?.status === undefined ? real : faultAnswer(fault, fault.status, parts);
    if (answer === null) throw new Error('A fault without a status must carry the operation out.');
    entry.answered(answer.status);
    sendAnswer(response, answer, { truncate: fault?.truncate === true });
  }

  return {
    requests: () => parts.journal.entries(),
    setFaults: (given) => faults.replace({ faults: given }),
    faultsLeft: () => faults.left(),
    reset,
    release() {
      holding.abort();
      holding = new AbortController();
    },
    close: () => closing.abort(),
    async handle(incoming, response) {
      try {
        const request = await readRequest(incoming, basePath);
        if (request.pathname.startsWith('/_admin/')) {
          sendAnswer(response, admin({ parts, faults, reset, request }));
          return;
        }
        const page = parts.page?.(request) ?? null;
        if (page === null) await exchange(request, response);
        else sendAnswer(response, page);
      } catch (error) {
        const callerGone = !incoming.complete && !(error instanceof BodyTooLarge);
        if (callerGone || closing.signal.aborted) return resetConnection(response);
        if (!(error instanceof BodyTooLarge)) throw error;
        sendAnswer(response, simulatorError(413, 'too_large', error.message));
      }
    },
  };
}

function takeFault(faults: FaultPlan, basePath: string, request: SimRequest): HttpFault | null {
  return faults.take({ method: request.method, path: request.path, fullPath: basePath + request.path });
}

function downFault(down: true | 'reset' | 'unavailable'): HttpFault {
  const base = { skip: 0, times: 1 };
  return down === 'reset' ? { ...base, connection: 'reset_before' } : { ...base, status: 503 };
}

function carriesOut(fault: HttpFault | null): boolean {
  if (fault === null || fault.connection === 'reset_after') return true;
  if (fault.connection === 'reset_before') return false;
  return fault.apply ?? fault.status === undefined;
}

function faultAnswer(fault: HttpFault, status: number, parts: ApiVendorParts): SimAnswer {
  const body = fault.body === undefined && status !== 204 ? parts.errorBody(status) : fault.body;
  return fault.headers === undefined ? { status, body } : { status, body, headers: fault.headers };
}

/** `/{vendor}/_admin/…`: what tests and the demo use to look inside and to make things go wrong. */
function admin(call: {
  readonly parts: ApiVendorParts;
  readonly faults: FaultPlan;
  readonly reset: () => void;
  readonly request: SimRequest;
}): SimAnswer {
  const { parts, faults, request } = call;
  const routes: Record<string, () => unknown> = {
    'GET /_admin/requests': () => parts.journal.entries(),
    'GET /_admin/state': () => ({ ...parts.state(), violations: parts.journal.counters().violations }),
    'GET /_admin/faults': () => ({ faults: faults.left() }),
    'POST /_admin/faults': () => ({ faults: faults.replace(readJson(request.body)) }),
    'GET /_admin/settings': () => parts.readSettings(),
    'POST /_admin/settings': () => parts.changeSettings(readJson(request.body)),
    'POST /_admin/reset': () => {
      call.reset();
      return { reset: true };
    },
    ...(parts.out && outboxRoutes(parts.out)),
    ...parts.adminRoutes?.(request),
  };
  return answerAdmin(routes, request);
}

function outboxRoutes(out: OutboxControls<unknown, unknown>): Record<string, () => unknown> {
  return { 'GET /_admin/webhooks': () => webhooksOf(out), 'POST /_admin/flush': () => releaseAll(out) };
}

/** Thrown by an admin path that understands what is asked, and can't do it. */
export class AdminRefusal extends Error {
  override readonly name = 'AdminRefusal';

  constructor(
    readonly status: 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** Looks a request up in a table of `METHOD /path` → body of the 200 answer; 404 and 400 say what was expected. */
export function answerAdmin(routes: Readonly<Record<string, () => unknown>>, request: SimRequest): SimAnswer {
  const route = routes[`${request.method} ${request.pathname}`];
  if (route === undefined) {
    const known = Object.keys(routes).join(', ');
    return simulatorError(404, 'unknown_admin_path', `There are: ${known}.`);
  }
  try {
    return { status: 200, body: route() };
  } catch (error) {
    if (error instanceof z.ZodError) return simulatorError(400, 'invalid_request', z.prettifyError(error));
    if (error instanceof SyntaxError) return simulatorError(400, 'invalid_json', 'The body is not JSON.');
    if (error instanceof AdminRefusal) return simulatorError(error.status, 'refused', error.message);
    throw error;
  }
}

/** Throws a SyntaxError when the body is not JSON. */
export function readJson(body: Buffer): unknown {
  return JSON.parse(body.toString('utf8')) as unknown;
}
