-- What the truth about a booking needs beyond its webhooks: participations of shared uids, reads of the source, writes to it.

-- `webhook`: sent by the source. `poll`, `lookup`: made here from a read of the source's API.
ALTER TABLE delivery ADD COLUMN origin text NOT NULL DEFAULT 'webhook' CHECK (origin IN ('webhook', 'poll', 'lookup'));

-- A uid that several guests share: each participation is a booking of its own, under a random id.
CREATE TABLE participation (
  connection text NOT NULL,
  uid        text NOT NULL,
  booking_id text NOT NULL REFERENCES booking (id),
  seat_id    text,
  person_id  uuid REFERENCES person (id),
  PRIMARY KEY (connection, uid, booking_id)
);
CREATE UNIQUE INDEX participation_seat ON participation (connection, uid, seat_id) WHERE seat_id IS NOT NULL;
CREATE INDEX participation_booking ON participation (booking_id);

-- A fact that came with a booking that was merged into this one.
ALTER TABLE booking_event ADD COLUMN merged_from text REFERENCES booking (id);

-- What the source's API showed last, per uid: only what differs from it is fed to the inbox.
CREATE TABLE source_read (
  connection   text NOT NULL,
  uid          text NOT NULL,
  content_hash text NOT NULL,
  read_at      timestamptz NOT NULL,
  -- Since when direct reads answer that there is no such appointment.
  missing_since timestamptz,
  PRIMARY KEY (connection, uid)
);

-- How far the polls of a connection have come.
CREATE TABLE source_poll (
  connection    text PRIMARY KEY,
  changed_until timestamptz,
  ended_until   timestamptz,
  polled_at     timestamptz,
  reason        text
);

-- What the last check of the subscription found; empty: as it should be.
CREATE TABLE source_subscription (
  connection text PRIMARY KEY,
  checked_at timestamptz NOT NULL,
  findings   jsonb NOT NULL DEFAULT '[]'
);

-- The ledger of writes to a source: one row per decision that the source has to be told.
CREATE TABLE source_write (
  booking_id text NOT NULL REFERENCES booking (id),
  -- The fact that decided it.
  cause      uuid NOT NULL,
  action     text NOT NULL CHECK (action IN ('mark_absent', 'unmark_absent', 'cancel', 'reschedule')),
  uid        text NOT NULL,
  state      text NOT NULL CHECK (state IN ('intent', 'done', 'needless', 'refused', 'skipped')),
  reason     text,
  at         timestamptz NOT NULL,
  PRIMARY KEY (booking_id, cause, action)
);

-- Tokens of connections that renew themselves, sealed. The newest row is written before the token in it is used.
CREATE TABLE credential (
  connection text PRIMARY KEY,
  sealed     bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
