/**
 * Heartbeats while something takes its time, so that the engine notices the end of a worker and not the slowness of a vendor.
 * Invariant: the beats end with the work.
 */
import { Context } from '@temporalio/activity';

/** Well below the shortest heartbeat timeout in workflows/activity-options.ts. */
const EVERY_MS = 10_000;

export async function heartbeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
