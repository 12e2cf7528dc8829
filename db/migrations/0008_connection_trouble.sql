-- Trouble of a whole connection: until when it rests, the one task about it, whom it was told, and how an account is connected again.

-- Nothing is sent before: the account's quota of the day is used up, or the vendor asked for a long pause.
ALTER TABLE connection_health ADD COLUMN until timestamptz;

-- A task about a connection has no booking; its `about` is the connection.
ALTER TABLE task ALTER COLUMN booking_id DROP NOT NULL;
CREATE UNIQUE INDEX task_of_connection ON task (kind, about, n) WHERE booking_id IS NULL;
CREATE UNIQUE INDEX task_of_connection_open_once ON task (kind, about) WHERE booking_id IS NULL AND state = 'open';

-- One alert per connection and outage; the key is the id of the task's workflow.
CREATE TABLE alert (
  key        text PRIMARY KEY,
  connection text NOT NULL,
  reason     text NOT NULL,
  state      text NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'refused', 'unknown')),
  at         timestamptz NOT NULL
);

-- Secrets that serve once, kept as their hashes: the link to connect an account, and the state of an authorization under way.
CREATE TABLE connect_secret (
  hash       bytea PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('link', 'state')),
  connection text NOT NULL,
  -- Of a state: what the exchange of the code has to repeat.
  sealed     bytea,
  -- Of a state that was begun in a browser: hash of the cookie that it has to come back with.
  browser    bytea,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
