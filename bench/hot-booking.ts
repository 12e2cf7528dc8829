/**
 * Hot: one booking that is talked about without end. A burst of 1,000 events in ten seconds, then a life of 20,000.
 * Counts come from PostgreSQL, from the simulated CRM's journal and from the histories; nothing here is a time to beat.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type pg from 'pg';
import { createPool } from '../db/pool';
import { bookingWorkflowId } from '../domain/ids';
import { bookingCreated, bookingRescheduled, toBody } from '../local/samples/calcom-body';
import type { BookingOptions } from '../local/samples/calcom-fields';
import type { JournalEntry } from '../local/simulators/journal';
import { startStack, type Stack } from '../local/stack';
import type { BenchContext } from './context';
import { writeTable, type Verdict } from './figures';
import { writeConfig } from './unlimited-config';
import { CONNECTION, headersOf, WEBHOOK_PATH } from './webhook-bodies';

const SECRET = 'bench-secret';
const BURST = 1_000;
const BURST_MS = 10_000;
const LIFE = 20_000;
const IN_FLIGHT = 64;
const MOST_CRM_CALLS = 60;
const MOST_RUN_EVENTS = 1_000;
const SETTLE_WITHIN_MS = 30 * 60_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

interface Told {
  readonly sent: number;
  readonly refused: number;
  readonly failed: number;
  readonly newestStartMs: number;
}

interface Counted {
  readonly facts: number;
  readonly stored: number;
  readonly bookings: number;
  readonly slotStartMs: number | null;
  readonly synced: boolean;
}

export async function measureHotBooking({ dataDir, say, closing }: BenchContext): Promise<Verdict[]> {
  const stack = await startStack({
    dataDir,
    env: { CALCOM_WEBHOOK_SECRET: SECRET, BOOKSYNC_CONFIG: await writeConfig(dataDir) },
    entryPoints: { simulators: require.resolve('./simulators-in-memory') },
  });
  closing.push(() => stack.stop());
  const pool = createPool(stack.databaseUrl, { max: 2, applicationName: 'bench' });
  closing.push(() => pool.end());
  const connection = await Connection.connect({ address: stack.temporalAddress });
  closing.push(() => connection.close());
  const client = new Client({ connection });
  const crmUrl = `${stack.simulatorsUrl}/hubspot`;
  await post(`${crmUrl}/_admin/settings`, JSON.stringify({ rateLimits: null, searchLagMs: 0 }));

  const verdicts: Verdict[] = [];
  for (const [name, events, perSecond] of [
    ['burst', BURST, BURST / (BURST_MS / 1_000)],
    ['life', LIFE, null],
  ] as const) {
    const before = (await journalOf(crmUrl)).length;
    const startedAt = performance.now();
    const told = await tell(stack, { name, events, perSecond });
    const toldAfter = performance.now() - startedAt;
    const counted = await whenSettled(pool, name, told);
    const settledAfter = performance.now() - startedAt;
    const calls = (await journalOf(crmUrl)).length - before;
    const runs = await runsOf(client, name);
    say(
      writeTable([
        [`hot ${name}`, `${told.sent} events told in ${(toldAfter / 1_000).toFixed(1)} s`],
        ['', `all settled after ${(settledAfter / 1_000).toFixed(1)} s, ${calls} CRM calls`],
        ['', `${runs.length} runs, the longest of ${Math.max(...runs)} events`],
      ]),
    );
    verdicts.push(...verdictsOf(name, { told, counted, calls, runs }));
  }
  return verdicts;
}

// ---------------------------------------------------------------- what is told

/** One booking that moves with every event: the costliest thing to be told, because its chain grows. */
async function tell(stack: Stack, of: { name: string; events: number; perSecond: number | null }): Promise<Told> {
  const base = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 60 * DAY_MS;
  const moved = (n: number): BookingOptions => ({
    uid: `${of.name}-${n}`,
    startMs: base + (n % 1_000) * MINUTE_MS,
    createdAtMs: base - 61 * DAY_MS,
    guest: { name: 'Gina Guest', email: `guest-${of.name}@example.com` },
    sequence: n,
    iCalUid: `${of.name}-0@Cal.com`,
  });
  let [refused, failed] = [0, 0];
  const send = async (n: number): Promise<void> => {
    const body = toBody(
      n === 0 ? bookingCreated(moved(0)) : bookingRescheduled({ ...moved(n), previous: moved(n - 1) }),
    );
    const response = await fetch(stack.apiUrl + WEBHOOK_PATH, {
      method: 'POST',
      body,
      headers: headersOf(body, SECRET),
    });
    await response.arrayBuffer();
    if (response.status >= 500) failed += 1;
    else if (response.status !== 202) refused += 1;
  };
  const startedAt = performance.now();
  const sending = new Set<Promise<void>>();
  for (let n = 0; n < of.events; n += 1) {
    if (of.perSecond !== null) await sleep(Math.max(0, startedAt + (n * 1_000) / of.perSecond - performance.now()));
    while (sending.size >= IN_FLIGHT) await Promise.race(sending);
    const one: Promise<void> = send(n).finally(() => sending.delete(one));
    sending.add(one);
  }
  await Promise.all(sending);
  return { sent: of.events, refused, failed, newestStartMs: moved(of.events - 1).startMs };
}

