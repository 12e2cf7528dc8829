/**
 * A world for workflow tests: skipped time, a real database, the real activities, and simulated vendors over real HTTP and SMTP.
 * Invariant: nothing between a webhook's body and the CRM's records is faked; only the wall clock is replaced by the server's.
 */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createActivities } from '../../activities';
import type { ActivityDeps, ActivitySettings } from '../../activities/deps';
import { loadConfig } from '../../config/config';
import { findBooking, type BookingDetail } from '../../db/booking-view';
import { createDeliveryWriter, dedupeKeyOf, markDone, takeWaiting } from '../../db/deliveries';
import { acquireLease } from '../../db/leases';
import { createPool } from '../../db/pool';
import { openVault, parseMasterKeys } from '../../db/vault';
import { bookingWorkflowId } from '../../domain/ids';
import { wallClock } from '../../config/zones';
import { createSmtpMessenger } from '../../integrations/email/messenger';
import { createSlackNotifier } from '../../integrations/slack/notifier';
import type { BookingSource, SourceApi } from '../../integrations/ports';
import { sourceOf } from '../../integrations/registry';
import { toBody, type CalcomBody } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import { startSimulators, type Simulators } from '../../local/simulators/server';
import { placeDelivery } from '../../worker/place-delivery';
import { createWorkers } from '../../worker/worker';
import { createWorkflowSignals, type BookingSignals } from '../../worker/workflow-signals';
import { bookingViewQuery, decideUpdate } from '../../workflows/contract';
import { tcpGate, type TcpGate } from '../api/tcp-gate';
import { cleanUp } from './clean-up';
import { eventually } from './eventually';
import { testDatabase, type TestDatabase } from './postgres';
import { simulatedCrms } from './simulated-crms';
import { skippedSleep } from './skipped-sleep';
import { quietTemporal, timeSkippingEnvironment, workflowBundle } from './temporal';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const SOURCE = 'calcom-sales';
export const CRM = 'hubspot-main';

export interface World {
  readonly env: TestWorkflowEnvironment;
  readonly database: TestDatabase;
  readonly simulators: Simulators;
  readonly settings: ActivitySettings;
  readonly signals: BookingSignals;
  /** Between the activities and PostgreSQL; the test's own statements go past it. */
  readonly databaseGate: TcpGate;
  /** The server's clock, epoch ms. */
  now(): Promise<number>;
  sleep(ms: number): Promise<void>;
  sleepUntil(atMs: number): Promise<void>;
  /** A fresh uid, a guest whom the CRM knows, and a slot `inMs` from now on a full minute. */
  aGuest(inMs: number, given?: Partial<BookingOptions> & { unknown?: boolean }): Promise<BookingOptions>;
  /** Stores, places and signals a webhook body, as API and dispatcher do, at the server's time. */
  hear(...bodies: CalcomBody[]): Promise<void>;
  booking(uid: string): Promise<BookingDetail>;
  /** Waits until a booking looks as described, and returns it. */
  until(uid: string, what: string, looks: (booking: BookingDetail) => boolean): Promise<BookingDetail>;
  /** Recorded, and every CRM written or given up on: nothing is left to do now. */
  settled(uid: string): Promise<BookingDetail>;
  decide(uid: string, kind: string, decision: { decision: string; personId?: string }): Promise<void>;
  mails(guest: { email?: string | undefined } | undefined): { subject: string; atMs: number }[];
  meetings(uid: string): { id: string; outcome: string; startMs: number }[];
  /** Waits until no activity is being carried out; what waits for its next attempt does not count. */
  activitiesEnded(): Promise<void>;
  /** Requests of the adapter that reached HubSpot since the call. */
  countCrmRequests(): () => { method: string; path: string; status: number | null }[];
}

export interface WorldOptions {
  readonly settings?: Partial<ActivitySettings>;
  readonly maxHistoryEvents?: number;
  readonly failPoint?: (name: string) => Promise<void> | void;
  /** The API of the source; without it webhooks are all there is. */
  readonly sourceApi?: SourceApi | ((simulators: Simulators) => SourceApi);
  /** How deliveries and reads are understood; default Cal.com's. */
  readonly source?: BookingSource;
  /** The zone data that reminders are planned by; default the application's. */
  readonly wallClock?: ActivityDeps['wallClock'];
  /** Attempts are going to fail on purpose: their warnings are left out of the test's output. */
  readonly expectsFailures?: boolean;
}

