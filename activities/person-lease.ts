/**
 * One reader or writer per person and CRM at a time.
 * Invariant: the lease outlives a call's deadline, so whoever takes over from a killed holder finds everything applied that ever will be.
 */
import { Context } from '@temporalio/activity';
import { acquireLease, releaseLease, renewLease } from '../db/leases';
import { together, type Db } from '../db/pool';
import { CALL_DEADLINE_MS, personLeaseName } from './crm-context';
import type { ActivityDeps } from './deps';
import { retryLater } from './sync-outcome';

/**
 * `alongside` is read after the lease was taken, whatever of it: each statement sees all that was committed before it began.
 * Throws a retryable failure while somebody else holds the lease.
 */
export async function withPersonLease<Found, T>(
  deps: ActivityDeps,
  of: {
    readonly connection: string;
    readonly bookingId: string;
    /** Null: not known, so the booking stands for its guest. */
    readonly personId: string | null;
    readonly alongside: (db: Db) => Promise<Found>;
  },
  work: (found: () => Found) => Promise<T>,
): Promise<T> {
  const { info } = Context.current();
  const request = {
    name: personLeaseName(of),
    // Another attempt of the same activity is another holder: the first one may still be running somewhere.
    holder: `${of.bookingId}#${info.workflowExecution?.runId ?? ''}#${info.activityId}#${info.attempt}`,
    ttlMs: 2 * CALL_DEADLINE_MS,
  };
  const [lease, found] = await together(deps.pool, (db) =>
    Promise.allSettled([acquireLease(db, request), of.alongside(db)]),
  );
  if (lease.status === 'rejected') throw lease.reason;
  if (!lease.value) throw retryLater('another write for the same person is under way', 3_000 * info.attempt);
  const held = { ...request, fence: lease.value.fence };
  const renewal = setInterval(() => void renewLease(deps.pool, held).catch(() => false), CALL_DEADLINE_MS / 2);
  try {
    return await work(() => {
      if (found.status === 'rejected') throw found.reason;
      return found.value;
    });
  } finally {
    clearInterval(renewal);
    await releaseLease(deps.pool, held);
  }
}
