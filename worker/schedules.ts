/**
 * The Temporal Schedules: a source's poll and the daily check of its subscription; of a CRM the nightly check of its mapping and the
 * comparison with what is open, and the poll for its new people; the weekly report.
 * Invariant: idempotent, for any number of workers that start at once; what an operator paused stays paused.
 */
import {
  isGrpcServiceError,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import { TypedSearchAttributes, type Workflow } from '@temporalio/common';
import type { Log } from '../activities/deps';
import type { Config } from '../config/config';
import {
  BOOKINGS_TASK_QUEUE,
  SCHEDULED_WORKFLOWS,
  scheduleId,
  searchAttributes,
  type ConnectionInput,
  type ScheduledWorkflow,
} from '../workflows/contract';

/** A source connection with an API. */
export interface ScheduledSource {
  readonly connection: string;
  readonly pollEveryMs: number;
}

/** A CRM connection with a mapping. */
export interface ScheduledCrm {
  readonly connection: string;
  readonly checkMappingEveryMs: number;
  readonly pollLeadsEveryMs: number;
  readonly readBackEveryMs: number;
}

/** The report of each week, on Mondays. */
export interface ScheduledReport {
  readonly zone: string;
  readonly sendAt: { readonly hour: number; readonly minute: number };
}

export interface SchedulesChanged {
  readonly kept: readonly string[];
  /** Of connections that the configuration no longer has, or no longer with an API. */
  readonly removed: readonly string[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A server that is back after an outage starts what it missed in the last minute only: one poll makes good for all.
const POLICIES = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: MINUTE_MS };
/** google.rpc.Code of a server without schedules: the time-skipping one of rehearsals. */
const UNIMPLEMENTED = 12;

/** The source connections that can be polled. */
export function scheduledSourcesOf(config: Pick<Config, 'connections'>): ScheduledSource[] {
  return Object.entries(config.connections).flatMap(([connection, settings]) =>
    'pollEveryMs' in settings && settings.api !== null ? [{ connection, pollEveryMs: settings.pollEveryMs }] : [],
  );
}

/** The CRM connections whose mapping is checked, and that are compared with what is open. */
export function scheduledCrmsOf(config: Pick<Config, 'mapping'>): ScheduledCrm[] {
  return Object.keys(config.mapping).map((connection) => ({
    connection,
    checkMappingEveryMs: DAY_MS,
    pollLeadsEveryMs: 15 * MINUTE_MS,
    readBackEveryMs: DAY_MS,
  }));
}

/** Nothing where nobody subscribed. */
export function scheduledReportOf({ report }: Pick<Config, 'report'>): ScheduledReport[] {
  const { zone, sendAt, subscribers = [] } = report;
  return subscribers.length === 0 || sendAt === undefined ? [] : [{ zone, sendAt }];
}

/**
 * Makes these schedules, brings existing ones up to date, removes those of other connections, and starts each that goes by intervals
 * once now unless it is running. Throws when Temporal does not answer; without effect on a server that knows no schedules.
 */
export async function ensureSchedules(
  client: Client,
  scheduled: readonly (ScheduledSource | ScheduledCrm | ScheduledReport)[],
  log: Log,
): Promise<SchedulesChanged> {
  const wanted = scheduled.flatMap((of) =>
    'pollEveryMs' in of ? optionsOf(of) : 'sendAt' in of ? [weeklyReportOf(of)] : crmOptionsOf(of),
  );
  try {
    const removed = await removeOthers(client, new Set(wanted.map((options) => options.scheduleId)));
    for (const options of wanted) await ensure(client, options);
    const kept = wanted.map((options) => options.scheduleId);
    log.info({ kept, removed }, 'schedules are in place');
    return { kept, removed };
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== UNIMPLEMENTED) throw error;
    log.warn({}, 'this Temporal server has no schedules: sources are not polled');
    return { kept: [], removed: [] };
  }
}

type ConnectionSchedule = ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>>;

function optionsOf({ connection, pollEveryMs }: ScheduledSource): ConnectionSchedule[] {
  return [
    scheduleOf('poll', { connection, everyMs: pollEveryMs, summary: `Poll of ${connection}` }),
    scheduleOf('checkSubscription', { connection, everyMs: DAY_MS, summary: `Subscription of ${connection}` }),
  ];
}

function crmOptionsOf(of: ScheduledCrm): ConnectionSchedule[] {
  const { connection, checkMappingEveryMs, pollLeadsEveryMs, readBackEveryMs } = of;
  return [
    scheduleOf('checkMapping', { connection, everyMs: checkMappingEveryMs, summary: `Mapping of ${connection}` }),
    scheduleOf('pollLeads', { connection, everyMs: pollLeadsEveryMs, summary: `New people of ${connection}` }),
    scheduleOf('readBack', { connection, everyMs: readBackEveryMs, summary: `Read-back of ${connection}` }),
  ];
}

/** The hour is that of the server's zone data; which days the week has is decided by ours, when it is sent. */
function weeklyReportOf({ zone, sendAt }: ScheduledReport): ConnectionSchedule {
  const id = scheduleId('weeklyReport', 'weekly');
  return {
    scheduleId: id,
    spec: { calendars: [{ dayOfWeek: 'MONDAY', ...sendAt }], timezone: zone },
    // Late on the same day is better than not at all, and nobody gets it twice.
    policies: { ...POLICIES, catchupWindow: DAY_MS / 2 },
    action: {
      type: 'startWorkflow',
      workflowType: 'weeklyReport',
      workflowId: id,
      taskQueue: BOOKINGS_TASK_QUEUE,
      args: [],
      staticSummary: 'Report of the week',
    },
  };
}

function scheduleOf(
  workflow: ScheduledWorkflow,
  of: { readonly connection: string; readonly everyMs: number; readonly summary: string },
): ConnectionSchedule {
  const { connection, everyMs } = of;
  const id = scheduleId(workflow, connection);
  const input: ConnectionInput = { connection };
  return {
    scheduleId: id,
    // A tenth: several connections of one account must not all ask at the full minute.
    spec: { intervals: [{ every: everyMs }], jitter: Math.min(everyMs / 10, 10 * MINUTE_MS) },
    policies: POLICIES,
    action: {
      type: 'startWorkflow',
      workflowType: workflow,
      workflowId: id,
      taskQueue: BOOKINGS_TASK_QUEUE,
      args: [input],
      staticSummary: of.summary,
      typedSearchAttributes: new TypedSearchAttributes([{ key: searchAttributes.Source, value: connection }]),
    },
  };
}

/** Several workers that start at once: one creates, the others update to the same, and one run is started. */
async function ensure(client: Client, options: ConnectionSchedule): Promise<void> {
  const { spec, action, policies } = options;
  let isPaused = false;
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(options.scheduleId).update(({ state }) => {
      isPaused = state.paused;
      return { spec, ...(policies && { policies }), action, state };
    });
  }
  // A trigger would start a paused one too.
  if (!isPaused && spec.intervals !== undefined)
    await client.schedule.getHandle(options.scheduleId).trigger(ScheduleOverlapPolicy.SKIP);
}

/** Only schedules that start our workflows; others in the namespace are not ours. */
async function removeOthers(client: Client, wanted: ReadonlySet<string>): Promise<string[]> {
  const removed: string[] = [];
  for await (const { scheduleId: id, action } of client.schedule.list()) {
    if (wanted.has(id) || action?.workflowType === undefined || !isOurs(id, action.workflowType)) continue;
    await client.schedule.getHandle(id).delete().catch(alreadyGone);
    removed.push(id);
  }
  return removed;
}

function isOurs(id: string, workflowType: string): boolean {
  return Object.entries(SCHEDULED_WORKFLOWS).some(
    ([type, prefix]) => workflowType === type && id.startsWith(`${prefix}/`),
  );
}

function alreadyGone(error: unknown): void {
  if (!(error instanceof ScheduleNotFoundError)) throw error;
}
