-- What the report asks of a window costs the same with a million bookings as with ten thousand.

-- Slots that are over and of which nobody has recorded that: minutes' worth, while the planner, who knows only that most slots are
-- in the past, expects a share of all bookings, and reads the window's bookings or starts parallel workers for them. Hence a function with its own number.
-- It reads for whoever may read the views.
CREATE FUNCTION report_over() RETURNS TABLE (day date, source text, slots int) LANGUAGE sql STABLE ROWS 10
  SECURITY DEFINER SET search_path = public, pg_temp SET max_parallel_workers_per_gather = 0 AS $$
  SELECT slot_date, source, count(*)::int FROM report_booking
  WHERE status = 'scheduled' AND slot_end <= now() AND excluded_reason IS NULL GROUP BY 1, 2
$$;

CREATE OR REPLACE VIEW report_daily AS
  SELECT * FROM report_day
  UNION ALL SELECT * FROM report_day_change
  UNION ALL SELECT day, source, 0, 0, 0, slots, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM report_over();

-- Times to book are asked of those leads alone whom a CRM knew before their booking.
CREATE INDEX lead_time_to_book ON lead (entered_date, source) WHERE heard_from = 'crm' AND first_booked_at IS NOT NULL;

-- Leads have nothing to do with slots that are over.
CREATE OR REPLACE VIEW report_funnel AS
  SELECT day - (extract(isodow FROM day)::int - 1) AS entry_week, source, sum(leads)::int AS leads, sum(invited)::int AS invited,
    sum(booked)::int AS booked, sum(attended)::int AS attended
  FROM (SELECT * FROM report_day UNION ALL SELECT * FROM report_day_change) AS counted GROUP BY 1, 2 HAVING sum(leads) > 0;
