/**
 * P4: from the moment a new booking's webhook is sent to the arrival of its first request at the CRM, at ten webhooks a second,
 * against F-wf: a bare workflow with one signal and one activity on the same Temporal server, at the same rate.
 * Arrivals come from the simulated CRM's journal, counts from it and from PostgreSQL; all clocks are this machine's.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type pg from 'pg';
import { createPool } from '../db/pool';
import type { JournalEntry } from '../local/simulators/journal';
import { startStack, type Stack } from '../local/stack';
import { startChild } from './child';
import { percentile, spreadOf, writeSpread, writeTable, type Verdict } from './figures';
import { arrivedSignal, floor, FLOOR_TASK_QUEUE } from './floor-workflow';
import { cpuMicros, fsyncMs, loadNow } from './machine';
import type { BenchContext } from './context';
import { writeConfig } from './unlimited-config';
import { createBodies, emailOf, headersOf, WEBHOOK_PATH } from './webhook-bodies';

const ROUND_MS = 20_000;
const WARM_UP_MS = 20_000;
const SETTLE_WITHIN_MS = 60_000;
const TARGET_OVER_FLOOR_MS = 25;
const SECRET = 'bench-secret';

interface Contender {
  readonly name: 'ours' | 'F-wf';
  readonly send: (uid: string) => Promise<unknown>;
  readonly pids: () => Readonly<Record<string, number | null>>;
  /** Resolves when everything of the round is done; throws when a count differs from what was sent. */
  readonly settled: (prefix: string, sent: number) => Promise<void>;
}

interface Round {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Part → milliseconds of processor time for each booking. */
  readonly cpuMs: Readonly<Record<string, number | null>>;
}

type Rounds = Record<Contender['name'], Round>;

export async function measureLag({ dataDir, rounds, perSecond, say, closing }: BenchContext): Promise<Verdict[]> {
  const stack = await startStack({
    dataDir,
    env: { CALCOM_WEBHOOK_SECRET: SECRET, BOOKSYNC_CONFIG: await writeConfig(dataDir) },
    entryPoints: { simulators: require.resolve('./simulators-in-memory') },
  });
  closing.push(() => stack.stop());
  const crmUrl = `${stack.simulatorsUrl}/hubspot`;
  const floorWorker = await startChild(require.resolve('./floor-worker'), { ...stack.env, BENCH_CRM_URL: crmUrl });
  closing.push(() => floorWorker.stop());
  const pool = createPool(stack.databaseUrl, { max: 2, applicationName: 'bench' });
  closing.push(() => pool.end());
  const connection = await Connection.connect({ address: stack.temporalAddress });
  closing.push(() => connection.close());
  const contenders = [
    ours(stack, pool),
    bareWorkflow({ stack, client: new Client({ connection }), crmUrl, workerPid: floorWorker.pid }),
  ];

  say(
    `P4: ${perSecond} new bookings a second, ${rounds} rounds of ${ROUND_MS / 1000} s each; one fsync takes ${fsyncMs(dataDir).toFixed(2)} ms here`,
  );
  for (const contender of contenders)
    await runRound({ contender, crmUrl, prefix: `warm-${contender.name}`, perSecond, durationMs: WARM_UP_MS });
  const results: Rounds[] = [];
  for (let n = 1; n <= rounds; n += 1) {
    const round: Partial<Rounds> = {};
    for (const contender of n % 2 === 1 ? contenders : [...contenders].reverse()) {
      round[contender.name] = await runRound({
        contender,
        crmUrl,
        prefix: `r${n}-${contender.name}`,
        perSecond,
        durationMs: ROUND_MS,
      });
    }
    results.push(round as Rounds);
    say(`round ${n}  ${loadNow()}\n${writeRound(round as Rounds)}`);
  }
  return verdicts(results);
}

// ---------------------------------------------------------------- the two sides

