/**
 * One soak: the whole stack, bookings through the signed webhook endpoint in disorder, CRMs that fail, a token that is revoked,
 * workers that are killed; then it waits until everything is at rest and keeps the evidence.
 * Invariant: a delivery is sent again until it was acknowledged, and nothing of the evidence comes from memory of this process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sign, SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import { startStack, type Stack } from '../../local/stack';
import { SECRET, SOURCE, writeSoakConfig } from './config';
import { CRM_NAMES, saveEvidence, type Evidence, type ShownBooking } from './evidence';
import { faultPlan, soakSimulators, type SoakSimulators } from './simulators';
import { soakStories, type OracleBooking, type SoakStory } from './stories';

export interface SoakOptions {
  /** Kept afterwards: the evidence is in it. */
  readonly dataDir: string;
  readonly bookings: number;
  /** How long the sending takes, ms. */
  readonly sendMs: number;
  readonly killEveryMs: number;
  readonly seed: number;
  readonly settleWithinMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly say: (line: string) => void;
}

export interface SoakRun {
  readonly evidenceFile: string;
  readonly kills: number;
  readonly deliveries: number;
}

/** Requests of one booking in one CRM, roughly; half as many again for what is repeated. */
const REQUESTS_PER_BOOKING = 15;
const QUIET_MS = 3_000;
/** Every booking is read at every look. */
const LOOK_EVERY_MS = 2_500;

export async function soak(options: SoakOptions): Promise<SoakRun> {
  const { dataDir, bookings, seed, say } = options;
  const config = await writeSoakConfig(dataDir);
  const stack = await startStack({
    dataDir,
    fast: true,
    say,
    env: { BOOKSYNC_CONFIG: config, ...options.env },
    ...(options.signal && { signal: options.signal }),
  });
  try {
    const stories = soakStories(bookings, { seed, beganAtMs: Date.now() });
    const oracle = stories.map((story) => story.oracle);
    const simulators = soakSimulators(stack.simulatorsUrl);
    await simulators.introduce(oracle);
    for (const [n, crm] of CRM_NAMES.entries()) {
      await simulators.setFaults(crm, faultPlan(Math.ceil((bookings * REQUESTS_PER_BOOKING) / 5), seed + n));
    }
    const sending = { isOver: false };
    const trouble = makeTrouble(stack, simulators, options, sending);
    trouble.catch(() => undefined);
    const deliveries = await sendAll(stack, stories, options).finally(() => (sending.isOver = true));
    say(`${deliveries} deliveries of ${bookings} bookings were acknowledged`);
    const { kills } = await trouble;
    const settledAtMs = await settle(stack, simulators, oracle, options);
    const evidence = { oracle, settledAtMs, ...(await simulators.read()), bookings: await shown(stack, oracle) };
    return { evidenceFile: await saveEvidence(dataDir, evidence), kills, deliveries };
  } finally {
    await stack.stop();
  }
}

// ---------------------------------------------------------------- deliveries

/** Bookings begin evenly over the time; deliveries of one follow each other, each once the one before was acknowledged. */
async function sendAll(stack: Stack, stories: readonly SoakStory[], options: SoakOptions): Promise<number> {
  const everyMs = options.sendMs / stories.length;
  const sent = stories.map(async ({ bodies, sending }, n) => {
    await sleep(n * everyMs);
    for (const index of sending) await untilAcknowledged(stack, bodies[index] ?? '', options.signal);
    return sending.length;
  });
  return (await Promise.all(sent)).reduce((sum, count) => sum + count, 0);
}

async function untilAcknowledged(stack: Stack, body: string, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const status = await post(stack, body);
    if (status >= 200 && status < 300) return;
    if (status >= 400 && status < 500 && status !== 429) throw new Error(`A delivery was answered ${status}`);
    await sleep(250);
  }
}

