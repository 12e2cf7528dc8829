/** An operator at the real API: asks, and holds every answer against the schema that the OpenAPI document is made of. */
import type pg from 'pg';
import type { z } from 'zod';
import type { Engine } from '../../../api/engine';
import { errorSchema } from '../../../api/v1/schemas';
import { testDatabase } from '../../support/postgres';
import type { Reply } from '../http';
import { idleEngine, testApi, type TestApi } from '../test-api';
import { HOUR_MS, T0_MS } from './seed';

export interface Operator {
  readonly api: TestApi;
  readonly pool: pg.Pool;
  /** What the API takes for now; an hour before `T0_MS` when a test begins. */
  nowMs: number;
  /** What the engine does with a decision; accepts it when a test begins. */
  decide: Engine['decide'];
  decideBooking: Engine['decideBooking'];
  /** The answer of a GET. Fails when anything in it is missing or undeclared. */
  get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>>;
}

/** One API and one database for the file; what a test stored is gone when it ends. */
export function operatorOfThisFile(): () => Operator {
  let operator: Operator;
  beforeAll(async () => {
    const { pool } = await testDatabase();
    const engine: Engine = {
      ...idleEngine,
      decide: (task, decision, by) => operator.decide(task, decision, by),
      decideBooking: (booking, decision) => operator.decideBooking(booking, decision),
    };
    const api = await testApi(pool, { engine, nowMs: () => operator.nowMs });
    await api.opened;
    operator = {
      api,
      pool,
      nowMs: 0,
      decide: idleEngine.decide,
      decideBooking: idleEngine.decideBooking,
      get: async (path, schema) => checked(await api.ask('GET', path), schema),
    };
  });
  beforeEach(() => {
    operator.nowMs = T0_MS - HOUR_MS;
    operator.decide = idleEngine.decide;
    operator.decideBooking = idleEngine.decideBooking;
  });
  afterEach(() => operator.pool.query('TRUNCATE booking, delivery, person, audit_entry CASCADE'));
  return () => operator;
}

/** A good answer as its schema reads it. */
export function checked<S extends z.ZodType>(reply: Reply, schema: S): z.output<S> {
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  const body: unknown = reply.json();
  const parsed = schema.parse(body);
  expect(parsed).toEqual(body);
  return parsed;
}

/** Status and code of a refusal. */
export function refusalOf(reply: Reply): [number, string] {
  expect(errorSchema.safeParse(reply.json()).success).toBe(true);
  return [reply.status, reply.json().error.code];
}
