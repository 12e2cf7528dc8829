/**
 * Leases: who may do something alone right now, over all processes.
 * Invariant: a name has at most one live holder by the database's clock, and its fence only grows. One statement each, no session state.
 */
import type { Db } from './pool';

export interface LeaseRequest {
  readonly name: string;
  /** Unique per process start and purpose: whoever uses the same holder shares the lease. */
  readonly holder: string;
  readonly ttlMs: number;
}

/** A lease that was acquired; the fence tells this term from every earlier and later one. */
export interface HeldLease {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
}

/**
 * Takes the lease when it is free, released or expired; renews it (same fence) when this holder has it already.
 * Null: somebody else holds it.
 */
export async function acquireLease(db: Db, request: LeaseRequest): Promise<{ fence: number } | null> {
  const { rows } = await db.query<{ fence: number }>(
    `INSERT INTO lease AS held (name, holder, expires_at)
     VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
     ON CONFLICT (name) DO UPDATE SET
       holder = excluded.holder,
       expires_at = clock_timestamp() + $3 * interval '1 millisecond',
       fence = CASE WHEN held.holder = excluded.holder AND held.expires_at > clock_timestamp()
                    THEN held.fence ELSE held.fence + 1 END
     WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
     RETURNING fence`,
    [request.name, request.holder, request.ttlMs],
  );
  return rows[0] ?? null;
}

/** Extends a lease that is still ours. False: it expired or changed hands; stop the work and acquire anew. */
export async function renewLease(db: Db, lease: HeldLease & { readonly ttlMs: number }): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE lease SET expires_at = clock_timestamp() + $4 * interval '1 millisecond'
     WHERE name = $1 AND holder = $2 AND fence = $3 AND expires_at > clock_timestamp()`,
    [lease.name, lease.holder, lease.fence, lease.ttlMs],
  );
  return rowCount === 1;
}

/** Gives it back at once. The row stays, so that the next fence is higher. A lease that is no longer ours is left alone. */
export async function releaseLease(db: Db, lease: HeldLease): Promise<void> {
  await db.query(`UPDATE lease SET expires_at = '-infinity' WHERE name = $1 AND holder = $2 AND fence = $3`, [
    lease.name,
    lease.holder,
    lease.fence,
  ]);
}
