/**
 * Sleeps in skipped time, and gets the server's clock going again where the server itself has forgotten to.
 * Invariant: the clock is only helped while nothing at all is being carried out; a sleep that hangs says what is under way.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';

/** Real time: when nothing is carried out, a clock that is free to jump does so within milliseconds. */
const STILL_MS = 3_000;
/** A long sleep of a busy world takes its time; one whose clock stands still is stuck. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 100;

/** Nothing is in these workers' hands: no workflow task, no activity, no local activity. */
export function isIdle(workers: readonly Worker[]): boolean {
  return workers.every((worker) => {
    const status = worker.getStatus();
    const { numInFlightActivities, numInFlightWorkflowActivations, numInFlightLocalActivities } = status;
    return numInFlightActivities + numInFlightWorkflowActivations + numInFlightLocalActivities === 0;
  });
}

/**
 * Sleeps `ms` of the server's time. The server counts locks on its clock, and now and then forgets one, as when a child ends
 * whose parent has continued as new: no sleep would ever skip again, so a lock that nobody can be holding is given back.
 */
export async function skippedSleep(
  env: TestWorkflowEnvironment,
  workers: readonly Worker[],
  ms: number,
): Promise<void> {
  let over = false;
  const slept = env.sleep(ms).finally(() => (over = true));
  await Promise.race([slept, watch(env, workers, () => over)]);
  await slept;
}

async function watch(env: TestWorkflowEnvironment, workers: readonly Worker[], isOver: () => boolean): Promise<void> {
  let movedAt = performance.now();
  let stillSince = movedAt;
  let lastMs = await env.currentTimeMs();
  while (!isOver()) {
    await delay(LOOK_MS);
    const nowMs = await env.currentTimeMs();
    const looked = performance.now();
    if (nowMs - lastMs > 10 * LOOK_MS) movedAt = looked;
    if (!isIdle(workers) || movedAt === looked) stillSince = looked;
    lastMs = nowMs;
    if (looked - movedAt > PATIENCE_MS) {
      const state = JSON.stringify(workers.map((worker) => worker.getStatus()));
      throw new Error(`The server's clock has not moved for ${PATIENCE_MS} ms of a sleep; the workers: ${state}`);
    }
    if (looked - stillSince < STILL_MS || isOver()) continue;
    await env.connection.testService?.unlockTimeSkipping({});
    stillSince = looked;
  }
}
