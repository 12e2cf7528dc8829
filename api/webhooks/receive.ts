/**
 * `POST /webhooks/{connection}`: raw bytes, signature, commit, answer — in that order, so a 2xx means that the delivery is stored.
 * Plain node:http instead of express: mounted there, a prototype of this handler acknowledged 2.4 times as many deliveries a second.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type {
  BookingSource,
  CrmWebhooks,
  HeaderLookup,
  InboundWebhooks,
  SignatureCheck,
} from '../../integrations/ports';
import { dedupeKeyOf } from '../../db/deliveries';
import { errorBody, kindOf } from '../errors';
import type { ApiMetrics } from '../metrics';
import { answer, type Answer } from './answer';
import { within } from '../within';
import { readBody, type BodyLimits } from './read-body';
import { mediaRefusal, NOT_FOUND, refusals, type Refusal } from './refusals';

/** A connection that tells us about bookings, with every secret that may sign right now. */
export interface WebhookSource {
  readonly source: BookingSource;
  readonly secrets: readonly string[];
}

export interface DeliveryStore {
  /** Resolves once the delivery is committed; rejects when it is not known to be. */
  store(delivery: {
    readonly connection: string;
    readonly dedupeKey: Buffer;
    readonly headers: Record<string, string>;
    readonly body: Buffer;
  }): Promise<{ readonly id: string; readonly status: 'stored' | 'duplicate' }>;
  /** A delivery that came before may tell of something new: it is dispatched once more. Resolves once that is committed. */
  again(id: string): Promise<void>;
}

export interface ReceiverDeps {
  /** Connection id → source. */
  readonly sources: ReadonlyMap<string, WebhookSource>;
  /** Connection id → what a CRM's webhooks are understood with; absent: no CRM sends any. */
  readonly crms?: ReadonlyMap<string, CrmWebhooks>;
  readonly store: DeliveryStore;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
  readonly limits?: WebhookLimits;
  /** Where crash tests stop the process; see config/fail-points.ts. */
  readonly failPoint?: ((name: string) => Promise<void> | void) | undefined;
}

export interface WebhookLimits extends BodyLimits {
  /** How long a commit may take until the vendor is asked to send again: less than what vendors wait for an answer. */
  readonly storeTimeoutMs: number;
}

export type WebhookHandler = (request: IncomingMessage, response: ServerResponse) => void;

export const WEBHOOK_LIMITS: WebhookLimits = { maxBytes: 1024 * 1024, timeoutMs: 10_000, storeTimeoutMs: 10_000 };
const PREFIX = '/webhooks/';

/** One connection's webhooks, whatever they bring. */
interface Inbound {
  readonly of: InboundWebhooks;
  readonly verify: (rawBody: Buffer, header: HeaderLookup) => SignatureCheck;
}

type Endpoint = ReturnType<typeof endpointOf>;

/** Never throws, whatever is sent; every request gets an answer, or finds its sender gone. */
export function createWebhookHandler(deps: ReceiverDeps): WebhookHandler {
  const limits = deps.limits ?? WEBHOOK_LIMITS;
  const inbound: [string, Inbound][] = [
    ...[...deps.sources].map(([connection, { source, secrets }]): [string, Inbound] => [
      connection,
      { of: source, verify: (body, header) => source.verifySignature(body, header, secrets) },
    ]),
    ...[...(deps.crms ?? [])].map(([connection, crm]): [string, Inbound] => [
      connection,
      { of: crm, verify: (body, header) => crm.verifySignature(body, header) },
    ]),
  ];
  const endpoints = new Map(inbound.map(([connection, one]) => [connection, endpointOf(connection, one, deps)]));

  return (request, response) => {
    const startedAtMs = performance.now();
    const endpoint = endpoints.get(connectionOf(request));
    if (!endpoint) {
      deps.metrics.webhooksRefused.inc({ connection: 'unknown', reason: NOT_FOUND.code });
      answer(request, response, answerOf(NOT_FOUND));
      return;
    }
    endpoint.received.inc();
    receive(endpoint, request, limits)
      .catch((error: unknown) => endpoint.trouble(error))
      .then((reply) => {
        answer(request, response, reply);
        if (reply.status === 202) endpoint.ackSeconds.observe((performance.now() - startedAtMs) / 1000);
      })
      .catch((error: unknown) => {
        deps.logger.error(kindOf(error), 'webhook answer could not be written');
        response.destroy();
      });
  };
}

