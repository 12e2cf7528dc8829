-- The report: one line per booking with local dates, leads, counts per day that are kept up to date, and views for any SQL tool.
-- Local dates are computed by the application, in the zone of the settings and with its own zone data: no view converts a time.
-- A role that may read the views needs nothing else: GRANT SELECT ON report_lifecycle, report_rates, report_funnel, report_follow_up, report_reconciliation.

CREATE TABLE report_booking (
  booking_id      text PRIMARY KEY REFERENCES booking (id),
  source          text NOT NULL,
  event_type      text,
  -- In which the dates were computed: with another one they are computed again.
  zone            text NOT NULL,
  person_id       uuid,
  host            uuid,
  status          text NOT NULL,
  booked_at       timestamptz NOT NULL,
  booked_date     date NOT NULL,
  booked_week     date GENERATED ALWAYS AS (booked_date - (extract(isodow FROM booked_date)::int - 1)) STORED,
  slot_start      timestamptz,
  slot_end        timestamptz,
  slot_date       date,
  slot_week       date GENERATED ALWAYS AS (slot_date - (extract(isodow FROM slot_date)::int - 1)) STORED,
  outcome         text CHECK (outcome IN ('showed', 'no_show', 'canceled')),
  outcome_by      text CHECK (outcome_by IN ('source', 'guest', 'host', 'crm', 'operator', 'automatic')),
  outcome_sure    text CHECK (outcome_sure IN ('decided', 'marked', 'counted')),
  outcome_at      timestamptz,
  outcome_date    date,
  cancel_timing   text CHECK (cancel_timing IN ('early', 'late')),
  moved_count     int NOT NULL,
  excluded_reason text CHECK (excluded_reason IN ('unpaid', 'test', 'internal', 'merged')),
  -- Kept by triggers on what they are counted from.
  reminders_sent  int NOT NULL DEFAULT 0,
  crm_state       text NOT NULL DEFAULT 'none' CHECK (crm_state IN ('in_sync', 'parked', 'refused', 'waiting', 'none')),
  crm_outcome     text,
  crm_differs     boolean NOT NULL DEFAULT false
);
CREATE INDEX report_booking_slot ON report_booking (slot_date, source);
CREATE INDEX report_booking_person ON report_booking (person_id, booked_at) WHERE person_id IS NOT NULL;
CREATE INDEX report_booking_to_follow ON report_booking (outcome_at DESC)
  WHERE status IN ('no_show', 'canceled') AND excluded_reason IS NULL;
CREATE INDEX report_booking_not_over ON report_booking (slot_end) WHERE status = 'scheduled';
CREATE INDEX report_booking_differs ON report_booking (booking_id) WHERE crm_differs;

-- Who might book. One row per person as far as that is known: heard of from a CRM, from a booking, or from both.
CREATE TABLE lead (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The source of the first booking; before that, the one that feeds the CRM.
  source          text NOT NULL,
  person_id       uuid UNIQUE REFERENCES person (id) ON DELETE CASCADE,
  crm             text,
  crm_id          text,
  -- From whom they were heard of first.
  heard_from      text NOT NULL CHECK (heard_from IN ('crm', 'booking')),
  entered_at      timestamptz NOT NULL,
  entered_date    date NOT NULL,
  entered_week    date GENERATED ALWAYS AS (entered_date - (extract(isodow FROM entered_date)::int - 1)) STORED,
  zone            text NOT NULL,
  eligible_at     timestamptz,
  first_booked_at timestamptz,
  attended        boolean NOT NULL DEFAULT false,
  UNIQUE (crm, crm_id),
  CHECK (person_id IS NOT NULL OR crm_id IS NOT NULL)
);
CREATE INDEX lead_entered ON lead (entered_date, source);