/** Zero when nobody answered. */
async function post(stack: Stack, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(body, SECRET) };
  try {
    const signal = AbortSignal.timeout(15_000);
    const response = await fetch(`${stack.apiUrl}/webhooks/${SOURCE}`, { method: 'POST', headers, body, signal });
    await response.text();
    return response.status;
  } catch {
    return 0;
  }
}

// ---------------------------------------------------------------- trouble

/** Kills the worker in equal times, the first after half of one, and takes the token away once in the middle. */
async function makeTrouble(
  stack: Stack,
  simulators: SoakSimulators,
  { sendMs, killEveryMs, say, signal }: SoakOptions,
  sending: { readonly isOver: boolean },
): Promise<{ kills: number }> {
  const revoking = (async () => {
    await sleep(sendMs * 0.4);
    await simulators.revokeToken(true);
    say("HubSpot's token is revoked");
    await sleep(Math.min(20_000, sendMs * 0.2));
    await simulators.revokeToken(false);
    say("HubSpot's token is given back");
  })();
  revoking.catch(() => undefined);
  let kills = 0;
  for (await sleep(killEveryMs / 2); !sending.isOver || kills === 0; await sleep(killEveryMs)) {
    signal?.throwIfAborted();
    await stack.kill9('worker');
    kills += 1;
    say(`worker killed (${kills})`);
    await stack.restart('worker');
  }
  await revoking;
  return { kills };
}

// ---------------------------------------------------------------- rest

/** Resolves with the instant from which on nothing has to happen any more: everything is shown, and nobody writes for a while. */
async function settle(
  stack: Stack,
  simulators: SoakSimulators,
  oracle: readonly OracleBooking[],
  { settleWithinMs, signal, say }: SoakOptions,
): Promise<number> {
  const until = Date.now() + settleWithinMs;
  for (let last = ''; ; await sleep(LOOK_EVERY_MS)) {
    signal?.throwIfAborted();
    const open = (await shown(stack, oracle)).filter((booking) => !isAtRest(booking)).length;
    const words = `${open} of ${oracle.length} bookings are not at rest`;
    if (words !== last) say(words);
    last = words;
    // What can't come to rest is the checker's to tell.
    if (Date.now() > until) return Date.now();
    if (open > 0) continue;
    const settledAtMs = Date.now();
    const before = await writesOf(simulators);
    await sleep(QUIET_MS);
    if ((await writesOf(simulators)) === before) return settledAtMs;
  }
}

async function writesOf(simulators: SoakSimulators): Promise<number> {
  const { journals } = await simulators.read();
  return CRM_NAMES.reduce((sum, crm) => sum + journals[crm].length, 0);
}

const AT_REST = ['synced', 'skipped', 'needs_contact', 'refused'];

function isAtRest({ crm, messages }: ShownBooking): boolean {
  const isOver = ({ state }: { readonly state: string }): boolean => state !== 'planned' && state !== 'sending';
  return crm.length === CRM_NAMES.length && crm.every(({ state }) => AT_REST.includes(state)) && messages.every(isOver);
}

/** Every booking as our API shows it; one that it does not know is left out. */
async function shown(stack: Stack, oracle: readonly OracleBooking[]): Promise<Evidence['bookings']> {
  const found: ShownBooking[] = [];
  const headers = { authorization: `Bearer ${stack.apiToken}` };
  const uids = new Map(oracle.map(({ uid }) => [uid, uid]));
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${stack.apiUrl}/api/v1/bookings?limit=100${query}`, { headers });
    if (!response.ok) throw new Error(`The API answered ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as {
      readonly bookings: readonly (ShownBooking & { readonly chain: readonly string[] })[];
      readonly nextCursor: string | null;
    };
    for (const { chain, status, crm, messages, tasks } of page.bookings) {
      const uid = chain.find((one) => uids.has(one));
      if (uid !== undefined) found.push({ uid, status, crm, messages, tasks });
    }
    cursor = page.nextCursor;
  }
  return found;
}