/** Made once per file; every test takes its own guests. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  quietTemporal(options.expectsFailures ? 'ERROR' : 'WARN');
  const [env, database, simulators] = await Promise.all([
    timeSkippingEnvironment(),
    testDatabase(),
    startSimulators({ port: 0 }),
  ]);
  cleanUp(() => simulators.close());
  simulators.hubspot.changeSettings({ rateLimits: null, searchLagMs: 0 });
  simulators.gohighlevel.changeSettings({ rateLimits: null, searchLagMs: 0 });
  const { pool } = database;
  const { databaseGate, activityPool } = await gated(database.url);
  const vault = await openVault(pool, parseMasterKeys(Buffer.alloc(32, 7).toString('base64')));
  const given: ActivitySettings = { ...loadConfig('booksync.example.yaml', {}), ...options.settings };
  const settings = { ...given, connections: withoutLimit(given.connections) };
  const crms = simulatedCrms(simulators, settings);
  const messenger = createSmtpMessenger({
    smtpUrl: `smtp://127.0.0.1:${simulators.smtpPort}`,
    from: 'desk@example.com',
  });
  const signals = createWorkflowSignals(
    env.client,
    options.maxHistoryEvents ? { maxHistoryEvents: options.maxHistoryEvents } : {},
  );
  const failPoint = options.failPoint ?? (() => undefined);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const source = options.source ?? sourceOf('calcom');
  const sourceApi =
    typeof options.sourceApi === 'function' ? options.sourceApi(simulators) : (options.sourceApi ?? null);
  const activities = createActivities({
    pool: activityPool,
    vault,
    settings,
    crm: (connection) => crms.get(connection)!,
    source: () => source,
    sourceApi: () => sourceApi,
    wallClock: options.wallClock ?? wallClock,
    messenger,
    notifier: createSlackNotifier({ webhookUrl: `${simulators.url}/slack/services/T0DEMO/B0DEMO/demo` }),
    signals,
    log,
    failPoint,
  });
  const workers = await createWorkers({
    connection: env.nativeConnection,
    namespace: 'default',
    activities,
    crmRates: new Map([...crms.keys()].map((connection) => [connection, 1_000])),
    workflowBundle: workflowBundle(),
  });
  const runs = workers.map((worker) => worker.run());
  cleanUp(async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
  });

  const holder = 'world';
  const now = (): Promise<number> => env.currentTimeMs();
  let heardAtMs = 0;
  const writer = createDeliveryWriter({ pool, vault, now: () => heardAtMs });
  let people = 0;

  const booking = async (uid: string): Promise<BookingDetail> => {
    const found = await findBooking(pool, { connection: SOURCE, uid, nowMs: await now() });
    if (!found) throw new Error(`No booking is known by ${uid}`);
    return found;
  };
  const until: World['until'] = (uid, what, looks) =>
    eventually(
      async () => {
        const found = await booking(uid);
        if (!looks(found)) {
          const { status, version, crm: crms, messages, tasks, timeline } = found;
          throw new Error(`${what}; it is ${JSON.stringify({ status, version, crms, messages, tasks, timeline })}`);
        }
        return found;
      },
      { what: `booking ${uid}: ${what}` },
    );

  return {
    env,
    database,
    simulators,
    settings,
    signals,
    databaseGate,
    now,
    booking,
    until,
    sleep: (ms) => skippedSleep(env, workers, ms),
    sleepUntil: async (atMs) => skippedSleep(env, workers, Math.max(1, atMs - (await now()))),
    aGuest: async (inMs, { unknown, ...given } = {}) => {
      people += 1;
      const email = `guest${people}.${Math.random().toString(36).slice(2, 8)}@example.com`;
      const guest = given.guest ?? { name: `Guest ${people} Example`, email };
      if (!unknown) await createContact(simulators, guest);
      const startMs = Math.ceil(((await now()) + inMs) / MINUTE) * MINUTE;
      return { uid: `uid-${people}-${Math.random().toString(36).slice(2, 10)}`, startMs, ...given, guest };
    },
    hear: async (...bodies) => {
      heardAtMs = await now();
      const lease = await acquireLease(pool, { name: `dispatcher/${SOURCE}`, holder, ttlMs: HOUR });
      for (const body of bodies) {
        const raw = Buffer.from(toBody(body));
        const headers = { 'content-type': 'application/json' };
        await writer.store({ connection: SOURCE, dedupeKey: dedupeKeyOf(null, raw), headers, body: raw });
      }
      for (const delivery of await takeWaiting(pool, SOURCE, 500, heardAtMs + DAY)) {
        const held = { name: `dispatcher/${SOURCE}`, holder, fence: lease!.fence };
        const placed = await placeDelivery({ pool, vault, failPoint }, source, held, delivery);
        if (placed.kind !== 'facts') throw new Error(`The body was ${placed.kind}: ${placed.reason}`);
        for (const { bookingId, factType, factId } of placed.facts.filter((fact) => !fact.repeated)) {
          await signals.factsArrived({ bookingId, factType, factIds: [factId] });
        }
        for (const bookingId of placed.merged) await signals.wake({ bookingId, reason: 'merged' });
        await markDone(pool, delivery.id, {
          trigger: placed.trigger,
          factIds: placed.facts.map((fact) => fact.factId),
        });
      }
    },
    settled: (uid) =>
      eventually(async () => expectSettled(env, pool, await booking(uid), () => booking(uid)), {
        what: `booking ${uid} settled`,
      }),
    decide: async (uid, kind, decision) => {
      const { rows } = await pool.query<{ workflow_id: string }>(
        `SELECT workflow_id FROM task WHERE kind = $1 AND state = 'open' AND booking_id = $2`,
        [kind, (await booking(uid)).id],
      );
      if (!rows[0]) throw new Error(`No open ${kind} task for ${uid}`);
      const handle = env.client.workflow.getHandle(rows[0].workflow_id);
      // The row is there a moment before its workflow.
      await eventually(() => handle.describe().then(() => true), { what: `the workflow of the ${kind} task` });
      await handle.executeUpdate(decideUpdate, { args: [{ ...decision, by: 'operator' }] });
    },
    activitiesEnded: async () => {
      const idle = (): boolean => workers.every((worker) => worker.getStatus().numInFlightActivities === 0);
      await eventually(idle, { what: 'no activity to be running' });
    },
    mails: (guest) =>
      simulators.mail
        .mailbox()
        .messages.filter((mail) => mail.to.includes(guest?.email ?? ''))
        .map((mail) => ({ subject: mail.subject, atMs: Date.parse(mail.at) })),
    meetings: (uid) =>
      simulators.hubspot
        .state()
        .objects.meetings.filter((meeting) => meeting.properties.hs_meeting_body?.includes(encodeURIComponent(uid)))
        .map((meeting) => ({
          id: meeting.id,
          outcome: meeting.properties.hs_meeting_outcome ?? '',
          startMs: Date.parse(meeting.properties.hs_meeting_start_time ?? ''),
        })),
    countCrmRequests: () => {
      const before = simulators.hubspot.requests().length;
      return () =>
        simulators.hubspot
          .requests()
          .slice(before)
          .map(({ method, path, status }) => ({ method, path, status }));
    },
  };
}

const AT_REST = ['synced', 'skipped', 'needs_contact', 'refused', 'parked'];

/** Throws while something is left to record or to write. Asks twice: a write may begin between an answer and the next. */
async function expectSettled(
  env: TestWorkflowEnvironment,
  pool: TestDatabase['pool'],
  found: BookingDetail,
  again: () => Promise<BookingDetail>,
): Promise<BookingDetail> {
  const handle = env.client.workflow.getHandle(bookingWorkflowId(found.id));
  // What costs least first: a query of the workflow is a task of its worker.
  if (found.timeline.some((entry) => entry.outcome === 'pending'))
    throw new Error('not settled: a fact is not recorded');
  for (let round = 0; round < 2; round += 1) {
    const { rows } = await pool.query<{ behind: number }>(
      `SELECT count(*)::int AS behind FROM crm_sync WHERE booking_id = $1 AND state IN ('synced', 'skipped') AND written_version < $2`,
      [found.id, found.version],
    );
    if (rows[0]!.behind > 0) throw new Error('not settled: a CRM is behind');
    const view = await handle.query(bookingViewQuery);
    const { raw } = await handle.describe();
    const writing = (raw.pendingActivities ?? []).filter(
      (activity) => activity.activityType?.name === 'syncCrm',
    ).length;
    const recorded = view.version === found.version;
    const written = writing === 0 && Object.values(view.crm).every((word) => AT_REST.includes(word));
    if (!recorded || !written) {
      throw new Error(`not settled: ${JSON.stringify({ view, version: found.version, writing })}`);
    }
  }
  const last = await again();
  if (last.version !== found.version) throw new Error(`not settled: version ${last.version} came meanwhile`);
  return last;
}