// ---------------------------------------------------------------- what became of it

async function whenSettled(pool: pg.Pool, name: string, told: Told): Promise<Counted> {
  const deadline = Date.now() + SETTLE_WITHIN_MS;
  for (;;) {
    const counted = await count(pool, name);
    const isSettled = counted.stored === 0 && counted.synced && counted.slotStartMs === told.newestStartMs;
    if (isSettled && counted.facts >= told.sent - told.refused - told.failed) return counted;
    if (Date.now() > deadline) return counted;
    await sleep(500);
  }
}

async function count(pool: pg.Pool, name: string): Promise<Counted> {
  const { rows } = await pool.query<Counted>(
    `SELECT (SELECT count(*)::int FROM booking_event e JOIN booking b ON b.id = e.booking_id WHERE b.root_uid LIKE $1 || '-%') AS facts,
       (SELECT count(*)::int FROM delivery WHERE state = 'stored') AS stored,
       (SELECT count(*)::int FROM booking WHERE root_uid LIKE $1 || '-%' AND merged_into IS NULL) AS bookings,
       (SELECT (extract(epoch FROM slot_start) * 1000)::float8 FROM booking
          WHERE root_uid LIKE $1 || '-%' AND merged_into IS NULL LIMIT 1) AS "slotStartMs",
       EXISTS (SELECT 1 FROM booking b JOIN crm_sync s ON s.booking_id = b.id
               WHERE b.root_uid LIKE $1 || '-%' AND b.merged_into IS NULL AND s.state = 'synced' AND s.written_version >= b.version) AS synced`,
    [name],
  );
  return rows[0]!;
}

/** How many events each run of the booking has. */
async function runsOf(client: Client, name: string): Promise<number[]> {
  const lengths: number[] = [];
  const query = `WorkflowId = '${bookingWorkflowId(`${CONNECTION}/${name}-0`)}'`;
  for await (const run of client.workflow.list({ query })) {
    const { raw } = await client.workflow.getHandle(run.workflowId, run.runId).describe();
    lengths.push(Number(raw.workflowExecutionInfo?.historyLength ?? 0));
  }
  return lengths;
}

function verdictsOf(name: string, of: { told: Told; counted: Counted; calls: number; runs: number[] }): Verdict[] {
  const { told, counted, calls, runs } = of;
  const lost = told.sent - told.refused - told.failed - counted.facts;
  const verdict = (figure: string, measured: number, most: number): Verdict => ({
    figure: `hot ${name}: ${figure}`,
    measured: String(measured),
    target: `at most ${most}`,
    reached: measured <= most,
  });
  return [
    verdict('events lost', lost, 0),
    verdict('bookings beyond the one', counted.bookings - 1, 0),
    verdict('answers of 5xx', told.failed, 0),
    verdict('answers other than 202', told.refused, 0),
    verdict('wrong slots in the end', counted.slotStartMs === told.newestStartMs ? 0 : 1, 0),
    verdict('events of the longest run', Math.max(...runs), MOST_RUN_EVENTS),
    ...(name === 'burst' ? [verdict('CRM calls', calls, MOST_CRM_CALLS)] : []),
  ];
}

async function journalOf(crmUrl: string): Promise<readonly JournalEntry[]> {
  const response = await fetch(`${crmUrl}/_admin/requests`);
  return (await response.json()) as readonly JournalEntry[];
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(`The simulated CRM answered ${response.status}`);
}
