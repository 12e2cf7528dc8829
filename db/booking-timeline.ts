/**
 * The why-timeline of a booking, as SQL: for every event received, one sentence about what became of it.
 * Invariant: built from recorded facts and deliveries only, and shows no personal data.
 */
export interface TimelineEntry {
  readonly atMs: number;
  readonly type: string;
  /** The connection that said so, a CRM's included, or `operator`. */
  readonly source: string;
  readonly outcome: 'applied' | 'duplicate' | 'superseded' | 'pending';
  readonly why: string | null;
}

const epochMs = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)`;
const instant = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')`;

/** How a delivery came, where the source did not send it. */
const ORIGIN = `CASE d.origin WHEN 'poll' THEN 'found by polling' WHEN 'lookup' THEN 'looked up' END`;

/** The verdict of the fold, how it was heard of, and how it came to this booking. */
const WHY = `nullif(concat_ws('; ', e.why, ${ORIGIN},
    CASE WHEN e.slot_fact IS NOT NULL AND e.fact->>'aboutPersonId' IS NULL THEN 'said of everybody who shares the appointment' END,
    CASE WHEN e.merged_from IS NOT NULL THEN 'came with ' || e.merged_from || ', merged' END), '')`;

const FACTS = `SELECT e.received_at AS at, 0 AS nth, e.ordinal, e.id::text AS id, e.type,
      CASE e.fact->>'by' WHEN 'operator' THEN 'operator' WHEN 'crm' THEN e.fact->'decision'->>'connection' ELSE e.connection END AS source,
      coalesce(e.outcome, 'pending') AS outcome, ${WHY} AS why
    FROM booking_event e LEFT JOIN delivery d ON d.id = e.delivery_id WHERE e.booking_id = b.id`;

/** Other deliveries that meant the same. */
const REPEATED = `SELECT d.received_at, 1, e.ordinal, e.id::text || d.id::text, e.type, e.connection, 'duplicate',
      concat_ws('; ', 'the same as "' || e.type || '" of ' || ${instant('e.received_at')}, ${ORIGIN})
    FROM booking_event e JOIN fact_repeat r ON r.fact_id = e.id JOIN delivery d ON d.id = r.delivery_id
    WHERE e.booking_id = b.id`;

/** Deliveries that came again byte for byte. When is not kept: they are counted at the acknowledgement. */
const REDELIVERED = `SELECT d.received_at, 2, min(e.ordinal), d.id::text, min(e.type), d.connection, 'duplicate',
      'the very same delivery as that of ' || ${instant('d.received_at')} || ' came ' ||
        CASE d.repeats WHEN 1 THEN 'once more' ELSE d.repeats || ' more times' END
    FROM (SELECT type, ordinal, delivery_id FROM booking_event WHERE booking_id = b.id
          UNION ALL SELECT f.type, f.ordinal, r.delivery_id FROM booking_event f JOIN fact_repeat r ON r.fact_id = f.id
          WHERE f.booking_id = b.id) e
    JOIN delivery d ON d.id = e.delivery_id WHERE d.repeats > 0 GROUP BY d.id`;

/** A JSON array of `TimelineEntry` of booking `b`, in the order of arrival. */
export const TIMELINE = `(SELECT coalesce(jsonb_agg(jsonb_build_object(
      'atMs', ${epochMs('t.at')}, 'type', t.type, 'source', t.source, 'outcome', t.outcome, 'why', t.why
    ) ORDER BY t.at, t.nth, t.ordinal, t.id), '[]')
    FROM (${FACTS} UNION ALL ${REPEATED} UNION ALL ${REDELIVERED}) t)`;