function ours(stack: Stack, pool: pg.Pool): Contender {
  const bodies = createBodies();
  const count = async (prefix: string): Promise<{ bookings: number; synced: number; waiting: number }> => {
    const { rows } = await pool.query<{ bookings: number; synced: number; waiting: number }>(
      `SELECT count(*) AS bookings, count(*) FILTER (WHERE crm_sync.state = 'synced') AS synced,
         (SELECT count(*) FROM delivery WHERE state = 'stored') AS waiting
       FROM booking LEFT JOIN crm_sync ON crm_sync.booking_id = booking.id WHERE root_uid LIKE $1 || '-%'`,
      [prefix],
    );
    return rows[0]!;
  };
  return {
    name: 'ours',
    pids: () =>
      Object.fromEntries((['api', 'worker', 'postgres', 'temporal'] as const).map((part) => [part, stack.pid(part)])),
    async send(uid) {
      const body = bodies(uid);
      const response = await fetch(stack.apiUrl + WEBHOOK_PATH, {
        method: 'POST',
        body,
        headers: headersOf(body, SECRET),
      });
      if (response.status !== 202) throw new Error(`A webhook was answered with ${response.status}, expected 202`);
      await response.arrayBuffer();
    },
    async settled(prefix, sent) {
      const deadline = Date.now() + SETTLE_WITHIN_MS;
      for (;;) {
        const counts = await count(prefix);
        if (counts.bookings === sent && counts.synced === sent && counts.waiting === 0) return;
        if (Date.now() > deadline)
          throw new Error(`PostgreSQL counts ${JSON.stringify(counts)}, expected ${sent} bookings, all synced`);
        await sleep(200);
      }
    },
  };
}

function bareWorkflow(from: { stack: Stack; client: Client; crmUrl: string; workerPid: number | null }): Contender {
  const { stack, client } = from;
  return {
    name: 'F-wf',
    pids: () => ({ worker: from.workerPid, temporal: stack.pid('temporal') }),
    send: (uid) =>
      client.workflow.signalWithStart(floor, {
        workflowId: `floor/${uid}`,
        taskQueue: FLOOR_TASK_QUEUE,
        signal: arrivedSignal,
        signalArgs: [{ uid }],
      }),
    async settled(prefix, sent) {
      const deadline = Date.now() + SETTLE_WITHIN_MS;
      for (;;) {
        const count = (await readJournal(from.crmUrl)).filter((entry) =>
          entry.path.includes(`guest-${prefix}-`),
        ).length;
        if (count === sent) return;
        if (Date.now() > deadline)
          throw new Error(`The CRM counts ${count} requests of bare workflows, expected ${sent}`);
        await sleep(200);
      }
    },
  };
}

// ---------------------------------------------------------------- one round

async function runRound(run: {
  contender: Contender;
  crmUrl: string;
  prefix: string;
  perSecond: number;
  durationMs: number;
}): Promise<Round> {
  const { contender, crmUrl } = run;
  const prefix = run.prefix.toLowerCase();
  await resetCrm(crmUrl);
  const cpu = (): (readonly [string, number | null])[] =>
    Object.entries(contender.pids()).map(([part, pid]) => [part, cpuMicros([pid])]);
  const cpuBefore = new Map(cpu());
  const sentAt = await sendAtFixedRate({ ...run, prefix });
  await contender.settled(prefix, sentAt.size);
  const cpuAfter = cpu();
  const arrivedAt = firstArrivals(await readJournal(crmUrl), [...sentAt.keys()]);
  const lags = [...sentAt].map(([uid, atMs]) => {
    const arrived = arrivedAt.get(uid);
    if (arrived === undefined) throw new Error(`${contender.name}: the CRM was never asked about booking ${uid}`);
    return arrived - atMs;
  });
  return {
    p50Ms: percentile(lags, 0.5),
    p99Ms: percentile(lags, 0.99),
    cpuMs: Object.fromEntries(
      cpuAfter.map(([part, after]) => {
        const before = cpuBefore.get(part) ?? null;
        return [part, after === null || before === null ? null : (after - before) / lags.length / 1_000];
      }),
    ),
  };
}