/** Bookings are woken in real time, which a test does not have. */
function withoutLimit(connections: ActivitySettings['connections']): ActivitySettings['connections'] {
  return Object.fromEntries(
    Object.entries(connections).map(([id, connection]) => [id, { ...connection, requestsPerSecond: 1_000 }]),
  );
}

async function gated(
  databaseUrl: string,
): Promise<{ databaseGate: TcpGate; activityPool: ReturnType<typeof createPool> }> {
  const url = new URL(databaseUrl);
  const databaseGate = await tcpGate({ host: url.hostname, port: Number(url.port) });
  url.port = String(databaseGate.port);
  const activityPool = createPool(url.href);
  cleanUp(() => activityPool.end());
  return { databaseGate, activityPool };
}

/** A contact that is in the CRM already. Returns its id. */
export async function createContact(simulators: Simulators, person: BookingOptions['guest']): Promise<string> {
  const [firstname = '', ...rest] = person.name.split(' ');
  const properties = {
    firstname,
    lastname: rest.join(' '),
    ...(person.email && { email: person.email }),
    ...(person.phone && { phone: person.phone }),
  };
  const response = await fetch(`${simulators.url}/hubspot/crm/objects/2026-09/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-test', 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  });
  if (!response.ok) throw new Error(`The contact was refused: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}
