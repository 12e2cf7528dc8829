-- Lead capture: who owns a new lead, how promising a booking is, and the note about it.

-- Turns taken in each pool of owners. Its row is locked while a turn is taken, so that turns are fair under concurrency.
CREATE TABLE round_robin (
  pool  text PRIMARY KEY,
  turns bigint NOT NULL DEFAULT 0
);

-- Whose turn it was when a person was assigned. `owner` is the blind index of the owner's address.
CREATE TABLE lead_owner (
  pool        text NOT NULL REFERENCES round_robin (pool),
  person_id   uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  owner       bytea NOT NULL,
  turn        bigint NOT NULL,
  assigned_at timestamptz NOT NULL,
  PRIMARY KEY (pool, person_id)
);

-- The sum of points for the booking's answers; null where no rules are set. The answers themselves stay sealed.
ALTER TABLE booking ADD COLUMN lead_score int;

-- A note goes to the team, not to a guest or a host.
ALTER TABLE message DROP CONSTRAINT message_recipient_check;
ALTER TABLE message ADD CONSTRAINT message_recipient_check CHECK (recipient IN ('guest', 'host', 'team'));
