/**
 * The Temporal workers of this process: one for bookings, one per CRM connection with that connection's rate.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../activities';
import { BOOKINGS_TASK_QUEUE, crmTaskQueue } from '../workflows/contract';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  /** CRM connection id → requests a second that it may be sent. */
  readonly crmRates: ReadonlyMap<string, number>;
  /** A bundle made before; absent: the one that the build made, or else the workflows are bundled now. */
  readonly workflowBundle?: { readonly codePath: string };
}

/** A worker that is asked to stop gives its activities this long to end by themselves. */
const GRACE = '20s';

/** What a sync costs on the average; a new booking costs twice as much. */
const REQUESTS_PER_SYNC = 3;
/** Waking, the night's comparison and the look for leads each keep a place for as long as they take. */
const LONG_RUNNING = 3;
const MOST_AT_ONCE = 100;

/**
 * How many syncs a second begin over all workers, and how many run at once in one: so many that each request gets its turn within
 * the client's patience. More would be refused there, each after some requests of its own, and in a crowd hardly any would end.
 */
export function crmQueueLimits(requestsPerSecond: number) {
  return {
    maxTaskQueueActivitiesPerSecond: Math.max(1, requestsPerSecond / REQUESTS_PER_SYNC),
    maxConcurrentActivityTaskExecutions: Math.min(Math.ceil(requestsPerSecond) + LONG_RUNNING, MOST_AT_ONCE),
  };
}

export async function createWorkers(options: WorkerOptions): Promise<Worker[]> {
  const { connection, namespace, activities } = options;
  const common = { connection, namespace, activities, shutdownGraceTime: GRACE, shutdownForceTime: '30s' } as const;
  const bookings = Worker.create({
    ...common,
    ...workflowCode(options),
    taskQueue: BOOKINGS_TASK_QUEUE,
  });
  const crms = [...options.crmRates].map(([id, perSecond]) =>
    Worker.create({ ...common, taskQueue: crmTaskQueue(id), ...crmQueueLimits(perSecond) }),
  );
  return Promise.all([bookings, ...crms]);
}

function workflowCode({ workflowBundle }: WorkerOptions) {
  if (workflowBundle) return { workflowBundle };
  // Next to us in dist/ only: scripts/build.mjs puts it there.
  const codePath = path.join(__dirname, '../workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('../workflows') };
}