-- Counts per local day. Bookings count for the day of their slot, leads for the day they entered.
CREATE TABLE report_day (
  day               date NOT NULL,
  source            text NOT NULL,
  bookings          int NOT NULL DEFAULT 0,
  showed            int NOT NULL DEFAULT 0,
  no_shows          int NOT NULL DEFAULT 0,
  awaiting          int NOT NULL DEFAULT 0,
  rescheduled       int NOT NULL DEFAULT 0,
  early_cancels     int NOT NULL DEFAULT 0,
  late_cancels      int NOT NULL DEFAULT 0,
  showed_reminded   int NOT NULL DEFAULT 0,
  no_shows_reminded int NOT NULL DEFAULT 0,
  crm_showed        int NOT NULL DEFAULT 0,
  crm_no_shows      int NOT NULL DEFAULT 0,
  unpaid            int NOT NULL DEFAULT 0,
  test              int NOT NULL DEFAULT 0,
  internal          int NOT NULL DEFAULT 0,
  leads             int NOT NULL DEFAULT 0,
  invited           int NOT NULL DEFAULT 0,
  booked            int NOT NULL DEFAULT 0,
  attended          int NOT NULL DEFAULT 0,
  PRIMARY KEY (day, source)
);
-- What changed since they were last added up. Only added to, so that transactions never wait for each other over a busy day.
CREATE TABLE report_day_change (LIKE report_day INCLUDING DEFAULTS);

-- ---------------------------------------------------------------- what a row counts for

CREATE FUNCTION report_counted(b report_booking, n int) RETURNS report_day_change LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(
    b.slot_date, b.source,
    n * counts,
    n * counts * (b.status = 'showed')::int,
    n * counts * (b.status = 'no_show')::int,
    n * counts * (b.status = 'awaiting_outcome')::int,
    n * counts * (b.moved_count > 0)::int,
    n * counts * coalesce(b.cancel_timing = 'early', false)::int,
    n * counts * coalesce(b.cancel_timing = 'late', false)::int,
    n * counts * (b.status = 'showed' AND b.reminders_sent > 0)::int,
    n * counts * (b.status = 'no_show' AND b.reminders_sent > 0)::int,
    n * counts * coalesce(b.crm_outcome = 'showed', false)::int,
    n * counts * coalesce(b.crm_outcome = 'no_show', false)::int,
    n * coalesce(b.excluded_reason = 'unpaid', false)::int,
    n * coalesce(b.excluded_reason = 'test', false)::int,
    n * coalesce(b.excluded_reason = 'internal', false)::int,
    0, 0, 0, 0)::report_day_change
  FROM (SELECT (b.excluded_reason IS NULL)::int AS counts) AS c
$$;

CREATE FUNCTION report_counted(l lead, n int) RETURNS report_day_change LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(
    l.entered_date, l.source, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    n, n * (l.eligible_at IS NOT NULL)::int, n * (l.first_booked_at IS NOT NULL)::int, n * l.attended::int)::report_day_change
$$;

-- ---------------------------------------------------------------- upkeep of the counts

CREATE FUNCTION report_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was report_day_change;
  now_is report_day_change;
BEGIN
  IF TG_OP <> 'INSERT' THEN was := report_counted(OLD, -1); END IF;
  IF TG_OP <> 'DELETE' THEN now_is := report_counted(NEW, 1); END IF;
  IF TG_OP = 'UPDATE' AND report_counted(OLD, 1) IS NOT DISTINCT FROM now_is THEN RETURN NULL; END IF;
  -- A booking without a slot counts for no day.
  IF was.day IS NOT NULL THEN INSERT INTO report_day_change SELECT was.*; END IF;
  IF now_is.day IS NOT NULL THEN INSERT INTO report_day_change SELECT now_is.*; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER report_count AFTER INSERT OR UPDATE OR DELETE ON report_booking FOR EACH ROW EXECUTE FUNCTION report_count();
CREATE TRIGGER report_count AFTER INSERT OR UPDATE OR DELETE ON lead FOR EACH ROW EXECUTE FUNCTION report_count();

-- ---------------------------------------------------------------- leads

