/**
 * Connections as an operator sees them: whether each answers, when something was last heard or written, what the watchdogs found.
 * Invariant: ids, instants, error classes and our own sentences only.
 */
import type { Db } from './pool';

export interface ConnectionView {
  readonly connection: string;
  readonly state: 'up' | 'down';
  /** Class of the error that brought it down; null while it is up. */
  readonly reason: string | null;
  readonly sinceMs: number | null;
  /** When a source was last heard from, by webhook or poll. */
  readonly lastDeliveryAtMs: number | null;
  readonly lastPollAtMs: number | null;
  /** When a CRM was last written. */
  readonly lastWriteAtMs: number | null;
  readonly parked: number;
  readonly findings: readonly string[];
}

interface RawView {
  connection: string;
  state: 'up' | 'down';
  reason: string | null;
  since: Date | null;
  last_delivery: Date | null;
  last_poll: Date | null;
  last_write: Date | null;
  parked: number;
  findings: string[];
}

/** The configured sources, and every connection of which something is known. In the order of their ids. */
export async function readConnections(db: Db, sources: readonly string[]): Promise<ConnectionView[]> {
  const { rows } = await db.query<RawView>(
    `SELECT known.id AS connection, coalesce(h.state, 'up') AS state, h.reason, h.since, p.polled_at AS last_poll,
       (SELECT max(received_at) FROM delivery d WHERE d.connection = known.id) AS last_delivery,
       (SELECT max(at) FROM crm_write w WHERE w.connection = known.id) AS last_write,
       (SELECT count(*)::int FROM crm_sync c WHERE c.connection = known.id AND c.state = 'parked') AS parked,
       coalesce((SELECT jsonb_agg(f->>'problem') FROM jsonb_array_elements(s.findings) f), '[]')
         || coalesce(m.findings, '[]') AS findings
     FROM (SELECT UNNEST($1::text[]) AS id UNION SELECT connection FROM connection_health UNION SELECT connection FROM crm_sync
           UNION SELECT connection FROM mapping_version) known
       LEFT JOIN connection_health h ON h.connection = known.id LEFT JOIN source_poll p ON p.connection = known.id
       LEFT JOIN source_subscription s ON s.connection = known.id LEFT JOIN mapping_check m ON m.connection = known.id
     ORDER BY known.id`,
    [sources],
  );
  const ms = (at: Date | null): number | null => at?.getTime() ?? null;
  return rows.map((row) => ({
    connection: row.connection,
    state: row.state,
    reason: row.reason,
    sinceMs: ms(row.since),
    lastDeliveryAtMs: ms(row.last_delivery),
    lastPollAtMs: ms(row.last_poll),
    lastWriteAtMs: ms(row.last_write),
    parked: row.parked,
    findings: row.findings,
  }));
}
