/**
 * How each activity is called: queue, timeouts, retries. One table, so that limits are seen side by side.
 */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { crmTaskQueue, type ConnectionInput } from './contract';

/** A sync is tried this often; the last attempt parks the booking instead of failing. */
export const SYNC_ATTEMPTS = 4;

/** The quick form of `record`: two attempts within two seconds, in the same workflow task. */
export const recordQuickly = proxyLocalActivities<Pick<Activities, 'record'>>({
  startToCloseTimeout: '1s',
  scheduleToCloseTimeout: '2s',
  retry: { initialInterval: '100ms', maximumAttempts: 2 },
}).record;

/** Database work: goes on until the database is back, with few events. */
export const storage = proxyActivities<
  Pick<
    Activities,
    | 'record'
    | 'closeBooking'
    | 'parkBooking'
    | 'decideTask'
    | 'decideBooking'
    | 'assignTask'
    | 'snoozeTask'
    | 'listUndo'
  >
>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** A message that was not taken over is tried again until its slot begins: the activity itself says when it is too late. */
export const { sendMessage } = proxyActivities<Pick<Activities, 'sendMessage'>>({
  startToCloseTimeout: '45s',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** To a few addresses, once a week: tried again for a day, each address at most once. */
export const { sendWeeklyReport } = proxyActivities<Pick<Activities, 'sendWeeklyReport'>>({
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '1d',
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '15m' },
});

/** A notice about a task: for a day it is worth being sent late, then the queue has to tell. */
export const { tellOwner } = proxyActivities<Pick<Activities, 'tellOwner'>>({
  startToCloseTimeout: '45s',
  scheduleToCloseTimeout: '1d',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '10m' },
});

/** On the queue of the CRM connection, which is rate-limited over all workers. */
export const syncCrmOn = (connection: string): Activities['syncCrm'] & SummaryCall =>
  proxyActivities<Pick<Activities, 'syncCrm'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '2m',
    heartbeatTimeout: '30s',
    retry: { initialInterval: '2s', backoffCoefficient: 4, maximumInterval: '2m', maximumAttempts: SYNC_ATTEMPTS },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }).syncCrm;

type SummaryCall = ReturnType<typeof proxyActivities<Pick<Activities, 'syncCrm'>>>['syncCrm'];

/** On the same queue. It may have to wait for other bookings of the same person, so it is tried more often. */
export const READ_ATTEMPTS = 8;
export const readCrmOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'readCrm'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '2m',
    heartbeatTimeout: '30s',
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '2m', maximumAttempts: READ_ATTEMPTS },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }).readCrm;

/** A source is told this often in one round; the last attempt reports that it waits, and the booking's lane begins another round later. */
export const SOURCE_ATTEMPTS = 4;

export const { writeSource } = proxyActivities<Pick<Activities, 'writeSource'>>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '5s', backoffCoefficient: 4, maximumInterval: '2m', maximumAttempts: SOURCE_ATTEMPTS },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** On the queue of a CRM connection; a source has none of its own. */
export const connectionHealth = ({ connection, role }: ConnectionInput) =>
  proxyActivities<Pick<Activities, 'probeConnection' | 'wakeParked'>>({
    ...(role === 'source' ? {} : { taskQueue: crmTaskQueue(connection) }),
    // Thousands are woken at the allowed rate; a worker that dies meanwhile is noticed by its heartbeats.
    startToCloseTimeout: '12h',
    heartbeatTimeout: '1m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  });

/** On the queue of the CRM connection; as long as it takes until CRM and source answer. */
export const bookCrmAppointmentOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'bookCrmAppointment'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '3m',
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '10m' },
  }).bookCrmAppointment;

/** On the queue of the CRM connection; as long as it takes until the CRM answers. */
export const undoRecordOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'undoRecord'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '1m',
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5m' },
  }).undoRecord;

/** As long as it takes until the CRM answers, and within its rate. */
export const checkMappingOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'checkMapping'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '1m',
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '10m' },
  }).checkMapping;

/** As long as it takes until the CRM answers, and within its rate. */
export const pollLeadsOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'pollLeads'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '30m',
    heartbeatTimeout: '1m',
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '10m' },
  }).pollLeads;

/** A night's comparison: as long as it takes, within the CRM's rate. */
export const readBackOn = (connection: string) =>
  proxyActivities<Pick<Activities, 'readBack'>>({
    taskQueue: crmTaskQueue(connection),
    startToCloseTimeout: '6h',
    heartbeatTimeout: '1m',
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '10m' },
  }).readBack;

/** Reads of a source: as long as it takes until the source answers. What needs a person is a result, not a failure. */
export const { pollSource, checkSubscription } = proxyActivities<Pick<Activities, 'pollSource' | 'checkSubscription'>>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '1m',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
});
