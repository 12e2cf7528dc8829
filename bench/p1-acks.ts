/**
 * P1: durable acknowledgements a second. Our API process, writing to a PostgreSQL with fsync, against the same HTTP work without
 * storage (F-hmac) and against one INSERT for each request. Rates come from PostgreSQL's and the floor's own counts.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../db/pool';
import { startStack, type Stack } from '../local/stack';
import { startChild, type Child } from './child';
import { spreadOf, writeSpread, writeTable, type Verdict } from './figures';
import { cpuMicros, fsyncMs, loadNow } from './machine';
import type { BenchContext } from './context';
import type { LoadRequest, LoadResult } from './webhook-load';

const CONNECTIONS = 32;
/** Before the first round, until the compilers of all processes have settled; and before each measurement. */
const FIRST_WARM_UP_MS = 5_000;
const WARM_UP_MS = 1_000;
const ROUND_MS = 4_000;
const TARGET_OF_HMAC = 0.75;
const TARGET_OF_INSERTS = 1.5;

interface Contender {
  readonly name: 'ours' | 'F-hmac' | 'inserts';
  readonly port: number;
  readonly pids: () => readonly (number | null)[];
  /** Deliveries that the server's side knows of, ever growing. */
  readonly counted: () => Promise<number>;
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number | null;
  readonly load: LoadResult;
}

/** Throws when a count of the client differs from the server's side. */
export async function measureAcks({ dataDir, rounds, say, closing }: BenchContext): Promise<Verdict[]> {
  const secret = randomBytes(24).toString('base64url');
  const env = { CALCOM_WEBHOOK_SECRET: secret };
  const stack = await startStack({ dataDir, parts: ['postgres', 'api'], env });
  closing.push(() => stack.stop());
  const pool = createPool(stack.databaseUrl, { max: 2, applicationName: 'bench' });
  closing.push(() => pool.end());
  const start = async <Q extends object, A>(file: string): Promise<Child<Q, A>> => {
    const child = await startChild<Q, A>(file, { ...stack.env, ...env });
    closing.push(() => child.stop());
    return child;
  };
  const hmac = await start<object, { count: number }>(require.resolve('./floor-hmac'));
  const inserts = await start<object, object>(require.resolve('./floor-inserts'));
  const generator = await start<LoadRequest, LoadResult>(require.resolve('./webhook-load'));

  const stored = async (): Promise<number> =>
    (await pool.query<{ n: number }>('SELECT count(*) AS n FROM delivery')).rows[0]?.n ?? 0;
  const contenders: readonly Contender[] = [
    { name: 'ours', port: stack.ports.api, pids: () => [stack.pid('api'), stack.pid('postgres')], counted: stored },
    {
      name: 'F-hmac',
      port: Number(hmac.ready.port),
      pids: () => [hmac.pid],
      counted: () => hmac.ask({}).then(({ count }) => count),
    },
    {
      name: 'inserts',
      port: Number(inserts.ready.port),
      pids: () => [inserts.pid, stack.pid('postgres')],
      counted: stored,
    },
  ];

  say(
    `P1: ${CONNECTIONS} connections, ${rounds} rounds of ${ROUND_MS / 1000} s each; one fsync takes ${fsyncMs(dataDir).toFixed(2)} ms here`,
  );
  await untilItStores(stack, generator, secret);
  for (const { name, port } of contenders) {
    const prefix = `p1-warm-${name.toLowerCase()}`;
    await generator.ask({ port, secret, connections: CONNECTIONS, durationMs: FIRST_WARM_UP_MS, prefix });
  }
  const results: Record<Contender['name'], Round>[] = [];
  for (let n = 1; n <= rounds; n += 1) {
    const round: Partial<Record<Contender['name'], Round>> = {};
    // The first of a round is another one each time, so that no place in it is an advantage.
    for (const [i] of contenders.entries()) {
      const contender = contenders[(i + n) % contenders.length]!;
      await pool.query('TRUNCATE delivery CASCADE');
      await pool.query('CHECKPOINT');
      round[contender.name] = await runRound({
        contender,
        generator,
        secret,
        prefix: `p1-${n}-${contender.name.toLowerCase()}`,
      });
    }
    results.push(round as Record<Contender['name'], Round>);
    say(`round ${n}  ${loadNow()}\n${writeRound(round as Record<Contender['name'], Round>)}`);
  }
  return verdicts(results);
}

/** The API refuses until its vault is open, which may be a moment after it listens. */
async function untilItStores(stack: Stack, generator: Child<LoadRequest, LoadResult>, secret: string): Promise<void> {
  for (let tries = 1; tries <= 50; tries += 1) {
    const run = { port: stack.ports.api, secret, connections: 1, durationMs: 20, prefix: `ready-${tries}` };
    if ((await generator.ask(run)).acks > 0) return;
    await sleep(100);
  }
  throw new Error(`The API stores nothing; its log is ${stack.logFile('api')}`);
}

async function runRound(run: {
  contender: Contender;
  generator: Child<LoadRequest, LoadResult>;
  secret: string;
  prefix: string;
}): Promise<Round> {
  const { contender, generator, secret, prefix } = run;
  const request = { port: contender.port, secret, connections: CONNECTIONS };
  await generator.ask({ ...request, durationMs: WARM_UP_MS, prefix: `${prefix}-warm` });
  const before = contender.name === 'F-hmac' ? (await contender.counted(), 0) : await contender.counted();
  const cpuBefore = cpuMicros(contender.pids());
  const load = await generator.ask({ ...request, durationMs: ROUND_MS, prefix });
  const cpuAfter = cpuMicros(contender.pids());
  const count = (await contender.counted()) - before;
  if (count !== load.acks || load.others > 0) {
    throw new Error(
      `${contender.name}: ${load.acks} deliveries were acknowledged and ${load.others} refused, ${count} are counted by the server. Expected equal counts and no refusal.`,
    );
  }
  return {
    perSecond: (count / load.elapsedMs) * 1_000,
    cpuMicros: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / count,
    load,
  };
}

function writeRound(round: Record<Contender['name'], Round>): string {
  return writeTable(
    Object.entries(round).map(([name, { perSecond, cpuMicros: cpu, load }]) => [
      name,
      `${perSecond.toFixed(0)}/s`,
      cpu === null ? '' : `${cpu.toFixed(0)} us CPU each`,
      `p50 ${load.p50Ms.toFixed(1)} ms`,
      `p99 ${load.p99Ms.toFixed(1)} ms`,
      `ours is ${(round.ours.perSecond / perSecond).toFixed(2)} of it`,
    ]),
  );
}

function verdicts(results: readonly Record<Contender['name'], Round>[]): Verdict[] {
  const ratio = (name: Contender['name']) =>
    spreadOf(results.map((round) => round.ours.perSecond / round[name].perSecond));
  const rate = spreadOf(results.map((round) => round.ours.perSecond));
  const against = (figure: string, name: Contender['name'], target: number): Verdict => {
    const spread = ratio(name);
    return { figure, measured: writeSpread(spread), target: `at least ${target}`, reached: spread.median >= target };
  };
  return [
    {
      figure: 'P1 durable acknowledgements a second',
      measured: writeSpread(rate, 0),
      target: '(background)',
      reached: true,
    },
    against('P1 of the same HTTP work without storage', 'F-hmac', TARGET_OF_HMAC),
    against('P1 of one INSERT for each request', 'inserts', TARGET_OF_INSERTS),
  ];
}
