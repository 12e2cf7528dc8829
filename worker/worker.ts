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
  /** CRM connection id → syncs a second over all workers; a sync is a handful of requests. */
  readonly crmRates: ReadonlyMap<string, number>;
  /** A bundle made before; absent: the one that the build made, or else the workflows are bundled now. */
  readonly workflowBundle?: { readonly codePath: string };
}

/** A worker that is asked to stop gives its activities this long to end by themselves. */
const GRACE = '20s';

export async function createWorkers(options: WorkerOptions): Promise<Worker[]> {
  const { connection, namespace, activities } = options;
  const common = { connection, namespace, activities, shutdownGraceTime: GRACE, shutdownForceTime: '30s' } as const;
  const bookings = Worker.create({
    ...common,
    ...workflowCode(options),
    taskQueue: BOOKINGS_TASK_QUEUE,
  });
  const crms = [...options.crmRates].map(([id, perSecond]) =>
    Worker.create({ ...common, taskQueue: crmTaskQueue(id), maxTaskQueueActivitiesPerSecond: perSecond }),
  );
  return Promise.all([bookings, ...crms]);
}

function workflowCode({ workflowBundle }: WorkerOptions) {
  if (workflowBundle) return { workflowBundle };
  // Next to us in dist/ only: scripts/build.mjs puts it there.
  const codePath = path.join(__dirname, '../workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('../workflows') };
}
