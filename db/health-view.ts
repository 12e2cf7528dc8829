/**
 * What readiness checks and metrics ask the database. Invariant: counts and ages only, no ids of bookings or people.
 */
import type { Db } from './pool';

export async function ping(db: Db): Promise<void> {
  await db.query('SELECT 1');
}

/** Of the given sources, those whose dispatcher lease nobody holds: their deliveries are stored, but nobody takes them on. */
export async function sourcesWithoutDispatcher(db: Db, connections: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ connection: string }>(
    `SELECT connection FROM UNNEST($1::text[]) AS connection
     WHERE NOT EXISTS (SELECT 1 FROM lease WHERE name = 'dispatcher/' || connection AND expires_at > clock_timestamp())
     ORDER BY connection`,
    [connections],
  );
  return rows.map((row) => row.connection);
}

export interface WorkCounts {
  readonly deliveries: readonly { readonly state: string; readonly count: number }[];
  /** Seconds since the oldest delivery that nobody has taken on arrived; 0 when none waits. */
  readonly oldestWaitingDeliveryAgeSeconds: number;
  readonly openTasks: readonly { readonly kind: string; readonly count: number }[];
  readonly crm: readonly { readonly connection: string; readonly state: string; readonly count: number }[];
  readonly messages: readonly { readonly state: string; readonly count: number }[];
  /** Connections that were found down, and not up since. */
  readonly connectionsDown: readonly { readonly connection: string; readonly reason: string }[];
  /** By source that was ever polled: seconds since the last poll that came to its end. */
  readonly polls: readonly { readonly connection: string; readonly ageSeconds: number }[];
  /** By source whose subscription was ever checked: how much was wrong with it the last time. */
  readonly subscriptions: readonly { readonly connection: string; readonly findings: number }[];
  /** By CRM whose mapping was ever checked: in how much it did not fit the account the last time. */
  readonly mappings: readonly { readonly connection: string; readonly findings: number }[];
}

/** One statement, so that the figures are of one instant. `sources`: the connections whose polls and subscriptions count. */
export async function countWork(db: Db, sources: readonly string[]): Promise<WorkCounts> {
  const { rows } = await db.query<WorkCounts>(
    `SELECT
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (SELECT state, count(*) FROM delivery GROUP BY state) c) AS deliveries,
      (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0)::float8 FROM delivery
        WHERE state = 'stored') AS "oldestWaitingDeliveryAgeSeconds",
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (SELECT kind, count(*) FROM task WHERE state = 'open' GROUP BY kind) c) AS "openTasks",
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (SELECT connection, state, count(*) FROM crm_sync GROUP BY connection, state) c) AS crm,
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (SELECT state, count(*) FROM message GROUP BY state) c) AS messages,
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (
        SELECT connection, coalesce(reason, 'unavailable') AS reason FROM connection_health
        WHERE state = 'down') c) AS "connectionsDown",
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (
        SELECT connection, extract(epoch FROM clock_timestamp() - polled_at)::float8 AS "ageSeconds" FROM source_poll
        WHERE connection = ANY($1) AND polled_at IS NOT NULL) c) AS polls,
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (
        SELECT connection, jsonb_array_length(findings) AS findings FROM source_subscription
        WHERE connection = ANY($1)) c) AS subscriptions,
      (SELECT coalesce(jsonb_agg(c), '[]') FROM (
        SELECT connection, jsonb_array_length(findings) AS findings FROM mapping_check) c) AS mappings`,
    [sources],
  );
  return rows[0]!;
}
