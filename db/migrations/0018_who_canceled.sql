-- Who said that nobody came, or called off: a column more for those who are followed up.
CREATE OR REPLACE VIEW report_follow_up AS
  SELECT b.booking_id, b.source, b.event_type, b.status AS what, b.outcome_at AS since, b.outcome_date AS since_date, b.slot_start, b.slot_date, b.host,
    EXISTS (
      SELECT 1 FROM report_booking o WHERE o.person_id = b.person_id AND o.booking_id <> b.booking_id
        AND o.slot_start > b.slot_start AND o.status NOT IN ('canceled', 'rejected') AND o.excluded_reason IS NULL
    ) AS rebooked,
    EXISTS (SELECT 1 FROM task t WHERE t.booking_id = b.booking_id AND t.state = 'open') AS open_task,
    (SELECT count(*)::int FROM message m WHERE m.booking_id = b.booking_id AND m.recipient = 'guest'
      AND m.state IN ('sent', 'delivered') AND m.settled_at >= b.outcome_at) AS messages_sent,
    b.outcome_by
  FROM report_booking b WHERE b.status IN ('no_show', 'canceled') AND b.excluded_reason IS NULL;
COMMENT ON COLUMN report_follow_up.outcome_by IS 'Whose wish a cancellation was (guest, host), else who said so: source, crm, operator, or automatic (a head count).';
