/** A Cal.com simulator with a clock of its own, a subscriber that keeps what it hears, and calls as an app makes them. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulators } from '../../../../local/simulators/server';
import type { Simulators, SimulatorsOptions } from '../../../../local/simulators/server';
import type { ReadDelivery } from '../../../../integrations/ports';
import { readDelivery } from '../../../../integrations/calcom/events';

export const START_MS = Date.UTC(2026, 10, 23, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SECRET = 'test-secret';

export const GUEST = { name: 'Dana Sample', email: 'dana.sample@example.com', phone: '+13035550142' };

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly trigger: string;
  readonly createdAt: string;
  /** The payload, or the whole body of a flat one. */
  readonly payload: Payload;
}

/** What tests read out of payloads. */
export interface Payload {
  readonly [field: string]: unknown;
  readonly uid?: string;
  readonly status?: string;
  readonly attendees?: readonly { readonly email: string; readonly noShow?: boolean }[];
}

export interface Listener {
  readonly url: string;
  readonly heard: Heard[];
  /** What is answered; taken from the front, then 200. */
  readonly answers: number[];
  close(): Promise<void>;
}

/** Hears webhooks on a free port. */
export async function startListener(): Promise<Listener> {
  const heard: Heard[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      heard.push(asHeard(raw, request.headers));
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/calcom-sales`,
    heard,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function asHeard(raw: Buffer, headers: IncomingHttpHeaders): Heard {
  const text = raw.toString('utf8');
  const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
  const payload = (body['payload'] ?? body) as Payload;
  return { headers, raw, trigger: String(body['triggerEvent']), createdAt: String(body['createdAt']), payload };
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ApiBody;
}

/** What tests read out of answers. */
export interface ApiBody {
  readonly status?: string;
  readonly data?: Data;
  readonly error?: { readonly code: string; readonly message: string };
  readonly pagination?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}
export interface Data {
  readonly [field: string]: unknown;
  readonly uid?: string;
  readonly id?: string;
  readonly status?: string;
}

export type ApiCall = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer>;

export interface TestAccount {
  readonly simulators: Simulators;
  readonly calcom: Simulators['calcom'];
  readonly baseUrl: string;
  readonly listener: Listener;
  readonly api: ApiCall;
  /** Epoch ms of the simulated account. */
  readonly clock: { nowMs: number };
  /** What was heard since the last call, when everything under way has arrived. */
  heard(): Promise<Heard[]>;
  /** Triggers of `heard`. */
  triggers(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startAccount(options: Partial<SimulatorsOptions> = {}): Promise<TestAccount> {
  const clock = { nowMs: START_MS };
  const simulators = await startSimulators({ port: 0, clock: () => clock.nowMs, ...options });
  const listener = await startListener();
  const { calcom } = simulators;
  calcom.subscribe({ url: listener.url, secret: SECRET });
  const baseUrl = `${simulators.url}/calcom`;
  const heard = async (): Promise<Heard[]> => {
    await calcom.idle();
    return listener.heard.splice(0);
  };
  return {
    simulators,
    calcom,
    baseUrl,
    listener,
    clock,
    heard,
    triggers: async () => (await heard()).map(({ trigger }) => trigger),
    api: (method, path, body, headers) => callApi(`${baseUrl}${path}`, { method, body, headers }),
    async close() {
      await simulators.close();
      await listener.close();
    },
  };
}

async function callApi(
  url: string,
  call: { readonly method: string; readonly body: unknown; readonly headers: Record<string, string> | undefined },
): Promise<ApiAnswer> {
  const { method, body, headers } = call;
  const response = await fetch(url, {
    method,
    headers: {
      authorization: 'Bearer cal_demo',
      'cal-api-version': '2024-08-13',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as ApiBody,
  };
}

/** A webhook as our adapter reads it. */
export function read({ raw, headers }: Heard): ReadDelivery {
  const kept = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return readDelivery(raw, kept);
}

/** `type uid` of what our adapter makes of webhooks. */
export function meanings(heard: readonly Heard[]): string[] {
  return heard.map(read).flatMap((delivery) => {
    if (delivery.kind !== 'events') return [`${delivery.kind} ${delivery.trigger ?? ''}`];
    return delivery.events.map(({ type }) => type);
  });
}
