/**
 * Connections as operators see them: health, deliveries, polls, subscription, tokens.
 * Invariant: reads only; counts, instants and our own words, nothing personal and no secret.
 */
import type { Db } from './pool';

export interface ConnectionLine {
  readonly connection: string;
  /** Null: a CRM that was never away, or a source. */
  readonly health: { readonly state: 'up' | 'down'; readonly reason: string | null; readonly sinceMs: number } | null;
  /** Of the newest deliveries; null: nothing ever came. */
  readonly lastDeliveryAtMs: number | null;
  readonly deliveries: DeliveryCounts;
  /** How long its newest deliveries took from arrival to the end of their handling, ms, median; null: none has ended. */
  readonly typicalLagMs: number | null;
  readonly oldestWaitingAtMs: number | null;
  readonly poll: { readonly polledAtMs: number | null; readonly reason: string | null } | null;
  readonly subscription: { readonly checkedAtMs: number; readonly findings: readonly Finding[] } | null;
  /** When its tokens were renewed last; null: it has none that renew themselves. */
  readonly tokenRenewedAtMs: number | null;
  /** Bookings in this CRM, by state. */
  readonly bookings: Readonly<Record<string, number>>;
}

export interface Finding {
  readonly problem: string;
  readonly fixable: boolean;
}

export type DeliveryCounts = Readonly<Record<'stored' | 'done' | 'ignored' | 'dead', number>>;

/** Of each state the newest are counted, so that the answer does not grow with the history. */
export const COUNTED_DELIVERIES = 5_000;

const epochMs = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)`;

/** In the order given; a connection of which nothing is recorded has a line too. */
export async function listConnectionLines(db: Db, connections: readonly string[]): Promise<ConnectionLine[]> {
  const { rows } = await db.query<ConnectionLine>(
    `WITH recent AS MATERIALIZED (
       SELECT d.* FROM UNNEST(ARRAY['stored', 'done', 'ignored', 'dead']) AS s (state)
       CROSS JOIN LATERAL (SELECT connection, state, received_at, settled_at FROM delivery
         WHERE delivery.state = s.state ORDER BY seq DESC LIMIT ${COUNTED_DELIVERIES}) d
     )
     SELECT c.connection,
       (SELECT jsonb_build_object('state', h.state, 'reason', h.reason, 'sinceMs', ${epochMs('h.since')})
        FROM connection_health h WHERE h.connection = c.connection) AS health,
       (SELECT ${epochMs('max(received_at)')}::float8 FROM recent r WHERE r.connection = c.connection) AS "lastDeliveryAtMs",
       (SELECT jsonb_build_object(
          'stored', count(*) FILTER (WHERE state = 'stored'), 'done', count(*) FILTER (WHERE state = 'done'),
          'ignored', count(*) FILTER (WHERE state = 'ignored'), 'dead', count(*) FILTER (WHERE state = 'dead'))
        FROM recent r WHERE r.connection = c.connection) AS deliveries,
       (SELECT (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM settled_at - received_at)) * 1000)::float8
        FROM recent r WHERE r.connection = c.connection AND r.state = 'done') AS "typicalLagMs",
       (SELECT ${epochMs('min(received_at)')}::float8 FROM delivery d
        WHERE d.connection = c.connection AND d.state = 'stored') AS "oldestWaitingAtMs",
       (SELECT jsonb_build_object('polledAtMs', ${epochMs('p.polled_at')}, 'reason', p.reason)
        FROM source_poll p WHERE p.connection = c.connection) AS poll,
       (SELECT jsonb_build_object('checkedAtMs', ${epochMs('s.checked_at')}, 'findings', s.findings)
        FROM source_subscription s WHERE s.connection = c.connection) AS subscription,
       (SELECT ${epochMs('k.updated_at')}::float8 FROM credential k
        WHERE k.connection = c.connection AND length(k.sealed) > 0) AS "tokenRenewedAtMs",
       (SELECT coalesce(jsonb_object_agg(y.state, y.count), '{}') FROM (
          SELECT state, count(*) FROM crm_sync WHERE crm_sync.connection = c.connection GROUP BY state) y) AS bookings
     FROM UNNEST($1::text[]) WITH ORDINALITY AS c (connection, nth) ORDER BY c.nth`,
    [connections],
  );
  return rows;
}
