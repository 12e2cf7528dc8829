/** Talks to a HighLevel simulator as an app would: JSON over HTTP with a bearer token and a version. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGohighlevelSimulator } from '../../../../local/simulators/gohighlevel/simulator';
import type { GohighlevelSimulator } from '../../../../local/simulators/gohighlevel/simulator';
import { loadContract } from './contract-files';
import type { Exchange } from './contract-files';

export const START_MS = Date.UTC(2026, 10, 23, 16);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What tests read out of answers. */
export type Json = Record<string, unknown> & {
  readonly contact?: Json;
  readonly opportunity?: Json;
  readonly opportunities?: readonly Json[];
  readonly contacts?: readonly Json[];
  readonly events?: readonly Json[];
  readonly event?: Json;
  readonly notes?: readonly Json[];
  readonly users?: readonly Json[];
  readonly meta?: Json;
};

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface CallOptions {
  readonly token?: string | null;
  readonly version?: string | null;
  /** Send the body as a form. */
  readonly form?: boolean;
  /** The request is wrong on purpose: it is not compared with the contract. */
  readonly isWrong?: boolean;
}

export type ApiCall = (method: string, path: string, body?: unknown, options?: CallOptions) => Promise<ApiAnswer>;

export interface TestLocation {
  readonly ghl: GohighlevelSimulator;
  /** `http://127.0.0.1:…/gohighlevel` */
  readonly baseUrl: string;
  readonly api: ApiCall;
  readonly clock: { nowMs: number };
  /** What successful exchanges have that HighLevel's contract does not. */
  contractProblems(): readonly string[];
  close(): Promise<void>;
}

/** A fresh location on a free port with a clock of its own. */
export async function startLocation(options: { readonly stateDir?: string } = {}): Promise<TestLocation> {
  const clock = { nowMs: START_MS };
  const ghl = await createGohighlevelSimulator({
    host: '127.0.0.1',
    clock: () => clock.nowMs,
    mailPort: 0,
    stateDir: options.stateDir ?? null,
  });
  const server = createServer((incoming, response) => void ghl.handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/gohighlevel`;
  const exchanges: Exchange[] = [];
  const api: ApiCall = async (method, path, body, given = {}) => {
    const answer = await send(`${baseUrl}${path}`, method, body, given);
    if (answer.status < 300 && given.isWrong !== true) {
      const wire = given.version === undefined || given.version === 'v3' ? 'v3' : 'dated';
      exchanges.push({ wire, method, path, request: body, status: answer.status, answer: answer.body });
    }
    return answer;
  };
  return {
    ghl,
    baseUrl,
    api,
    clock,
    contractProblems() {
      const contract = loadContract();
      return contract === null ? [] : [...new Set(exchanges.flatMap((exchange) => contract.problems(exchange)))];
    },
    async close() {
      await ghl.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function send(url: string, method: string, body: unknown, options: CallOptions): Promise<ApiAnswer> {
  const { token = 'pit-demo', version = 'v3', form = false } = options;
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(version === null ? {} : { version }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: form ? new URLSearchParams(body as Record<string, string>) : textOf(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as Json,
  };
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

export const LOCATION = { locationId: 'loc-main' };
export const GUEST = { email: 'dana.sample@example.com', phone: '+13035550142', firstName: 'Dana', lastName: 'Sample' };

/** Creates a contact and returns its id. */
export async function createContact(api: ApiCall, fields: object = GUEST): Promise<string> {
  const { status, body } = await api('POST', '/contacts/', { ...LOCATION, ...fields });
  if (status !== 201) throw new Error(`The contact was refused with ${status}.`);
  return String(body.contact?.['id']);
}

export const anOpportunity = (contactId: string, changes: object = {}): object => ({
  ...LOCATION,
  pipelineId: 'pipe-main',
  pipelineStageId: 'stage-booked',
  name: 'Kitchen',
  status: 'open',
  contactId,
  ...changes,
});

/** Tuesday, ten o'clock in the location's zone. */
export const START_TIME = '2026-11-24T10:00:00-07:00';

export const anAppointment = (contactId: string, changes: object = {}): object => ({
  ...LOCATION,
  calendarId: 'cal-main',
  contactId,
  startTime: START_TIME,
  endTime: '2026-11-24T10:30:00-07:00',
  toNotify: false,
  ignoreFreeSlotValidation: true,
  ...changes,
});

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly body: Json;
}

/** Hears webhooks on a free port. */
export async function startListener() {
  const heard: Heard[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      heard.push({ headers: request.headers, raw, body: JSON.parse(raw.toString('utf8')) as Json });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/ghl`,
    heard,
    /** What is answered; taken from the front, then 200. */
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
