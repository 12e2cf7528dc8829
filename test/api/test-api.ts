/** The real API on a free port, with the real database, Cal.com as its source and an engine that does as the test says. */
import type pg from 'pg';
import pino from 'pino';
import type { Engine } from '../../api/engine';
import { startApi, type ApiOptions, type RunningApi } from '../../api/start';
import { parseMasterKeys } from '../../db/vault';
import { sign, SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import { calcomSource } from '../../integrations/calcom/source';
import { cleanUp } from '../support/clean-up';
import { send, type Reply } from './http';

export const SECRET = 'test-webhook-secret';
export const TOKEN = 'test-operator-token';
export const CONNECTION = 'calcom-sales';
export const WEBHOOK_PATH = `/webhooks/${CONNECTION}`;

export const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

export const idleEngine: Engine = {
  ping: () => Promise.resolve(),
  decide: () => Promise.resolve({ kind: 'accepted' }),
  decideBooking: () => Promise.resolve({ kind: 'accepted' }),
  wakeBookings: () => Promise.resolve(true),
  startUndo: () => Promise.resolve(true),
  reassign: () => Promise.resolve({ kind: 'accepted' }),
  snooze: () => Promise.resolve({ kind: 'accepted' }),
  bookingView: () => Promise.reject(new Error('no workflow runs here')),
  probeNow: () => Promise.resolve(false),
  close: () => Promise.resolve(),
};

export interface TestApi extends RunningApi {
  /** Every line that was logged. */
  readonly log: string[];
  /** An operator's request. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Reply>;
}

export async function testApi(pool: pg.Pool, options: Partial<ApiOptions> = {}): Promise<TestApi> {
  const log: string[] = [];
  const api = await startApi({
    pool,
    masterKeys: parseMasterKeys(MASTER_KEY),
    engine: idleEngine,
    sources: new Map([[CONNECTION, { source: calcomSource, secrets: [SECRET] }]]),
    apiToken: TOKEN,
    host: '127.0.0.1',
    port: 0,
    logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    webhookLimits: { maxBytes: 1024 * 1024, timeoutMs: 500, storeTimeoutMs: 5_000 },
    processMetrics: false,
    ...options,
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= api.close({ graceMs: 2_000 }));
  cleanUp(close);
  return {
    ...api,
    close,
    log,
    ask: (method, path, body) =>
      send(api.port, {
        method,
        path,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

/** A webhook request with a right signature. */
export function signedWebhook(body: Buffer | string): { path: string; headers: Record<string, string>; body: Buffer } {
  const bytes = Buffer.from(body);
  return {
    path: WEBHOOK_PATH,
    headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(bytes, SECRET) },
    body: bytes,
  };
}
