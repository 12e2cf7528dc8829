/**
 * How far the polls of a connection have come, and what the last check of its subscription found.
 * Invariant: a cursor only moves after everything before it is stored; ids, instants and words of ours only.
 */
import type { Db } from './pool';

export interface PollState {
  /** Up to where the source's changes were read, epoch ms; null: never. */
  readonly changedUntilMs: number | null;
  /** Up to where ended appointments were followed, epoch ms; null: never. */
  readonly endedUntilMs: number | null;
  /** The last poll that came to its end, epoch ms; null: none yet. */
  readonly polledAtMs: number | null;
  /** Why the last attempt failed, as a word; null: it did not. */
  readonly reason: string | null;
}

const NEVER: PollState = { changedUntilMs: null, endedUntilMs: null, polledAtMs: null, reason: null };

export async function readPoll(db: Db, connection: string): Promise<PollState> {
  const { rows } = await db.query<{
    changed_until: Date | null;
    ended_until: Date | null;
    polled_at: Date | null;
    reason: string | null;
  }>('SELECT changed_until, ended_until, polled_at, reason FROM source_poll WHERE connection = $1', [connection]);
  const [row] = rows;
  if (!row) return NEVER;
  return {
    changedUntilMs: row.changed_until?.getTime() ?? null,
    endedUntilMs: row.ended_until?.getTime() ?? null,
    polledAtMs: row.polled_at?.getTime() ?? null,
    reason: row.reason,
  };
}

/** What is absent stays as it is. A poll that came to its end forgets why an earlier one failed. */
export async function savePoll(
  db: Db,
  save: {
    readonly connection: string;
    readonly changedUntilMs?: number;
    readonly endedUntilMs?: number;
    readonly polledAtMs?: number;
  },
): Promise<void> {
  const instant = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
  await db.query(
    `INSERT INTO source_poll AS known (connection, changed_until, ended_until, polled_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (connection) DO UPDATE SET
       changed_until = coalesce(excluded.changed_until, known.changed_until),
       ended_until = coalesce(excluded.ended_until, known.ended_until),
       polled_at = coalesce(excluded.polled_at, known.polled_at),
       reason = CASE WHEN excluded.polled_at IS NULL THEN known.reason END`,
    [save.connection, instant(save.changedUntilMs), instant(save.endedUntilMs), instant(save.polledAtMs)],
  );
}

/** `reason` is a class of error, never a vendor's text. */
export async function savePollTrouble(db: Db, connection: string, reason: string): Promise<void> {
  await db.query(
    `INSERT INTO source_poll (connection, reason) VALUES ($1, $2)
     ON CONFLICT (connection) DO UPDATE SET reason = excluded.reason`,
    [connection, reason],
  );
}

/** In words an operator can act upon; the same shape as `SubscriptionFinding` of integrations/ports.ts. */
export interface StoredFinding {
  readonly problem: string;
  readonly fixable: boolean;
}

/** Replaces what the check before found. Empty: the subscription is as it should be. */
export async function saveFindings(
  db: Db,
  save: { readonly connection: string; readonly findings: readonly StoredFinding[]; readonly nowMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO source_subscription (connection, checked_at, findings) VALUES ($1, $2, $3)
     ON CONFLICT (connection) DO UPDATE SET checked_at = excluded.checked_at, findings = excluded.findings`,
    [save.connection, new Date(save.nowMs), JSON.stringify(save.findings)],
  );
}