async function receive(endpoint: Endpoint, request: IncomingMessage, limits: WebhookLimits): Promise<Answer> {
  if (request.method !== 'POST') return endpoint.refuse(refusals.method);
  const media = mediaRefusal(request.headers);
  if (media) return endpoint.refuse(media);

  const read = await readBody(request, limits);
  if (read.kind !== 'body') return endpoint.refuse(refusals[read.kind]);
  if (read.bytes.length === 0) return endpoint.refuse(refusals.empty);

  const header = headerLookup(request);
  const { of } = endpoint;
  // Before any parsing: whoever can't sign learns nothing about what we would make of a body.
  const check = endpoint.verify(read.bytes, header);
  if (!check.ok) return endpoint.refuseSignature(check.reason);

  const delivery = {
    dedupeKey: dedupeKeyOf(of.deliveryId(header), read.bytes),
    headers: keptHeaders(of.keptHeaders, header),
    body: of.keptBody?.(read.bytes) ?? read.bytes,
  };
  const stored = await within(limits.storeTimeoutMs, endpoint.store(delivery));
  if (stored.status === 'duplicate' && of.repeatMayBeNews?.(read.bytes) === true) {
    await within(limits.storeTimeoutMs, endpoint.again(stored.id));
  }
  await endpoint.committed();
  (stored.status === 'stored' ? endpoint.stored : endpoint.duplicates).inc();
  return { status: 202, body: { delivery: stored.id, status: stored.status } };
}

/** What does not change between requests of one connection, looked up once. */
function endpointOf(connection: string, { of, verify }: Inbound, deps: ReceiverDeps) {
  const { metrics, logger, store } = deps;
  return {
    of,
    verify,
    received: metrics.webhooksReceived.labels(connection),
    stored: metrics.webhooksStored.labels(connection),
    duplicates: metrics.webhookDuplicates.labels(connection),
    ackSeconds: metrics.webhookAckSeconds.labels(connection),
    store: (delivery: { dedupeKey: Buffer; headers: Record<string, string>; body: Buffer }) =>
      store.store({ connection, ...delivery }),
    again: (id: string) => store.again(id),
    committed: () => deps.failPoint?.('delivery-committed'),
    refuse(refusal: Refusal): Answer {
      metrics.webhooksRefused.inc({ connection, reason: refusal.code });
      return answerOf(refusal);
    },
    refuseSignature(reason: string): Answer {
      // The reason is for whoever runs this; a stranger gets one answer for all of them.
      logger.warn({ connection, reason }, 'webhook signature refused');
      return this.refuse(refusals.signature);
    },
    /** Whatever kept a signed delivery from being stored: the vendor has to send it again. */
    trouble(error: unknown): Answer {
      metrics.webhooksRefused.inc({ connection, reason: 'not_stored' });
      logger.error({ connection, ...kindOf(error) }, 'delivery could not be stored');
      return {
        status: of.onTrouble.status,
        body: errorBody('not_stored', 'The delivery could not be stored right now. Send it again later.'),
        headers: { 'retry-after': String(of.onTrouble.retryAfterSeconds) },
      };
    },
  };
}

function answerOf(refusal: Refusal): Answer {
  return {
    status: refusal.status,
    body: errorBody(refusal.code, refusal.message),
    ...(refusal.headers ? { headers: refusal.headers } : {}),
  };
}

/** The path's part after `/webhooks/`, as it came: connection ids need no escaping, so nothing is decoded. */
function connectionOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return url.slice(PREFIX.length, query === -1 ? undefined : query);
}

function headerLookup(request: IncomingMessage): HeaderLookup {
  return (name) => {
    const value = request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  };
}

function keptHeaders(names: readonly string[], header: HeaderLookup): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = header(name);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