/** Open loop: what is sent never waits for what was sent before. Returns when each was sent, epoch ms. */
async function sendAtFixedRate(run: {
  contender: Contender;
  prefix: string;
  perSecond: number;
  durationMs: number;
}): Promise<Map<string, number>> {
  const { contender, prefix, perSecond, durationMs } = run;
  const sentAt = new Map<string, number>();
  const sending: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < (durationMs / 1_000) * perSecond; n += 1) {
    await sleep(Math.max(0, startedAt + (n * 1_000) / perSecond - performance.now()));
    const uid = `${prefix}-${n}`;
    sentAt.set(uid, Date.now());
    sending.push(contender.send(uid));
  }
  await Promise.all(sending);
  return sentAt;
}

async function resetCrm(crmUrl: string): Promise<void> {
  await askCrm(`${crmUrl}/_admin/reset`, '{}');
  await askCrm(`${crmUrl}/_admin/settings`, JSON.stringify({ rateLimits: null, searchLagMs: 0 }));
}

async function readJournal(crmUrl: string): Promise<readonly JournalEntry[]> {
  return (await askCrm(`${crmUrl}/_admin/requests`)) as JournalEntry[];
}

async function askCrm(url: string, body?: string): Promise<unknown> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body });
  if (!response.ok) throw new Error(`The simulated CRM answered ${response.status}`);
  return response.json();
}

/** The first request that names the guest's address: the look-up of the contact. */
function firstArrivals(journal: readonly JournalEntry[], uids: readonly string[]): Map<string, number> {
  const uidOf = new Map(uids.map((uid) => [encodeURIComponent(emailOf(uid)), uid]));
  const arrivals = new Map<string, number>();
  for (const entry of journal) {
    const address = /\/contacts\/([^?/]+)/.exec(entry.path)?.[1] ?? '';
    const uid = uidOf.get(address);
    if (uid !== undefined && !arrivals.has(uid)) arrivals.set(uid, Date.parse(entry.at));
  }
  return arrivals;
}

// ---------------------------------------------------------------- results

function writeRound(round: Rounds): string {
  return writeTable(
    Object.entries(round).map(([name, { p50Ms, p99Ms, cpuMs }]) => [
      name,
      `p50 ${p50Ms.toFixed(0)} ms`,
      `p99 ${p99Ms.toFixed(0)} ms`,
      `CPU ms each: ${Object.entries(cpuMs)
        .map(([part, ms]) => `${part} ${ms?.toFixed(1) ?? '?'}`)
        .join(', ')}`,
    ]),
  );
}

function verdicts(results: readonly Rounds[]): Verdict[] {
  const over = (read: (round: Rounds) => number): ReturnType<typeof spreadOf> => spreadOf(results.map(read));
  const background = (figure: string, read: (round: Rounds) => number, digits: number): Verdict => ({
    figure,
    measured: writeSpread(over(read), digits),
    target: '(background)',
    reached: true,
  });
  const difference = over((round) => round.ours.p50Ms - round['F-wf'].p50Ms);
  return [
    background('P4 lag p50, ours, ms', (round) => round.ours.p50Ms, 0),
    background('P4 lag p50, bare workflow, ms', (round) => round['F-wf'].p50Ms, 0),
    background('P4 lag p99, ours, ms', (round) => round.ours.p99Ms, 0),
    background('P4 lag p99, bare workflow, ms', (round) => round['F-wf'].p99Ms, 0),
    background('P4 p50 as a multiple of the bare workflow', (round) => round.ours.p50Ms / round['F-wf'].p50Ms, 2),
    background('P4 p99 as a multiple of the bare workflow', (round) => round.ours.p99Ms / round['F-wf'].p99Ms, 2),
    {
      figure: 'P4 p50 more than the bare workflow, ms',
      measured: writeSpread(difference, 0),
      target: `at most ${TARGET_OVER_FLOOR_MS}`,
      reached: difference.median <= TARGET_OVER_FLOOR_MS,
    },
  ];
}