-- A person's lead follows from their bookings, and from a CRM that knew of them before.
CREATE FUNCTION report_lead(person uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first report_booking;
  came boolean;
BEGIN
  -- Of two bookings of one person that are recorded at once, the later one has to see the earlier one.
  PERFORM pg_advisory_xact_lock(hashtextextended('lead/' || person, 0));
  SELECT * INTO first FROM report_booking WHERE person_id = person AND excluded_reason IS NULL ORDER BY booked_at, booking_id LIMIT 1;
  IF NOT FOUND THEN
    DELETE FROM lead WHERE person_id = person AND heard_from = 'booking';
    UPDATE lead SET first_booked_at = NULL, attended = false WHERE person_id = person;
    RETURN;
  END IF;
  came := EXISTS (SELECT 1 FROM report_booking WHERE person_id = person AND excluded_reason IS NULL AND status = 'showed');
  INSERT INTO lead AS known (source, person_id, heard_from, entered_at, entered_date, zone, eligible_at, first_booked_at, attended)
  VALUES (first.source, person, 'booking', first.booked_at, first.booked_date, first.zone, first.booked_at, first.booked_at, came)
  ON CONFLICT (person_id) DO UPDATE SET source = excluded.source, first_booked_at = excluded.first_booked_at, attended = excluded.attended,
    (entered_at, entered_date, zone, eligible_at) = (
      SELECT excluded.entered_at, excluded.entered_date, excluded.zone, excluded.eligible_at
      WHERE known.heard_from = 'booking' OR excluded.entered_at < known.entered_at
      UNION ALL SELECT known.entered_at, known.entered_date, known.zone, known.eligible_at
      WHERE NOT (known.heard_from = 'booking' OR excluded.entered_at < known.entered_at));
END $$;

CREATE FUNCTION report_lead_of_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.person_id, OLD.booked_at, OLD.booked_date, OLD.excluded_reason, OLD.status = 'showed')
      IS NOT DISTINCT FROM (NEW.person_id, NEW.booked_at, NEW.booked_date, NEW.excluded_reason, NEW.status = 'showed') THEN RETURN NULL; END IF;
    IF OLD.person_id IS DISTINCT FROM NEW.person_id AND OLD.person_id IS NOT NULL THEN PERFORM report_lead(OLD.person_id); END IF;
  END IF;
  IF NEW.person_id IS NOT NULL THEN PERFORM report_lead(NEW.person_id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER report_lead AFTER INSERT OR UPDATE ON report_booking FOR EACH ROW EXECUTE FUNCTION report_lead_of_booking();

-- A contact of a CRM turns out to be this person: of two rows one stays, with the earlier entry.
CREATE FUNCTION lead_joined(of_crm text, of_id text, link_key text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  person uuid;
  heard lead;
  known lead;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM lead WHERE crm = of_crm AND crm_id = of_id AND person_id IS NULL) THEN RETURN; END IF;
  person := substr(link_key, 3)::uuid;
  PERFORM pg_advisory_xact_lock(hashtextextended('lead/' || person, 0));
  SELECT * INTO heard FROM lead WHERE crm = of_crm AND crm_id = of_id AND person_id IS NULL FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT * INTO known FROM lead WHERE person_id = person FOR UPDATE;
  IF NOT FOUND THEN
    UPDATE lead SET person_id = person WHERE id = heard.id;
    RETURN;
  END IF;
  DELETE FROM lead WHERE id = heard.id;
  IF known.crm_id IS NULL THEN UPDATE lead SET crm = heard.crm, crm_id = heard.crm_id WHERE id = known.id; END IF;
  IF heard.entered_at < known.entered_at THEN
    UPDATE lead SET heard_from = 'crm', entered_at = heard.entered_at, entered_date = heard.entered_date, zone = heard.zone,
      eligible_at = heard.eligible_at WHERE id = known.id;
  END IF;
END $$;

-- A CRM has a contact since `at`. Hearing of it again changes nothing.
CREATE FUNCTION lead_heard(of_crm text, of_id text, of_source text, at timestamptz, on_date date, in_zone text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  link_key text;
BEGIN
  INSERT INTO lead (source, crm, crm_id, heard_from, entered_at, entered_date, zone, eligible_at)
  VALUES (of_source, of_crm, of_id, 'crm', at, on_date, in_zone, at) ON CONFLICT (crm, crm_id) DO NOTHING;
  FOR link_key IN SELECT external_key FROM crm_link WHERE connection = of_crm AND type = 'person' AND crm_id = of_id LOOP
    PERFORM lead_joined(of_crm, of_id, link_key);
  END LOOP;
END $$;

CREATE FUNCTION lead_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lead_joined(NEW.connection, NEW.crm_id, NEW.external_key);
  RETURN NULL;
END $$;
CREATE TRIGGER lead_linked_inserted AFTER INSERT ON crm_link FOR EACH ROW
  WHEN (NEW.type = 'person' AND NEW.crm_id IS NOT NULL) EXECUTE FUNCTION lead_linked();
CREATE TRIGGER lead_linked AFTER UPDATE ON crm_link FOR EACH ROW
  WHEN (NEW.type = 'person' AND NEW.crm_id IS NOT NULL AND NEW.crm_id IS DISTINCT FROM OLD.crm_id) EXECUTE FUNCTION lead_linked();

-- How far each CRM was asked for its new contacts.
CREATE TABLE lead_poll (
  crm        text PRIMARY KEY,
  until      timestamptz NOT NULL,
  polled_at  timestamptz NOT NULL,
  -- Why the last poll found nothing out; null: it went well.
  reason     text
);

-- ---------------------------------------------------------------- what a CRM shows, and what was sent

CREATE VIEW report_crm AS
  SELECT s.booking_id, s.connection AS crm, s.state, s.updated_at AS since, a.last_written->>'status' AS shown,
    CASE
      WHEN s.state = 'parked' THEN 'parked'
      WHEN s.state = 'refused' THEN 'refused'
      WHEN s.state = 'needs_contact' THEN 'waiting_for_contact'
      WHEN s.state = 'skipped' THEN NULL
      WHEN s.state = 'pending' OR s.written_version < b.version THEN 'not_synced_yet'
      WHEN a.state = 'tombstone' THEN 'dropped'
      WHEN cardinality(a.held) > 0 OR s.reason LIKE 'a person moved the deal%' THEN 'person_moved_it'
    END AS cause
  FROM crm_sync s
  JOIN booking b ON b.id = s.booking_id
  LEFT JOIN crm_link a ON a.connection = s.connection AND a.type = 'appointment' AND a.external_key = 'a:' || s.booking_id;

-- Of several CRMs the one that is worst off gives the state; an outcome is confirmed when all that hold the appointment show it.
CREATE FUNCTION report_refresh(of_booking text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- First the row, then, in a statement that sees what its former holder wrote, the sums.
  PERFORM 1 FROM report_booking WHERE booking_id = of_booking FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE report_booking r SET reminders_sent = m.sent, crm_state = c.state, crm_outcome = c.outcome, crm_differs = c.differs
  FROM (
    SELECT count(*)::int AS sent FROM message m JOIN booking b ON b.id = m.booking_id
    WHERE m.booking_id = of_booking AND m.kind = 'reminder' AND m.state IN ('sent', 'delivered') AND m.slot_key = b.slot_key
  ) AS m, (
    SELECT CASE
        WHEN count(*) FILTER (WHERE state <> 'skipped') = 0 THEN 'none'
        WHEN bool_or(cause = 'refused') THEN 'refused'
        WHEN bool_or(cause = 'parked') THEN 'parked'
        WHEN bool_or(cause IN ('waiting_for_contact', 'not_synced_yet')) THEN 'waiting'
        ELSE 'in_sync'
      END AS state,
      CASE WHEN min(shown) = max(shown) THEN min(shown) END AS outcome,
      coalesce(bool_or(cause IS NOT NULL), false) AS differs
    FROM report_crm WHERE booking_id = of_booking
  ) AS c
  WHERE r.booking_id = of_booking
    AND (r.reminders_sent, r.crm_state, r.crm_outcome, r.crm_differs) IS DISTINCT FROM (m.sent, c.state, c.outcome, c.differs);
END $$;

CREATE FUNCTION report_refresh_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM report_refresh(NEW.booking_id);
  RETURN NULL;
END $$;
CREATE TRIGGER report_refresh_inserted AFTER INSERT ON crm_sync FOR EACH ROW EXECUTE FUNCTION report_refresh_of_row();
CREATE TRIGGER report_refresh AFTER UPDATE ON crm_sync FOR EACH ROW
  WHEN ((OLD.state, OLD.reason, OLD.written_version) IS DISTINCT FROM (NEW.state, NEW.reason, NEW.written_version))
  EXECUTE FUNCTION report_refresh_of_row();
CREATE TRIGGER report_refresh_inserted AFTER INSERT ON crm_link FOR EACH ROW
  WHEN (NEW.type = 'appointment' AND NEW.last_written IS NOT NULL) EXECUTE FUNCTION report_refresh_of_row();
CREATE TRIGGER report_refresh AFTER UPDATE ON crm_link FOR EACH ROW
  WHEN (NEW.type = 'appointment' AND (OLD.booking_id, OLD.external_key, OLD.state = 'tombstone', OLD.held, OLD.last_written->>'status')
    IS DISTINCT FROM (NEW.booking_id, NEW.external_key, NEW.state = 'tombstone', NEW.held, NEW.last_written->>'status'))
  EXECUTE FUNCTION report_refresh_of_row();
CREATE TRIGGER report_refresh AFTER UPDATE ON message FOR EACH ROW
  WHEN (NEW.kind = 'reminder' AND NEW.state IN ('sent', 'delivered')
    AND (OLD.booking_id, OLD.state IN ('sent', 'delivered')) IS DISTINCT FROM (NEW.booking_id, true))
  EXECUTE FUNCTION report_refresh_of_row();

-- ---------------------------------------------------------------- views

CREATE VIEW report_daily AS
  SELECT * FROM report_day
  UNION ALL SELECT * FROM report_day_change
  -- Over, and nobody has recorded that yet.
  UNION ALL SELECT slot_date, source, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM report_booking WHERE status = 'scheduled' AND slot_end <= now() AND excluded_reason IS NULL;

CREATE VIEW report_lifecycle AS
  SELECT booking_id, source, event_type, booked_at, booked_date, booked_week, slot_start, slot_date, slot_week,
    CASE WHEN status = 'scheduled' AND slot_end <= now() THEN 'awaiting_outcome' ELSE status END AS status,
    outcome, outcome_by, outcome_sure, moved_count,
    CASE WHEN status = 'canceled' THEN outcome_at END AS canceled_at,
    CASE WHEN status = 'canceled' THEN outcome_date END AS canceled_date,
    cancel_timing, host, reminders_sent, excluded_reason, crm_state, crm_outcome
  FROM report_booking;

CREATE VIEW report_rates AS
  SELECT slot_week, source, bookings, due, showed + no_shows AS resolved,
    round((showed + no_shows)::numeric / nullif(due, 0), 4)::float8 AS coverage,
    showed, no_shows, round(no_shows::numeric / nullif(showed + no_shows, 0), 4)::float8 AS no_show_rate,
    rescheduled, round(rescheduled::numeric / nullif(bookings, 0), 4)::float8 AS reschedule_rate,
    early_cancels, round(early_cancels::numeric / nullif(bookings, 0), 4)::float8 AS early_cancel_rate, late_cancels,
    awaiting AS unknown, showed_reminded, no_shows_reminded, showed - showed_reminded AS showed_not_reminded,
    no_shows - no_shows_reminded AS no_shows_not_reminded, crm_showed, crm_no_shows, excluded
  FROM (
    SELECT day - (extract(isodow FROM day)::int - 1) AS slot_week, source, sum(bookings)::int AS bookings,
      sum(showed + no_shows + awaiting)::int AS due, sum(showed)::int AS showed, sum(no_shows)::int AS no_shows,
      sum(awaiting)::int AS awaiting, sum(rescheduled)::int AS rescheduled, sum(early_cancels)::int AS early_cancels,
      sum(late_cancels)::int AS late_cancels, sum(showed_reminded)::int AS showed_reminded,
      sum(no_shows_reminded)::int AS no_shows_reminded, sum(crm_showed)::int AS crm_showed,
      sum(crm_no_shows)::int AS crm_no_shows, sum(unpaid + test + internal)::int AS excluded
    FROM report_daily GROUP BY 1, 2 HAVING sum(bookings + unpaid + test + internal) > 0
  ) AS week;

CREATE VIEW report_funnel AS
  SELECT day - (extract(isodow FROM day)::int - 1) AS entry_week, source, sum(leads)::int AS leads, sum(invited)::int AS invited,
    sum(booked)::int AS booked, sum(attended)::int AS attended
  FROM report_daily GROUP BY 1, 2 HAVING sum(leads) > 0;

CREATE VIEW report_follow_up AS
  SELECT b.booking_id, b.source, b.event_type, b.status AS what, b.outcome_at AS since, b.outcome_date AS since_date, b.slot_start, b.slot_date, b.host,
    EXISTS (
      SELECT 1 FROM report_booking o WHERE o.person_id = b.person_id AND o.booking_id <> b.booking_id
        AND o.slot_start > b.slot_start AND o.status NOT IN ('canceled', 'rejected') AND o.excluded_reason IS NULL
    ) AS rebooked,
    EXISTS (SELECT 1 FROM task t WHERE t.booking_id = b.booking_id AND t.state = 'open') AS open_task,
    (SELECT count(*)::int FROM message m WHERE m.booking_id = b.booking_id AND m.recipient = 'guest'
      AND m.state IN ('sent', 'delivered') AND m.settled_at >= b.outcome_at) AS messages_sent
  FROM report_booking b WHERE b.status IN ('no_show', 'canceled') AND b.excluded_reason IS NULL;

CREATE VIEW report_reconciliation AS
  SELECT b.booking_id, b.source, c.crm, c.cause, b.status, c.shown AS crm_outcome, b.slot_start, b.slot_date, c.since
  FROM report_booking b JOIN report_crm c ON c.booking_id = b.booking_id
  WHERE b.crm_differs AND c.cause IS NOT NULL AND b.excluded_reason IS DISTINCT FROM 'merged';

-- ---------------------------------------------------------------- words

COMMENT ON VIEW report_lifecycle IS 'One row per booking that was recorded. No personal data: ids, instants, local dates in the account''s zone and status words.';
COMMENT ON COLUMN report_lifecycle.source IS 'The connection that told of the booking.';
COMMENT ON COLUMN report_lifecycle.event_type IS 'The source''s key of what was booked.';
COMMENT ON COLUMN report_lifecycle.booked_at IS 'When the booking was first heard of.';
COMMENT ON COLUMN report_lifecycle.booked_week IS 'The Monday of its week. So are all weeks here.';
COMMENT ON COLUMN report_lifecycle.slot_start IS 'Of the newest time; null: none is known.';
COMMENT ON COLUMN report_lifecycle.status IS 'requested, scheduled, reschedule_requested, canceled, rejected, awaiting_outcome, showed or no_show, as of now.';
COMMENT ON COLUMN report_lifecycle.outcome_by IS 'Who said so: source, guest, host, crm, operator, or automatic (a head count).';
COMMENT ON COLUMN report_lifecycle.outcome_sure IS 'decided by a person here or in a CRM, marked at the source, or counted by heads.';
COMMENT ON COLUMN report_lifecycle.moved_count IS 'How often it got another time, or another id at the source.';
COMMENT ON COLUMN report_lifecycle.cancel_timing IS 'early: canceled 24 hours or more before the slot; late: after that.';
COMMENT ON COLUMN report_lifecycle.host IS 'An opaque id.';
COMMENT ON COLUMN report_lifecycle.reminders_sent IS 'Reminders of the newest time that were sent.';
COMMENT ON COLUMN report_lifecycle.excluded_reason IS 'Why no number counts it: unpaid (payment was required and did not come), test, internal, merged (it is part of another booking). Null: it counts.';
COMMENT ON COLUMN report_lifecycle.crm_state IS 'in_sync, parked (the CRM does not answer), refused, waiting (for a contact or its turn), none (no CRM). Of several CRMs, the worst.';
COMMENT ON COLUMN report_lifecycle.crm_outcome IS 'What all CRMs with the appointment show: scheduled, rescheduled, canceled, showed or no_show. Null: none, or they differ.';

COMMENT ON VIEW report_rates IS 'Per week of the slot and source. A booking counts once, for the week of its newest time; what is excluded counts for nothing but excluded.';
COMMENT ON COLUMN report_rates.bookings IS 'All bookings with a time in the week, called off or not: what reschedule_rate and early_cancel_rate are shares of.';
COMMENT ON COLUMN report_rates.due IS 'Slots that are over and were not called off.';
COMMENT ON COLUMN report_rates.coverage IS 'resolved of due, 0 to 1. Below 0.9 the rates are not to be relied on.';
COMMENT ON COLUMN report_rates.no_show_rate IS 'no_shows of showed and no_shows, 0 to 1; null: there are none.';
COMMENT ON COLUMN report_rates.rescheduled IS 'Bookings that moved at least once.';
COMMENT ON COLUMN report_rates.unknown IS 'Due, and nobody said how it went.';
COMMENT ON COLUMN report_rates.showed_reminded IS 'Of showed, those who had been sent a reminder of this time.';
COMMENT ON COLUMN report_rates.crm_showed IS 'Bookings of which every CRM says so as well.';
COMMENT ON COLUMN report_rates.excluded IS 'Unpaid, test and internal bookings.';

COMMENT ON VIEW report_funnel IS 'Per week in which leads entered and source: what became of them so far, whenever it did. A lead entered when a CRM made their record, or with their first booking where no CRM knew of them before.';
COMMENT ON COLUMN report_funnel.invited IS 'Leads that were eligible to book. As no link that was sent is known here, every lead is from the day they entered.';
COMMENT ON COLUMN report_funnel.booked IS 'Leads with at least one booking that is not excluded.';
COMMENT ON COLUMN report_funnel.attended IS 'Leads who showed at least once.';

COMMENT ON VIEW report_follow_up IS 'No-shows and cancellations, and what happened since. Newest first: ORDER BY since DESC.';
COMMENT ON COLUMN report_follow_up.since IS 'When the no-show or the cancellation was heard of.';
COMMENT ON COLUMN report_follow_up.rebooked IS 'The same guest has a later slot that is not called off.';
COMMENT ON COLUMN report_follow_up.messages_sent IS 'To the guest, about this booking, since then.';

COMMENT ON VIEW report_reconciliation IS 'Bookings and CRMs that do not show what the source said last, and why.';
COMMENT ON COLUMN report_reconciliation.cause IS 'parked, refused, waiting_for_contact, not_synced_yet, person_moved_it (somebody changed it there and it stays), dropped (somebody deleted it there).';
COMMENT ON COLUMN report_reconciliation.crm_outcome IS 'What the CRM shows; null: nothing is known of it.';

COMMENT ON TABLE lead IS 'Who might book, one row per person as far as that is known. Ids, instants and local dates only.';
COMMENT ON TABLE report_day IS 'Counts per local day and source, added up; report_daily has the newest changes as well.';
COMMENT ON VIEW report_daily IS 'Counts per local day and source: several rows for one day, to be summed.';
COMMENT ON VIEW report_crm IS 'What each CRM shows of each booking, and why it differs.';
