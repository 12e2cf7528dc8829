-- What placing an event needs to know: calendar ids by appointment, what was said of a shared uid, and who said the same again.

-- On which appointments a calendar id was seen, with the lowest version each was confirmed or requested under.
-- Several may share one: a chain of reschedules (other versions), or the occurrences of a series (equal versions).
CREATE TABLE calendar_use (
  connection text NOT NULL,
  ical_uid   text NOT NULL,
  uid        text NOT NULL,
  sequence   int  NOT NULL,
  PRIMARY KEY (connection, ical_uid, uid)
);
INSERT INTO calendar_use (connection, ical_uid, uid, sequence)
  SELECT c.connection, c.ical_uid, e.fact->>'uid', min((e.fact->>'sequence')::int)
  FROM booking_calendar_uid c JOIN booking_event e ON e.booking_id = c.booking_id
  WHERE e.fact->>'sequence' IS NOT NULL
    AND e.type IN ('requested', 'payment_pending', 'paid', 'scheduled', 'rescheduled')
  GROUP BY 1, 2, 3;
DROP TABLE booking_calendar_uid;

-- A seat names one participation for as long as it lives, under whatever uid.
CREATE INDEX participation_by_seat ON participation (connection, seat_id) WHERE seat_id IS NOT NULL;

CREATE INDEX booking_merged_into ON booking (merged_into) WHERE merged_into IS NOT NULL;

-- What was said of a shared uid without naming one participation: each participation that it concerns has a copy in
-- booking_event, also one that is heard of later. No personal data.
CREATE TABLE slot_fact (
  id              uuid PRIMARY KEY,
  connection      text NOT NULL,
  uid             text NOT NULL,
  predecessor_uid text,
  fact            jsonb NOT NULL,
  meaning         bytea,
  delivery_id     uuid REFERENCES delivery (id),
  ordinal         int NOT NULL DEFAULT 0,
  received_at     timestamptz NOT NULL,
  UNIQUE (connection, meaning),
  UNIQUE (delivery_id, ordinal)
);
CREATE INDEX slot_fact_uid ON slot_fact (connection, uid);
CREATE INDEX slot_fact_predecessor ON slot_fact (connection, predecessor_uid) WHERE predecessor_uid IS NOT NULL;

ALTER TABLE booking_event ADD COLUMN slot_fact uuid REFERENCES slot_fact (id);
CREATE UNIQUE INDEX booking_event_slot_fact ON booking_event (booking_id, slot_fact) WHERE slot_fact IS NOT NULL;

-- Another delivery said what this fact says.
CREATE TABLE fact_repeat (
  fact_id     uuid NOT NULL REFERENCES booking_event (id) ON DELETE CASCADE,
  delivery_id uuid NOT NULL REFERENCES delivery (id),
  PRIMARY KEY (fact_id, delivery_id)
);
INSERT INTO fact_repeat (fact_id, delivery_id)
  SELECT DISTINCT e.id, d.id FROM delivery d JOIN booking_event e ON e.id = ANY (d.fact_ids)
  WHERE e.delivery_id IS DISTINCT FROM d.id;
